// The table of outcomes; see outcomes.h.
#include "relay/outcomes.h"

#include <algorithm>
#include <utility>

namespace pigeon::relay {
namespace {

using store::Doubt;
using store::Ending;
using store::PostChange;
using store::PostState;

constexpr seconds kOperatorRetry = std::chrono::minutes(10);
constexpr seconds kLook{2};        // a new post can be missing for some seconds
constexpr seconds kLookAgain{10};  // and once more after silence

constexpr Outcome refused(Words words, std::string_view note) {
  return {.post = PostChange::ended,
          .state = PostState::refused,
          .ending = Ending::refused,
          .words = words,
          .note = note,
          .opens = Opens::all};
}

constexpr Outcome told_at_once(Words words, std::string_view note) {
  return {.ending = Ending::refused, .words = words, .note = note};
}

constexpr Outcome in_doubt(Doubt doubt, std::optional<Gate> gate, Opens opens) {
  return {.post = PostChange::doubt,
          .doubt = doubt,
          .wait = Wait::look,
          .note = "in doubt",
          .opens = opens,
          .gate = gate,
          .parks = false,
          .says_saved = false};
}

constexpr Outcome posted(std::string_view note, Opens opens) {
  return {.post = PostChange::ended,
          .state = PostState::posted,
          .ending = Ending::posted,
          .note = note,
          .opens = opens};
}

using Row = std::pair<Happened, Outcome>;

// One row each, in words that a reader can check against docs/design.md.
constexpr std::array kRows = {
    Row{Happened::empty, told_at_once(Words::nothing_to_post, "empty")},
    Row{Happened::over_long, told_at_once(Words::too_long, "too long")},

    Row{Happened::gone,
        {.post = PostChange::ended,
         .state = PostState::refused,
         .ending = Ending::ignored,
         .note = "stopped"}},
    Row{Happened::link_ended,
        {.post = PostChange::ended,
         .state = PostState::refused,
         .ending = Ending::answered,
         .words = Words::link_again,
         .note = "the link has ended",
         .breaks_account = true}},
    Row{Happened::token_unreachable,
        {.wait = Wait::backoff, .note = "no token", .gate = Gate::token_endpoint, .shut = Shut::at_once}},
    Row{Happened::token_unavailable,
        {.wait = Wait::backoff, .note = "no token", .gate = Gate::token_endpoint}},
    Row{Happened::client_rejected,
        {.wait = Wait::for_operator,
         .note = "X refuses this box's keys",
         .gate = Gate::keys,
         .shut = Shut::at_once,
         .level = log::Level::error,
         .logged = "X refuses this box's keys, check [x] in the configuration"}},
    Row{Happened::perhaps_ended,
        {.post = PostChange::planned, .wait = Wait::until_told, .note = "X refuses the token for now"}},
    Row{Happened::token_locked,
        {.wait = Wait::for_operator,
         .note = "the key does not open the tokens",
         .level = log::Level::error,
         .logged = "the key file does not open this account's tokens: restore the key that belongs to this "
                   "database"}},
    Row{Happened::not_now, {.wait = Wait::look, .note = "not now"}},

    Row{Happened::posted, posted("", Opens::all)},
    Row{Happened::found, posted("found among the latest posts", Opens::api)},
    Row{Happened::duplicate, refused(Words::duplicate, "duplicate")},
    Row{Happened::suspended, refused(Words::suspended, "suspended")},
    Row{Happened::too_long, refused(Words::too_long, "too long for X")},
    Row{Happened::refused,
        {.post = PostChange::ended,
         .state = PostState::refused,
         .ending = Ending::refused,
         .words = Words::reason,
         .opens = Opens::all,
         .level = log::Level::warning,
         .logged = "X refuses a text"}},
    Row{Happened::user_limited, {.post = PostChange::planned, .wait = Wait::until_told, .opens = Opens::all}},

    Row{Happened::app_refused,
        {.post = PostChange::planned,
         .wait = Wait::for_operator,
         .gate = Gate::keys,
         .shut = Shut::at_once,
         .level = log::Level::error,
         .logged = "X refuses this box's app, check its permissions and project in X's developer portal"}},
    Row{Happened::unpaid,
        {.post = PostChange::planned,
         .wait = Wait::for_operator,
         .gate = Gate::credits,
         .shut = Shut::at_once,
         .level = log::Level::error,
         .logged = "X wants to be paid: the app's credits are used up"}},
    Row{Happened::app_limited,
        {.post = PostChange::planned,
         .wait = Wait::until_told,
         .gate = Gate::app_limit,
         .shut = Shut::at_once}},

    Row{Happened::not_reached,
        {.post = PostChange::planned, .wait = Wait::backoff, .gate = Gate::api, .shut = Shut::at_once}},
    Row{Happened::turned_away, {.post = PostChange::planned, .wait = Wait::backoff, .gate = Gate::api}},
    Row{Happened::not_let_in,
        {.post = PostChange::planned,
         .wait = Wait::backoff,
         .note = "X refuses a token that it has just given",
         .gate = Gate::api,
         .level = log::Level::warning,
         .logged = "X refuses a token that it has just given; nobody is unlinked"}},

    Row{Happened::interrupted,
        {.post = PostChange::doubt,
         .doubt = Doubt::silence,
         .wait = Wait::at_once,
         .note = "interrupted",
         .parks = false,
         .says_saved = false}},
    Row{Happened::doubt_answered, in_doubt(Doubt::answered, Gate::api, Opens::nothing)},
    Row{Happened::doubt_silent, in_doubt(Doubt::silence, Gate::api, Opens::nothing)},
    Row{Happened::doubt_duplicate, in_doubt(Doubt::duplicate, std::nullopt, Opens::all)},
    Row{Happened::not_shown,
        {.post = PostChange::looked,
         .wait = Wait::look_again,
         .note = "not shown yet",
         .opens = Opens::api,
         .says_saved = false}},
    Row{Happened::not_out,
        {.post = PostChange::planned, .wait = Wait::at_once, .note = "not out", .opens = Opens::api}},
    Row{Happened::not_answered,
        {.wait = Wait::look_again, .gate = Gate::api, .parks = false, .says_saved = false}},
    Row{Happened::never_known,
        {.post = PostChange::ended,
         .state = PostState::unclear,
         .ending = Ending::unclear,
         .words = Words::unclear,
         .note = "outcome unknown",
         .level = log::Level::warning,
         .logged = "X did not say whether a text is out"}},
    Row{Happened::stopped_unasked,
        {.post = PostChange::ended,
         .state = PostState::unclear,
         .ending = Ending::ignored,
         .note = "stopped, outcome unknown"}},
    Row{Happened::unasked,
        {.post = PostChange::ended,
         .state = PostState::unclear,
         .ending = Ending::unclear,
         .words = Words::unclear,
         .note = "outcome unknown, and the link has ended",
         .breaks_account = true}},
};

constexpr bool complete() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].first) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(Happened::unasked) + 1;
}
static_assert(complete(), "a row for each of Happened, in its order");

