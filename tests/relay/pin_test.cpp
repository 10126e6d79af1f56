// Linking by PIN, from the first text to the end of the link, against the sandbox of X.
#include <doctest/doctest.h>

#include "tests/relay/relay_desk.h"

using namespace pigeon;
using namespace pigeon::test;

namespace {

constexpr const char* kPhone = "+12025550123";
constexpr const char* kOther = "+12025550199";

struct PinDeskBox : RelayDesk {
  PinDeskBox() {
    pairing.by_pin = true;
    pairing.consumer = x::oauth1_client("sandbox-consumer-key", "sandbox-consumer-secret", sandbox.url());
  }
  // X's link in the latest SMS; empty when there is none.
  std::string link_told() {
    const auto texts = told();
    const std::size_t at = texts.empty() ? std::string::npos : texts.back().find(sandbox.url());
    return at == std::string::npos ? "" : texts.back().substr(at);
  }
  void say(const std::string& phone, const std::string& words) {
    static_cast<void>(text(phone, words));
    work_off();
  }
  std::string last() {
    const auto texts = told();
    return texts.empty() ? "" : texts.back();
  }
  // From the first text to a linked account.
  void link_by_pin() {
    say(kPhone, "hello");
    say(kPhone, sandbox.consent_pin(link_told()));
  }
  std::optional<store::Account> account() { return store->accounts.find(*PhoneNumber::parse(kPhone)); }
  std::size_t asked(const std::string& beginning) { return requests(beginning); }
};

std::string other_than(const std::string& pin) {
  return pin.substr(0, pin.size() - 1) + (pin.back() == '0' ? "1" : "0");
}

}  // namespace

TEST_CASE("pin: a link, a PIN, and then what is texted is posted and can be ended") {
  PinDeskBox box;
  box.say(kPhone, "hello");
  CHECK(box.last().starts_with("Say yes at X within 15 min and text its PIN to this number"));
  const std::string pin = box.sandbox.consent_pin(box.link_told());
  REQUIRE(pin.size() == 7);
  const std::int64_t text = box.text(kPhone, "PIN " + pin);
  box.work_off();
  CHECK(box.store->inbox.find(text)->text.empty());
  CHECK(box.last() == "Linked to @ada. What you text now is posted. STOP ends it, HELP helps.");
  REQUIRE(box.account());
  CHECK(box.account()->consumer_key == "sandbox-consumer-key");
  box.say(kPhone, "first words");
  REQUIRE(box.sandbox.posts().size() == 1);
  CHECK(box.sandbox.posts()[0].text == "first words");
  CHECK(box.sandbox.posts()[0].username == "ada");
  CHECK(box.last() == "Posted: first words");
  CHECK(box.sandbox.live_oauth1_tokens() == 1);
  box.say(kPhone, "STOP");
  CHECK(box.sandbox.live_oauth1_tokens() == 0);
  CHECK(box.store->revocations.count() == 0);
}

TEST_CASE("pin: three wrong PINs end it, the third tells so, and none is posted") {
  PinDeskBox box;
  box.say(kPhone, "hello");
  const std::string pin = box.sandbox.consent_pin(box.link_told());
  for (int i = 0; i < 2; ++i) {
    box.say(kPhone, other_than(pin));
    CHECK(box.last() ==
          "X says that is not the PIN. Text the digits that X's page shows, or START for a new link.");
  }
  box.say(kPhone, other_than(pin) + ".");
  CHECK(box.last() == "Not linked: too many wrong codes. Text START for a new link.");
  box.say(kPhone, pin);
  CHECK_FALSE(box.account());
  CHECK(box.asked("POST /oauth/access_token") == 3);
  CHECK(box.sandbox.posts().empty());
}

TEST_CASE("pin: a right one after a wrong one links") {
  PinDeskBox box;
  box.say(kPhone, "hello");
  const std::string pin = box.sandbox.consent_pin(box.link_told());
  box.say(kPhone, other_than(pin));
  box.say(kPhone, pin);
  CHECK(box.account());
}

TEST_CASE("pin: whoever agreed to somebody else's link gives nothing away") {
  PinDeskBox box;
  box.say(kPhone, "hello");
  const std::string pin = box.sandbox.consent_pin(box.link_told());
  box.say(kOther, pin);
  CHECK_FALSE(box.store->accounts.user_exists(*PhoneNumber::parse(kOther)));
  CHECK_FALSE(box.account());
  CHECK(box.sandbox.posts().empty());
}

TEST_CASE("pin: START replaces the link, other words say that it waits, once") {
  PinDeskBox box;
  box.say(kPhone, "hello");
  const std::string first = box.link_told();
  box.say(kPhone, "are you there?");
  CHECK(box.last() == "Not posted: your link is waiting. For a new one text START.");
  const std::size_t texts = box.told().size();
  box.say(kPhone, "and now?");
  CHECK(box.told().size() == texts);
  box.say(kPhone, "START");
  CHECK_FALSE(box.link_told().empty());
  CHECK(box.link_told() != first);
  box.say(kPhone, box.sandbox.consent_pin(first));  // of the old one
  CHECK_FALSE(box.account());
  box.say(kPhone, box.sandbox.consent_pin(box.link_told()));
  CHECK(box.account());
}

