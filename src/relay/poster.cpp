// Posting; see poster.h. The table of X's errors and their meaning is in docs/design.md.
#include "relay/poster.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "relay/replies.h"
#include "x/weight/weighted_length.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "poster";
constexpr seconds kOperatorRetry = std::chrono::minutes(10);  // what only the operator can mend
constexpr seconds kTellAfter{5};                              // a shorter delay is not worth an SMS

// How long to wait after `attempts` POSTs that X could not take.
seconds backoff(int attempts) {
  constexpr std::array<seconds, 7> kSteps = {seconds(2),   seconds(10),  seconds(30), seconds(60),
                                             seconds(180), seconds(420), seconds(900)};
  const auto step = static_cast<std::size_t>(std::max(attempts - 1, 0));
  return kSteps[std::min(step, kSteps.size() - 1)];
}

// The attempt that is being judged is not in `message` yet.
int attempts_now(const store::Message& message) {
  return message.attempts + 1;
}

bool unresolved(const store::Message& message) {
  return message.state == store::MessageState::posting;
}

}  // namespace

Poster::Poster(store::Store& store, pairing::Tokens& tokens, x::XClient& x)
    : store_(store), tokens_(tokens), x_(x) {}

Poster::Outcome Poster::post(const store::Message& message, const PhoneNumber& phone,
                             const std::string& text) {
  if (text.empty()) {
    refuse(message, replies::nothing_to_post(), "empty");
    return Outcome::done;
  }
  if (const std::size_t length = x::weighted_length(text); length > x::kMaxWeightedLength) {
    refuse(message, replies::too_long(length, x::kMaxWeightedLength), "too long");
    return Outcome::done;
  }
  pairing::TokenOutcome token = tokens_.bearer(phone, utc_now());
  for (int round = 0;; ++round) {
    if (std::holds_alternative<pairing::LinkAgain>(token)) return Outcome::link_again;
    if (const auto* later = std::get_if<pairing::TryLater>(&token)) {
      const seconds delay = later->operator_fault ? kOperatorRetry : backoff(attempts_now(message));
      keep(message, utc_now() + delay, unresolved(message), "no token");
      return Outcome::done;
    }
    const pairing::Bearer& bearer = std::get<pairing::Bearer>(token);
    store_.inbox.begin_posting(message.id, bearer.x_user_id, utc_now());
    const auto result = x_.post(bearer.access_token, text);
    if (result) {
      posted(message, text, result->id);
      return Outcome::done;
    }
    const bool token_refused = result.error().problem == x::Problem::unauthorized;
    if (!token_refused || round > 0) return settle(message, text, result.error());
    token = tokens_.refreshed(phone, std::string(bearer.access_token), utc_now());
  }
}

Poster::Outcome Poster::settle(const store::Message& message, const std::string& text,
                               const x::XError& error) {
  const UtcTime now = utc_now();
  const UtcTime later = now + backoff(attempts_now(message));
  const std::string about = "message " + std::to_string(message.id) + ": " + error.detail;
  switch (error.problem) {
    case x::Problem::unauthorized:
    case x::Problem::missing_scope:
      return Outcome::link_again;
    case x::Problem::duplicate:
      // There is no idempotency key: after a lost answer this says that the first attempt worked.
      if (unresolved(message))
        posted(message, text, "");
      else
        refuse(message, replies::duplicate(), "duplicate");
      break;
    case x::Problem::suspended:
      refuse(message, replies::suspended(), "suspended");
      break;
    case x::Problem::too_long:
      refuse(message,
             replies::too_long(std::max(x::weighted_length(text), x::kMaxWeightedLength + 1),
                               x::kMaxWeightedLength),
             "too long for X");
      break;
    case x::Problem::forbidden:
    case x::Problem::rejected:
    case x::Problem::not_found:
      log::warning(kTag, about);
      refuse(message, replies::refused(error.detail), error.detail);
      break;
    case x::Problem::app_misconfigured:
      log::error(
          kTag,
          "X refuses this box's app, check its permissions and project in X's developer portal; " + about);
      keep(message, now + kOperatorRetry, unresolved(message), error.detail);
      break;
    case x::Problem::credits_depleted:
      log::error(kTag, "X wants to be paid: the app's credits are used up; " + about);
      keep(message, now + kOperatorRetry, unresolved(message), error.detail);
      break;
    case x::Problem::rate_limited:
      keep(message, std::max(error.retry_at.value_or(later), now + seconds(1)), unresolved(message),
           error.detail);
      break;
    case x::Problem::unreachable:
      keep(message, later, unresolved(message), error.detail);
      break;
    case x::Problem::unavailable:
      // Silence twice cannot be told apart from a post any more. A 5xx can: the next try says "duplicate" if
      // it worked.
      if (error.outcome_unknown && !error.answered && unresolved(message)) {
        log::warning(kTag, "no answer from X, twice; " + about);
        refuse(message, replies::unclear(), "outcome unknown");
      } else {
        keep(message, std::max(error.retry_at.value_or(later), later),
             unresolved(message) || error.outcome_unknown, error.detail);
      }
      break;
  }
  return Outcome::done;
}

void Poster::posted(const store::Message& message, const std::string& text, const std::string& post_id) {
  const UtcTime now = utc_now();
  auto transaction = store_.begin();
  store_.inbox.posted(message.id, post_id, now);
  static_cast<void>(
      store_.outbox.add({message.phone, replies::posted(text), message.modem, message.id}, now));
  transaction.commit();
  log::info(kTag, "message " + std::to_string(message.id) + " is posted" +
                      (post_id.empty() ? " (by an earlier attempt)" : " as " + post_id));
}

void Poster::refuse(const store::Message& message, const std::string& reply, const std::string& note) {
  auto transaction = store_.begin();
  store_.inbox.finish(message.id, store::MessageState::refused, note);
  static_cast<void>(store_.outbox.add({message.phone, reply, message.modem, message.id}, utc_now()));
  transaction.commit();
}

void Poster::keep(const store::Message& message, UtcTime due_at, bool maybe_sent, const std::string& why) {
  const UtcTime now = utc_now();
  const bool tell = !message.told_saved && due_at - now >= kTellAfter;
  auto transaction = store_.begin();
  store_.inbox.postpone(message.id, due_at, maybe_sent);
  if (tell) {
    store_.inbox.told_saved(message.id);
    static_cast<void>(store_.outbox.add({message.phone, replies::saved(), message.modem, message.id}, now));
  }
  transaction.commit();
  log::warning(kTag, "message " + std::to_string(message.id) + " is kept for later: " + why);
}

}  // namespace pigeon::relay
