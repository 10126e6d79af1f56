// What becomes of a text and its post for each thing that can happen on the way: one table, pure, so that one
// test can walk it. Those who work (conversation, poster) say what happened and commit the row; they decide
// nothing.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "relay/gates.h"
#include "store/settlement.h"
#include "x/x_client.h"

namespace pigeon::relay {

enum class Happened {
  // A text is decided.
  empty,      // nothing to post
  over_long,  // more than a post holds
  // There is no token to post with.
  gone,               // no account any more: the person has stopped meanwhile
  link_ended,         // X refuses the grant for good, or it does not cover posting
  token_unreachable,  // nobody answers at X's token endpoint
  token_unavailable,  // it answers with an error of its own, or not at all once it was asked
  client_rejected,    // it refuses this box's client
  perhaps_ended,      // X says so of a token of OAuth 1.0a, which once is no proof
  token_locked,       // our own key does not open the tokens
  not_now,            // storage fails, or the program stops
  // X answered about the text.
  posted,
  found,      // it is among the person's latest posts
  duplicate,  // X has it, and not from us
  suspended,  // the account may not act
  too_long,   // X counts otherwise than we do
  refused,    // anything else that is wrong with this text
  user_limited,
  // X answered about this box's app.
  app_refused,
  unpaid,
  app_limited,
  // X did not answer.
  not_reached,  // certainly not delivered
  turned_away,  // a firewall's or proxy's page: not X's words
  not_let_in,   // a 401, also for a token that X has just given: X's trouble, and no word about the link
  // The post may be out.
  interrupted,      // the program ended between the intent and its end
  doubt_answered,   // a 5xx, or a 2xx that cannot be read
  doubt_silent,     // sent, and silence
  doubt_duplicate,  // X has this text, and an attempt of ours may have brought it
  not_shown,        // X was asked, and does not show it yet
  not_out,          // X was asked often enough: it is not out
  not_answered,     // X was asked, and did not answer
  never_known,      // nobody can tell any more
  stopped_unasked,  // the person has stopped meanwhile, and nobody's link is left to ask X with
  unasked,          // nor can X be asked: the link has ended
};

// When the job is due again.
enum class Wait {
  none,  // it is done
  at_once,
  look,          // 2 s
  look_again,    // 10 s
  backoff,       // the longer the more often it was tried
  until_told,    // as X said, else backoff; a second at least
  for_operator,  // only the operator can mend it
};

// The sentence that the person is told.
enum class Words { none, nothing_to_post, duplicate, suspended, too_long, reason, unclear, link_again };

// The gates that an answer shows to be open.
enum class Opens {
  nothing,
  api,  // X was asked what is out
  all,  // X has judged the text itself
};

struct Outcome {
  store::PostChange post = store::PostChange::none;
  store::PostState state = store::PostState::posted;  // of PostChange::ended
  store::Doubt doubt = store::Doubt::none;            // of PostChange::doubt
  std::optional<store::Ending> ending{};              // the text is closed
  Wait wait = Wait::none;
  Words words = Words::none;
  std::string_view note{};      // why, for the row; empty: X's own words
  bool breaks_account = false;  // nothing is posted before the person links again
  Opens opens = Opens::nothing;
  std::optional<Gate> gate{};  // what this shows to be down
  Shut shut = Shut::alike;
  bool parks = true;       // at a closed gate; else the job goes on by itself
  bool says_saved = true;  // a longer wait is told once
  log::Level level = log::Level::debug;
  std::string_view logged{};  // in front of X's own words; empty: nothing beyond the row is logged
};

// Sorts an error that X's API gave to a POST; `attempt_open`: an earlier attempt of ours may be out.
[[nodiscard]] Happened happened(const x::XError& error, bool attempt_open);
[[nodiscard]] const Outcome& outcome_of(Happened happened);
// When a job whose `attempts`-th try has ended is due again. `told`: the time that X named.
[[nodiscard]] UtcTime due_at(Wait wait, int attempts, std::optional<UtcTime> told, UtcTime now);

}  // namespace pigeon::relay
