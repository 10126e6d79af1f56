// The modem's thread on a simulated modem that is listened to: where tests of the transport begin.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "tests/eventually.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"
#include "transport/modem_transport.h"

namespace pigeon::test {

// A modem that is listened to, and the thread that owns it; not started yet.
struct ModemDesk {
  TempStore store;
  sim::SimModem sim;
  sim::Carrier carrier{sim};
  transport::IntakeSettings settings{"+12025550100", "", "It could not be read."};
  store::Wakeups wakeups;
  std::unique_ptr<transport::ModemTransport> transport;

  explicit ModemDesk(const transport::TransportTiming& timing = {}) {
    wakeups.modems["test"];
    make(timing);
    on_command([](std::string_view) { return sim::Intervention{}; });
  }
  ~ModemDesk() {
    sim.before_command({});
    sim.unplug();  // whatever the thread waits for, it need not wait any longer
    transport.reset();
  }
  ModemDesk(const ModemDesk&) = delete;
  ModemDesk& operator=(const ModemDesk&) = delete;

  void make(const transport::TransportTiming& timing) {
    transport = std::make_unique<transport::ModemTransport>(options_for(sim.device()), settings, *store,
                                                            wakeups, timing);
  }
  // Every line that the modem is given passes `hook`, and is noted. What it refers to outlives the desk.
  void on_command(std::function<sim::Intervention(std::string_view)> hook) {
    sim.before_command([this, hook = std::move(hook)](std::string_view line) {
      {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
      }
      return hook(line);
    });
  }
  // What the modem was told of the commands that begin so, in order.
  [[nodiscard]] std::vector<std::string> told(const std::vector<std::string_view>& beginnings) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      for (const std::string_view beginning : beginnings) {
        if (line.starts_with(beginning)) found.push_back(line);
      }
    }
    return found;
  }
  [[nodiscard]] std::size_t count(std::string_view beginning) const { return told({beginning}).size(); }
  // The first listing is over: the modem's health comes next.
  [[nodiscard]] bool is_up() {
    return eventually([&] { return count("AT+CSQ") > 0; });
  }
  [[nodiscard]] bool received(std::int64_t texts) {
    return eventually([&] { return store->inbox.count_open() == texts; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// A modem that says it announces texts, and does not.
inline sim::Intervention swallow_indications(std::string_view line) {
  if (line.starts_with("AT+CNMI=") && line != "AT+CNMI=?")
    return {sim::Intervention::Kind::answer, "\r\nOK\r\n"};
  if (line == "AT+CNMI?") return {sim::Intervention::Kind::answer, "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"};
  return {};
}

}  // namespace pigeon::test
