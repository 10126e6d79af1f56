// Whole pairings through the real server against the sandbox of X: what goes to X, what is bound to what, and
// what strangers, replays and haste cannot do. The failures at X are in web_pairing_failures_test.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "oauth/oauth2.h"
#include "tests/web/web_box.h"
#include "x/provider.h"
#include "x/x_client.h"

using namespace pigeon;
using namespace std::chrono_literals;
using pigeon::testing::Browser;
using pigeon::testing::check_turned_away;
using pigeon::testing::contains;
using pigeon::testing::parameter;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;

namespace {

PhoneNumber phone() {
  return *PhoneNumber::parse(WebBox::kPhone);
}

// The digits on the page that asks for them.
std::string code_on(const std::string& page) {
  const std::size_t at = page.find("?body=");
  constexpr std::string_view kWord = "LINK%20";
  return at == std::string::npos ? std::string() : page.substr(at + 6 + kWord.size(), 6);
}

}  // namespace

TEST_CASE("pairing: the button sends the browser to X with everything X wants") {
  WebBox box;
  const std::string code = box.offer();
  Browser browser(box);
  const auto pressed = browser.post("/auth/" + code, {{"Origin", "https://pigeon.example"}});
  CHECK(pressed->status == 303);
  CHECK(pressed->body.empty());
  const std::string where = pressed->get_header_value("Location");
  CHECK(where.starts_with(box.sandbox.url() + "/i/oauth2/authorize?"));
  CHECK(parameter(where, "response_type") == "code");
  CHECK(parameter(where, "client_id") == "sandbox-client");
  CHECK(parameter(where, "redirect_uri") == "https://pigeon.example/oauth/callback");
  CHECK(parameter(where, "scope") == x::kScopes);
  CHECK(parameter(where, "state").size() == 43);
  CHECK(parameter(where, "code_challenge").size() == 43);
  CHECK(parameter(where, "code_challenge_method") == "S256");
  CHECK_FALSE(contains(where, code));
  CHECK_FALSE(contains(where, "4915"));

  const std::string set = pressed->get_header_value("Set-Cookie");
  CHECK(set.starts_with("__Host-pigeon="));
  for (const char* attribute : {"; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/;"})
    CHECK(contains(set, attribute));
  CHECK_FALSE(contains(set, "Domain"));
  const int age = std::stoi(set.substr(set.find("Max-Age=") + 8));
  CHECK(age > 890);
  CHECK(age <= 900);
}

TEST_CASE("pairing: the cookie on plain http has neither Secure nor the prefix") {
  WebBoxOptions options;
  options.public_url = "http://127.0.0.1:8080";
  WebBox box(options);
  Browser browser(box);
  CHECK_FALSE(browser.press(box.offer()).empty());
  CHECK(browser.cookie.starts_with("pigeon="));
  const auto page = browser.pair(box, box.offer());
  CHECK(page->status == 200);
}

TEST_CASE("pairing: with text-back, X's yes alone links nothing; the code does") {
  WebBox box;
  const auto page = Browser(box).pair(box, box.offer());
  CHECK(page->status == 200);
  CHECK(contains(page->body, "@ada"));
  const std::string code = code_on(page->body);
  CHECK(contains(page->body, ">LINK " + code + "<"));
  CHECK(contains(page->body, "sms:+12025550100?body=LINK%20" + code));
  CHECK(contains(page->body, "+4915…789"));
  CHECK((contains(page->body, "14 more minutes") || contains(page->body, "15 more minutes")));
  CHECK(box.relay_notified());
  CHECK_FALSE(box.has_account());

  const auto waiting = box.store->pairings.awaiting_text_back(phone(), utc_now());
  REQUIRE(waiting);
  CHECK_FALSE(box.store->pairings.find_by_text_back(code == "000000" ? "000001" : "000000", utc_now()));
  CHECK(box.store->pairings.find_by_text_back(code, utc_now())->id == waiting->id);
  REQUIRE(box.store->pairings.link(in_one(*box.store), waiting->id, utc_now()));
  CHECK(box.account().username == "ada");
  const auto credentials = box.store->accounts.credentials(phone());
  REQUIRE((credentials && *credentials));
  CHECK(contains((*credentials)->scope, "tweet.write"));
  CHECK(x::XClient(box.sandbox.url()).me((*credentials)->access_token)->username == "ada");
}

