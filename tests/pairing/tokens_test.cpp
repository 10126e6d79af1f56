// Tokens: what happens to a link while X is asked for fresh ones; a newer link, or none, is never overwritten
// by a refresh that was under way, and a refresh without an answer is settled by one more try.
#include "pairing/tokens.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/eventually.h"
#include "tests/pairing/token_desk.h"

using namespace pigeon;
using namespace pigeon::pairing;
using test::eventually;
using test::is_later;
using test::kAda;
using test::token_of;
using test::TokenDesk;
using testing::http_answer;
using Why = TryLater::Why;

namespace {

std::string dead(int) {
  return http_answer(400, R"({"error":"invalid_grant"})");
}

std::string silence(int) {
  return "";
}

}  // namespace

TEST_CASE("tokens: the refresh is committed as begun before its request leaves") {
  std::atomic<bool> in_flight = false;
  TokenDesk desk;
  desk.meanwhile = [&] { in_flight = desk.account().refresh_in_flight; };
  desk.link("a1", "r1", seconds(0));
  CHECK(token_of(desk.bearer()) == "a2");
  CHECK(in_flight);
  CHECK_FALSE(desk.account().refresh_in_flight);
}

TEST_CASE(
    "tokens: a refresh that was under way does not overwrite a newer link, and its grant is given back") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.meanwhile = [&desk] {
    if (desk.asked == 1) desk.link("linked-anew", "newer", seconds(7200), "77");
  };
  const TokenOutcome outcome = desk.bearer();
  CHECK(token_of(outcome) == "linked-anew");
  CHECK(std::get<Bearer>(outcome).x_user_id == "77");
  CHECK(std::get<Bearer>(outcome).grant == desk.account().grant);
  CHECK(desk.stored().access_token == "linked-anew");
  CHECK(desk.stored().refresh_token == "newer");
  CHECK(desk.stored().x_user_id == "77");
  CHECK(desk.spent("r1") == 1);
  CHECK(desk.requests.size() == 1);
  const auto claim = desk.store->claim(store::Lane::network, utc_now());
  REQUIRE(claim.job.has_value());  // what nobody holds any more is revoked, now
  CHECK(claim.job->kind == store::JobKind::revocation);
  CHECK(desk.store->revocations.find(claim.job->subject)->refresh_token == "r2");
  CHECK(desk.store->revocations.find(claim.job->subject)->access_token == "a2");
}

TEST_CASE("tokens: a refresh that was under way does not bring back who texted STOP") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.meanwhile = [&desk] { desk.store->accounts.remove(in_one(*desk.store), kAda); };
  const TokenOutcome outcome = desk.bearer();
  REQUIRE(std::holds_alternative<LinkAgain>(outcome));
  CHECK(std::get<LinkAgain>(outcome).grant == 0);
  CHECK_FALSE(desk.store->accounts.user_exists(kAda));
}

TEST_CASE("tokens: a dead grant does not break a link that is newer than it") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.answer = dead;
  desk.meanwhile = [&desk] { desk.link("linked-anew", "newer", seconds(7200)); };
  CHECK(token_of(desk.bearer()) == "linked-anew");
  CHECK(desk.account().state == store::AccountState::linked);
}

TEST_CASE("tokens: a dead grant is told with its number, and whoever hears it breaks the account") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.answer = dead;
  const TokenOutcome outcome = desk.bearer();
  REQUIRE(std::holds_alternative<LinkAgain>(outcome));
  CHECK(std::get<LinkAgain>(outcome).grant == desk.account().grant);
  CHECK(desk.account().state == store::AccountState::linked);
  CHECK(desk.store->accounts.mark_broken(in_one(*desk.store), kAda, std::get<LinkAgain>(outcome).grant,
                                         utc_now()));
  const TokenOutcome again = desk.bearer();
  REQUIRE(std::holds_alternative<LinkAgain>(again));
  CHECK(std::get<LinkAgain>(again).grant == desk.account().grant);
  CHECK(desk.asked == 1);
}

