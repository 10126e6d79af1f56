// The table of outcomes; see outcomes.h.
#include "relay/outcomes.h"

#include <algorithm>
#include <array>

namespace pigeon::relay {
namespace {

constexpr seconds kOperatorRetry = std::chrono::minutes(10);

// One row each, in words a reader can check against X's errors (docs/design.md).
constexpr Outcome kLinkEnded{.verdict = Verdict::link_again};
constexpr Outcome kSentBefore{.verdict = Verdict::posted};
constexpr Outcome kDuplicate{.verdict = Verdict::refused, .words = Words::duplicate, .note = "duplicate"};
constexpr Outcome kSuspended{.verdict = Verdict::refused, .words = Words::suspended, .note = "suspended"};
constexpr Outcome kTooLong{.verdict = Verdict::refused, .words = Words::too_long, .note = "too long for X"};
constexpr Outcome kRefused{.verdict = Verdict::refused,
                           .words = Words::reason,
                           .level = log::Level::warning,
                           .logged = "X refuses a text"};
constexpr Outcome kAppRefused{
    .wait = Wait::for_operator,
    .level = log::Level::error,
    .logged = "X refuses this box's app, check its permissions and project in X's developer portal"};
constexpr Outcome kUnpaid{.wait = Wait::for_operator,
                          .level = log::Level::error,
                          .logged = "X wants to be paid: the app's credits are used up"};
constexpr Outcome kRateLimited{.wait = Wait::until_told};
constexpr Outcome kNotReached{.wait = Wait::backoff};
constexpr Outcome kNotDone{.wait = Wait::backoff_or_told};
constexpr Outcome kUnanswered{.wait = Wait::backoff_or_told, .maybe_sent = true};
constexpr Outcome kSilentTwice{.verdict = Verdict::refused,
                               .words = Words::unclear,
                               .note = "outcome unknown",
                               .level = log::Level::warning,
                               .logged = "no answer from X, twice"};

// How long to wait after `attempts` POSTs that X could not take.
seconds backoff(int attempts) {
  constexpr std::array<seconds, 7> kSteps = {seconds(2),   seconds(10),  seconds(30), seconds(60),
                                             seconds(180), seconds(420), seconds(900)};
  const auto step = static_cast<std::size_t>(std::max(attempts - 1, 0));
  return kSteps[std::min(step, kSteps.size() - 1)];
}

}  // namespace

Happened happened(const x::XError& error, bool attempt_open) {
  switch (error.problem) {
    case x::Problem::unauthorized:
    case x::Problem::missing_scope:
      return Happened::link_ended;
    case x::Problem::duplicate:
      return attempt_open ? Happened::sent_before : Happened::duplicate;
    case x::Problem::suspended:
      return Happened::suspended;
    case x::Problem::too_long:
      return Happened::too_long;
    case x::Problem::forbidden:
    case x::Problem::rejected:
    case x::Problem::not_found:
      return Happened::refused;
    case x::Problem::app_misconfigured:
      return Happened::app_refused;
    case x::Problem::credits_depleted:
      return Happened::unpaid;
    case x::Problem::rate_limited:
      return Happened::rate_limited;
    case x::Problem::unreachable:
      return Happened::not_reached;
    case x::Problem::unavailable:
      if (!error.outcome_unknown) return Happened::not_done;
      return !error.answered && attempt_open ? Happened::silent_twice : Happened::unanswered;
  }
  return Happened::not_reached;
}

const Outcome& outcome_of(Happened happened) {
  switch (happened) {
    case Happened::link_ended:
      return kLinkEnded;
    case Happened::sent_before:
      return kSentBefore;
    case Happened::duplicate:
      return kDuplicate;
    case Happened::suspended:
      return kSuspended;
    case Happened::too_long:
      return kTooLong;
    case Happened::refused:
      return kRefused;
    case Happened::app_refused:
      return kAppRefused;
    case Happened::unpaid:
      return kUnpaid;
    case Happened::rate_limited:
      return kRateLimited;
    case Happened::not_reached:
      return kNotReached;
    case Happened::not_done:
      return kNotDone;
    case Happened::unanswered:
      return kUnanswered;
    case Happened::silent_twice:
      return kSilentTwice;
  }
  return kNotReached;
}

UtcTime due_at(Wait wait, int attempts, std::optional<UtcTime> told, UtcTime now) {
  const UtcTime later = now + backoff(attempts);
  switch (wait) {
    case Wait::none:
      return now;
    case Wait::backoff:
      return later;
    case Wait::until_told:
      return std::max<UtcTime>(told.value_or(later), now + seconds(1));
    case Wait::backoff_or_told:
      return std::max(told.value_or(later), later);
    case Wait::for_operator:
      return now + kOperatorRetry;
  }
  return later;
}

}  // namespace pigeon::relay