TEST_CASE("pairing: without text-back the account is linked at once") {
  WebBoxOptions options;
  options.text_back = false;
  WebBox box(options);
  const auto page = Browser(box).pair(box, box.offer());
  CHECK(page->status == 200);
  CHECK(contains(page->body, "Linked to @ada"));
  CHECK(box.relay_notified());
  CHECK(box.account().username == "ada");
  CHECK(box.account().state == store::AccountState::linked);
  CHECK(box.store->accounts.bearer_valid(phone(), utc_now()));
  CHECK(box.store->accounts.refresh_valid(phone()));
}

TEST_CASE("pairing: a link works once") {
  WebBoxOptions options;
  options.text_back = false;
  WebBox box(options);
  const std::string code = box.offer();
  Browser browser(box);
  CHECK(browser.pair(box, code)->status == 200);
  CHECK(browser.get("/auth/" + code)->status == 404);
  CHECK(browser.post("/auth/" + code)->status == 404);
}

TEST_CASE("pairing: a second fetch of the callback leads to the same code and exchanges nothing") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  const auto first = browser.follow(back);
  CHECK(first->status == 303);
  CHECK(first->get_header_value("Location") == "/pairing");
  const std::string set = first->get_header_value("Set-Cookie");
  CHECK(set.starts_with(browser.cookie + ";"));
  CHECK(std::stoi(set.substr(set.find("Max-Age=") + 8)) > 890);  // as long as the code
  const std::string code = code_on(browser.get("/pairing")->body);
  CHECK(code.size() == 6);

  const std::int64_t before = box.database_version();
  const std::string state = parameter(back, "state");
  for (const std::string& again :
       {back, "/oauth/callback?state=" + state + "&error=access_denied",
        "/oauth/callback?state=" + state + "&code=other&iss=https://evil.example"}) {
    CAPTURE(again);
    CHECK(code_on(browser.come_back(again)->body) == code);
  }
  CHECK(box.requests("POST /2/oauth2/token 200") == 1);
  CHECK(box.database_version() == before);
  CHECK(box.living_grants() == 1);
}

TEST_CASE("pairing: the page with the code is a place, and only its own browser's") {
  WebBox box;
  const std::string link = box.offer();
  Browser browser(box);
  CHECK(browser.get("/pairing")->status == 400);
  const std::string back = box.sandbox.consent(browser.press(link));
  CHECK(browser.get("/pairing")->status == 400);  // not at X yet
  const auto page = browser.come_back(back);
  const std::string code = code_on(page->body);
  CHECK(code_on(browser.get("/pairing")->body) == code);  // a reload
  Browser other(box);
  for (const char* cookie : {"", "__Host-pigeon=", "__Host-pigeon=guessed", "pigeon=x"}) {
    CAPTURE(cookie);
    other.cookie = cookie;
    const auto nothing = other.get("/pairing");
    CHECK(nothing->status == 400);
    CHECK_FALSE(contains(nothing->body, code));
  }
  SUBCASE("when it is linked, it says so") {
    const auto waiting = box.store->pairings.awaiting_text_back(phone(), utc_now());
    REQUIRE(box.store->pairings.link(in_one(*box.store), waiting->id, utc_now()));
    CHECK(contains(browser.get("/pairing")->body, "Linked to @ada"));
    SUBCASE("until STOP") {
      box.store->pairings.forget(in_one(*box.store), phone(), utc_now());
      CHECK(browser.get("/pairing")->status == 400);
    }
  }
  SUBCASE("when the code has failed, it says so") {
    const auto waiting = box.store->pairings.awaiting_text_back(phone(), utc_now());
    box.store->pairings.fail(in_one(*box.store), waiting->id, store::PairingFailure::other_phone, utc_now());
    const auto gone = browser.get("/pairing");
    CHECK(contains(gone->body, "The code no longer works"));
    CHECK_FALSE(contains(gone->body, code));
  }
  SUBCASE("who opens the link again has a new one") {
    const std::string former = browser.cookie;
    const std::string second = box.sandbox.consent(browser.press(link));
    const std::string other_code = code_on(browser.come_back(second)->body);
    CHECK(other_code.size() == 6);
    CHECK(other_code != code);
    other.cookie = former;
    CHECK(other.get("/pairing")->status == 400);
  }
  SUBCASE("START takes it away") {
    static_cast<void>(box.store->pairings.offer_link(in_one(*box.store), phone(), "main", 15min, utc_now()));
    CHECK(browser.get("/pairing")->status == 400);
    CHECK(browser.come_back(back)->status == 400);
  }
  SUBCASE("STOP takes it away") {
    box.store->pairings.forget(in_one(*box.store), phone(), utc_now());
    CHECK(browser.get("/pairing")->status == 400);
  }
}

