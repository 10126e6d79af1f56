// Taking PDUs into the store; see intake.h.
#include "transport/intake.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "base/phone_number.h"
#include "modem/sms/pdu.h"
#include "modem/sms/reassembly.h"
#include "modem/sms/user_data.h"

namespace pigeon::transport {
namespace {

// TS 23.040 §9.2.3.9: a short message type 0 is acknowledged and discarded ("silent SMS").
constexpr std::uint8_t kPidType0 = 0x40;

// Why a DELIVER is nothing a person wrote to us; PartReason::none when it is.
store::PartReason not_for_people(const modem::Deliver& deliver) {
  if (deliver.pid == kPidType0) return store::PartReason::type_0;
  const auto& header = deliver.user_data.header;
  if (header && header->ports) return store::PartReason::application_port;
  if ((deliver.user_data.dcs & 0xF0) == 0xC0) return store::PartReason::message_waiting;  // TS 23.038 §4
  return store::PartReason::none;
}

std::optional<store::Concat> concat_of(const modem::Deliver& deliver) {
  const auto& header = deliver.user_data.header;
  if (!header || !header->concatenation || header->concatenation->count < 2) return std::nullopt;
  const modem::Concatenation& concat = *header->concatenation;
  return store::Concat{concat.reference, concat.wide, concat.count, concat.number};
}

modem::PartKey part_key(std::int64_t id, const store::Concat& concat, UtcTime sent_at) {
  modem::PartKey key;
  key.id = id;
  key.concatenation.reference = static_cast<std::uint16_t>(concat.reference);
  key.concatenation.wide = concat.wide;
  key.concatenation.count = static_cast<std::uint8_t>(concat.count);
  key.concatenation.number = static_cast<std::uint8_t>(concat.number);
  key.timestamp = std::chrono::floor<seconds>(sent_at);
  return key;
}

// The SCTS for ordering a batch: what was sent first is taken first. Undecodable PDUs come first, they wait
// for nobody.
std::chrono::sys_seconds sent_at(const modem::StoredMessage& stored) {
  const auto pdu = modem::decode_pdu(stored.pdu, modem::Direction::to_mobile);
  if (!pdu) return {};
  const auto* deliver = std::get_if<modem::Deliver>(&pdu->tpdu);
  return deliver == nullptr ? std::chrono::sys_seconds{} : deliver->timestamp.utc;
}

}  // namespace

Intake::Intake(std::string modem, const IntakeSettings& settings, store::Store& store)
    : modem_(std::move(modem)), tag_("intake/" + modem_), settings_(settings), store_(store) {}

store::SlotKey Intake::key(const modem::Slot& slot) const {
  return {modem_, slot.storage, slot.index};
}

std::string Intake::phone_of(const modem::Address& sender) const {
  if (sender.type_of_number == modem::TypeOfNumber::alphanumeric) return {};
  const bool international = sender.type_of_number == modem::TypeOfNumber::international;
  const auto phone = PhoneNumber::complete(sender.value, international, settings_.country);
  if (!phone || phone->e164() == settings_.gateway_number) return {};
  return phone->e164();
}

Intake::Taken Intake::take(std::span<const modem::StoredMessage> stored, UtcTime now) {
  std::vector<const modem::StoredMessage*> order;
  order.reserve(stored.size());
  for (const modem::StoredMessage& message : stored) order.push_back(&message);
  if (order.size() > 1) {
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return sent_at(*a) < sent_at(*b); });
  }
  Taken taken;
  auto transaction = store_.begin();
  for (const modem::Slot& slot : freed_) store_.parts.slot_freed(key(slot));
  for (const modem::StoredMessage* message : order) take_one(*message, now, taken);
  transaction.commit();
  freed_.clear();
  return taken;
}

void Intake::freed(const modem::Slot& slot) {
  freed_.push_back(slot);
}

void Intake::reconcile(std::span<const modem::StoredMessage> stored) {
  std::vector<store::SlotKey> occupied;
  for (const modem::StoredMessage& message : stored) occupied.push_back(key(message.slot));
  auto transaction = store_.begin();
  store_.parts.only_occupied(modem_, occupied);
  transaction.commit();
}

