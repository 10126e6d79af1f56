// Two things that happen to one pairing at the same time: what X granted must not outlive the one that lost.
#include <doctest/doctest.h>

#include "tests/web/web_box.h"

using namespace pigeon;
using pigeon::testing::Browser;
using pigeon::testing::contains;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;

TEST_CASE("pairing: tokens of a pairing that ended while X was asked are revoked") {
  for (const bool text_back : {true, false}) {
    CAPTURE(text_back);
    WebBoxOptions options;
    options.text_back = text_back;
    WebBox box(options);
    const std::string code = box.offer();
    const auto pairing = box.store->pairings.find_by_code(code, utc_now());
    REQUIRE(pairing);
    Browser browser(box);
    const std::string back = box.sandbox.consent(browser.press(code));
    box.sandbox.after_request([&](const std::string& request) {
      if (request == "GET /2/users/me")
        box.store->pairings.fail(in_one(*box.store), pairing->id, store::PairingFailure::cancelled,
                                 utc_now());
    });
    const auto page = browser.come_back(back);
    CHECK(contains(page->body, "You said no at X"));
    box.end_grants();
    CHECK(box.requests("POST /2/oauth2/revoke 200") == 2);
    CHECK(box.living_grants() == 0);
    CHECK_FALSE(box.has_account());
  }
}

TEST_CASE(
    "pairing: a grant that arrives when the link was opened again is revoked, and no other browser sees it") {
  for (const bool text_back : {true, false}) {
    CAPTURE(text_back);
    WebBoxOptions options;
    options.text_back = text_back;
    WebBox box(options);
    const std::string code = box.offer();
    Browser first(box);
    Browser second(box);
    const std::string back = box.sandbox.consent(first.press(code));
    box.sandbox.after_request([&](const std::string& request) {
      if (request == "GET /2/users/me") CHECK_FALSE(second.press(code).empty());
    });
    CHECK_FALSE(contains(first.come_back(back)->body, "@ada"));
    CHECK_FALSE(contains(second.get("/pairing")->body, "@ada"));
    box.end_grants();
    CHECK(box.living_grants() == 0);
    CHECK_FALSE(box.has_account());
  }
}

TEST_CASE("pairing: a grant that arrives after STOP is revoked, and nobody is told") {
  for (const bool text_back : {true, false}) {
    CAPTURE(text_back);
    WebBoxOptions options;
    options.text_back = text_back;
    WebBox box(options);
    Browser browser(box);
    const std::string back = box.sandbox.consent(browser.press(box.offer()));
    box.sandbox.after_request([&](const std::string& request) {
      if (request == "POST /2/oauth2/token")
        box.store->pairings.forget(in_one(*box.store), *PhoneNumber::parse(WebBox::kPhone), utc_now());
    });
    CHECK(browser.come_back(back)->status == 400);
    CHECK(box.store->jobs.count(store::JobKind::announcement) == 0);
    box.end_grants();
    CHECK(box.living_grants() == 0);
    CHECK_FALSE(box.has_account());
  }
}
