// A second AT port of a stick, on which texts are sent: an AT+CMGS holds its port for seconds, and meanwhile
// the owner reads on the first one. Each job (setting it up, sending a part) runs on a thread of its own; all
// else is the owner's thread, and leaves the port alone while a job runs.
#pragma once

#include <future>
#include <optional>
#include <vector>

#include "base/wakeup.h"
#include "modem/driver/port_parts.h"
#include "modem/driver/serial_modem.h"

namespace pigeon::modem {

class SendingPort {
 public:
  // Of the modem on `first`, which is up and is what `identity` and `profile` say. Begins to set the port up.
  SendingPort(const AtChannel& first, SerialPort port, const ModemOptions& options,
              const ModemIdentity& identity, const Profile& profile);
  ~SendingPort();  // what is under way is given up
  SendingPort(const SendingPort&) = delete;
  SendingPort& operator=(const SendingPort&) = delete;

  [[nodiscard]] const std::string& device() const { return parts_.channel.device(); }
  [[nodiscard]] bool is_free() const { return is_set_up_ && !job_.valid(); }
  [[nodiscard]] bool is_sending() const { return is_sending_; }
  // Of no use: it never answered, or does not any more.
  [[nodiscard]] bool has_failed() const { return has_failed_; }
  [[nodiscard]] int fd() const;  // for poll(2): look() has something to see

  void send(const Submit& submit);  // only while is_free()
  void set_up();                    // again, when the modem has restarted; behind the job that runs
  // What has become of the job, and what the modem has said here unasked; never waits.
  [[nodiscard]] std::vector<Event> look();
  // Of the last send(), once.
  [[nodiscard]] std::optional<Result<SendReceipt>> take_receipt() {
    return std::exchange(receipt_, std::nullopt);
  }
  // The end of what is sent, or that of `abort` (may be null): then it is given up.
  void finish(const Wakeup* abort);
  void give_up() { closing_.notify(); }  // nothing waits for the modem here any longer
  // SerialModem::acknowledge(), for what came here.
  void acknowledge();

 private:
  void start(std::function<Result<SendReceipt>()> job);
  void end_job();

  Wakeup closing_;
  Wakeup done_;  // notified by the job's thread as its last act
  ModemOptions options_;
  ModemIdentity identity_;
  Profile profile_;
  PortParts parts_;
  bool is_set_up_ = false;
  bool is_stale_ = false;  // set_up() is due when the job is over
  bool is_sending_ = false;
  bool has_failed_ = false;
  std::optional<Result<SendReceipt>> receipt_;
  std::future<Result<SendReceipt>> job_;
};

}  // namespace pigeon::modem