void Intake::take_one(const modem::StoredMessage& stored, UtcTime now, Taken& taken) {
  if (store_.parts.known(key(stored.slot), stored.pdu)) return;
  store::NewPart part;
  part.slot = key(stored.slot);
  part.pdu = stored.pdu;
  part.received_at = now;
  part.sent_at = now;
  const auto pdu = modem::decode_pdu(stored.pdu, modem::Direction::to_mobile);
  if (!pdu) {
    part.state = store::PartState::quarantined;
    part.reason = store::PartReason::undecodable;
    part.detail = pdu.error().message;
    static_cast<void>(store_.parts.add(part));
    log::warning(tag_, "a message cannot be decoded and is kept in quarantine: " + part.detail);
    return;
  }
  if (const auto* deliver = std::get_if<modem::Deliver>(&pdu->tpdu)) {
    take_deliver(std::move(part), *deliver, taken);
    return;
  }
  if (const auto* report = std::get_if<modem::StatusReport>(&pdu->tpdu)) take_status_report(*report);
  part.state = store::PartState::ignored;
  part.reason = store::PartReason::not_a_deliver;
  static_cast<void>(store_.parts.add(part));
}

void Intake::take_deliver(store::NewPart part, const modem::Deliver& deliver, Taken& taken) {
  part.sender = deliver.sender.to_string();
  part.sent_at = deliver.timestamp.utc;
  part.concat = concat_of(deliver);
  part.reason = not_for_people(deliver);
  const bool ignore = part.reason != store::PartReason::none;
  if (part.reason == store::PartReason::application_port)
    part.detail = std::to_string(deliver.user_data.header->ports->destination);
  const bool repeated = part.concat && store_.parts.has_copy(part.sender, part.sent_at, part.pdu);
  if (ignore || repeated) {
    part.state = ignore ? store::PartState::ignored : store::PartState::duplicate;
    static_cast<void>(store_.parts.add(part));
    return;
  }
  const std::int64_t id = store_.parts.add(part);
  if (!part.concat) {
    join(deliver, {id}, part.received_at, taken);
    return;
  }
  std::vector<modem::PartKey> candidates;
  for (const store::WaitingPart& waiting : store_.parts.waiting(part.sender)) {
    candidates.push_back(part_key(waiting.id, waiting.concat, waiting.sent_at));
  }
  const auto complete = modem::complete_message(candidates, part_key(id, *part.concat, part.sent_at));
  if (complete) join(deliver, *complete, part.received_at, taken);
}

void Intake::join(const modem::Deliver& newest, const std::vector<std::int64_t>& ids, UtcTime now,
                  Taken& taken) {
  std::vector<modem::Pdu> pdus;
  std::vector<const modem::UserData*> user_data;
  pdus.reserve(ids.size());
  for (const std::int64_t id : ids) {
    auto pdu = modem::decode_pdu(store_.parts.pdu(id), modem::Direction::to_mobile);
    if (!pdu || !std::holds_alternative<modem::Deliver>(pdu->tpdu)) continue;  // decoded when it was taken
    user_data.push_back(&std::get<modem::Deliver>(pdus.emplace_back(std::move(*pdu)).tpdu).user_data);
  }
  store::NewMessage message;
  message.modem = modem_;
  message.sender = newest.sender.to_string();
  message.phone = phone_of(newest.sender);
  message.sent_at = newest.timestamp.utc;
  message.received_at = now;
  auto text = modem::decode_text(user_data);
  if (!text) {
    for (const std::int64_t id : ids) {
      store_.parts.quarantine(id, store::PartReason::unreadable, text.error().message);
    }
    log::warning(tag_, "a message cannot be read and is kept in quarantine: " + text.error().message);
    if (message.phone.empty()) return;
    // Nobody knows its words, so all that cannot be read counts as the same.
    const auto phone = PhoneNumber::parse(message.phone);
    const bool linked = phone && store_.accounts.user_exists(*phone);
    if (store_.outbox.answer({message.phone, settings_.unreadable, modem_, std::nullopt}, "", linked, now))
      ++taken.replies;
    return;
  }
  message.text = std::move(*text);
  const std::int64_t message_id = store_.inbox.add(message);
  for (const std::int64_t id : ids) store_.parts.join(id, message_id);
  ++taken.messages;
  log::info(tag_, "message " + std::to_string(message_id) + " from " + log::masked(message.sender) + ", " +
                      std::to_string(ids.size()) + (ids.size() == 1 ? " part: " : " parts: ") +
                      log::quoted(message.text));
}

void Intake::take_status_report(const modem::StatusReport& report) {
  constexpr std::uint8_t kFirstTemporaryError = 0x20;  // TS 23.040 §9.2.3.15
  constexpr std::uint8_t kFirstPermanentError = 0x40;
  if (report.status >= kFirstTemporaryError && report.status < kFirstPermanentError) return;  // still trying
  const std::string phone = report.recipient.to_string();
  static_cast<void>(store_.outbox.report(phone, report.reference, report.status < kFirstTemporaryError));
}

}  // namespace pigeon::transport
