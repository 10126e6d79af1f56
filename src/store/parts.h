// The parts table: every PDU as the modem gave it, kept before its slot is freed. Undecodable ones stay here
// as the quarantine. Copies never come here (seen.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/slot_key.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class PartState {
  held,         // found at the start of a box without a clock: its age must be judged before anything else
  waiting,      // for the other parts of its message
  joined,       // belongs to a message in the inbox
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
  message_waiting,   // a message waiting indication (TS 23.038 §4, TS 23.040 §9.2.3.24.2)
  sim_download,      // for the SIM or the modem, not for people (TS 23.040 §9.2.3.9)
  too_old,           // sent longer ago than gateway.oldest
  incomplete,        // of a long message whose other parts never came
  copy,              // of a part of a message that is whole without it
  quiet,             // of a waiting part: its sender is told nothing when its message stays incomplete
  dropped,           // could not be read, and the operator did not want it any more
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

// A part that is none of a message's, for whoever looks after the box.
struct KeptPart {
  std::int64_t id = 0;
  SlotKey slot;        // where it lay in the modem
  std::string sender;  // as delivered; empty when undecodable, or no number
  UtcTime received_at{};
  PartState state = PartState::quarantined;
  std::string reason;       // in words
  bool was_decoded = true;  // when it came
  std::vector<std::uint8_t> pdu;
};

// Whose long messages may be one: everything that their headers have in common.
struct Family {
  std::string sender;  // as in NewPart
  int reference = 0;
  bool wide = false;
  int count = 0;
};

// A part of a long message: waiting, joined or quarantined.
struct LongPart {
  std::int64_t id = 0;
  std::string modem;
  UtcTime received_at{};
  PartState state = PartState::waiting;
  bool quiet = false;       // its reason is `quiet`
  bool incomplete = false;  // its reason is `incomplete`
  std::vector<std::uint8_t> pdu;
};

class Parts {
 public:
  // Prepares the statements, so the table must be there (StorageError). Borrowed.
  explicit Parts(Database& db);

  [[nodiscard]] std::int64_t add(Transaction& transaction, const NewPart& part);  // the row's id
  // In the order in which they were taken.
  [[nodiscard]] std::vector<LongPart> waiting(const Family& family);  // the newest thousand
  [[nodiscard]] std::vector<LongPart> settled(const Family& family);  // the same, joined or quarantined
  // At most `limit` of those of which a part has been waiting since `before` or longer. A part that was sent
  // after it was received came while the clock was wrong, and counts from then.
  [[nodiscard]] std::vector<Family> overdue(UtcTime before, UtcTime now, int limit);
  [[nodiscard]] std::vector<std::int64_t> held(std::string_view modem);  // the same for those of one modem
  [[nodiscard]] std::vector<std::uint8_t> pdu(std::int64_t id);          // empty for an id that is not there
  // The newest of the quarantine, at most `limit`.
  [[nodiscard]] std::vector<KeptPart> quarantined(int limit);
  // A quarantined or ignored part; nothing for other ids.
  [[nodiscard]] std::optional<KeptPart> kept(std::int64_t id);
  void join(Transaction& transaction, std::int64_t id, std::int64_t message_id);
  // `detail` is the reason's, as in NewPart.
  void move(Transaction& transaction, std::int64_t id, PartState state, PartReason reason,
            std::string_view detail);
  // What is known of a part now that it can be decoded; the times and the rest stay.
  void describe(Transaction& transaction, std::int64_t id, std::string_view sender, UtcTime sent_at,
                const std::optional<Concat>& concat);
  // Nothing of a quarantined part is kept but its row, which goes with its age. False: there is none of this
  // id.
  [[nodiscard]] bool drop(Transaction& transaction, std::int64_t id);
  [[nodiscard]] std::int64_t count(PartState state);    // 0 for joined: nobody counts those
  [[nodiscard]] std::int64_t count(PartReason reason);  // of the reasons that have no detail

 private:
  Database& db_;
  Statement add_, waiting_, settled_, overdue_, held_, pdu_, quarantined_, kept_, join_, move_, describe_,
      drop_, count_held_, count_waiting_, count_kept_, count_reason_;
};

}  // namespace pigeon::store