TEST_CASE("pairing: the code lies sealed in the database, and no longer than it is waited for") {
  WebBox box;
  Browser browser(box);
  const std::string code = code_on(browser.pair(box, box.offer())->body);
  const auto waiting = box.store->pairings.awaiting_text_back(phone(), utc_now());
  REQUIRE(waiting);
  const auto kept = box.store->pairings.text_back_code(waiting->id);
  REQUIRE(kept);
  CHECK(*kept == code);
  REQUIRE(box.store->pairings.link(in_one(*box.store), waiting->id, utc_now()));
  CHECK(*box.store->pairings.text_back_code(waiting->id) == std::nullopt);
}

TEST_CASE("pairing: the same callback again while X is asked waits at its place") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  std::atomic<bool> asked = false;
  std::atomic<bool> go_on = false;
  box.sandbox.before_request([&](const std::string& request) {
    if (request != "POST /2/oauth2/token") return;
    asked = true;
    while (!go_on) std::this_thread::sleep_for(1ms);
  });
  std::thread first([&box, cookie = browser.cookie, back] {
    Browser twin(box);
    twin.cookie = cookie;
    static_cast<void>(twin.follow(back));
  });
  while (!asked) std::this_thread::sleep_for(1ms);
  const auto waits = browser.come_back(back);
  const auto cancelled =
      browser.come_back("/oauth/callback?error=access_denied&state=" + parameter(back, "state"));
  go_on = true;
  first.join();
  CHECK(waits->status == 200);
  CHECK(waits->get_header_value("Refresh") == "2");
  CHECK(contains(waits->body, "X is being asked"));
  CHECK(contains(cancelled->body, "X is being asked"));
  CHECK(code_on(browser.get("/pairing")->body).size() == 6);
  CHECK(box.requests("POST /2/oauth2/token 200") == 1);
}

TEST_CASE("pairing: the same callback twice at once is exchanged once") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      Browser twin(box);
      twin.cookie = browser.cookie;
      good += twin.come_back(back)->status == 200 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 3);
  CHECK(box.requests("POST /2/oauth2/token 200") == 1);
}

TEST_CASE("pairing: another browser, no cookie, another state or none get nowhere") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  const std::string state = parameter(back, "state");
  const std::string x_code = parameter(back, "code");
  const std::string right = browser.cookie;
  Browser other(box);
  CHECK_FALSE(other.press(box.offer(15min, "+4915100000000")).empty());

  check_turned_away(box, {
                             {"no cookie", "", "state=" + state + "&code=" + x_code},
                             {"another browser's cookie", other.cookie, "state=" + state + "&code=" + x_code},
                             {"a cookie under another name", "pigeon=" + right.substr(right.find('=') + 1),
                              "state=" + state + "&code=" + x_code},
                             {"an empty cookie", "__Host-pigeon=", "state=" + state + "&code=" + x_code},
                             {"another state", right, "state=abc&code=" + x_code},
                             {"an empty state", right, "state=&code=" + x_code},
                             {"no state", right, "code=" + x_code},
                             {"a refusal with another state", right, "state=abc&error=access_denied"},
                             {"a giant state", right, "state=" + std::string(3000, 'a') + "&code=" + x_code},
                         });
  CHECK(box.requests("POST /2/oauth2/token 200") == 0);
  CHECK(browser.come_back(back)->status == 200);  // and the right one still can
}

TEST_CASE("pairing: the right cookie among others is found") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  browser.cookie = "a=b; x__Host-pigeon=no; __Host-pigeon2=no;" + browser.cookie + " ; __Host-pigeon3=no";
  CHECK(browser.come_back(back)->status == 200);
}

TEST_CASE("pairing: pressing again starts anew and makes the first attempt worthless") {
  WebBox box;
  const std::string code = box.offer();
  Browser browser(box);
  const std::string first = box.sandbox.consent(browser.press(code));
  const std::string first_cookie = browser.cookie;
  const std::string second = box.sandbox.consent(browser.press(code));
  Browser old(box);
  old.cookie = first_cookie;
  CHECK(old.come_back(first)->status == 400);
  CHECK(browser.come_back(second)->status == 200);
}

