// Taking PDUs into the store; see intake.h.
#include "transport/intake.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "modem/sms/pdu.h"
#include "modem/sms/reassembly.h"
#include "modem/sms/user_data.h"
#include "numbers/completion.h"
#include "transport/admission.h"
#include "transport/identity.h"
#include "transport/long_parts.h"

namespace pigeon::transport {
namespace {

std::optional<store::Concat> concat_of(const modem::Deliver& deliver) {
  const auto& header = deliver.user_data.header;
  if (!header || !header->concatenation || header->concatenation->count < 2) return std::nullopt;
  const modem::Concatenation& concat = *header->concatenation;
  return store::Concat{concat.reference, concat.wide, concat.count, concat.number};
}

store::Family family_of(std::string sender, const store::Concat& concat) {
  return {std::move(sender), concat.reference, concat.wide, concat.count};
}

// A listing in the order in which its messages were sent; those of one second stay as they are. Undecodable
// PDUs come first, they wait for nobody.
std::vector<const modem::StoredMessage*> in_order_of_time(std::span<const modem::StoredMessage> stored) {
  std::vector<std::pair<std::chrono::sys_seconds, const modem::StoredMessage*>> timed;
  timed.reserve(stored.size());
  for (const modem::StoredMessage& message : stored) {
    const auto pdu = modem::decode_pdu(message.pdu, modem::Direction::to_mobile);
    const auto* deliver = pdu ? std::get_if<modem::Deliver>(&pdu->tpdu) : nullptr;
    timed.emplace_back(deliver == nullptr ? std::chrono::sys_seconds{} : deliver->timestamp.utc, &message);
  }
  std::stable_sort(timed.begin(), timed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const modem::StoredMessage*> order;
  order.reserve(timed.size());
  for (const auto& [time, message] : timed) order.push_back(message);
  return order;
}

}  // namespace

// What is known of a PDU before anything is decided about it.
struct Intake::Decoded {
  // What lies where status reports are stored may lack the service centre's address.
  explicit Decoded(std::span<const std::uint8_t> octets, std::string_view storage = "")
      : pdu(storage == "SR" ? modem::decode_pdu_or_tpdu(octets, modem::Direction::to_mobile)
                            : modem::decode_pdu(octets, modem::Direction::to_mobile)) {
    if (!pdu) head = modem::decode_deliver_head(octets);
  }
  [[nodiscard]] const modem::Deliver* deliver() const {
    return pdu ? std::get_if<modem::Deliver>(&pdu->tpdu) : nullptr;
  }

