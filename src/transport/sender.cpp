// Sending replies; see sender.h.
#include "transport/sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "modem/sms/segmenter.h"

namespace pigeon::transport {
namespace {

constexpr int kMaxUnclearAttempts = 2;  // the send and one repetition
constexpr int kMaxAttempts = 12;        // refused for the moment again and again: about a day

// How long to leave a reply alone after `attempts` sends that the modem or the network could not do now.
seconds backoff(int attempts) {
  constexpr std::array<seconds, 6> kSteps = {seconds(5),   seconds(30),   seconds(120),
                                             seconds(600), seconds(3600), seconds(3 * 3600)};
  const auto step = static_cast<std::size_t>(std::max(attempts - 1, 0));
  return kSteps[std::min(step, kSteps.size() - 1)];
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
  if (!reply_ && !prepare(now)) return false;
  if (!reply_) return true;  // closed without sending
  const auto number = static_cast<std::size_t>(reply_->parts_sent);
  const auto receipt = modem.send(parts_[number]);
  if (!receipt) return handle_failure(receipt.error(), now);
  ++reply_->parts_sent;
  const bool last = number + 1 >= parts_.size();
  const store::Reply reply = *reply_;
  if (last) reply_.reset();
  const UtcTime sent_at = utc_now();
  auto transaction = store_.begin();
  store_.outbox.part_sent(reply.id, reply.parts_sent, receipt->reference, sent_at);
  if (last) store_.outbox.sent(reply.id, sent_at);
  transaction.commit();
  if (last) {
    log::info(tag_, "sent reply " + std::to_string(reply.id) + " to " + log::masked(reply.phone) + ": " +
                        log::quoted(reply.text));
  }
  return true;
}

// Takes the next due reply in hand and commits the intent to send it. False: nothing is due. True without
// reply_: it was closed.
bool Sender::prepare(UtcTime now) {
  auto reply = store_.outbox.due(modem_, now);
  if (!reply) return false;
  if (reply->state == store::ReplyState::sending && reply->attempts >= kMaxUnclearAttempts) {
    store_.outbox.failed(reply->id, "interrupted twice; it may have been sent");
    return true;
  }
  auto parts = segments_of(*reply);
  if (!parts) {
    store_.outbox.failed(reply->id, parts.error().message);
    return true;
  }
  store_.outbox.begin_sending(reply->id);
  ++reply->attempts;
  parts_ = std::move(*parts);
  reply_ = std::move(*reply);
  return true;
}

Result<bool> Sender::handle_failure(const Error& error, UtcTime now) {
  const store::Reply reply = *reply_;
  reply_.reset();
  const bool unclear = error.code == Errc::outcome_unknown;
  const bool give_up = unclear ? reply.attempts >= kMaxUnclearAttempts
                               : (!error.retryable() || reply.attempts >= kMaxAttempts);
  if (give_up) {
    store_.outbox.failed(reply.id, error.message);
    log::error(tag_, "reply " + std::to_string(reply.id) + " could not be sent: " + error.message);
  } else {
    store_.outbox.postpone(reply.id, now + backoff(reply.attempts), error.message);
    log::warning(tag_, "reply " + std::to_string(reply.id) + " will be tried again: " + error.message);
  }
  if (error.code == Errc::disconnected) return tl::unexpected(error);
  return true;
}

}  // namespace pigeon::transport
