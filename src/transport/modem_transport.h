// The thread that owns one modem: keeps it open, reads before it sends, and says in the store how it is.
//
// An AT+CMGS holds the modem for seconds, so texts that wait are read first: all that are announced by now
// are read in the order of their +CMTI and committed in one go, then their slots are freed. One part of a
// reply goes out when nothing is left to read, and at the latest after TransportTiming::longest_reading of
// unbroken reading. A text of the operator's own goes before the replies, also a part at a time. On a stick
// with a second AT port the part goes out on that one, and reading goes on meanwhile.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/heartbeat.h"
#include "modem/driver/serial_modem.h"
#include "store/store.h"
#include "store/wakeups.h"
#include "transport/errands.h"
#include "transport/intake.h"
#include "transport/lookout.h"
#include "transport/pin_memory.h"
#include "transport/recovery.h"
#include "transport/send_desk.h"
#include "transport/sender.h"
#include "transport/stuck_slots.h"
#include "transport/ussd_desk.h"

namespace pigeon::transport {

// How often and how long. The defaults suit real modems; tests shorten them.
struct TransportTiming {
  milliseconds scan_every = std::chrono::minutes(5);  // indications get lost
  milliseconds count_every = seconds(7);              // while the modem announces nothing
  milliseconds list_every = seconds(60);              // the same: its count may lie
  milliseconds doubt_after = seconds(5);              // to list again what could not be read; doubles
  milliseconds health_every = std::chrono::minutes(5);
  milliseconds longest_step = seconds(240);    // an AT+CMGS may take 150 s and its recovery some more
  milliseconds longest_reading = seconds(10);  // without a reply in between
  milliseconds unplugged = seconds(60);        // after which a stick or its card may be another one
  RecoveryTiming recovery{};
};

class ModemTransport {
 public:
  // All references are borrowed and outlive the thread. `wakeups.modems` has this modem's name. `usb_request`
  // is Recovery's file.
  ModemTransport(modem::ModemOptions modem, const IntakeSettings& intake, store::Store& store,
                 store::Wakeups& wakeups, const TransportTiming& timing = {}, std::string usb_request = {});
  ~ModemTransport();  // stops and joins
  ModemTransport(const ModemTransport&) = delete;
  ModemTransport& operator=(const ModemTransport&) = delete;

  void start();         // once
  void request_stop();  // finishes the step in hand; any thread
  void try_again();     // while the modem is not ready: at once, and its cause is logged anew; any thread
  // Has it done between two commands of the thread's own; where there is no modem it is told so. False: too
  // many wait. Any thread.
  [[nodiscard]] bool ask(AnyErrand errand);
  // What is said on its port; outlives each modem that is opened. Any thread may listen.
  [[nodiscard]] modem::Traffic& traffic() { return traffic_; }
  // When the thread promised to be back, and its name; any thread may ask.
  [[nodiscard]] const Heartbeat& heartbeat() const { return heartbeat_; }
  [[nodiscard]] const std::string& name() const { return tag_; }

 private:
  void run();
  void open();
  void step();
  [[nodiscard]] bool run_errand();  // false: the modem is lost
  [[nodiscard]] Result<void> carry_out(Errand& errand);
  [[nodiscard]] Result<void> carry_out(UssdErrand& errand);
  [[nodiscard]] Result<void> carry_out(SendErrand& errand);
  void refuse_errands();  // there is no modem
  void read_texts();
  // Whether something can be read, committed or freed now.
  [[nodiscard]] bool texts_wait() const;
  [[nodiscard]] bool reading_is_due_to_end() const;
  [[nodiscard]] bool sync_is_awaited() const;  // of what was taken, by somebody who commits meanwhile
  void sync();
  [[nodiscard]] bool is_sending_due();
  void send_or_wait();
  [[nodiscard]] bool is_sending() const { return sender_.is_sending() || texts_.is_sending(); }
  [[nodiscard]] Result<void> finish_sending(const Result<modem::SendReceipt>& receipt);
  void take_report(const modem::Event& event);
  void release_reports();                            // those that were held back
  bool listen(SteadyTime deadline, Wakeup* wakeup);  // handles what happens until then; false: modem lost
  void handle(const modem::Event& event);
  void announce(const modem::Slot& slot);
  void look_out();  // for texts that are not announced
  void scan();
  void read_pending();
  // True: something of it is news.
  bool take(std::span<const modem::StoredMessage> stored, Intake::Arrival arrival);
  void wake_others(const Intake::Taken& taken);
  void free_later(const modem::StoredMessage& message, Intake::Arrival arrival, bool is_copy);
  void take_direct();
  void take_status_report(std::span<const std::uint8_t> octets);
  void acknowledge();
  void free_slots();
  struct Freeing {
    modem::StoredMessage message;
    bool read_first = false;  // it is not certain that this message still lies there
  };
  bool free_slot(const Freeing& next);  // false: the modem is lost
  void check_health(SteadyTime now);
  void lost(const Error& error);
  void publish_ready(bool ready, const std::string& detail);
  void publish();
  void pause(milliseconds time);
  [[nodiscard]] SteadyTime next_wake(std::optional<UtcTime> reply_due);

  modem::Traffic traffic_;
  modem::ModemOptions modem_options_;
  std::string tag_;
  store::Store& store_;
  store::Wakeups& wakeups_;
  Wakeup& wakeup_;
  TransportTiming timing_;
  Intake intake_;
  Sender sender_;
  PinMemory pin_memory_;
  Heartbeat heartbeat_;
  Errands errands_;
  UssdDesk ussd_;
  SendDesk texts_;
  SelfTests* self_tests_;
  std::atomic<bool> stopping_{false}, hurried_{false};
  Recovery recovery_;

  std::unique_ptr<modem::SerialModem> modem_;
  std::deque<modem::Slot> pending_;           // announced, not read yet, in the order of their +CMTI
  std::vector<modem::StoredMessage> direct_;  // came by +CMT, not committed yet
  std::vector<modem::Octets> reports_;        // came by +CDS, the same
  // Of what is under way the report may be here before the receipt that tells its reference: reports wait for
  // that, a little.
  std::vector<modem::Event> held_reports_;
  SteadyTime reports_held_until_{};
  std::deque<Freeing> to_free_;  // committed
  struct Unsynced {
    std::uint64_t commits = 0;  // with these
    SteadyTime until;           // then nobody else is waited for
  };
  std::optional<Unsynced> unsynced_;  // what was taken last, until it is known to be on the disk
  StuckSlots stuck_;
  Lookout lookout_;
  bool scan_needed_ = false;
  bool scan_is_timed_ = false;          // nothing but the time asks for it
  bool was_listed_ = false;             // since the modem was opened
  std::optional<SteadyTime> reply_by_;  // set while texts are being read
  SteadyTime next_scan_{};
  SteadyTime next_health_{};
  milliseconds retry_{0};                // the pause after the next failure to open
  std::string last_problem_;             // logged once while it stays the same
  store::ModemState state_, published_;  // what is known, and what of it is committed
  std::thread thread_;
};

}  // namespace pigeon::transport
