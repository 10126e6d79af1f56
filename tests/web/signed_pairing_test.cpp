// Linking by OAuth 1.0a with a callback, through the real server against the sandbox of X: the whole way,
// what is bound to what, what strangers and replays cannot do, and each way in which it fails.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "tests/store/in_one.h"
#include "tests/web/web_box.h"

using namespace pigeon;
using namespace std::chrono_literals;
using pigeon::testing::Browser;
using pigeon::testing::check_failed;
using pigeon::testing::check_turned_away;
using pigeon::testing::contains;
using pigeon::testing::parameter;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;

namespace {

WebBoxOptions signed_options() {
  WebBoxOptions options;
  options.signs = true;
  return options;
}

PhoneNumber phone() {
  return *PhoneNumber::parse(WebBox::kPhone);
}

}  // namespace

TEST_CASE("signed pairing: the button, X's yes, the code, and the account acts by its consumer key") {
  WebBox box(signed_options());
  Browser browser(box);
  const std::string code = box.offer();
  const std::string authorize = browser.press(code);
  CHECK(authorize.starts_with(box.sandbox.url() + "/oauth/authorize?oauth_token="));
  CHECK(contains(browser.get("/")->get_header_value("Content-Security-Policy"),
                 "form-action 'self' " + box.sandbox.url() + ";"));
  CHECK(browser.cookie.starts_with("__Host-pigeon="));
  const std::string back = box.sandbox.consent(authorize);
  CHECK(back.starts_with("https://pigeon.example/oauth/callback?oauth_token="));
  const auto page = browser.come_back(back);
  CHECK(page->status == 200);
  CHECK(contains(page->body, "Give this code to nobody"));
  CHECK_FALSE(box.has_account());

  const auto waiting = box.store->pairings.awaiting_text_back(phone(), utc_now());
  REQUIRE(waiting);
  CHECK(box.store->pairings.link(in_one(*box.store), waiting->id, utc_now()));
  const store::Account account = box.account();
  CHECK(account.username == "ada");
  CHECK(account.consumer_key == "sandbox-consumer-key");
  CHECK(account.access_expires_at == store::kNeverExpires);
  CHECK(box.sandbox.live_oauth1_tokens() == 1);
  CHECK(box.requests("GET /2/users/me 200") == 1);
}

TEST_CASE("signed pairing: without text-back the account is linked at once") {
  WebBoxOptions options = signed_options();
  options.text_back = false;
  WebBox box(options);
  const auto page = Browser(box).pair(box, box.offer());
  CHECK(page->status == 200);
  CHECK(contains(page->body, "@ada"));
  CHECK(box.account().consumer_key == "sandbox-consumer-key");
}

TEST_CASE("signed pairing: a second fetch of the callback leads to the same code and asks X nothing") {
  WebBox box(signed_options());
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  const std::string first = browser.come_back(back)->body;
  const auto second = browser.come_back(back);
  CHECK(second->status == 200);
  CHECK(second->body == first);
  CHECK(box.requests("POST /oauth/access_token 200") == 1);
  CHECK(box.requests("POST /oauth/access_token 401") == 0);
}

TEST_CASE("signed pairing: no cookie, another's, a forged token or one of another link get nowhere") {
  WebBox box(signed_options());
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  const std::string token = parameter(back, "oauth_token");
  const std::string verifier = parameter(back, "oauth_verifier");
  const std::string right = browser.cookie;
  Browser other(box);
  const std::string others = box.sandbox.consent(other.press(box.offer(15min, "+4915100000000")));
  const std::string others_query = others.substr(others.find('?') + 1);

  const std::string mine = "oauth_token=" + token + "&oauth_verifier=" + verifier;
  check_turned_away(box, {
                             {"no cookie", "", mine},
                             {"another browser's cookie", other.cookie, mine},
                             {"an answer to another's link", right, others_query},
                             {"a forged token", right, "oauth_token=abc&oauth_verifier=" + verifier},
                             {"no token", right, "oauth_verifier=" + verifier},
                             {"the words of OAuth 2.0", right, "state=" + token + "&code=" + verifier},
                             {"a no without a cookie", "", "denied=" + token},
                             {"a no to another's link", right, "denied=" + parameter(others, "oauth_token")},
                             {"a giant token", right,
                              "oauth_token=" + std::string(3000, 'a') + "&oauth_verifier=" + verifier},
                         });
  CHECK(box.requests("POST /oauth/access_token 200") == 0);
  CHECK(browser.come_back(back)->status == 200);  // and the right one still can
}

