// A valid access token for a phone: use it while it lives, refresh it when it has expired, and say when only
// linking again helps.
//
// X spends a refresh token by its use and gives a new pair once, so the rules are about the time in between:
//
//   begin_refresh committed → request … answer → the pair in memory → the pair committed → it is used
//                             └ one at a time a phone ┘   └ repeated until it works ┘
//
// No request leaves while storage fails or the program stops, and a pair that X has given waits here until
// storage takes it. What is left is an answer that never came: the account stays `refresh_in_flight`, the old
// token is tried once more, and only X's own word that it is dead ends the link.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/phone_number.h"
#include "net/http_client.h"
#include "oauth/oauth2.h"
#include "pairing/settings.h"
#include "store/store.h"

namespace pigeon::pairing {

struct Bearer {
  std::string access_token;
  std::string x_user_id;
  std::int64_t grant = 0;               // Account::grant of the link that it belongs to
  std::string token_secret{};           // of OAuth 1.0a, which signs; empty: a bearer
  std::optional<UtcTime> refused_at{};  // Account::refused_at

  [[nodiscard]] bool signs() const { return !token_secret.empty(); }
};

// No token will come any more of `grant`: whoever hears it breaks the account, if it still has that grant
// (Accounts::mark_broken()). 0: there is no account.
struct LinkAgain {
  std::int64_t grant = 0;
};

// No token now; nobody is unlinked.
struct TryLater {
  enum class Why {
    unreachable,      // no connection to X's token endpoint
    unavailable,      // it answers that it cannot, or not at all, or with what makes no sense
    client_rejected,  // it refuses the operator's client id or secret
    locked_key,       // the key does not open this account's tokens: the operator's trouble
    storage,          // the database takes nothing
    stopping,         // stop() was called
  } why = Why::unavailable;
  std::optional<UtcTime> retry_at{};  // when X asked to be asked again
};
using TokenOutcome = std::variant<Bearer, LinkAgain, TryLater>;

// One for the box; thread-safe. Storage that fails is TryLater here, never an exception.
class Tokens {
 public:
  // Both are borrowed.
  Tokens(const PairingSettings& settings, store::Store& store);
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  // Refreshes when the token has less than a minute to live, which takes a request by `http` on the calling
  // thread (as long as `http` allows; it must not be interrupted, or X's answer is lost). A second caller for
  // the same phone waits for it. Not to be called inside a transaction.
  [[nodiscard]] TokenOutcome bearer(net::HttpClient& http, const PhoneNumber& phone, UtcTime now);
  // After X refused `rejected_token` although its time was not up; otherwise as bearer().
  [[nodiscard]] TokenOutcome refreshed(net::HttpClient& http, const PhoneNumber& phone,
                                       const std::string& rejected_token, UtcTime now);

  // No refresh begins from now on; tokens that live are still given out.
  void stop();
  // A request that spends a refresh token is away, or its answer is just being kept.
  [[nodiscard]] bool refreshing() const;
  // Commits the pairs that X gave and storage did not take yet. True: none is left. Every bearer() does it
  // first; whoever ends the program repeats it.
  [[nodiscard]] bool save();

 private:
  class Turn;
  class Away;
  // What a refresh brought, until it is committed.
  struct Pair {
    PhoneNumber phone;
    std::int64_t grant = 0;
    store::Credentials credentials;
    UtcTime since{};  // when X gave it
  };
  [[nodiscard]] TokenOutcome obtain(net::HttpClient& http, const PhoneNumber& phone,
                                    const std::string& rejected_token, UtcTime now);
  [[nodiscard]] std::optional<TokenOutcome> look(net::HttpClient& http, const PhoneNumber& phone,
                                                 const std::string& rejected_token, UtcTime now);
  [[nodiscard]] std::optional<TokenOutcome> refresh(net::HttpClient& http, const PhoneNumber& phone,
                                                    const store::OpenAccount& old, UtcTime now);
  [[nodiscard]] TokenOutcome signing(store::OpenAccount& open) const;
  [[nodiscard]] bool begin_refresh(const PhoneNumber& phone, std::int64_t grant);  // Accounts', committed
  [[nodiscard]] std::optional<TokenOutcome> refused(const PhoneNumber& phone, const store::Account& account,
                                                    const oauth::TokenError& error, UtcTime now);

  const PairingSettings& settings_;
  store::Store& store_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable turn_ended_;
  std::set<std::string> in_hand_;  // phones for which some thread is in bearer() or refreshed()
  int away_ = 0;                   // refreshes between their intent and the keeping of their answer
  bool stopping_ = false;

  std::mutex keeping_;  // guards what follows; held across commits, never across requests
  std::deque<Pair> pairs_;
  bool told_ = false;  // the log says that pairs wait
};

}  // namespace pigeon::pairing
