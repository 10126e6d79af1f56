// The parts table: every PDU as the modem gave it, kept before its slot is freed. Undecodable ones stay here
// as the quarantine.
//
// A slot holds one message from the moment it fills until it is freed: its slot epoch. The same PDU read
// again within the epoch is the same message (a re-read after a crash); the same PDU in another epoch is a
// new one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class PartState {
  waiting,      // for the other parts of its message
  joined,       // belongs to a message in the inbox
  duplicate,    // of a part that waits or was joined
  ignored,      // nothing for the inbox: a status report, a WAP push, …
  quarantined,  // cannot be read
};

// Why a part is none of a message's: the reasons of `ignored` and `quarantined`.
enum class PartReason {
  none,
  undecodable,       // no TPDU: `detail` says where it breaks
  unreadable,        // a TPDU whose text is not in its alphabet: `detail` says where
  not_a_deliver,     // a status report, a SUBMIT
  type_0,            // a silent SMS (TS 23.040 §9.2.3.9)
  application_port,  // for a program, not for people (§9.2.3.24.3): `detail` is the destination port
  message_waiting,   // a message waiting indication (TS 23.038 §4)
};

// Where a part lies in the modem.
struct SlotKey {
  std::string modem;
  std::string storage;
  int index = 0;
};

struct Concat {  // TS 23.040 §9.2.3.24.1
  int reference = 0;
  bool wide = false;
  int count = 1;
  int number = 1;
};

struct NewPart {
  SlotKey slot;
  std::vector<std::uint8_t> pdu;
  std::string sender;  // as delivered; empty when undecodable
  UtcTime sent_at{};   // TP-SCTS
  UtcTime received_at{};
  std::optional<Concat> concat;
  PartState state = PartState::waiting;
  PartReason reason = PartReason::none;
  std::string detail;  // of the reason
};

struct WaitingPart {
  std::int64_t id = 0;
  Concat concat;
  UtcTime sent_at{};
};

class Parts {
 public:
  explicit Parts(Database& db);

  // Whether this very PDU is known in the current epoch of its slot.
  [[nodiscard]] bool known(const SlotKey& slot, std::span<const std::uint8_t> pdu);
  [[nodiscard]] std::int64_t add(const NewPart& part);  // ends the epoch of what the slot held before
  void slot_freed(const SlotKey& slot);                 // ends the epoch
  // After a listing at start: ends every epoch of the modem's slots that are not in `occupied`.
  void only_occupied(std::string_view modem, std::span<const SlotKey> occupied);

  [[nodiscard]] std::vector<WaitingPart> waiting(std::string_view sender);
  // Whether the same octets from the same sender wait already or were joined (a part that the network sent
  // twice).
  [[nodiscard]] bool has_copy(std::string_view sender, UtcTime sent_at, std::span<const std::uint8_t> pdu);
  [[nodiscard]] std::vector<std::uint8_t> pdu(std::int64_t id);
  void join(std::int64_t id, std::int64_t message_id);
  // Takes a part out of the way, with the reason for it.
  void quarantine(std::int64_t id, PartReason reason, std::string_view detail);
  [[nodiscard]] std::int64_t count(PartState state);

 private:
  Database& db_;
  Statement known_, end_epoch_, open_slots_, add_, waiting_, has_copy_, pdu_, join_, quarantine_, count_;
};

}  // namespace pigeon::store
