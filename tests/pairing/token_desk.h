// An account, its Tokens, and a token endpoint that counts what it is asked and spends refresh tokens as X
// does.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "pairing/tokens.h"
#include "tests/net/raw_server.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

namespace pigeon::test {

inline const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");

// "a2" and "r2" for round 2.
inline std::string fresh_pair(int round) {
  const std::string number = std::to_string(round);
  return R"({"token_type":"bearer","expires_in":7200,"access_token":"a)" + number +
         R"(","scope":"","refresh_token":"r)" + number + R"("})";
}

// What a test may set while the server's thread asks for it.
template <typename Function>
class Guarded {
 public:
  Guarded(std::function<Function> function) : function_(std::move(function)) {}
  Guarded& operator=(std::function<Function> function) {
    const std::lock_guard lock(mutex_);
    function_ = std::move(function);
    return *this;
  }
  [[nodiscard]] std::function<Function> get() {
    const std::lock_guard lock(mutex_);
    return function_;
  }

 private:
  std::mutex mutex_;
  std::function<Function> function_;
};

struct TokenDesk {
  TempStore store;
  // On the endpoint's thread, when a request has come and before its answer leaves.
  Guarded<void()> meanwhile = std::function<void()>([] {});
  // The answer to the request of this number (from 1).
  Guarded<std::string(int)> answer = std::function<std::string(int)>(
      [](int round) { return testing::http_answer(200, fresh_pair(round + 1)); });
  std::atomic<int> asked = 0;
  std::mutex mutex;  // guards what follows
  std::vector<std::string> requests;
  testing::RawServer server{[this](testing::RawConnection& connection) {
    while (const auto request = connection.read_request()) {
      const int round = ++asked;
      {
        const std::lock_guard lock(mutex);
        requests.push_back(*request);
      }
      meanwhile.get()();
      const std::string words = answer.get()(round);
      if (words.empty()) return;  // the connection ends without an answer
      connection.write(words);
    }
  }};
  pairing::PairingSettings settings{x::oauth2_client("app", "hush", "https://x.example/authorize",
                                                     server.url(""), "https://box.example/cb"),
                                    server.url("")};
  net::HttpClient http;
  pairing::Tokens tokens{settings, *store};

  // Whoever has an account from now on; `life`: what is left of the access token.
  void link(const std::string& access, const std::string& refresh, seconds life,
            const std::string& user = "42", const PhoneNumber& phone = kAda) {
    const UtcTime now = utc_now();
    store->accounts.add_credentials(in_one(*store), phone,
                                    {access, refresh, now + life, "tweet.write", user, "ada"}, now);
  }
  [[nodiscard]] pairing::TokenOutcome bearer() { return tokens.bearer(http, kAda, utc_now()); }
  [[nodiscard]] store::Credentials stored() { return **store->accounts.credentials(kAda); }
  [[nodiscard]] store::Account account() { return *store->accounts.find(kAda); }
  // How many requests have spent `refresh_token`.
  [[nodiscard]] int spent(const std::string& refresh_token) {
    const std::lock_guard lock(mutex);
    int times = 0;
    for (const std::string& request : requests)
      times += request.find("refresh_token=" + refresh_token + "&") != std::string::npos ? 1 : 0;
    return times;
  }
};

// "none" for an outcome without a token.
inline std::string token_of(const pairing::TokenOutcome& outcome) {
  const auto* bearer = std::get_if<pairing::Bearer>(&outcome);
  return bearer == nullptr ? "none" : bearer->access_token;
}

inline bool is_later(const pairing::TokenOutcome& outcome, pairing::TryLater::Why why) {
  const auto* later = std::get_if<pairing::TryLater>(&outcome);
  return later != nullptr && later->why == why;
}

}  // namespace pigeon::test