TEST_CASE("tokens: an account whose refresh was cut off is tried once more before its old token is used") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(7200));
  REQUIRE(desk.store->accounts.begin_refresh(in_one(*desk.store), kAda,
                                             desk.account().grant));  // by a process that is gone
  SUBCASE("X never saw the request") {
    CHECK(token_of(desk.bearer()) == "a2");
    CHECK_FALSE(desk.account().refresh_in_flight);
  }
  SUBCASE("X has spent the token, and says so") {
    desk.answer = dead;
    CHECK(std::holds_alternative<LinkAgain>(desk.bearer()));
  }
  SUBCASE("X says nothing definite: nobody is unlinked, and the doubt stays") {
    SUBCASE("silence") {
      desk.answer = silence;
    }
    SUBCASE("an error of its own") {
      desk.answer = [](int) { return http_answer(503, "{}"); };
    }
    SUBCASE("the client is wrong") {
      desk.answer = [](int) { return http_answer(401, R"({"error":"unauthorized_client"})"); };
    }
    CHECK(std::holds_alternative<TryLater>(desk.bearer()));
    CHECK(desk.account().state == store::AccountState::linked);
    CHECK(desk.account().refresh_in_flight);
  }
  CHECK(desk.spent("r1") == 1);
}

TEST_CASE("tokens: silence leaves the refresh in doubt, a refusal of the request does not") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  desk.answer = silence;
  CHECK(is_later(desk.bearer(), Why::unavailable));
  CHECK(desk.account().refresh_in_flight);
  // What is certain of the second request says nothing about the first.
  desk.answer = [](int) { return http_answer(429, "{}"); };
  CHECK(is_later(desk.bearer(), Why::unavailable));
  CHECK(desk.account().refresh_in_flight);
  desk.link("a1", "r1", seconds(0));
  CHECK(is_later(desk.bearer(), Why::unavailable));
  CHECK_FALSE(desk.account().refresh_in_flight);
}

TEST_CASE("tokens: why there is none now, and when X wants to be asked again") {
  const UtcTime now = utc_now();
  struct Row {
    const char* name;
    std::string answer;
    Why why;
    std::optional<UtcTime> retry_at{};
  };
  const Row rows[] = {
      {"too many", http_answer(429, "{}", "Retry-After: 90\r\n"), Why::unavailable, now + seconds(90)},
      {"far too many", http_answer(429, "{}", "Retry-After: 999999999\r\n"), Why::unavailable,
       now + seconds(86400)},
      {"no number", http_answer(503, "{}", "Retry-After: soon\r\n"), Why::unavailable},
      {"down", http_answer(503, "{}"), Why::unavailable},
      {"silent", "", Why::unavailable},
      {"nonsense", http_answer(200, "<html>"), Why::unavailable},
      {"our keys", http_answer(401, R"({"error":"unauthorized_client"})"), Why::client_rejected},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    TokenDesk desk;
    desk.link("a1", "r1", seconds(0));
    desk.answer = [&row](int) { return row.answer; };
    const TokenOutcome outcome = desk.tokens.bearer(desk.http, kAda, now);
    CHECK(is_later(outcome, row.why));
    if (const auto* later = std::get_if<TryLater>(&outcome)) CHECK(later->retry_at == row.retry_at);
    CHECK(desk.account().state == store::AccountState::linked);
  }
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  PairingSettings nowhere = desk.settings;
  nowhere.client.provider.token_url = "http://127.0.0.1:1/2/oauth2/token";
  Tokens tokens(nowhere, *desk.store);
  CHECK(is_later(tokens.bearer(desk.http, kAda, now), Why::unreachable));
  CHECK_FALSE(desk.account().refresh_in_flight);
}

TEST_CASE("tokens: what the key does not open is kept for the operator, and nobody is unlinked") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  store::Database(desk.store.database()).execute("UPDATE accounts SET refresh_token = zeroblob(40)");
  CHECK(is_later(desk.bearer(), Why::locked_key));
  CHECK(is_later(desk.tokens.refreshed(desk.http, kAda, "a1", utc_now()), Why::locked_key));
  CHECK(desk.account().state == store::AccountState::linked);
  CHECK(desk.asked == 0);
}

TEST_CASE("tokens: threads that need one person's token at once make one request") {
  TokenDesk desk;
  desk.link("a1", "r1", seconds(0));
  std::atomic<int> waiting = 0;
  desk.meanwhile = [&] { static_cast<void>(eventually([&] { return waiting == 3; })); };
  std::vector<std::thread> threads;
  std::atomic<int> got = 0;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      net::HttpClient http;
      ++waiting;
      got += token_of(desk.tokens.bearer(http, kAda, utc_now())) == "a2" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(got == 3);
  CHECK(desk.asked == 1);
}