TEST_CASE("pin: a stranger's START costs X no request when he may not be answered") {
  PinDeskBox box;
  for (int i = 0; i < 8; ++i) box.say(kPhone, "START");
  CHECK(box.asked("POST /oauth/request_token") == 2);  // same_words_per_hour
}

TEST_CASE("pin: what X gave to link with is gone when its time is up") {
  PinDeskBox box;
  box.say(kPhone, "hello");
  const auto live = box.store->pairings.live(*PhoneNumber::parse(kPhone), box.store->time.now());
  REQUIRE(live);
  {
    auto transaction = box.store->begin();
    box.store->pairings.link_sent(transaction, live->id, box.store->time.now());
    transaction.commit();
  }
  CHECK(box.store->pairings.request_token(live->id)->has_value());
  const std::string pin = box.sandbox.consent_pin(box.link_told());
  box.work_for(std::chrono::minutes(16));
  CHECK_FALSE(box.store->pairings.request_token(live->id)->has_value());
  box.say(kPhone, pin);
  CHECK_FALSE(box.account());
  CHECK(box.last() ==
        "That looks like a code, so it is not posted. For a link text START. With \\\\ in front it is "
        "posted.");
}

TEST_CASE("pin: X out of reach is waited for, with the link and with the PIN") {
  PinDeskBox box;
  box.sandbox.inject({.match = "POST /oauth/request_token", .times = 3, .status = 503});
  box.say(kPhone, "hello");
  box.work_for(std::chrono::minutes(5));
  REQUIRE(box.told().size() == 2);
  CHECK(box.told()[0] == "X is not reachable. Your link comes when it is.");
  const std::string pin = box.sandbox.consent_pin(box.link_told());
  box.sandbox.inject({.match = "POST /oauth/access_token", .times = 2, .status = 503});
  box.say(kPhone, pin);
  box.work_for(std::chrono::minutes(5));
  CHECK(box.account());
}

TEST_CASE("pin: a token that may only read is explained, and ended at X") {
  PinDeskBox box;
  box.sandbox.let_app_write(false);
  box.link_by_pin();
  CHECK_FALSE(box.account());
  CHECK(box.last().starts_with("Not linked: X lets us only read for you."));
  CHECK(box.sandbox.live_oauth1_tokens() == 0);
}

TEST_CASE("pin: code 89 ends a link when it stands for ten minutes, nothing else does") {
  PinDeskBox box;
  box.link_by_pin();
  box.say(kPhone, "one");
  SUBCASE("32, 135 and 215 never") {
    box.sandbox.change_consumer("sandbox-consumer-key", "another secret");
    box.say(kPhone, "two");
    box.work_for(std::chrono::minutes(45));
    CHECK(box.account()->state == store::AccountState::linked);
    box.sandbox.change_consumer("sandbox-consumer-key", "sandbox-consumer-secret");
    box.work_for(std::chrono::minutes(15));
    CHECK(box.sandbox.posts().size() == 2);
  }
  SUBCASE("once, it is tried again") {
    box.sandbox.inject({.match = "POST /2/tweets",
                        .status = 401,
                        .body = R"({"errors":[{"code":89,"message":"Invalid or expired token."}]})"});
    box.say(kPhone, "two");
    CHECK(box.account()->refused_at);
    box.work_for(std::chrono::minutes(11));
    CHECK(box.account()->state == store::AccountState::linked);
    CHECK_FALSE(box.account()->refused_at);
    CHECK(box.sandbox.posts().size() == 2);
  }
  SUBCASE("a bare 401 never") {
    box.sandbox.inject(
        {.match = "POST /2/tweets", .times = 4, .status = 401, .body = R"({"title":"Unauthorized"})"});
    box.say(kPhone, "two");
    box.work_for(std::chrono::minutes(45));
    CHECK(box.account()->state == store::AccountState::linked);
    CHECK(box.sandbox.posts().size() == 2);
  }
  SUBCASE("twice, the person is told") {
    box.sandbox.end_oauth1_tokens();
    box.say(kPhone, "two");
    box.work_for(std::chrono::minutes(9));
    CHECK(box.account()->state == store::AccountState::linked);
    box.work_for(std::chrono::minutes(3));
    CHECK(box.account()->state == store::AccountState::broken);
    CHECK(box.last() == "Not posted: X ended the link to your account. Text START for a new link.");
    box.say(kPhone, "START");
    box.say(kPhone, box.sandbox.consent_pin(box.link_told()));
    CHECK(box.account()->state == store::AccountState::linked);
  }
}

TEST_CASE("pin: another consumer key means linking again") {
  PinDeskBox box;
  box.link_by_pin();
  box.sandbox.change_consumer("new-key", "new-secret");
  box.pairing.consumer = x::oauth1_client("new-key", "new-secret", box.sandbox.url());
  box.say(kPhone, "hello?");
  CHECK(box.last() == "Not posted: X ended the link to your account. Text START for a new link.");
  box.say(kPhone, "START");
  box.say(kPhone, box.sandbox.consent_pin(box.link_told()));
  CHECK(box.account()->consumer_key == "new-key");
  box.say(kPhone, "hello again");
  CHECK(box.sandbox.posts().size() == 1);
}
