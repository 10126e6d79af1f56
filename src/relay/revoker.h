// Ends a grant at X that nobody here uses any more (RFC 7009; X's invalidate_token for OAuth 1.0a): of a
// person who has stopped, or of a pairing that came to nothing.
#pragma once

#include "relay/office.h"
#include "x/x_client.h"

namespace pigeon::relay {

class Revoker {
 public:
  // Both are borrowed; belongs to one worker.
  Revoker(const Office& office, x::XClient& x);

  // One try at a JobKind::revocation, settled when it returns. Throws StorageError.
  void work(const store::Job& job);

 private:
  [[nodiscard]] bool end(const store::Revocations::Grant& grant);
  const Office& office_;
  x::XClient& x_;
};

}  // namespace pigeon::relay