TEST_CASE("pairing: a link that expires on the way ends on the way") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer(400ms)));
  while (box.store->pairings.find_by_state(parameter(back, "state"), browser.cookie.substr(14), utc_now())) {
    std::this_thread::sleep_for(10ms);
  }
  CHECK(browser.come_back(back)->status == 400);
  CHECK(box.requests("POST /2/oauth2/token 200") == 0);
}

TEST_CASE("pairing: a form on another site does not press the button") {
  WebBox box;
  const std::string code = box.offer();
  const std::int64_t before = box.database_version();
  const std::vector<httplib::Headers> foreign{
      {{"Origin", "https://evil.example"}},
      {{"Origin", "null"}},
      {{"Origin", "http://pigeon.example"}},
      {{"Origin", "https://pigeon.example.evil.example"}},
      {{"Sec-Fetch-Site", "cross-site"}},
      {{"Sec-Fetch-Site", "same-site"}},
      {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://pigeon.example"}}};
  for (const httplib::Headers& headers : foreign) {
    const auto page = Browser(box).post("/auth/" + code, headers);
    CHECK(page->status == 403);
    CHECK_FALSE(page->has_header("Location"));
    CHECK_FALSE(page->has_header("Set-Cookie"));
  }
  CHECK(box.database_version() == before);
  const std::vector<httplib::Headers> own{
      {},
      {{"Origin", "https://pigeon.example"}},
      {{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://localhost:8080"}}};
  for (const httplib::Headers& headers : own)
    CHECK(Browser(box).post("/auth/" + code, headers)->status == 303);
}

TEST_CASE("pairing: pressing without end is refused, and the link stays alive") {
  WebBox box;
  const std::string code = box.offer();
  int refused = 0;
  for (int i = 0; i < 50; ++i) refused += Browser(box).post("/auth/" + code)->status == 429 ? 1 : 0;
  CHECK(refused > 5);
  CHECK(Browser(box).get("/auth/" + code)->status == 200);
}

TEST_CASE("pairing: while X is slow, other pages are quick, and a fourth pairing is asked to come again") {
  WebBox box;
  std::vector<Browser> browsers;
  std::vector<std::string> backs;
  for (int i = 0; i < 4; ++i) {
    browsers.emplace_back(box);
    const std::string code = box.offer(15min, "+491510000000" + std::to_string(i));
    backs.push_back(box.sandbox.consent(browsers.back().press(code)));
  }
  std::atomic<int> asked = 0;
  box.sandbox.before_request(
      [&](const std::string& request) { asked += request == "POST /2/oauth2/token" ? 1 : 0; });
  box.sandbox.inject({.match = "POST /2/oauth2/token", .times = 3, .status = 0, .delay = 3000ms});
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] { good += browsers[i].come_back(backs[i])->status == 200 ? 1 : 0; });
  }
  while (asked < 3) std::this_thread::sleep_for(1ms);
  const SteadyTime begin = steady_now();
  const auto busy = browsers[3].come_back(backs[3]);
  CHECK(busy->status == 503);
  CHECK(busy->has_header("Retry-After"));
  CHECK(contains(busy->body, "Reload this page"));
  CHECK(Browser(box).get("/")->status == 200);
  CHECK(steady_now() - begin < 2s);
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 3);
  CHECK(browsers[3].come_back(backs[3])->status == 200);  // nothing was used up
}

TEST_CASE("pairing: stopping does not wait for a slow X") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  std::atomic<bool> asked = false;
  box.sandbox.before_request([&](const std::string& request) {
    if (request == "POST /2/oauth2/token") asked = true;
  });
  box.sandbox.inject({.match = "POST /2/oauth2/token", .times = 1, .status = 0, .delay = 8000ms});
  testing::RawClient client(box.server->port());
  client.send("GET " + back.substr(back.find("/oauth/")) + " HTTP/1.1\r\nCookie: " + browser.cookie +
              "\r\n\r\n");
  while (!asked) std::this_thread::sleep_for(1ms);
  const SteadyTime begin = steady_now();
  box.server->stop();
  CHECK(steady_now() - begin < 4s);
  CHECK(box.failure() == store::PairingFailure::error);
}
