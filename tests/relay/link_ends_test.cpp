// What ends a link, and what does not: only X's word that the grant is dead. What waits then is kept, and
// goes out in order when the person has linked again.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/relay/relay_desk.h"

using namespace pigeon;
using store::AccountState;
using test::RelayDesk;

namespace {

const std::string kAda = "+12025550123";
const PhoneNumber kPhone = *PhoneNumber::parse(kAda);
constexpr const char* kPost = "POST /2/tweets";

struct Desk : RelayDesk {
  Desk() { link(kAda); }
  [[nodiscard]] AccountState state(const std::string& phone = kAda) {
    return store->accounts.find(*PhoneNumber::parse(phone))->state;
  }
};

}  // namespace

TEST_CASE("link ends: a 401 for a token that X has just given is X's trouble, and unlinks nobody") {
  Desk box;
  box.sandbox.inject(*sim::named_fault("unauthorized", kPost, 4));
  static_cast<void>(box.text(kAda, "hello"));
  box.work_off();
  CHECK(box.requests(kPost) == 2);  // with the token that was there, and with a fresh one
  CHECK(box.requests("POST /2/oauth2/token") == 2);
  CHECK(box.state() == AccountState::linked);
  CHECK(box.store->inbox.count_open() == 1);
  box.work_for(seconds(60));
  CHECK(box.state() == AccountState::linked);
  REQUIRE(box.sandbox.posts().size() == 1);
  CHECK(box.told().back() == "Posted: hello");
}

TEST_CASE("link ends: a 401 for the question what is out unlinks nobody, and the question is asked again") {
  Desk box;
  box.sandbox.inject(*sim::named_fault("lost-answer", kPost, 1));
  box.sandbox.inject(*sim::named_fault("unauthorized", "GET /2/users/", 2));
  static_cast<void>(box.text(kAda, "hello"));
  box.work_for(seconds(60));
  CHECK(box.state() == AccountState::linked);
  CHECK(box.sandbox.posts().size() == 1);
  CHECK(box.told() == std::vector<std::string>{"Posted: hello"});
}

TEST_CASE("link ends: that a link waits counts as said only when it was said") {
  RelayDesk box;
  const auto say = [&box](const char* words) {
    static_cast<void>(box.text(kAda, words));
    box.work_off();
  };
  say("START");
  box.store->budgets.set_limits({.unlinked_per_hour = 1});
  say("hello?");
  CHECK(box.told().size() == 1);  // held back
  box.store->budgets.set_limits({});
  say("hello again?");
  REQUIRE(box.told().size() == 2);
  CHECK(box.told().back() == "Not posted: your link is waiting. For a new one text START.");
  say("and now?");
  CHECK(box.told().size() == 2);
}
