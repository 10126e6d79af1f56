// Sends what the store's outbox owes people over one modem, a part at a time, so that waiting texts are read
// in between. The intent is committed before each AT+CMGS. A part of which nobody knows whether the network
// has taken it is never repeated (ReplyState::unclear); one that is refused for the moment is tried for about
// a day, and an unplugged modem uses up nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "modem/driver/serial_modem.h"
#include "store/store.h"

namespace pigeon::transport {

// Belongs to one modem's thread.
class Sender {
 public:
  // `modem` is its name in the store. `store` is borrowed.
  Sender(std::string modem, store::Store& store);

  // Sends at most one part of the reply that is due. True: there may be more to do at once. An error is the
  // modem's (Errc::disconnected and the like); whatever it was, the reply is kept or closed in the store.
  // Where the modem sends on a second port the part is under way afterwards: is_sending(), until finish().
  [[nodiscard]] Result<bool> send_one(modem::SerialModem& modem, UtcTime now);
  [[nodiscard]] bool is_sending() const { return under_way_.has_value(); }
  // What has become of it; only while is_sending().
  [[nodiscard]] Result<bool> finish(const Result<modem::SendReceipt>& receipt);
  // What was being sent when an earlier run ended is unclear from now on, before its report may be read.
  void settle_cut_off(UtcTime now);
  // When this modem's next reply falls due, past times included; nothing while the outbox owes none.
  [[nodiscard]] std::optional<UtcTime> next_due();

 private:
  // A reply whose next part is on its way: the intent to send it is committed.
  struct Sending {
    store::Reply reply;
    std::vector<modem::Submit> parts;
    UtcTime now{};  // when it began, by both clocks
    SteadyTime begun{};
  };
  // Both: `closed` is set when something is closed without being sent.
  [[nodiscard]] std::optional<Sending> begin(UtcTime now, bool& closed);
  [[nodiscard]] std::optional<store::Reply> next(store::Transaction& transaction, UtcTime now, bool& closed);
  void postpone(store::Transaction& transaction, const store::Reply& reply, store::Setback why,
                milliseconds pause, const std::string& error, UtcTime now);
  void settle_unclear(store::Transaction& transaction, const store::Reply& reply, std::size_t parts,
                      const std::string& why, UtcTime now);
  [[nodiscard]] Result<bool> settle_failure(store::Transaction& transaction, const Sending& sending,
                                            const Error& error, UtcTime now);
  [[nodiscard]] UtcTime after(const store::Reply& reply, UtcTime now, milliseconds took);
  void log_again(const store::Reply& reply, const std::string& why);
  void give_up(store::Transaction& transaction, const store::Reply& reply, const std::string& why);

  std::string modem_;
  std::string tag_;
  store::Store& store_;
  std::optional<Sending> under_way_;
  std::int64_t intended_ = 0;  // this reply is written down as being sent, and nothing of it was handed over
  bool failed_before_ = true;  // the last reply may have failed, also in an earlier run
};

}  // namespace pigeon::transport