TEST_CASE("signed pairing: pressing again starts anew and makes the first attempt worthless") {
  WebBox box(signed_options());
  const std::string code = box.offer();
  Browser browser(box);
  const std::string first = box.sandbox.consent(browser.press(code));
  Browser old(box);
  old.cookie = browser.cookie;
  const std::string second = box.sandbox.consent(browser.press(code));
  CHECK(old.come_back(first)->status == 400);
  CHECK(browser.come_back(second)->status == 200);
}

TEST_CASE("signed pairing: no at X, and a callback without a verifier") {
  {
    WebBox box(signed_options());
    const auto page = Browser(box).pair(box, box.offer(), false);
    check_failed(box, page, 200, "Nothing was linked", store::PairingFailure::cancelled);
  }
  WebBox box(signed_options());
  Browser browser(box);
  const std::string token = parameter(browser.press(box.offer()), "oauth_token");
  check_failed(box, browser.get("/oauth/callback?oauth_token=" + token), 502, "no clear answer");
}

TEST_CASE("signed pairing: each refusal of the access token has its page") {
  struct Row {
    const char* name;
    sim::InjectedAnswer answer;
    int status;
    const char* words;
  };
  const auto answer = [](int status, const std::string& body) {
    return sim::InjectedAnswer{.match = "POST /oauth/access_token", .status = status, .body = body};
  };
  std::vector<Row> rows{
      {"unavailable", answer(503, "{}"), 502, "no clear answer"},
      {"no form", answer(200, "<html>"), 502, "no clear answer"},
      {"too many requests", answer(429, "{}"), 503, "cannot be reached"},
      {"keys refused", answer(401, R"({"errors":[{"code":32}]})"), 502, "needs its owner"},
      {"an old request token", answer(401, R"({"errors":[{"code":89}]})"), 400, "did not accept"},
      {"a wrong verifier", answer(401, "Invalid oauth_verifier parameter"), 400, "did not accept"},
  };
  sim::InjectedAnswer dropped = answer(0, "");
  dropped.drop_connection = true;
  rows.push_back({"connection lost", dropped, 502, "no clear answer"});
  for (const Row& row : rows) {
    CAPTURE(row.name);
    WebBox box(signed_options());
    Browser browser(box);
    const std::string back = box.sandbox.consent(browser.press(box.offer()));
    box.sandbox.inject(row.answer);
    check_failed(box, browser.come_back(back), row.status, row.words);
  }
}

TEST_CASE("signed pairing: a token that may only read is ended at X, and explained") {
  WebBox box(signed_options());
  box.sandbox.let_app_write(false);
  Browser browser(box);
  const auto page = browser.pair(box, box.offer());
  check_failed(box, page, 403, "without the permission to post", store::PairingFailure::read_only);
  CHECK(box.requests("POST /1.1/oauth/invalidate_token.json 200") == 1);
  CHECK(contains(browser.get("/pairing")->body, "without the permission to post"));
}

TEST_CASE("signed pairing: a token that storage does not take is ended on the spot") {
  WebBox box(signed_options());
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  box.sandbox.after_request([&](const std::string& request) {
    if (request == "GET /2/users/me") box.break_storage();
  });
  const auto page = browser.come_back(back);
  CHECK(page->status == 503);
  CHECK(contains(page->body, "This box has a problem"));
  box.end_grants();
  CHECK(box.sandbox.live_oauth1_tokens() == 0);
}