  Result<modem::Pdu> pdu;
  std::optional<modem::Deliver> head;  // of what cannot be decoded to its end
};

struct Intake::Verdict {
  store::PartState state = store::PartState::waiting;
  store::PartReason reason = store::PartReason::none;
  std::string detail;
  bool tell = false;                       // its sender is a person and must hear that it cannot be read
  std::optional<std::string> self_test{};  // the words of one of this box
};

Intake::Intake(std::string modem, const IntakeSettings& settings, store::Store& store)
    : modem_(std::move(modem)), tag_("intake/" + modem_), settings_(settings), store_(store) {
  const auto own = numbers::complete(settings.gateway_number, true, "");
  own_number_ = own ? own->e164() : settings.gateway_number;
}

store::SlotKey Intake::key(const modem::Slot& slot) const {
  return {modem_, slot.storage, slot.index};
}

Result<PhoneNumber> Intake::phone_of(const modem::Address& sender) const {
  auto phone = phone_number_of(sender, settings_.country);
  if (phone && phone->e164() == own_number_) return fail(Errc::unsupported, "the sender is this box");
  return phone;
}

std::string Intake::canonical(const modem::Address& sender) const {
  const auto phone = phone_number_of(sender, settings_.country);
  return phone ? phone->e164() : sender.to_string();
}

Intake::Taken Intake::take(std::span<const modem::StoredMessage> stored, UtcTime now, Arrival arrival) {
  Taken taken;
  auto transaction = store_.begin();
  if (arrival == Arrival::announced) {
    for (const modem::StoredMessage& message : stored) take_one(transaction, message, now, arrival, taken);
  } else {
    std::vector<store::SlotKey> occupied;
    for (const modem::StoredMessage& message : stored) occupied.push_back(key(message.slot));
    store_.seen.only_occupied(transaction, modem_, occupied);
    store_.seen.purge(transaction, now);
    for (const modem::StoredMessage* message : in_order_of_time(stored)) {
      take_one(transaction, *message, now, arrival, taken);
    }
  }
  transaction.commit_for_later();
  say(taken);
  tell_self_tests(taken, arrival);
  return taken;
}

Intake::Taken Intake::release(UtcTime now) {
  Taken taken;
  if (!may_hold_ || !believed(now)) return taken;
  auto transaction = store_.begin();
  for (const std::int64_t id : store_.parts.held(modem_)) {
    const Decoded decoded(store_.parts.pdu(id));
    const Verdict verdict = judge(decoded, now);
    store_.parts.move(transaction, id, verdict.state, verdict.reason, verdict.detail);
    act(transaction, id, decoded, verdict, now, taken);
  }
  transaction.commit_for_later();
  say(taken);
  may_hold_ = false;
  return taken;
}

void Intake::say(const Taken& taken) const {
  for (const Taken::Line& line : taken.log) log::write(line.level, tag_, line.words);
}

Intake::Verdict Intake::judge(const Decoded& decoded, UtcTime now) const {
  const std::optional<UtcTime> oldest =
      believed(now) ? std::optional<UtcTime>(now - settings_.oldest) : std::nullopt;
  Verdict verdict;
  if (!decoded.pdu) {
    verdict.state = store::PartState::quarantined;
    verdict.reason = store::PartReason::undecodable;
    verdict.detail = decoded.pdu.error().message;
    verdict.tell = decoded.head && not_for_us(*decoded.head, oldest) == store::PartReason::none;
    return verdict;
  }
  if (const modem::Deliver* deliver = decoded.deliver())
    verdict.self_test = self_test_in(*deliver, store_.seen);
  if (verdict.self_test) {
    verdict.state = store::PartState::ignored;
    verdict.detail = "a self-test of this box";
    return verdict;
  }
  verdict.reason = not_for_us(decoded.pdu->tpdu, oldest);
  if (verdict.reason == store::PartReason::none) {
    if (concat_of(*decoded.deliver()) && !phone_of(decoded.deliver()->sender))
      verdict.reason = store::PartReason::quiet;
    return verdict;
  }
  verdict.state = store::PartState::ignored;
  if (verdict.reason == store::PartReason::application_port) {
    verdict.detail = std::to_string(decoded.deliver()->user_data.header->ports->destination);
  }
  return verdict;
}

void Intake::take_one(store::Transaction& transaction, const modem::StoredMessage& stored, UtcTime now,
                      Arrival arrival, Taken& taken) {
  const Decoded decoded(stored.pdu, stored.slot.storage);
  const modem::Deliver* deliver = decoded.deliver();
  const Identity identity =
      deliver != nullptr ? identity_of(*deliver, settings_.country) : identity_of(stored.pdu, decoded.head);
  const store::Seen::Digest digest = store_.seen.digest(identity.octets);
  const store::SlotKey slot = key(stored.slot);
  if (store_.seen.known(digest, slot, now)) {
    store_.seen.lies_in(transaction, digest, slot);
    taken.copies.push_back(stored.slot);
    log::debug(tag_, "a copy of what was taken before");
    return;
  }
  store_.seen.add(transaction, digest, slot, identifies_until(identity, now, believed(now)));
  const Verdict verdict = judge(decoded, now);
  store::NewPart part;
  part.slot = slot;
  part.pdu = stored.pdu;
  part.received_at = now;
  part.sent_at = now;
  if (deliver != nullptr) {
    part.sender = canonical(deliver->sender);
    part.sent_at = deliver->timestamp.utc;
    part.concat = concat_of(*deliver);
  }
  const bool age_matters = verdict.state == store::PartState::waiting || verdict.tell;
  if (arrival == Arrival::found_at_start && !believed(now) && age_matters) {
    part.state = store::PartState::held;
    static_cast<void>(store_.parts.add(transaction, part));
    may_hold_ = true;
    return;
  }
  part.state = verdict.state;
  part.reason = verdict.reason;
  part.detail = verdict.detail;
  act(transaction, store_.parts.add(transaction, part), decoded, verdict, now, taken);
}

// What follows from a part that stands in the store in its verdict's state.
void Intake::act(store::Transaction& transaction, std::int64_t id, const Decoded& decoded,
                 const Verdict& verdict, UtcTime now, Taken& taken) {
  if (!decoded.pdu) {
    taken.log.push_back(
        {log::Level::warning, "a message cannot be decoded and is kept in quarantine: " + verdict.detail});
    if (verdict.tell) tell_unreadable(transaction, decoded.head->sender, now, taken);
    return;
  }
  if (const auto* report = std::get_if<modem::StatusReport>(&decoded.pdu->tpdu))
    take_status_report(transaction, *report);
  if (verdict.self_test) {
    taken.log.push_back({log::Level::info, "a self-test of this box came back"});
    taken.self_tests.push_back(
        {*verdict.self_test, is_number(decoded.deliver()->sender, own_number_, settings_.country)});
  }
  if (verdict.reason == store::PartReason::too_old) {
    taken.log.push_back(
        {log::Level::info, "a text from " + log::masked(decoded.deliver()->sender.to_string()) +
                               " is older than gateway.oldest: kept, and neither posted nor answered"});
  }
  if (verdict.state == store::PartState::waiting) assemble(transaction, id, *decoded.deliver(), now, taken);
}

// The newest part of a message is there: the message too, if it was the last that was missing.
void Intake::assemble(store::Transaction& transaction, std::int64_t id, const modem::Deliver& deliver,
                      UtcTime now, Taken& taken) {
  std::optional<modem::WholeMessage> whole{{{id}, {}}};
  if (const auto concat = concat_of(deliver)) {
    const store::Family family = family_of(canonical(deliver.sender), *concat);
    auto waiting = keys_of(store_.parts.waiting(family));
    leave_out_copies(waiting, id, store_.parts.settled(family));
    whole = modem::whole_message(waiting, id);
    if (!whole) comes_too_late(transaction, id, family, waiting);
  }
  if (whole && !join(transaction, deliver, *whole, now, taken))
    tell_unreadable(transaction, deliver.sender, now, taken);
}

// Of a message that has been joined without this part, or whose sender was told that it never became whole,
// the part waits for nothing.
void Intake::comes_too_late(store::Transaction& transaction, std::int64_t id, const store::Family& family,
                            const std::vector<modem::PartKey>& waiting) {
  const auto part = std::ranges::find(waiting, id, &modem::PartKey::id);
  if (part == waiting.end()) return;
  std::vector<modem::PartKey> given_up{*part};
  for (const store::LongPart& earlier : store_.parts.settled(family)) {
    const auto key = modem::part_key(earlier.id, earlier.pdu, earlier.received_at, earlier.modem);
    if (!key) continue;
    if (earlier.state == store::PartState::joined && is_repetition(*part, *key)) {
      store_.parts.move(transaction, id, store::PartState::ignored, store::PartReason::copy, "");
      return;
    }
    if (earlier.incomplete) given_up.push_back(*key);
  }
  for (const modem::PartSet& set : modem::part_sets(std::move(given_up))) {
    if (set.size() > 1 && std::ranges::find(set, id, &modem::PartKey::id) != set.end())
      store_.parts.move(transaction, id, store::PartState::quarantined, store::PartReason::incomplete, "");
  }
}

bool Intake::join(store::Transaction& transaction, const modem::Deliver& newest,
                  const modem::WholeMessage& whole, UtcTime now, Taken& taken) {
  const std::vector<std::int64_t>& ids = whole.ids;
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
  message.sent_at = newest.timestamp.utc;
  message.received_at = now;
  auto text = modem::decode_text(user_data);
  for (const std::int64_t id : whole.copies)
    store_.parts.move(transaction, id, store::PartState::ignored, store::PartReason::copy, "");
  if (!text) {
    for (const std::int64_t id : ids) {
      store_.parts.move(transaction, id, store::PartState::quarantined, store::PartReason::unreadable,
                        text.error().message);
    }
    taken.log.push_back(
        {log::Level::warning, "a message cannot be read and is kept in quarantine: " + text.error().message});
    return false;
  }
  message.text = std::move(*text);
  if (const auto phone = phone_of(newest.sender)) {
    message.phone = phone->e164();
  } else {
    message.note = phone.error().message;
    // Kept and closed; nobody can tell who it is until the operator has said where the box stands.
    if (phone.error().code == Errc::not_found)
      store_.conditions.begin(transaction, store::ConditionCode::country_missing, "", "", now);
  }
  const std::int64_t message_id = store_.take(transaction, message, ids);
  ++taken.messages;
  taken.log.push_back({log::Level::info, "message " + std::to_string(message_id) + " from " +
                                             log::masked(message.sender) + ", " + std::to_string(ids.size()) +
                                             (ids.size() == 1 ? " part: " : " parts: ") +
                                             log::quoted(message.text)});
  return true;
}

Result<Intake::Retried> Intake::retry(std::int64_t id, UtcTime now, Taken& taken) {
  if (!believed(now)) return fail(Errc::busy, "the clock of this box is not set yet", Retry::yes);
  auto transaction = store_.begin();
  const auto part = store_.parts.kept(id);
  if (!part || part->state != store::PartState::quarantined) return Retried::not_there;
  const Retried retried = retry(transaction, *part, now, taken);
  transaction.commit();
  say(taken);
  return retried;
}

Intake::Retried Intake::retry(store::Transaction& transaction, const store::KeptPart& part, UtcTime now,
                              Taken& taken) {
  const Decoded decoded(part.pdu, part.slot.storage);
  if (!decoded.pdu) return Retried::still_kept;
  const modem::Deliver* deliver = decoded.deliver();
  if (deliver != nullptr && !learn(transaction, part, *deliver, now)) return Retried::taken_since;
  const Verdict verdict = judge(decoded, now);
  if (deliver == nullptr || verdict.state != store::PartState::waiting) {
    store_.parts.move(transaction, part.id, verdict.state, verdict.reason, verdict.detail);
    act(transaction, part.id, decoded, verdict, now, taken);
    return Retried::ignored;
  }
  std::optional<modem::WholeMessage> whole{{{part.id}, {}}};
  if (const auto concat = concat_of(*deliver)) {
    // What could not be read was put away part by part, so the others may be in quarantine, too.
    const store::Family family = family_of(canonical(deliver->sender), *concat);
    auto candidates = keys_of(store_.parts.waiting(family));
    for (const store::LongPart& other : store_.parts.settled(family))
      if (other.state == store::PartState::quarantined) add_key(candidates, other);
    whole = modem::whole_message(std::move(candidates), part.id);
  }
  if (whole) return join(transaction, *deliver, *whole, now, taken) ? Retried::taken : Retried::still_kept;
  store_.parts.move(transaction, part.id, store::PartState::waiting, store::PartReason::quiet, "");
  return Retried::waiting;
}

// What could not be decoded was known by its octets. From now on it is known by itself, like any other text.
// False: it has come again meanwhile, to a program that could read it, and was taken.
bool Intake::learn(store::Transaction& transaction, const store::KeptPart& part,
                   const modem::Deliver& deliver, UtcTime now) {
  if (part.was_decoded) return true;  // it is known by itself since
  const Identity identity = identity_of(deliver, settings_.country);
  const store::Seen::Digest digest = store_.seen.digest(identity.octets);
  const store::SlotKey nowhere{modem_, "", -1};  // its slot was freed, and may hold something else
  if (store_.seen.known(digest, nowhere, now)) return false;
  store_.seen.add(transaction, digest, nowhere, identifies_until(identity, now, true));
  store_.parts.describe(transaction, part.id, canonical(deliver.sender), deliver.timestamp.utc,
                        concat_of(deliver));
  return true;
}

void Intake::tell_unreadable(store::Transaction& transaction, const modem::Address& sender, UtcTime now,
                             Taken& taken) {
  const auto phone = phone_of(sender);
  if (!phone) return;
  // Nobody knows its words, so all that cannot be read counts as the same.
  const bool linked = store_.accounts.user_exists(*phone);
  if (store_.outbox.answer(transaction, {phone->e164(), settings_.unreadable, modem_, std::nullopt}, "",
                           linked, now))
    ++taken.replies;
}

}  // namespace pigeon::transport
