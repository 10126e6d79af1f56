// Posting; see poster.h. What each of X's errors leads to stands in outcomes.cpp.
#include "relay/poster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "relay/outcomes.h"
#include "relay/replies.h"
#include "x/weight/weighted_length.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "poster";
constexpr seconds kTellAfter{5};  // a shorter delay is not worth an SMS

// The attempt that is being judged is not in `message` yet.
int attempts_now(const store::Message& message) {
  return message.attempts + 1;
}

bool attempt_open(const store::Message& message) {
  return message.state == store::MessageState::posting;
}

std::string reply_of(Words words, const std::string& text, const std::string& reason) {
  switch (words) {
    case Words::duplicate:
      return replies::duplicate();
    case Words::suspended:
      return replies::suspended();
    case Words::too_long:  // X counts more than we do: say "over" even where our own count is not
      return replies::too_long(std::max(x::weighted_length(text), x::kMaxWeightedLength + 1),
                               x::kMaxWeightedLength);
    case Words::unclear:
      return replies::unclear();
    case Words::reason:
    case Words::none:
      break;
  }
  return replies::refused(reason);
}

}  // namespace

Poster::Poster(store::Store& store, pairing::Tokens& tokens, x::XClient& x)
    : store_(store), tokens_(tokens), x_(x) {}

Poster::End Poster::post(const store::Message& message, const PhoneNumber& phone, const std::string& text) {
  if (text.empty()) {
    refuse(message, replies::nothing_to_post(), "empty");
    return End::settled;
  }
  if (const std::size_t length = x::weighted_length(text); length > x::kMaxWeightedLength) {
    refuse(message, replies::too_long(length, x::kMaxWeightedLength), "too long");
    return End::settled;
  }
  pairing::TokenOutcome token = tokens_.bearer(x_.http(), phone, utc_now());
  for (int round = 0;; ++round) {
    if (std::holds_alternative<pairing::LinkAgain>(token)) return End::link_again;
    if (const auto* later = std::get_if<pairing::TryLater>(&token)) {
      const bool operator_fault = later->why == pairing::TryLater::Why::client_rejected ||
                                  later->why == pairing::TryLater::Why::locked_key;
      const Wait wait = operator_fault ? Wait::for_operator : Wait::until_told;
      keep(message, due_at(wait, attempts_now(message), later->retry_at, utc_now()), attempt_open(message),
           "no token");
      return End::settled;
    }
    const pairing::Bearer& bearer = std::get<pairing::Bearer>(token);
    store_.inbox.begin_posting(message.id, bearer.x_user_id, utc_now());
    const auto result = x_.post(bearer.access_token, text);
    if (result) {
      posted(message, text, result->id);
      return End::settled;
    }
    const bool token_refused = result.error().problem == x::Problem::unauthorized;
    if (!token_refused || round > 0) return settle(message, text, result.error());
    token = tokens_.refreshed(x_.http(), phone, std::string(bearer.access_token), utc_now());
  }
}

Poster::End Poster::settle(const store::Message& message, const std::string& text, const x::XError& error) {
  const Outcome& outcome = outcome_of(happened(error, attempt_open(message)));
  if (!outcome.logged.empty()) {
    log::write(outcome.level, kTag,
               std::string(outcome.logged) + "; message " + std::to_string(message.id) + ": " + error.detail);
  }
  const std::string note = outcome.note.empty() ? error.detail : std::string(outcome.note);
  switch (outcome.verdict) {
    case Verdict::link_again:
      return End::link_again;
    case Verdict::posted:
      posted(message, text, "");
      break;
    case Verdict::refused:
      refuse(message, reply_of(outcome.words, text, error.detail), note);
      break;
    case Verdict::kept:
      keep(message, due_at(outcome.wait, attempts_now(message), error.retry_at, utc_now()),
           attempt_open(message) || outcome.maybe_sent, note);
      break;
  }
  return End::settled;
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
