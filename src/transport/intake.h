// From the modem's slots to whole messages: every PDU is committed before its slot may be freed, long
// messages are put together from their stored parts, and what cannot be read goes to the quarantine instead
// of blocking its slot.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "modem/driver/serial_modem.h"
#include "store/store.h"

namespace pigeon::transport {

struct IntakeSettings {
  std::string gateway_number;  // E.164; never answered
  std::string country;         // calling code that completes national senders
  std::string unreadable;      // the reply to a person whose SMS cannot be read
};

// Belongs to one modem's thread.
class Intake {
 public:
  // `store` and `settings` are borrowed.
  Intake(std::string modem, const IntakeSettings& settings, store::Store& store);

  struct Taken {
    int messages = 0;  // complete ones, now in state `received`: wake the dispatcher
    int replies = 0;   // queued for people whose SMS could not be read: wake the modem
  };
  // Commits all of `stored` in one transaction; when it returns, their slots may be freed. Throws
  // StorageError, and then nothing was taken. What is known from before (a re-read after a crash) is not
  // taken again.
  Taken take(std::span<const modem::StoredMessage> stored, UtcTime now);
  // The slot was freed; the mark is committed with the next take().
  void freed(const modem::Slot& slot);
  // After the first listing of a modem: slots that are empty now were freed before the mark was committed.
  void reconcile(std::span<const modem::StoredMessage> stored);

  // +CDS or a stored status report.
  void take_status_report(const modem::StatusReport& report);

 private:
  void take_one(const modem::StoredMessage& stored, UtcTime now, Taken& taken);
  void take_deliver(store::NewPart part, const modem::Deliver& deliver, Taken& taken);
  void join(const modem::Deliver& newest, const std::vector<std::int64_t>& ids, UtcTime now, Taken& taken);
  [[nodiscard]] store::SlotKey key(const modem::Slot& slot) const;
  [[nodiscard]] std::string phone_of(
      const modem::Address& sender) const;  // E.164, or empty: cannot be answered

  std::string modem_;
  std::string tag_;
  const IntakeSettings& settings_;
  store::Store& store_;
  std::vector<modem::Slot> freed_;
};

}  // namespace pigeon::transport
