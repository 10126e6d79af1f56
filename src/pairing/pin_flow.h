// Linking by OAuth 1.0a: what X is asked, and what its answers mean. By PIN (out of band) nobody comes back
// to this box by browser, so that it needs no address of its own; by callback X sends the browser with what
// stands in the PIN's place.
//
//   request token → the person opens X's page, says yes, reads a PIN → PIN + request token → access token
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pairing/settings.h"
#include "store/accounts.h"
#include "store/pairings.h"
#include "x/x_client.h"

namespace pigeon::pairing {

struct PinError {
  enum class Why {
    wrong_pin,        // or a wrong verifier; the person may try another
    over,             // X knows this request token no more
    read_only,        // X's token may not post, and X gives the same one as long as it lives
    client_rejected,  // X refuses the operator's consumer key, its secret or this box's clock
    unreachable,      // no connection to X; nothing has happened
    unavailable,      // X does not answer, or with what makes no sense; the request token may be spent
  } why = Why::unavailable;
  std::string message;  // for the operator's log, never a secret
  // Of `read_only`: what X gave and nobody here will hold; to be ended at X.
  std::optional<store::Credentials> unheld{};
};
template <typename T>
using PinResult = tl::expected<T, PinError>;

// Both block for as long as the client of `x` allows. A refusal because of our clock is asked again once, by
// X's. A request token for somebody, and the link that belongs to it.
[[nodiscard]] PinResult<store::RequestToken> ask_for_pin(x::XClient& x, const PairingSettings& settings);
// The same for a browser that X sends back to the address of this box.
[[nodiscard]] PinResult<store::RequestToken> ask_for_callback(x::XClient& x, const PairingSettings& settings);
[[nodiscard]] std::string pin_link(const PairingSettings& settings, const store::RequestToken& token);
// What the account acts with, for the PIN or for the verifier that came with the browser. Whether it may post
// is looked at before anybody holds the token.
[[nodiscard]] PinResult<store::Credentials> redeem_pin(x::XClient& x, const PairingSettings& settings,
                                                       const store::RequestToken& token,
                                                       std::string_view pin);
// Who acts for an account by its token and the token's secret, with the consumer's secret of this moment.
[[nodiscard]] x::Authoriser signer(const PairingSettings& settings, const std::string& token,
                                   const std::string& secret);

}  // namespace pigeon::pairing
