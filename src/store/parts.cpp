// SQL of the parts table; see parts.h.
#include "store/parts.h"

#include <algorithm>

#include "store/words.h"

namespace pigeon::store {
namespace {

constexpr std::array<Word<PartState>, 5> kStates{{{PartState::waiting, "waiting"},
                                                  {PartState::joined, "joined"},
                                                  {PartState::duplicate, "duplicate"},
                                                  {PartState::ignored, "ignored"},
                                                  {PartState::quarantined, "quarantined"}}};

constexpr std::array<Word<PartReason>, 7> kReasons{
    {{PartReason::none, ""},
     {PartReason::undecodable, "cannot be decoded"},
     {PartReason::unreadable, "text cannot be read"},
     {PartReason::not_a_deliver, "not a DELIVER"},
     {PartReason::type_0, "short message type 0"},
     {PartReason::application_port, "for an application port"},
     {PartReason::message_waiting, "message waiting indication"}}};

// What the column `reason` holds: words for whoever looks into the table, never read back.
std::string in_words(PartReason reason, std::string_view detail) {
  std::string words(word_of(kReasons, reason));
  if (!detail.empty()) words.append(": ").append(detail);
  return words;
}

}  // namespace

Parts::Parts(Database& db)
    : db_(db),
      known_(db,
             "SELECT 1 FROM parts WHERE epoch_open = 1 AND modem = ?1 AND storage = ?2 AND slot = ?3 AND pdu "
             "= ?4"),
      end_epoch_(db,
                 "UPDATE parts SET epoch_open = 0 "
                 "WHERE epoch_open = 1 AND modem = ?1 AND storage = ?2 AND slot = ?3"),
      open_slots_(db, "SELECT DISTINCT storage, slot FROM parts WHERE epoch_open = 1 AND modem = ?1"),
      add_(db,
           "INSERT INTO parts (modem, storage, slot, pdu, sender, sent_at, received_at, reference, wide, "
           "count,"
           " number, state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"),
      waiting_(db,
               "SELECT id, reference, wide, count, number, sent_at FROM parts "
               "WHERE state = 'waiting' AND sender = ?1 ORDER BY id"),
      has_copy_(db,
                "SELECT 1 FROM parts WHERE sender = ?1 AND sent_at = ?2 AND pdu = ?3 AND state IN "
                "('waiting','joined')"),
      pdu_(db, "SELECT pdu FROM parts WHERE id = ?1"),
      join_(db, "UPDATE parts SET state = 'joined', message_id = ?2 WHERE id = ?1"),
      quarantine_(db, "UPDATE parts SET state = 'quarantined', reason = ?2 WHERE id = ?1"),
      count_(db, "SELECT count(*) FROM parts WHERE state = ?1") {}

bool Parts::known(const SlotKey& slot, std::span<const std::uint8_t> pdu) {
  const auto lock = db_.lock();
  return known_.bind(slot.modem, slot.storage, slot.index, pdu).next();
}

std::int64_t Parts::add(const NewPart& part) {
  const auto lock = db_.lock();
  slot_freed(part.slot);
  std::optional<int> reference, wide, count, number;
  if (part.concat) {
    reference = part.concat->reference;
    wide = part.concat->wide ? 1 : 0;
    count = part.concat->count;
    number = part.concat->number;
  }
  add_.bind(part.slot.modem, part.slot.storage, part.slot.index, part.pdu, part.sender, part.sent_at,
            part.received_at, reference, wide, count, number, word_of(kStates, part.state),
            in_words(part.reason, part.detail))
      .run();
  return db_.last_insert_id();
}

void Parts::slot_freed(const SlotKey& slot) {
  const auto lock = db_.lock();
  end_epoch_.bind(slot.modem, slot.storage, slot.index).run();
}

void Parts::only_occupied(std::string_view modem, std::span<const SlotKey> occupied) {
  const auto lock = db_.lock();
  std::vector<SlotKey> ended;
  {
    Query query = open_slots_.bind(modem);
    while (query.next()) {
      SlotKey slot{std::string(modem), query.text(0), static_cast<int>(query.integer(1))};
      const bool still = std::any_of(occupied.begin(), occupied.end(), [&slot](const SlotKey& other) {
        return other.storage == slot.storage && other.index == slot.index;
      });
      if (!still) ended.push_back(std::move(slot));
    }
  }
  for (const SlotKey& slot : ended) slot_freed(slot);
}

std::vector<WaitingPart> Parts::waiting(std::string_view sender) {
  const auto lock = db_.lock();
  std::vector<WaitingPart> parts;
  Query query = waiting_.bind(sender);
  while (query.next()) {
    WaitingPart part;
    part.id = query.integer(0);
    part.concat = Concat{static_cast<int>(query.integer(1)), query.integer(2) != 0,
                         static_cast<int>(query.integer(3)), static_cast<int>(query.integer(4))};
    part.sent_at = query.time(5);
    parts.push_back(part);
  }
  return parts;
}

bool Parts::has_copy(std::string_view sender, UtcTime sent_at, std::span<const std::uint8_t> pdu) {
  const auto lock = db_.lock();
  return has_copy_.bind(sender, sent_at, pdu).next();
}

std::vector<std::uint8_t> Parts::pdu(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = pdu_.bind(id);
  return query.next() ? query.blob(0) : std::vector<std::uint8_t>();
}

void Parts::join(std::int64_t id, std::int64_t message_id) {
  const auto lock = db_.lock();
  join_.bind(id, message_id).run();
}

void Parts::quarantine(std::int64_t id, PartReason reason, std::string_view detail) {
  const auto lock = db_.lock();
  quarantine_.bind(id, in_words(reason, detail)).run();
}

std::int64_t Parts::count(PartState state) {
  const auto lock = db_.lock();
  Query query = count_.bind(word_of(kStates, state));
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
