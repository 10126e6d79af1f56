// One GSM modem on an AT port, or two: brings it up, reads and frees its message slots, sends, watches its
// health. Synchronous: one owner thread calls everything, and no callback is kept; a second port alone has a
// thread of its own, while it sends. Events that arrive while a command runs are queued and come out of
// wait().
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/wakeup.h"
#include "modem/at/raw_command.h"
#include "modem/at/registration.h"
#include "modem/at/slot.h"
#include "modem/at/ussd.h"
#include "modem/driver/pin_memory.h"
#include "modem/port/traffic.h"
#include "modem/port/usb_ports.h"
#include "modem/sms/pdu.h"

namespace pigeon::modem {

struct StoredMessage {
  Slot slot;
  Octets pdu;  // with the SMSC address in front, exactly as the modem gave it; may be undecodable
};

// How long the modem may take. The defaults suit real sticks; tests shorten them.
struct ModemTimeouts {
  milliseconds open{5000};           // for a port to show that a modem answers AT on it
  milliseconds boot{30000};          // the same for a modem that has just restarted
  milliseconds answer{10000};        // an ordinary command
  milliseconds list{60000};          // AT+CMGL of a full storage
  milliseconds list_silence{25000};  // behind AT+CMGL or between its lines: it is lost
  milliseconds radio{15000};         // AT+CFUN=1, AT+COPS?
  milliseconds prompt{10000};        // from AT+CMGS to ">"
  milliseconds send{180000};         // from the PDU to +CMGS; LTE may take 135 s to fail
  milliseconds sim_ready{30000};     // from the PIN to READY, and while the SIM is busy
  milliseconds sim_missing{6000};    // until "no SIM" is believed
  milliseconds retry{500};           // between two tries while the SIM is busy
  milliseconds probe{1000};          // for the answer to a bare AT
  milliseconds resync{5000};         // to find back after a command without an answer
  milliseconds quiet{40};            // silence that ends a drain
  milliseconds unfinished{2000};     // silence behind an answer without a final result
  milliseconds alive{45000};         // silence after which wait() asks whether the modem is still there
  milliseconds settle{10000};        // until a setting that was refused is tried again, the first time
};

struct ModemOptions {
  std::string name;        // tag for logs
  std::string url;         // serial:auto | serial:imei=… | serial:/dev/…?baud=… | pty:/dev/pts/3
  std::string pin;         // empty: none
  std::string smsc;        // E.164; empty: keep the SIM's
  std::string transcript;  // file that records everything said on the port (transcript.h); empty: nothing is
  Traffic* traffic = nullptr;  // hears all that is said on the port; borrowed, may be null
  ModemTimeouts timeouts;
  UsbTree usb;             // where sticks are looked for
  bool two_ports = false;  // where a stick has a second AT port, start_send() sends on that one
  // Which PINs were entered in vain. Borrowed; null: what this process entered (process_pin_memory()).
  PinMemory* pin_memory = nullptr;
  // While notified, no call waits for the modem any longer (Errc::timeout, or outcome_unknown behind a PDU):
  // for a stop that cannot wait 180 s for a network. Borrowed; may be null.
  const Wakeup* abort = nullptr;
};

struct ModemIdentity {
  std::string manufacturer, model, revision, imei;
  std::string device;  // resolved path
  std::string family;  // of profile.h: "generic", "huawei", "quectel", …
};

// How full a storage of messages is.
struct StorageUse {
  std::string name;  // "SM"
  int used = 0, total = 0;
};

struct ModemHealth {
  Registration registration = Registration::unknown;
  std::optional<int> signal_dbm;        // from +CSQ: -113 + 2n; 99 is unknown
  std::string network;                  // +COPS name, may be empty
  std::string technology;               // "LTE", "3G", "2G"; empty: not told
  std::vector<StorageUse> storages;     // those that the modem works on, each once
  int slots_used = 0, slots_total = 0;  // of the storage messages arrive in
};

// What bring_up() settled on, for diagnostics.
struct ModemSettings {
  std::string receive_storage;  // where texts arrive: "SM", "ME", …
  std::string cnmi;  // "2,1,0,1,0" as read back; empty: the modem announces nothing, list on a timer
  bool announces_messages = false;
  bool announces_reports = false;  // status reports come as events
  bool acknowledges = false;       // AT+CSMS=1: what comes directly is sent again until acknowledge()
  std::string smsc;                // in use; empty: none is set
};

struct Event {
  enum class Kind {
    message_stored,  // +CMTI; `slot` unless the modem gave none: then list
    status_report,   // +CDS: `pdu` is the bare TPDU or has the SMSC in front; status_report_stored: +CDSI
    status_report_stored,
    message_direct,  // +CMT although not asked for: `pdu`
    storage_full,    // ^SMMEMFULL, +SMS FULL, …
    ussd,            // the network says something by USSD, asked or not: `ussd`
    sent,            // take_receipt() has the outcome
    woken,           // the Wakeup passed to wait() was notified
    restarted,       // boot chatter or a power-down line: run bring_up() again
  };
  Kind kind = Kind::woken;
  std::optional<Slot> slot;
  Octets pdu;
  UssdReply ussd{};
};

// What stands for a reference where +CMGS gave none, or one that cannot be trusted.
inline constexpr int kNoReference = -1;

struct SendReceipt {
  int reference = kNoReference;  // TP-MR from +CMGS, links the status report
};

class SerialModem {
 public:
  // Finds and opens the port (exclusively; finder.h says how), and runs bring_up(). The stick, with all its
  // ports, and the IMEI are this modem's for as long as it lives.
  // Errc::not_found no such device; denied; conflict somebody else owns it; unsupported "not a modem: …".
  [[nodiscard]] static Result<std::unique_ptr<SerialModem>> open(const ModemOptions& options);
  ~SerialModem();

