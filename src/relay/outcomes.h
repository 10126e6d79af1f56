// What becomes of a post for each thing that can happen to it: one table, pure, so that one test can walk it.
// The poster carries a row out and decides nothing.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "x/x_client.h"

namespace pigeon::relay {

// What X made of a POST that did not answer with a post.
enum class Happened {
  link_ended,    // the token is refused for good, or its grant does not cover posting
  sent_before,   // "duplicate", and an attempt of ours is open: there is no idempotency key, so that one
                 // worked
  duplicate,     // "duplicate", and nothing of ours is open
  suspended,     // the account may not act
  too_long,      // X counts otherwise than we do
  refused,       // anything else that is wrong with this text
  app_refused,   // the operator's app lacks a permission
  unpaid,        // the operator's credits are used up
  rate_limited,  // for now
  not_reached,   // certainly not delivered
  not_done,      // a 5xx, which is an answer: the next try says "duplicate" if this one worked
  unanswered,    // sent, and silence: the next try tells
  silent_twice,  // silence again: nothing can tell any more whether it is out
};

enum class Verdict { link_again, posted, refused, kept };

// When a kept text is due again.
enum class Wait {
  none,
  backoff,          // the longer the more often it was tried
  until_told,       // as X said, else backoff; a second at least
  backoff_or_told,  // the later of both
  for_operator,     // only the operator can mend it
};

// The sentence that the person is told.
enum class Words { none, duplicate, suspended, too_long, reason, unclear };

struct Outcome {
  Verdict verdict = Verdict::kept;
  Wait wait = Wait::none;
  Words words = Words::none;
  std::string_view note{};  // why, for the row; empty: X's own words
  bool maybe_sent = false;  // this attempt may be out
  log::Level level = log::Level::debug;
  std::string_view logged{};  // in front of X's own words; empty: nothing beyond the row is logged
};

// Sorts an error; `attempt_open`: an earlier attempt of this text has no outcome yet.
[[nodiscard]] Happened happened(const x::XError& error, bool attempt_open);
[[nodiscard]] const Outcome& outcome_of(Happened happened);
// When a text that was tried `attempts` times is due again. `told`: the time that X named.
[[nodiscard]] UtcTime due_at(Wait wait, int attempts, std::optional<UtcTime> told, UtcTime now);

}  // namespace pigeon::relay
