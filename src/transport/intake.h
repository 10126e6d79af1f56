// From the modem's slots to whole messages: every PDU is committed before its slot may be freed, what was
// taken before is not taken again, long messages are put together from their stored parts, and what cannot be
// read goes to the quarantine instead of blocking its slot.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/phone_number.h"
#include "modem/driver/serial_modem.h"
#include "modem/sms/reassembly.h"
#include "store/store.h"
#include "transport/self_tests.h"

namespace pigeon::transport {

struct IntakeSettings {
  std::string gateway_number;  // E.164; never answered
  std::string country;         // where the network is (numbers::complete)
  std::string unreadable;      // the reply to a person whose SMS cannot be read
  milliseconds oldest =
      std::chrono::hours(3 * 24);   // what was sent longer ago is neither posted nor answered
  UtcTime built_at{};               // of this program: a clock before it is wrong
  SelfTests* self_tests = nullptr;  // where texts of the box's own are awaited; borrowed, may be null
};

// Belongs to one modem's thread.
class Intake {
 public:
  // `store` and `settings` are borrowed.
  Intake(std::string modem, const IntakeSettings& settings, store::Store& store);

  enum class Arrival {
    announced,       // by +CMTI or +CMT, in this order
    listed,          // everything that a listing shows: taken in the order of the time stamps
    found_at_start,  // the same by the first listing of a modem: it may have lain there for months
  };
  struct Taken {
    int messages = 0;  // complete ones, now in state `received`: wake the dispatcher once for each
    int replies = 0;   // queued for people whose SMS could not be read: wake the modem
    std::vector<modem::Slot> copies;  // where things lie that were taken before
    struct Line {
      log::Level level;
      std::string words;
    };
    std::vector<SelfTestArrival> self_tests;  // told when all is committed
    std::vector<Line> log;                    // said when all is committed, and not at all when it is not
  };
  // Commits all of `stored` in one transaction. The others may be woken then, and the slots be freed after
  // the store's sync(). Throws StorageError, and then nothing was taken. What was found at the start while
  // the clock is not believed is committed and held: whether it is too old to be posted can only be judged
  // when somebody has set the clock (release()).
  Taken take(std::span<const modem::StoredMessage> stored, UtcTime now, Arrival arrival = Arrival::announced);
  // Takes what was held, also by an earlier run, as soon as the clock is believed. Costs nothing while
  // nothing is held. Throws StorageError.
  Taken release(UtcTime now);

  // What one more look at a quarantined part has come to.
  enum class Retried {
    taken,        // its message is whole, and is decided about like any other
    waiting,      // it can be read now; other parts of its message are missing
    ignored,      // it can be read now, and is nothing for the inbox: too old, a status report
    still_kept,   // it cannot be read now either
    taken_since,  // the same text has come again since and was taken then
    not_there,
  };
  // Judges a quarantined part once more, by the rules of today, in a transaction of its own; also of a modem
  // that is not configured any more. Its sender was told once that it could not be read, and is not told
  // again. Errc::busy: the clock is not believed, so that nobody knows how old it is. Throws StorageError.
  // Any thread that has this intake for itself.
  [[nodiscard]] Result<Retried> retry(std::int64_t id, UtcTime now, Taken& taken);

  // +CDS or a stored status report.
  void take_status_report(const modem::StatusReport& report);

 private:
  struct Decoded;
  struct Verdict;
  [[nodiscard]] bool believed(UtcTime clock) const { return clock >= settings_.built_at; }
  [[nodiscard]] Verdict judge(const Decoded& decoded, UtcTime now) const;
  void take_one(store::Transaction& transaction, const modem::StoredMessage& stored, UtcTime now,
                Arrival arrival, Taken& taken);
  void act(store::Transaction& transaction, std::int64_t id, const Decoded& decoded, const Verdict& verdict,
           UtcTime now, Taken& taken);
  void assemble(store::Transaction& transaction, std::int64_t id, const modem::Deliver& deliver, UtcTime now,
                Taken& taken);
  void comes_too_late(store::Transaction& transaction, std::int64_t id, const store::Family& family,
                      const std::vector<modem::PartKey>& waiting);
  // False: its text cannot be read; the parts are quarantined.
  [[nodiscard]] bool join(store::Transaction& transaction, const modem::Deliver& newest,
                          const modem::WholeMessage& whole, UtcTime now, Taken& taken);
  [[nodiscard]] Retried retry(store::Transaction& transaction, const store::KeptPart& part, UtcTime now,
                              Taken& taken);
  [[nodiscard]] bool learn(store::Transaction& transaction, const store::KeptPart& part,
                           const modem::Deliver& deliver, UtcTime now);
  void take_status_report(store::Transaction& transaction, const modem::StatusReport& report);
  void tell_unreadable(store::Transaction& transaction, const modem::Address& sender, UtcTime now,
                       Taken& taken);
  void say(const Taken& taken) const;
  void tell_self_tests(const Taken& taken, Arrival arrival) const;
  [[nodiscard]] store::SlotKey key(const modem::Slot& slot) const;
  // Of who can be answered; else why not.
  [[nodiscard]] Result<PhoneNumber> phone_of(const modem::Address& sender) const;
  // For comparing: in E.164, or as it was delivered.
  [[nodiscard]] std::string canonical(const modem::Address& sender) const;

  std::string modem_;
  std::string tag_;
  const IntakeSettings& settings_;
  std::string own_number_;  // as a network may write it back: numbers::complete's form
  store::Store& store_;
  bool may_hold_ = true;  // the store may have parts of this modem in state `held`
};

}  // namespace pigeon::transport