  // Echo off, errors on, PIN (one try for a wrong one, pin_memory.h), PDU mode, storages, SMSC, the CNMI
  // ladder. Each is asked first and written only when it is not so: many modems keep a write in their flash.
  // Idempotent.
  [[nodiscard]] Result<void> bring_up();

  // Blocks until something happens or `deadline` passes (an empty list). Meanwhile it sets again what the
  // modem has lost or refused before, and asks AT when nothing was heard for a while. Errc::disconnected: the
  // port is gone; timeout: the modem does not answer any more.
  [[nodiscard]] Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup = nullptr);

  // Every message in every storage that messages may lie in. An empty modem is an empty list.
  [[nodiscard]] Result<std::vector<StoredMessage>> list_messages();
  // Whether the last listing left a slot that holds something and could not be read.
  [[nodiscard]] bool left_slots() const;
  // How many the modem says it holds, a cheap question: counts lie, so list at times all the same. Nothing
  // when it does not tell.
  [[nodiscard]] Result<std::optional<int>> count_messages();
  // Nothing when the slot is empty.
  [[nodiscard]] Result<std::optional<StoredMessage>> read_message(const Slot& slot);
  // Tells the network, where it asks for that, that the last message_direct or status_report is taken: to be
  // called when it is committed. Nothing is asked when nothing waits for it.
  [[nodiscard]] Result<void> acknowledge();
  // Freeing an empty slot succeeds. After Errc::timeout the slot may be free and may hold a new message
  // already: read before deleting again.
  [[nodiscard]] Result<void> delete_message(const Slot& slot);

  // One part over the air; 2–150 s on a real network. Errc::outcome_unknown: the PDU was handed over and no
  // result came; denied: refused for good; bad_input: the modem itself takes it for wrong; busy, timeout,
  // disconnected: nothing was sent, try later.
  [[nodiscard]] Result<SendReceipt> send(const Submit& submit);

  // The same without waiting where a second port can send; else it waits. Not while is_sending().
  void start_send(const Submit& submit);
  [[nodiscard]] bool is_sending() const;  // on the second port
  // What start_send() has come to, once; nothing while is_sending().
  [[nodiscard]] std::optional<Result<SendReceipt>> take_receipt();
  // Waits for it, until ModemOptions::abort. Only between start_send() and its receipt.
  [[nodiscard]] Result<SendReceipt> finish_send();
  // The same without waiting: what was handed over is of unknown outcome.
  [[nodiscard]] Result<SendReceipt> cancel_send();

  // Asks signal, registration, network and slots, up to six commands; what the modem refuses keeps its
  // default. Errc::timeout, disconnected: it did not answer at all.
  [[nodiscard]] Result<ModemHealth> health();
  // A command that a person has typed, between two of the owner's: raw_command.h. After one that may harm,
  // bring_up() sees to it that the driver's settings hold.
  [[nodiscard]] Result<RawAnswer> ask_raw(const std::string& command, milliseconds timeout);
  // Gives the network a USSD code, or the answer to what it asked; in the form that this modem takes. What
  // comes of it is an event, seconds later. Errors as those of a command; Errc::bad_input: is_ussd_text()
  // says no.
  [[nodiscard]] Result<void> request_ussd(const std::string& text);
  [[nodiscard]] Result<void>
  end_ussd();  // a session that waits for an answer; that there is none is no error
  // As the last bring_up() found it; fields it never told are empty.
  [[nodiscard]] const ModemIdentity& identity() const;
  // As the last bring_up() settled it.
  [[nodiscard]] const ModemSettings& settings() const;

 private:
  struct Impl;
  explicit SerialModem(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::modem
