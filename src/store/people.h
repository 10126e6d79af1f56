// Who is linked and who is about to be, as the operator sees it: read for his eyes only, without a key and
// without anything that is a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/phone_number.h"
#include "store/accounts.h"
#include "store/pairings.h"
#include "store/sqlite.h"

namespace pigeon::store {

// A phone with an account, and what stands around that.
struct Person {
  Account account;
  std::string scope;                 // what X has granted, its words
  std::optional<UtcTime> broken_at;  // when X ended the link
  std::optional<UtcTime> last_post;  // that the box still remembers
  std::int64_t waiting = 0;          // texts that are to be posted
};

class People {
 public:
  // Borrowed. The statements are made when somebody asks: few do.
  explicit People(Database& db) : db_(db) {}

  // In the order of their numbers, from behind `after` (E.164; empty: from the first one), at most `most`.
  // StorageError.
  [[nodiscard]] std::vector<Person> list(const std::string& after, int most);
  [[nodiscard]] std::optional<Person> find(const PhoneNumber& phone);
  [[nodiscard]] std::int64_t count();
  // The newest pairings in any state, at most `most`; those that STOP has made nobody's are left out.
  // StorageError.
  [[nodiscard]] std::vector<Pairing> pairings(int most);

 private:
  [[nodiscard]] Person person_of(const Query& row);
  Database& db_;
};

}  // namespace pigeon::store
