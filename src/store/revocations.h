// The revocations table: grants at X that nobody here uses any more and that must be ended there. A row comes
// with its job, in the transaction that ends the account or the pairing.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "store/accounts.h"
#include "store/jobs.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

class Revocations {
 public:
  // Prepares the statements, so the table must be there (StorageError). All are borrowed.
  Revocations(Database& db, const SecretBox& box, Jobs& jobs);

  // Sealed, with its job, due at once. The caller rings the network lane.
  void add(Transaction& transaction, const std::string& access_token, const std::string& refresh_token,
           UtcTime now, const std::string& consumer_key = {});
  struct Grant {
    std::string access_token;
    std::string refresh_token;  // of OAuth 1.0a: the token's secret
    UtcTime since{};
    std::string consumer_key{};  // of OAuth 1.0a; empty: OAuth 2.0
  };
  // Errc::not_found when there is no such row, Errc::denied when the key does not open it.
  [[nodiscard]] Result<Grant> find(std::int64_t id);
  void remove(Transaction& transaction, std::int64_t id);
  [[nodiscard]] std::int64_t count();  // grants that may still live

 private:
  Database& db_;
  const SecretBox& box_;
  Jobs& jobs_;
  Statement add_, seal_, find_, remove_, count_;
};

}  // namespace pigeon::store
