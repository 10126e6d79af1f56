// Sending replies; see sender.h.
#include "transport/sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "modem/sms/segmenter.h"

namespace pigeon::transport {
namespace {

using store::Setback;

constexpr int kMaxRefused = 14;  // for the moment, again and again: 25 hours with the pauses below
constexpr int kMaxDisputed = 3;  // as wrong, by the modem itself: some say that of anything at a bad moment

// How long to leave a reply alone that the modem or the network could not take now, for the `refused`th time.
seconds refused_pause(int refused) {
  constexpr std::array<seconds, 6> kSteps = {seconds(5),   seconds(30),   seconds(120),
                                             seconds(600), seconds(3600), seconds(3 * 3600)};
  const auto step = static_cast<std::size_t>(std::max(refused - 1, 0));
  return kSteps[std::min(step, kSteps.size() - 1)];
}

// A modem that comes back is used at once; one that goes again whenever it is to send is given some rest.
seconds unplugged_pause(int unplugged) {
  constexpr int kLongest = 6;
  return seconds(5) * std::clamp(unplugged - 1, 0, kLongest);
}

// What AT+CMGS failed of, whose outcome is known; nothing: refused for good.
std::optional<Setback> setback_of(const Error& error) {
  switch (error.code) {
    case Errc::disconnected:
      return Setback::unplugged;
    case Errc::denied:
    case Errc::unsupported:
      return std::nullopt;
    case Errc::bad_input:
    case Errc::not_found:
    case Errc::conflict:
    case Errc::busy:
    case Errc::outcome_unknown:
    case Errc::timeout:
    case Errc::io:
      return Setback::refused;
  }
  return Setback::refused;
}

Result<std::vector<modem::Submit>> segments_of(const store::Reply& reply) {
  const auto recipient = modem::Address::from_number(reply.phone);
  if (!recipient) return tl::unexpected(recipient.error());
  modem::SegmentOptions options;
  options.reference = static_cast<std::uint8_t>(reply.id & 0xFF);
  options.request_status_report = true;
  return modem::segment(reply.text, *recipient, options);
}

}  // namespace

Sender::Sender(std::string modem, store::Store& store)
    : modem_(std::move(modem)), tag_("sender/" + modem_), store_(store) {}

std::optional<UtcTime> Sender::next_due() {
  return store_.outbox.next_due(modem_);
}

Result<bool> Sender::send_one(modem::SerialModem& modem, UtcTime now) {
  bool closed = false;
  under_way_ = begin(now, closed);
  if (!under_way_) return closed;
  under_way_->now = now;
  under_way_->begun = steady_now();
  intended_ = 0;
  modem.start_send(under_way_->parts[static_cast<std::size_t>(under_way_->reply.parts_sent)]);
  const auto receipt = modem.take_receipt();
  return receipt ? finish(*receipt) : true;
}

Result<bool> Sender::finish(const Result<modem::SendReceipt>& receipt) {
  const Sending sending = *std::exchange(under_way_, std::nullopt);
  const store::Reply& reply = sending.reply;
  const auto took = std::chrono::floor<milliseconds>(steady_now() - sending.begun);
  auto transaction = store_.begin();
  const UtcTime then = after(reply, sending.now, took);
  if (!receipt) {
    auto more = settle_failure(transaction, sending, receipt.error(), then);
    transaction.commit();
    return more;
  }
  const int number = reply.parts_sent + 1;
  const bool last = static_cast<std::size_t>(number) >= sending.parts.size();
  store_.outbox.part_sent(transaction, reply.id, number, receipt->reference);
  if (last) store_.outbox.sent(transaction, reply.id, then);
  if (last && failed_before_)
    store_.conditions.end(transaction, store::ConditionCode::replies_failed, modem_);
  transaction.commit();
  if (last) failed_before_ = false;
  if (last) {
    log::info(tag_, "sent reply " + std::to_string(reply.id) + " to " + log::masked(reply.phone) + ": " +
                        log::quoted(reply.text));
  }
  return true;
}

void Sender::settle_cut_off(UtcTime now) {
  if (const auto due = next_due(); !due || *due > now) return;
  auto transaction = store_.begin();
  bool closed = false;
  static_cast<void>(next(transaction, now, closed));
  transaction.commit();
}

// Takes the next reply in hand and commits the intent to send its next part. Nothing: there was none to send.
std::optional<Sender::Sending> Sender::begin(UtcTime now, bool& closed) {
  std::optional<Sending> sending;
  auto transaction = store_.begin();
  if (auto reply = next(transaction, now, closed)) {
    if (auto parts = segments_of(*reply)) {
      store_.outbox.begin_sending(transaction, reply->id);
      intended_ = reply->id;  // also when the storage does not take it
      sending = Sending{std::move(*reply), std::move(*parts)};
    } else {
      give_up(transaction, *reply, parts.error().message);
      closed = true;
    }
  }
  transaction.commit();
  return sending;
}

// The next reply to send, when what is worth nothing any more is closed and what was cut off is settled.
std::optional<store::Reply> Sender::next(store::Transaction& transaction, UtcTime now, bool& closed) {
  for (;;) {
    if (const int dropped = store_.outbox.drop_stale_links(transaction, modem_, now); dropped > 0) {
      log::notice(tag_, "links dropped because they could not be sent in time: " + std::to_string(dropped));
      closed = true;
    }
    auto reply = store_.outbox.due(modem_, now);
    const bool was_begun = reply && reply->state == store::ReplyState::sending;
    if (!was_begun || reply->id == intended_) return reply;
    const auto parts = segments_of(*reply);
    settle_unclear(transaction, *reply, parts ? parts->size() : 1, "its sending was cut off", now);
    closed = true;
  }
}

// The network may have taken it: a repetition would arrive twice.
void Sender::settle_unclear(store::Transaction& transaction, const store::Reply& reply, std::size_t parts,
                            const std::string& why, UtcTime now) {
  const int number = reply.parts_sent + 1;
  store_.outbox.part_unclear(transaction, reply.id, number, why, now);
  if (static_cast<std::size_t>(number) >= parts) store_.outbox.sent(transaction, reply.id, now);
  log::warning(tag_,
               "reply " + std::to_string(reply.id) + " may have been sent, and is not sent again: " + why);
}

Result<bool> Sender::settle_failure(store::Transaction& transaction, const Sending& sending,
                                    const Error& error, UtcTime now) {
  const store::Reply& reply = sending.reply;
  if (error.code == Errc::outcome_unknown) {
    settle_unclear(transaction, reply, sending.parts.size(), error.message, now);
    return true;
  }
  const auto setback = setback_of(error);
  const int most = error.code == Errc::bad_input ? kMaxDisputed : kMaxRefused;
  if (!setback || (*setback == Setback::refused && reply.refused + 1 >= most)) {
    give_up(transaction, reply, error.message);
    return true;
  }
  switch (*setback) {
    case Setback::refused:
      postpone(transaction, reply, *setback, refused_pause(reply.refused + 1), error.message, now);
      return true;
    case Setback::unplugged:
      postpone(transaction, reply, *setback, unplugged_pause(reply.unplugged + 1), error.message, now);
      return tl::unexpected(error);
  }
  return true;
}

void Sender::postpone(store::Transaction& transaction, const store::Reply& reply, Setback why,
                      milliseconds pause, const std::string& error, UtcTime now) {
  store_.outbox.postpone(transaction, reply.id, why, now + pause, error);
  log_again(reply, error);
}

void Sender::log_again(const store::Reply& reply, const std::string& why) {
  log::warning(tag_, "reply " + std::to_string(reply.id) + " will be tried again: " + why);
}

// What time it is `took` after `now`. Whoever set the wall clock meanwhile has shifted the row by the same
// step, so that the link in a reply is good for its whole life by the new time.
UtcTime Sender::after(const store::Reply& reply, UtcTime now, milliseconds took) {
  const UtcTime due_at = store_.outbox.due_at(reply.id).value_or(reply.due_at);
  return now + took + (due_at - reply.due_at);
}

void Sender::give_up(store::Transaction& transaction, const store::Reply& reply, const std::string& why) {
  store_.outbox.failed(transaction, reply.id, why);
  store_.conditions.begin(transaction, store::ConditionCode::replies_failed, modem_, why, store_.time.now());
  failed_before_ = true;
  log::error(tag_, "reply " + std::to_string(reply.id) + " could not be sent: " + why);
}

}  // namespace pigeon::transport
