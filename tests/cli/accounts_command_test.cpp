// Who is linked, for people and machines: all there is to know, and never a token.
#include "cli/accounts_command.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/paragraph.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using nlohmann::json;

namespace {

constexpr UtcTime kNow = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)) + seconds(33180);
const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const PhoneNumber kBob = *PhoneNumber::parse("+12025550124");
const PhoneNumber kEve = *PhoneNumber::parse("+491701234567");

// Ada has posted and has a text that waits; X has ended Bob's link; Eve's code is waited for.
void fill(Store& store) {
  store.accounts.add_credentials(
      in_one(store), kAda,
      {"secret access", "secret refresh", kNow + seconds(7200), "tweet.write users.read", "42", "ada"}, kNow);
  for (const bool posted : {true, false}) {
    const auto message =
        store.inbox.add(in_one(store), {"main", kAda.e164(), kAda.e164(), "words", kNow, kNow});
    const auto post = store.posts.plan(in_one(store), message, 1, kAda.e164(), "words");
    if (posted) store.posts.end(in_one(store), post, PostState::posted, "1", kNow + seconds(60));
  }
  store.accounts.add_credentials(
      in_one(store), kBob, {"secret access", "", kNow + seconds(7200), "", "43", "a_very_long_username_"},
      kNow);
  const auto grant = store.accounts.find(kBob)->grant;
  CHECK(store.accounts.mark_broken(in_one(store), kBob, grant, kNow + seconds(3600)));
  const auto link = test::sent_link(store, kEve, seconds(900), kNow);
  store.pairings.start(in_one(store), link.id, "secret state", "secret cookie", "secret verifier", kNow);
  CHECK(store.pairings.authorise(in_one(store), link.id,
                                 {"secret access", "secret refresh", kNow, "", "44", "eve"}, "482193", kNow));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    CHECK_MESSAGE(columns(line) <= 80, line);
    lines.push_back(line);
  }
  return lines;
}

template <typename Print>
std::string printed(const Print& print) {
  std::ostringstream out;
  print(out);
  CHECK(out.str().find("secret") == std::string::npos);
  CHECK(out.str().find("482193") == std::string::npos);
  return out.str();
}

std::string list(Store& store, bool as_json = false) {
  return printed([&](std::ostream& out) { cli::list_accounts(store, as_json, out); });
}

std::string show(Store& store, const PhoneNumber& phone, bool as_json = false) {
  return printed([&](std::ostream& out) { CHECK(cli::show_account(store, phone, kNow, as_json, out)); });
}

std::string pairings(Store& store, UtcTime now, bool as_json = false) {
  return printed([&](std::ostream& out) { cli::list_pairings(store, now, as_json, out); });
}

}  // namespace

TEST_CASE("accounts list: nobody, and a line each") {
  test::TempStore store;
  CHECK(list(*store) == "Nobody is linked.\n");
  CHECK(list(*store, true) == "[]\n");
  fill(*store);
  const auto lines = lines_of(list(*store));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "phone             account           state       linked      last post   waits");
  CHECK(lines[1] == "+12025550123      @ada              linked      2026-11-28  2026-11-28      1");
  CHECK(lines[2] == "+12025550124      @a_very_long_us…  link again  2026-11-28  -               0");
}

TEST_CASE("accounts list: a machine is told everything but what is secret, also of a thousand") {
  test::TempStore store;
  fill(*store);
  const auto all = json::parse(list(*store, true));
  REQUIRE(all.size() == 2);
  CHECK(all[0] == json::parse(show(*store, kAda, true)));
  CHECK(all[0].at("phone") == kAda.e164());
  CHECK(all[0].at("state") == "linked");
  CHECK(all[0].at("username") == "ada");
  CHECK(all[0].at("x_user_id") == "42");
  CHECK(all[0].at("scope") == "tweet.write users.read");
  CHECK(all[0].at("renewable") == true);
  CHECK(all[0].at("waiting") == 1);
  CHECK(all[0].at("last_post") == "2026-11-28T09:14:00Z");
  CHECK(all[1].at("state") == "broken");
  CHECK(all[1].at("broken") == "2026-11-28T10:13:00Z");
  CHECK(all[1].at("last_post").is_null());
  {
    auto transaction = store->begin();
    for (int i = 0; i < 1000; ++i)
      store->accounts.add_credentials(transaction, *PhoneNumber::parse("+1303555" + std::to_string(1000 + i)),
                                      {"secret access", "", kNow, "", "1", "x"}, kNow);
    transaction.commit();
  }
  CHECK(json::parse(list(*store, true)).size() == 1002);
}

TEST_CASE("accounts show: everything about one, and about nobody") {
  test::TempStore store;
  fill(*store);
  CHECK(show(*store, kAda) ==
        "phone      +12025550123\n"
        "account    @ada (X's user 42)\n"
        "state      linked\n"
        "linked     2026-11-28 09:13 UTC\n"
        "grant      OAuth 2.0, renewed by itself\n"
        "last post  2026-11-28 09:14 UTC\n"
        "waits      1 text\n");
  static_cast<void>(test::sent_link(*store, kBob, seconds(900), kNow));
  const std::string bob = show(*store, kBob);
  CAPTURE(bob);
  static_cast<void>(lines_of(bob));
  CHECK(bob.find("state      the link has ended on 2026-11-28 10:13 UTC; the next text is answered\n"
                 "           with a new one\n") != std::string::npos);
  CHECK(bob.find("grant      none that is good\n") != std::string::npos);
  CHECK(bob.find("pairing    its link waits, until 2026-11-28 09:28 UTC\n") != std::string::npos);
  std::ostringstream out;
  CHECK(cli::show_account(*store, kEve, kNow, false, out).error().code == Errc::not_found);
}

TEST_CASE("pairings: the newest first, with what they wait for") {
  test::TempStore store;
  CHECK(pairings(*store, kNow) == "Nobody is linking, and nobody was lately.\n");
  fill(*store);
  static_cast<void>(test::sent_link(*store, kAda, seconds(900), kNow));
  auto lines = lines_of(pairings(*store, kNow));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "    id  phone             until (UTC)       state");
  CHECK(lines[1] == "     2  +12025550123      2026-11-28 09:28  its link waits");
  CHECK(lines[2] == "     1  +491701234567     2026-11-28 09:28  its code waits: @eve");
  lines = lines_of(pairings(*store, kNow + seconds(901)));
  CHECK(lines.at(1).ends_with("the link was not opened"));
  CHECK(lines.at(2).ends_with("no code came from @eve"));
  store->pairings.fail(in_one(*store), 1, PairingFailure::wrong_code, kNow);
  CHECK(lines_of(pairings(*store, kNow)).at(2).ends_with("failed: wrong codes"));
  const auto all = json::parse(pairings(*store, kNow, true));
  CHECK(all.at(0).at("live") == true);
  CHECK(all.at(1).at("live") == false);
  CHECK(all.at(1).at("state") == "failed");
  // Whoever has said STOP is nobody.
  store->pairings.forget(in_one(*store), kAda, kNow);
  CHECK(json::parse(pairings(*store, kNow, true)).size() == 1);
}