TEST_CASE("signed pairing: a token that arrives after STOP is ended, and links nobody") {
  WebBox box(signed_options());
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  box.sandbox.before_request([&](const std::string& request) {
    if (request == "GET /2/users/me") box.store->pairings.forget(in_one(*box.store), phone(), utc_now());
  });
  CHECK(browser.come_back(back)->status == 400);
  CHECK_FALSE(box.has_account());
  box.end_grants();
  CHECK(box.sandbox.live_oauth1_tokens() == 0);
}

TEST_CASE("signed pairing: without a request token the button says why, and the link stays good") {
  struct Row {
    const char* name;
    sim::InjectedAnswer answer;
    int status;
    const char* words;
  };
  const auto answer = [](int status, const std::string& body) {
    return sim::InjectedAnswer{.match = "POST /oauth/request_token", .status = status, .body = body};
  };
  const std::vector<Row> rows{
      {"unavailable", answer(503, "{}"), 502, "no clear answer"},
      {"callback not confirmed", answer(200, "oauth_token=a&oauth_token_secret=b"), 502, "no clear answer"},
      {"too many requests", answer(429, "{}"), 503, "cannot be reached"},
      {"callback not approved", answer(403, R"({"errors":[{"code":415}]})"), 502, "needs its owner"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    WebBox box(signed_options());
    Browser browser(box);
    const std::string code = box.offer();
    box.sandbox.inject(row.answer);
    const auto page = browser.post("/auth/" + code, {{"Sec-Fetch-Site", "same-origin"}});
    CHECK(page->status == row.status);
    CHECK_MESSAGE(contains(page->body, row.words), page->body);
    CHECK_FALSE(page->has_header("Set-Cookie"));
    CHECK_FALSE(box.failure());
    CHECK(browser.pair(box, code)->status == 200);
  }
}

TEST_CASE("signed pairing: a box with the wrong consumer secret says that its owner must act") {
  WebBoxOptions options = signed_options();
  options.consumer_secret = "wrong";
  WebBox box(options);
  Browser browser(box);
  const auto page = browser.post("/auth/" + box.offer(), {{"Sec-Fetch-Site", "same-origin"}});
  CHECK(page->status == 502);
  CHECK(contains(page->body, "its owner has to repair them"));
}

TEST_CASE("signed pairing: the button pressed twice at once asks X once, and either way leads on") {
  WebBox box(signed_options());
  const std::string code = box.offer();
  box.sandbox.inject({.match = "POST /oauth/request_token", .status = 0, .delay = 500ms});
  std::atomic<bool> asked = false;
  box.sandbox.before_request([&](const std::string& request) {
    if (request == "POST /oauth/request_token") asked = true;
  });
  Browser first(box);
  std::string authorize;
  std::thread press([&] { authorize = first.press(code); });
  while (!asked) std::this_thread::yield();
  Browser second(box);
  const auto page = second.post("/auth/" + code, {{"Sec-Fetch-Site", "same-origin"}});
  press.join();
  CHECK(page->status == 503);
  CHECK(page->get_header_value("Retry-After") == "5");
  CHECK(box.requests("POST /oauth/request_token 200") == 1);
  CHECK(first.come_back(box.sandbox.consent(authorize))->status == 200);
}

TEST_CASE("signed pairing: what X gave lies sealed in the database") {
  WebBox box(signed_options());
  Browser browser(box);
  const std::string authorize = browser.press(box.offer());
  const auto pairing = box.store->pairings.find_by_state(parameter(authorize, "oauth_token"),
                                                         browser.cookie.substr(14), utc_now());
  REQUIRE(pairing);
  const auto secret = box.store->pairings.take_verifier(in_one(*box.store), pairing->id);
  REQUIRE(secret);
  const std::string token = parameter(authorize, "oauth_token");
  for (const char* file : {"pigeon.db", "pigeon.db-wal"}) {
    const auto octets = read_file(box.directory.path(file));
    REQUIRE(octets);
    CHECK_FALSE(contains(*octets, *secret));
    CHECK_FALSE(contains(*octets, token));
  }
}
