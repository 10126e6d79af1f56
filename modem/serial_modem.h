// One GSM modem on one AT port: brings it up, reads and frees its message slots, sends, watches its health.
// Synchronous and single-threaded: one owner thread calls everything; nothing here starts a thread or keeps a
// callback. Events that arrive while a command runs are queued and come out of wait().
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/wakeup.h"
#include "modem/pdu.h"

namespace pigeon::modem {

// Where a message lies: "SM", "ME", "MT", "SR" and the index +CMTI, +CMGR and +CMGD use (3GPP TS 27.005 §3.1).
struct Slot {
  std::string storage;
  int index = 0;
  auto operator<=>(const Slot&) const = default;
};

struct StoredMessage {
  Slot slot;
  Octets pdu;  // with the SMSC address in front, exactly as the modem gave it; may be undecodable
};

struct ModemOptions {
  std::string name;          // tag for logs
  std::string url;           // serial:auto | serial:/dev/…?baud=… | pty:/dev/pts/3
  std::string pin;           // empty: none
  std::string smsc;          // E.164; empty: keep the SIM's
};

struct ModemIdentity {
  std::string manufacturer, model, revision, imei, imsi;
  std::string device;        // resolved path
  std::string family;        // of quirks.h: "generic", "huawei", "quectel", …
};

// +CREG/+CGREG/+CEREG folded into one (3GPP TS 27.007 §7.2); any of them saying yes is yes.
enum class Registration { unknown, not_registered, searching, denied, home, roaming };

struct ModemHealth {
  Registration registration = Registration::unknown;
  std::optional<int> signal_dbm;       // from +CSQ: -113 + 2n; 99 is unknown
  std::string network;                 // +COPS name, may be empty
  int slots_used = 0, slots_total = 0; // of the storage messages arrive in
};

struct Event {
  enum class Kind {
    message_stored,   // +CMTI; `slot` unless the modem gave none: then list
    status_report,    // +CDS: `pdu` is the bare TPDU or has the SMSC in front; status_report_stored: +CDSI
    status_report_stored,
    message_direct,   // +CMT although not asked for: `pdu`
    storage_full,     // ^SMMEMFULL, +SMS FULL, …
    woken,            // the Wakeup passed to wait() was notified
    restarted,        // boot chatter or a power-down line: run bring_up() again
  };
  Kind kind = Kind::woken;
  std::optional<Slot> slot;
  Octets pdu;
};

struct SendReceipt {
  std::uint8_t reference = 0;  // TP-MR from +CMGS, links the status report
};

class SerialModem {
 public:
  // Opens the port (exclusively), finds out that a modem answers AT, and runs bring_up().
  // Errc::not_found no such device; denied; conflict somebody else owns it; unsupported "not a modem: …".
  [[nodiscard]] static Result<std::unique_ptr<SerialModem>> open(const ModemOptions& options);
  ~SerialModem();

  // Echo off, errors on, PIN (one try per configured PIN), PDU mode, storages, SMSC, the CNMI ladder. Idempotent.
  [[nodiscard]] Result<void> bring_up();

  // Blocks until something happens or `deadline` passes (an empty list). Errc::disconnected: the port is gone.
  [[nodiscard]] Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup = nullptr);

  // Every message in every storage that messages may lie in. An empty modem is an empty list.
  [[nodiscard]] Result<std::vector<StoredMessage>> list_messages();
  // Nothing when the slot is empty.
  [[nodiscard]] Result<std::optional<StoredMessage>> read_message(const Slot& slot);
  // Freeing an empty slot succeeds.
  [[nodiscard]] Result<void> delete_message(const Slot& slot);

  // One part over the air; 2–150 s on a real network. Errc::outcome_unknown: the PDU was handed over and no result
  // came; denied/bad_input: refused for good; busy, timeout, disconnected: nothing was sent, try later.
  [[nodiscard]] Result<SendReceipt> send(const Submit& submit);

  [[nodiscard]] Result<ModemHealth> health();
  [[nodiscard]] const ModemIdentity& identity() const;

 private:
  struct Impl;
  explicit SerialModem(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::modem
