// Tokens: what happens to a link while X is asked for fresh ones; a newer link, or none, is never overwritten
// by a refresh that was under way.
#include "pairing/tokens.h"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <string>

#include "tests/net/raw_server.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

using namespace pigeon;
using namespace pigeon::pairing;
using testing::http_answer;
using testing::RawConnection;
using testing::RawServer;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+15550123");

constexpr std::string_view kFresh =
    R"({"token_type":"bearer","expires_in":7200,"access_token":"a2","scope":"","refresh_token":"r2"})";

// An account, and a token endpoint that does something before it answers.
struct Desk {
  test::TempStore store;
  std::function<void()> meanwhile = [] {};
  std::string answer = http_answer(200, kFresh);
  std::atomic<int> asked = 0;
  RawServer server{[this](RawConnection& connection) {
    while (connection.read_request()) {
      ++asked;
      meanwhile();
      connection.write(answer);
    }
  }};
  PairingSettings settings{x::oauth2_client("app", "hush", "https://x.example/authorize", server.url(""),
                                            "https://box.example/cb"),
                           server.url("")};
  net::HttpClient http;
  Tokens tokens{settings, *store, http};

  // `life`: what is left of the access token.
  void link(const std::string& access, const std::string& refresh, seconds life,
            const std::string& user = "42") {
    const UtcTime now = utc_now();
    store->accounts.add_credentials(kAda, {access, refresh, now + life, "tweet.write", user, "ada"}, now);
  }
  [[nodiscard]] store::Credentials stored() { return **store->accounts.credentials(kAda); }
};

std::string token_of(const TokenOutcome& outcome) {
  const auto* bearer = std::get_if<Bearer>(&outcome);
  return bearer == nullptr ? "none" : bearer->access_token;
}

}  // namespace

TEST_CASE("tokens: the refresh is committed as begun before its request leaves") {
  std::atomic<bool> in_flight = false;
  Desk desk;
  desk.meanwhile = [&] { in_flight = desk.store->accounts.find(kAda)->refresh_in_flight; };
  desk.link("a1", "r1", seconds(0));
  CHECK(token_of(desk.tokens.bearer(kAda, utc_now())) == "a2");
  CHECK(in_flight);
}

TEST_CASE("tokens: a refresh that was under way does not overwrite a newer link") {
  Desk desk;
  desk.link("a1", "r1", seconds(0));
  desk.meanwhile = [&desk] { desk.link("linked-anew", "newer", seconds(7200), "77"); };
  const TokenOutcome outcome = desk.tokens.bearer(kAda, utc_now());
  CHECK(desk.asked == 1);
  CHECK(token_of(outcome) == "linked-anew");
  CHECK(std::get<Bearer>(outcome).x_user_id == "77");
  CHECK(desk.stored().access_token == "linked-anew");
  CHECK(desk.stored().refresh_token == "newer");
  CHECK(desk.stored().x_user_id == "77");
}

TEST_CASE("tokens: a refresh that was under way does not bring back who texted STOP") {
  Desk desk;
  desk.link("a1", "r1", seconds(0));
  desk.meanwhile = [&desk] { desk.store->accounts.remove(kAda); };
  CHECK(std::holds_alternative<LinkAgain>(desk.tokens.bearer(kAda, utc_now())));
  CHECK_FALSE(desk.store->accounts.user_exists(kAda));
}

TEST_CASE("tokens: a dead grant does not break a link that is newer than it") {
  Desk desk;
  desk.link("a1", "r1", seconds(0));
  desk.answer = http_answer(400, R"({"error":"invalid_grant"})");
  desk.meanwhile = [&desk] { desk.link("linked-anew", "newer", seconds(7200)); };
  CHECK(token_of(desk.tokens.bearer(kAda, utc_now())) == "linked-anew");
  CHECK(desk.store->accounts.find(kAda)->state == store::AccountState::linked);
}
