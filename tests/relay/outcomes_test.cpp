// The table of outcomes, walked from X's errors to what the person is told and when the text is due again.
#include "relay/outcomes.h"

#include <doctest/doctest.h>

using namespace pigeon;
using namespace pigeon::relay;
using x::Problem;

namespace {

x::XError error_of(Problem problem, bool outcome_unknown = false, bool answered = true) {
  return {.problem = problem,
          .detail = "",
          .retry_at = {},
          .outcome_unknown = outcome_unknown,
          .answered = answered};
}

}  // namespace

TEST_CASE("outcomes: every error of X has a row") {
  struct Case {
    const char* name;
    x::XError error;
    bool attempt_open;
    Verdict verdict;
    Wait wait;
    Words words;
    bool maybe_sent;
  };
  const Case cases[] = {
      {"401", error_of(Problem::unauthorized), false, Verdict::link_again, Wait::none, Words::none, false},
      {"scope", error_of(Problem::missing_scope), true, Verdict::link_again, Wait::none, Words::none, false},
      {"duplicate", error_of(Problem::duplicate), false, Verdict::refused, Wait::none, Words::duplicate,
       false},
      {"ours", error_of(Problem::duplicate), true, Verdict::posted, Wait::none, Words::none, false},
      {"suspended", error_of(Problem::suspended), false, Verdict::refused, Wait::none, Words::suspended,
       false},
      {"too long", error_of(Problem::too_long), false, Verdict::refused, Wait::none, Words::too_long, false},
      {"forbidden", error_of(Problem::forbidden), false, Verdict::refused, Wait::none, Words::reason, false},
      {"rejected", error_of(Problem::rejected), true, Verdict::refused, Wait::none, Words::reason, false},
      {"404", error_of(Problem::not_found), false, Verdict::refused, Wait::none, Words::reason, false},
      {"app", error_of(Problem::app_misconfigured), false, Verdict::kept, Wait::for_operator, Words::none,
       false},
      {"402", error_of(Problem::credits_depleted), false, Verdict::kept, Wait::for_operator, Words::none,
       false},
      {"429", error_of(Problem::rate_limited), true, Verdict::kept, Wait::until_told, Words::none, false},
      {"no network", error_of(Problem::unreachable, false, false), false, Verdict::kept, Wait::backoff,
       Words::none, false},
      {"5xx, not done", error_of(Problem::unavailable), true, Verdict::kept, Wait::backoff_or_told,
       Words::none, false},
      {"5xx, perhaps done", error_of(Problem::unavailable, true, true), true, Verdict::kept,
       Wait::backoff_or_told, Words::none, true},
      {"silence", error_of(Problem::unavailable, true, false), false, Verdict::kept, Wait::backoff_or_told,
       Words::none, true},
      {"silence again", error_of(Problem::unavailable, true, false), true, Verdict::refused, Wait::none,
       Words::unclear, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Outcome& outcome = outcome_of(happened(c.error, c.attempt_open));
    CHECK(outcome.verdict == c.verdict);
    CHECK(outcome.wait == c.wait);
    CHECK(outcome.words == c.words);
    CHECK(outcome.maybe_sent == c.maybe_sent);
  }
}

TEST_CASE("outcomes: what only the operator can mend is an error in the log, with the cure") {
  for (const Problem problem : {Problem::app_misconfigured, Problem::credits_depleted}) {
    const Outcome& outcome = outcome_of(happened(error_of(problem), false));
    CHECK(outcome.level == log::Level::error);
    CHECK_FALSE(outcome.logged.empty());
  }
}

TEST_CASE("outcomes: waits grow to a quarter of an hour, and X's own time counts") {
  const UtcTime now = utc_now();
  CHECK(due_at(Wait::backoff, 1, {}, now) == now + seconds(2));
  CHECK(due_at(Wait::backoff, 3, {}, now) == now + seconds(30));
  CHECK(due_at(Wait::backoff, 50, {}, now) == now + seconds(900));
  CHECK(due_at(Wait::backoff, 1, now + seconds(500), now) == now + seconds(2));
  CHECK(due_at(Wait::until_told, 1, now + seconds(500), now) == now + seconds(500));
  CHECK(due_at(Wait::until_told, 1, now - seconds(5), now) == now + seconds(1));
  CHECK(due_at(Wait::until_told, 1, {}, now) == now + seconds(2));
  CHECK(due_at(Wait::backoff_or_told, 4, now + seconds(5), now) == now + seconds(60));
  CHECK(due_at(Wait::backoff_or_told, 1, now + seconds(90), now) == now + seconds(90));
  CHECK(due_at(Wait::for_operator, 9, now + seconds(5), now) == now + std::chrono::minutes(10));
}
