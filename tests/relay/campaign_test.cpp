// Seeded runs with X silent, slow, lying and gone, and a wall clock that is set at any moment: whatever
// happens, no text is lost, none is posted twice, and "Posted" is said of posts that are there. PIGEON_RUNS
// sets how many runs there are.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/relay/relay_desk.h"

using namespace pigeon;
using test::RelayDesk;

namespace {

constexpr const char* kPost = "POST /2/tweets";
constexpr const char* kLook = "GET /2/users/";
constexpr const char* kToken = "POST /2/oauth2/token";

class Run {
 public:
  explicit Run(unsigned seed) : random_(seed) {
    for (const char* person : kPeople) desk_.link(person);
  }

  void play() {
    for (int step = 0; step < 8; ++step) {
      disturb();
      texts_.push_back("text " + std::to_string(step) + " of " + std::to_string(draw(1'000'000)));
      static_cast<void>(desk_.text(kPeople[draw(2)], texts_.back()));
      desk_.work_for(seconds(draw(40)));
    }
    desk_.sandbox.clear_injected();
    desk_.work_for(std::chrono::minutes(40));
  }

  void judge() {
    CHECK(desk_.store->inbox.count_open() == 0);
    const auto told = desk_.told();
    int unheard = 0;
    for (const std::string& text : texts_) {
      CAPTURE(text);
      const auto posts = desk_.sandbox.posts();
      const auto out =
          std::count_if(posts.begin(), posts.end(), [&](const auto& p) { return p.text == text; });
      const bool said = std::find(told.begin(), told.end(), "Posted: " + text) != told.end();
      const bool unsure = std::any_of(told.begin(), told.end(), [&](const std::string& sms) {
        return sms.starts_with("X did not say") && sms.ends_with(text);
      });
      CHECK(out <= 1);             // not doubled
      CHECK((!said || out == 1));  // no false "Posted"
      unheard += said || unsure ? 0 : 1;
      CHECK_FALSE((said && unsure));
    }
    // Not lost: the person knows, or knows that nobody does; what is left is what X called a duplicate.
    CHECK(unheard == std::count_if(told.begin(), told.end(), [](const std::string& sms) {
            return sms.find("exactly this already") != std::string::npos;
          }));
    for (const char* person : kPeople)
      CHECK(desk_.store->accounts.find(*PhoneNumber::parse(person))->state == store::AccountState::linked);
  }

 private:
  static constexpr const char* kPeople[] = {"+12025550121", "+12025550122"};

  unsigned draw(unsigned below) { return static_cast<unsigned>(random_() % below); }
  void fault(const char* name, const char* match, int times) {
    desk_.sandbox.inject(*sim::named_fault(name, match, times));
  }
  void disturb() {
    const int times = static_cast<int>(1 + draw(4));
    switch (draw(11)) {
      case 0:
        return fault("gateway-timeout", kPost, times);
      case 1:
        return fault("lost-answer", kPost, times);
      case 2:
        return fault("dropped", kPost, times);
      case 3:
        return fault("unavailable", kPost, times);
      case 4:
        return fault("unavailable", kLook, times);
      case 5:
        return fault("dropped", kLook, times);
      case 6:  // lying, about a text that was in doubt
        fault("dropped", kPost, 1);
        return desk_.sandbox.inject(
            {.match = kPost,
             .times = 1,
             .status = 403,
             .body = R"({"title":"Forbidden","status":403,"type":"about:blank",)"
                     R"("detail":"You are not allowed to create a Tweet with duplicate content."})"});
      case 7:
        return fault("credits-depleted", kPost, times);
      case 8:
        desk_.sandbox.expire_access_tokens();
        return fault("unavailable", kToken, times);
      case 9:
        return desk_.clock.step(draw(2) == 0 ? std::chrono::hours(24 * 40) : -std::chrono::hours(72));
      default:
        return;
    }
  }

  std::mt19937 random_;
  RelayDesk desk_;
  std::vector<std::string> texts_;
};

}  // namespace

TEST_CASE("campaign: whatever X and the clock do, nothing is lost, doubled or said wrongly") {
  const char* wanted = std::getenv("PIGEON_RUNS");
  const unsigned runs = wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 12;
  for (unsigned seed = 1; seed <= runs; ++seed) {
    CAPTURE(seed);
    Run run(seed);
    run.play();
    run.judge();
  }
}
