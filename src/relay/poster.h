// Makes one post, with everything that can happen on the way: tokens, X's errors, lost answers. The intent is
// committed before the request leaves; what happened is looked up in the table (outcomes.h) and committed as
// one settlement. Whatever may be out is asked for before anything is sent again.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/phone_number.h"
#include "relay/office.h"
#include "relay/settling.h"
#include "x/x_client.h"

namespace pigeon::relay {

class Poster {
 public:
  // Both are borrowed; belongs to one worker.
  Poster(const Office& office, x::XClient& x);

  // One try at `job`, settled when it returns. May take as long as a refresh and two requests. Throws
  // StorageError.
  void work(const store::Job& job);

 private:
  struct Try {
    Happened happened;
    Told told{};
  };
  [[nodiscard]] std::optional<Gate> in_the_way(const store::Job& job, const store::Post& post,
                                               const PhoneNumber& phone, UtcTime now) const;
  [[nodiscard]] Try attempt(const store::Post& post, const PhoneNumber& phone);
  [[nodiscard]] Try send(const store::Post& post, const PhoneNumber& phone, const pairing::Bearer& bearer);
  [[nodiscard]] Try doubted(const PhoneNumber& phone, const pairing::Bearer& bearer, const x::XError& error);
  [[nodiscard]] Try look(const store::Post& post, const pairing::Bearer& bearer);

  const Office& office_;
  x::XClient& x_;
};

}  // namespace pigeon::relay
