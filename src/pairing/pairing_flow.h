// Pairing by link, from the button to the end (docs/design.md, "Pairing by link"), without HTTP's words: what
// the store must remember, what X is asked, and which of the possible ends it came to. By OAuth 2.0, or by
// 1.0a where there are consumer keys only: then X's request token is the state, and its secret is kept in the
// place of the verifier.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_client.h"
#include "pairing/ending.h"
#include "pairing/settings.h"
#include "store/store.h"
#include "store/wakeups.h"
#include "x/x_client.h"

namespace pigeon::pairing {

struct Outcome {
  Ending ending = Ending::unclear;
  milliseconds left{0};  // of `at_its_place`: how long it is there
};

// Where the pairing of a browser is: what it may look at as often as it likes.
struct Place {
  enum class At {
    x,     // the person is to agree there, or X's answer was lost
    hand,  // X is being asked
    code,  // to be texted
    linked,
    failed,
  };
  At at = At::x;
  std::string username;                          // of `code` and `linked`
  std::string code;                              // of `code`: six digits
  std::string phone;                             // of `code`: whose they are, E.164
  milliseconds left{0};                          // of `code`: for texting them
  std::optional<store::PairingFailure> failure;  // of `failed`
};

// What the authorization server sent with the browser (RFC 6749 §4.1.2, RFC 9207 §2; RFC 5849 §2.2); empty:
// not sent.
struct Callback {
  std::string state;  // of OAuth 1.0a: the request token
  std::string code;   // of OAuth 1.0a: the verifier
  std::string error;
  std::string iss;
};

// Where a started pairing sends the browser, and the cookie by which it is known again.
struct Departure {
  std::string authorize_url;
  std::string cookie;
  milliseconds life{0};
};

// Thread-safe; calls to X are made on the calling thread and take 30 s at most.
class PairingFlow {
 public:
  // All are borrowed. The lanes are rung whenever a step has made a job for them.
  PairingFlow(const PairingSettings& settings, store::Store& store, store::Wakeups& wakeups);

  // The time by which pairings expire.
  [[nodiscard]] UtcTime now() { return store_.time.now(); }
  // The live pairing behind a link's code. Changes nothing.
  [[nodiscard]] std::optional<store::Pairing> find(std::string_view code, UtcTime now);
  // The button was pressed. Without a departure: not_this_browser when the code is not live; by OAuth 1.0a
  // also what X said to the request for a token, and the pairing is as it was.
  [[nodiscard]] tl::expected<Departure, Ending> start(std::string_view code, UtcTime now);
  // The browser came back from X with `cookie` (empty: none).
  [[nodiscard]] Outcome finish(const Callback& callback, std::string_view cookie);
  // Of the pairing that gave this browser its `cookie`; nothing when there is none (any more). Changes
  // nothing.
  [[nodiscard]] std::optional<Place> place(std::string_view cookie);
  // Ends the calls to X in hand, and from then on every later one; any thread.
  void interrupt();
  // Whether people link by OAuth 1.0a, which names what comes with the browser otherwise.
  [[nodiscard]] bool signs() const { return settings_.by_signed_callback(); }

 private:
  class XCalls;

  [[nodiscard]] std::optional<std::string> take_verifier(std::int64_t id);  // Pairings', committed
  [[nodiscard]] Outcome fail(std::int64_t id, Ending ending);
  [[nodiscard]] tl::expected<store::RequestToken, Ending> request_token(std::int64_t pairing);
  [[nodiscard]] Outcome exchange(const store::Pairing& pairing, const Callback& callback,
                                 std::string_view cookie);
  [[nodiscard]] Outcome accept(x::XClient& x, const store::Pairing& pairing, const oauth::Tokens& tokens,
                               std::string_view state, std::string_view cookie);
  [[nodiscard]] Outcome redeem(x::XClient& x, const store::Pairing& pairing, const Callback& callback,
                               const std::string& secret, std::string_view cookie);
  [[nodiscard]] Outcome keep(x::XClient& x, const store::Pairing& pairing,
                             const store::Credentials& credentials, std::string_view state,
                             std::string_view cookie);
  [[nodiscard]] bool in_hand(std::int64_t id);
  [[nodiscard]] Outcome at_its_place(std::int64_t id);
  // Whether the pairing was committed with the tokens that X gave.
  [[nodiscard]] bool holds_grant(std::int64_t id);
  void revoke(x::XClient& x, const store::Credentials& unheld);

  const PairingSettings& settings_;
  const oauth::OAuth2Client& client_;
  store::Store& store_;
  store::Wakeups& wakeups_;
  std::mutex mutex_;
  std::map<std::int64_t, net::HttpClient*> calling_;  // by the pairing whose exchange is in hand
  bool interrupted_ = false;
};

}  // namespace pigeon::pairing
