// The table of outcomes, walked from X's errors to what the person is told and when the text is due again.
#include "relay/outcomes.h"

#include <doctest/doctest.h>

using namespace pigeon;
using namespace pigeon::relay;
using store::Doubt;
using store::Ending;
using store::PostChange;
using store::PostState;
using x::Problem;

namespace {

x::XError error_of(Problem problem, x::Doubt doubt = x::Doubt::none, x::Limit limit = x::Limit::unnamed) {
  x::XError error;
  error.problem = problem;
  error.doubt = doubt;
  error.limit = limit;
  return error;
}

constexpr int kLast = static_cast<int>(Happened::unasked);

}  // namespace

TEST_CASE("outcomes: what each error of X is") {
  struct Case {
    const char* name;
    x::XError error;
    bool attempt_open;
    Happened is;
  };
  const Case cases[] = {
      {"401", error_of(Problem::unauthorized), false, Happened::not_let_in},
      {"scope", error_of(Problem::missing_scope), true, Happened::link_ended},
      {"duplicate", error_of(Problem::duplicate), false, Happened::duplicate},
      {"perhaps ours", error_of(Problem::duplicate), true, Happened::doubt_duplicate},
      {"suspended", error_of(Problem::suspended), false, Happened::suspended},
      {"too long", error_of(Problem::too_long), false, Happened::too_long},
      {"forbidden", error_of(Problem::forbidden), false, Happened::refused},
      {"rejected", error_of(Problem::rejected), true, Happened::refused},
      {"404", error_of(Problem::not_found), false, Happened::refused},
      {"app", error_of(Problem::app_misconfigured), false, Happened::app_refused},
      {"402", error_of(Problem::credits_depleted), false, Happened::unpaid},
      {"429", error_of(Problem::rate_limited), true, Happened::user_limited},
      {"429, a day", error_of(Problem::rate_limited, x::Doubt::none, x::Limit::user_day), true,
       Happened::user_limited},
      {"429, the app's day", error_of(Problem::rate_limited, x::Doubt::none, x::Limit::app_day), true,
       Happened::app_limited},
      {"429, the app's cap", error_of(Problem::rate_limited, x::Doubt::none, x::Limit::app_cap), true,
       Happened::app_limited},
      {"no network", error_of(Problem::unreachable), false, Happened::not_reached},
      {"a firewall's page", error_of(Problem::unavailable), true, Happened::turned_away},
      {"5xx", error_of(Problem::unavailable, x::Doubt::answered), true, Happened::doubt_answered},
      {"2xx of what", error_of(Problem::unavailable, x::Doubt::unreadable), false, Happened::doubt_answered},
      {"silence", error_of(Problem::unavailable, x::Doubt::silent), false, Happened::doubt_silent},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(happened(c.error, c.attempt_open) == c.is);
  }
}

TEST_CASE("outcomes: every row holds together") {
  for (int i = 0; i <= kLast; ++i) {
    CAPTURE(i);
    const Outcome& row = outcome_of(static_cast<Happened>(i));
    const bool over = row.wait == Wait::none;
    CHECK(over ==
          row.ending.has_value());  // a job that is done leaves no text open, one that waits closes none
    if (row.post == PostChange::ended) CHECK(over);
    CHECK((row.post == PostChange::doubt) == (row.doubt != Doubt::none));
    if (row.words != Words::none) CHECK(over);
    if (row.ending == Ending::refused) CHECK(row.words != Words::none);
    if (row.ending == Ending::posted) CHECK(row.state == PostState::posted);
    if (row.breaks_account) CHECK((row.words == Words::link_again || row.words == Words::unclear));
    if (row.gate) CHECK_FALSE(over);
    if (!row.logged.empty()) CHECK(row.level <= log::Level::warning);
  }
}

TEST_CASE("outcomes: only X's word about the link ends it") {
  for (int i = 0; i <= kLast; ++i) {
    CAPTURE(i);
    const auto happened = static_cast<Happened>(i);
    const bool ends = happened == Happened::link_ended || happened == Happened::unasked;
    CHECK(outcome_of(happened).breaks_account == ends);
  }
}

TEST_CASE("outcomes: \"Posted\" is said of a post that X has shown, and of no other") {
  for (int i = 0; i <= kLast; ++i) {
    CAPTURE(i);
    const auto happened = static_cast<Happened>(i);
    const bool shown = happened == Happened::posted || happened == Happened::found;
    CHECK((outcome_of(happened).ending == Ending::posted) == shown);
  }
}

TEST_CASE("outcomes: what may be out is asked for, not parked, and not called saved") {
  for (const Happened happened : {Happened::interrupted, Happened::doubt_answered, Happened::doubt_silent,
                                  Happened::doubt_duplicate, Happened::not_shown, Happened::not_answered}) {
    const Outcome& row = outcome_of(happened);
    CAPTURE(static_cast<int>(happened));
    CHECK_FALSE(row.says_saved);
    CHECK((!row.gate || !row.parks));
    CHECK(row.post != PostChange::planned);
  }
}

TEST_CASE("outcomes: what only the operator can mend is an error in the log, with the cure") {
  for (const Happened happened :
       {Happened::app_refused, Happened::unpaid, Happened::client_rejected, Happened::token_locked}) {
    const Outcome& row = outcome_of(happened);
    CHECK(row.level == log::Level::error);
    CHECK_FALSE(row.logged.empty());
    CHECK(row.wait == Wait::for_operator);
  }
}

TEST_CASE("outcomes: waits grow to a quarter of an hour, and X's own time counts") {
  const UtcTime now = from_unix_ms(1'795'000'000'000);
  CHECK(due_at(Wait::at_once, 7, {}, now) == now);
  CHECK(due_at(Wait::look, 7, {}, now) == now + seconds(2));
  CHECK(due_at(Wait::look_again, 7, {}, now) == now + seconds(10));
  CHECK(due_at(Wait::backoff, 1, {}, now) == now + seconds(2));
  CHECK(due_at(Wait::backoff, 3, {}, now) == now + seconds(30));
  CHECK(due_at(Wait::backoff, 50, {}, now) == now + seconds(900));
  CHECK(due_at(Wait::until_told, 1, now + seconds(500), now) == now + seconds(500));
  CHECK(due_at(Wait::until_told, 1, now - seconds(5), now) == now + seconds(1));
  CHECK(due_at(Wait::until_told, 1, {}, now) == now + seconds(2));
  CHECK(due_at(Wait::for_operator, 9, now + seconds(5), now) == now + std::chrono::minutes(10));
}
