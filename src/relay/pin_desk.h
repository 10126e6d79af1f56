// Linking by PIN, the part that waits for X: the link that ends in a PIN, and whether a PIN is right. Both
// are jobs about a text, which stays open until X has answered.
#pragma once

#include "pairing/pin_flow.h"
#include "relay/office.h"
#include "x/x_client.h"

namespace pigeon::relay {

class PinDesk {
 public:
  // Both are borrowed; belongs to one worker.
  PinDesk(const Office& office, x::XClient& x);

  // One try at a JobKind::pin_link or JobKind::pin, settled when it returns. Throws StorageError.
  void work(const store::Job& job);

 private:
  struct Text;
  [[nodiscard]] bool must_wait(const Text& text);
  void send_link(const Text& text, const store::Pairing& pairing);
  void redeem(const Text& text, const store::Pairing& pairing);
  void link(const Text& text, std::int64_t pairing, const store::Credentials& credentials);
  void refuse(const Text& text, std::int64_t pairing, const pairing::PinError& error);
  void try_later(const Text& text, const pairing::PinError& error);
  void close(store::Transaction& transaction, const Text& text, std::string_view note);

  const Office& office_;
  x::XClient& x_;
};

}  // namespace pigeon::relay
