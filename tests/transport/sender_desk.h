// What the tests of the Sender share: a store that owes replies, a simulated modem to send them with, and the
// one who sends, at a time that the test says.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/modem/sim_modem.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"
#include "transport/sender.h"

namespace pigeon::test {

struct SenderDesk {
  TempStore store;
  sim::SimModem sim;
  std::unique_ptr<modem::SerialModem> modem = open_modem(options_for(sim.device()));
  std::unique_ptr<transport::Sender> sender = std::make_unique<transport::Sender>("main", *store);
  UtcTime now = from_unix_ms(1'795'000'000'000);

  std::int64_t owe(const std::string& phone, const std::string& text) {
    return store->outbox.add(in_one(*store), {phone, text, "main", std::nullopt}, now);
  }
  // What the modem does with each PDU; nothing: takes it.
  void on_pdu(const std::function<sim::Intervention()>& habit) {
    sim.before_command(
        [habit](std::string_view line) { return line.starts_with("PDU ") ? habit() : sim::Intervention{}; });
  }
  Result<bool> turn() { return sender->send_one(*modem, now); }
  // Until nothing is due any more, or the modem is gone.
  void send_all() {
    while (turn().value_or(false)) {
    }
  }
  // The end of this process, and the next one.
  void restart() {
    store.reopen();
    sender = std::make_unique<transport::Sender>("main", *store);
  }
  // Who was sent something, in order.
  [[nodiscard]] std::vector<std::string> recipients() const {
    std::vector<std::string> phones;
    for (const sim::SentPart& part : sim.sent()) phones.push_back(part.submit.recipient.to_string());
    return phones;
  }
};

inline sim::Intervention answered(const std::string& answer) {
  return {sim::Intervention::Kind::answer, answer};
}

}  // namespace pigeon::test
