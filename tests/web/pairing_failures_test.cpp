// Every way in which X, the person or the box itself can end a pairing without a link: its page, what the
// relay will say, and that no grant lives on.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/store/sync_watch.h"
#include "tests/web/web_box.h"

using namespace pigeon;
using namespace std::chrono_literals;
using pigeon::testing::Browser;
using pigeon::testing::check_failed;
using pigeon::testing::contains;
using pigeon::testing::parameter;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;

TEST_CASE("pairing: no at X") {
  WebBox box;
  const auto page = Browser(box).pair(box, box.offer(), false);
  check_failed(box, page, 200, "Nothing was linked", store::PairingFailure::cancelled);
}

TEST_CASE("pairing: X's code came too late") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  box.sandbox.advance(31s);
  check_failed(box, browser.come_back(back), 400, "It may have taken too long");
}

TEST_CASE("pairing: X's other errors and answers without a code") {
  for (const char* query : {"&error=server_error", "&error=%3Cscript%3E", "&code=", ""}) {
    CAPTURE(query);
    WebBox box;
    Browser browser(box);
    const std::string state = parameter(browser.press(box.offer()), "state");
    const auto page = browser.get("/oauth/callback?state=" + state + query);
    check_failed(box, page, 502, "no clear answer");
    CHECK_FALSE(contains(page->body, "<script"));
  }
}

TEST_CASE("pairing: an answer from another issuer is not exchanged; X's own origins are accepted") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  const auto page = browser.follow(back + "&iss=https%3A%2F%2Fevil.example");
  check_failed(box, page, 502, "no clear answer");
  CHECK(box.requests("POST /2/oauth2/token 200") == 0);

  const std::string again = box.sandbox.consent(browser.press(box.offer()));
  CHECK(browser.come_back(again + "&iss=" + percent_encode(box.sandbox.url()))->status == 200);
}

TEST_CASE("pairing: every refusal of the token endpoint has its page") {
  struct Row {
    const char* name;
    sim::InjectedAnswer answer;
    int status;
    const char* words;
  };
  const auto answer = [](int status, const std::string& body) {
    return sim::InjectedAnswer{.match = "POST /2/oauth2/token", .times = 1, .status = status, .body = body};
  };
  std::vector<Row> rows{
      {"unavailable", answer(503, "{}"), 502, "no clear answer"},
      {"not JSON", answer(200, "<html>"), 502, "no clear answer"},
      {"no refresh token", answer(200, R"({"token_type":"bearer","access_token":"a","expires_in":7200})"),
       502, "no clear answer"},
      {"too many requests", answer(429, "{}"), 503, "cannot be reached"},
      {"client refused", answer(401, R"({"error":"unauthorized_client"})"), 502, "needs its owner"},
      {"code refused", answer(400, R"({"error":"invalid_grant"})"), 400, "did not accept"},
  };
  sim::InjectedAnswer dropped = answer(0, "");
  dropped.drop_connection = true;
  rows.push_back({"connection lost", dropped, 502, "no clear answer"});
  for (const Row& row : rows) {
    CAPTURE(row.name);
    WebBox box;
    Browser browser(box);
    const std::string back = box.sandbox.consent(browser.press(box.offer()));
    box.sandbox.inject(row.answer);
    check_failed(box, browser.come_back(back), row.status, row.words);
  }
}

TEST_CASE("pairing: a box with the wrong secret says that its owner must act") {
  WebBoxOptions options;
  options.client_secret = "wrong";
  WebBox box(options);
  check_failed(box, Browser(box).pair(box, box.offer()), 502, "its owner has to repair them");
}

TEST_CASE("pairing: X out of reach") {
  WebBoxOptions options;
  options.x_is_gone = true;
  WebBox box(options);
  check_failed(box, Browser(box).pair(box, box.offer()), 503, "X cannot be reached");
}

TEST_CASE("pairing: a grant without the right to post or to stay is given back") {
  const std::vector<std::vector<std::string>> grants{{"tweet.read", "users.read", "offline.access"},
                                                     {"tweet.write", "users.read", "offline.accessx"}};
  for (const auto& scopes : grants) {
    WebBox box;
    Browser browser(box);
    const std::string back = box.sandbox.consent(browser.press(box.offer()));
    std::string granted;
    for (const std::string& scope : scopes) granted += (granted.empty() ? "" : " ") + scope;
    box.sandbox.inject(
        {.match = "POST /2/oauth2/token",
         .times = 1,
         .status = 200,
         .body = R"({"token_type":"bearer","expires_in":7200,"access_token":"a","refresh_token":"r",)"
                 R"("scope":")" +
                 granted + "\"}"});
    check_failed(box, browser.come_back(back), 403, "without the permission to post");
    box.end_grants();
    CHECK(box.requests("POST /2/oauth2/revoke 200") == 2);
    CHECK(box.requests("GET /2/users/me 200") == 0);
  }
}

TEST_CASE("pairing: tokens that cannot be used are revoked") {
  struct Row {
    const char* name;
    int status;
    const char* body;
    int page_status;
    const char* words;
  };
  const std::vector<Row> rows{
      {"unavailable", 503, R"({"title":"Service Unavailable","status":503})", 502, "no clear answer"},
      {"suspended", 403,
       R"({"title":"Forbidden","type":"https://api.x.com/2/problems/user-suspended","status":403,)"
       R"("detail":"The user used for authentication is suspended"})",
       403, "suspended or locked"},
      {"not enrolled", 403,
       R"({"title":"Client Forbidden","type":"https://api.x.com/2/problems/client-forbidden","status":403,)"
       R"("reason":"client-not-enrolled"})",
       502, "needs its owner"},
      {"too many requests", 429, "{}", 503, "cannot be reached"},
      {"no user in it", 200, R"({"data":{}})", 502, "no clear answer"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    WebBox box;
    Browser browser(box);
    const std::string back = box.sandbox.consent(browser.press(box.offer()));
    box.sandbox.inject({.match = "GET /2/users/me", .times = 1, .status = row.status, .body = row.body});
    check_failed(box, browser.come_back(back), row.page_status, row.words);
    box.end_grants();
    CHECK(box.requests("POST /2/oauth2/revoke 200") == 2);
  }
}

TEST_CASE("pairing: tokens that are committed stay, although the disk has refused a sync") {
  std::atomic<int> refuse_at{0};
  store::SyncWatch syncs;
  syncs.before_sync([&refuse_at](store::SyncWatch::File file) {
    const bool counts = file == store::SyncWatch::File::log && refuse_at > 0;
    return counts && --refuse_at == 0 ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  });
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  refuse_at = 2;  // the verifier is taken, then the tokens are kept
  const auto page = browser.come_back(back);
  CHECK(refuse_at == 0);
  CHECK(page->status == 200);
  CHECK(contains(page->body, "Give this code to nobody"));
  box.end_grants();
  CHECK(box.living_grants() == 1);
}

TEST_CASE("pairing: tokens that the store cannot keep are revoked") {
  WebBox box;
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  box.sandbox.after_request([&](const std::string& request) {
    if (request == "GET /2/users/me") box.break_storage();
  });
  const auto page = browser.come_back(back);
  CHECK(page->status == 503);
  CHECK(contains(page->body, "This box has a problem"));
  box.end_grants();
  CHECK(box.requests("POST /2/oauth2/revoke 200") == 2);
  box.end_grants();
  CHECK(box.living_grants() == 0);
}