// How long to wait after `attempts` tries that came to nothing.
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
      return Happened::not_let_in;
    case x::Problem::missing_scope:
      return Happened::link_ended;
    case x::Problem::duplicate:
      return attempt_open ? Happened::doubt_duplicate : Happened::duplicate;
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
      return error.limit == x::Limit::app_day || error.limit == x::Limit::app_cap ? Happened::app_limited
                                                                                  : Happened::user_limited;
    case x::Problem::unreachable:
      return Happened::not_reached;
    case x::Problem::unavailable:
      if (error.doubt == x::Doubt::none) return Happened::turned_away;
      return error.doubt == x::Doubt::silent ? Happened::doubt_silent : Happened::doubt_answered;
  }
  return Happened::not_reached;
}

const Outcome& outcome_of(Happened happened) {
  return kRows.at(static_cast<std::size_t>(happened)).second;
}

UtcTime due_at(Wait wait, int attempts, std::optional<UtcTime> told, UtcTime now) {
  const UtcTime later = now + backoff(attempts);
  switch (wait) {
    case Wait::none:
    case Wait::at_once:
      return now;
    case Wait::look:
      return now + kLook;
    case Wait::look_again:
      return now + kLookAgain;
    case Wait::backoff:
      return later;
    case Wait::until_told:
      return std::max<UtcTime>(told.value_or(later), now + seconds(1));
    case Wait::for_operator:
      return now + kOperatorRetry;
  }
  return later;
}

}  // namespace pigeon::relay
