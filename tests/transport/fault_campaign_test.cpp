// Seeded runs of the modem's thread with a modem that answers twice, in pieces, wrongly, late or not at all,
// that restarts and is pulled out at any command: whatever it does, each text is taken once, and no reply
// goes out more often than its own rule says. PIGEON_RUNS sets how many runs there are.
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>

#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "tests/eventually.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/in_one.h"
#include "tests/store/temp_store.h"
#include "transport/modem_transport.h"

using namespace pigeon;
using sim::Intervention;

namespace {

constexpr int kTexts = 24;

unsigned runs() {
  const char* wanted = std::getenv("PIGEON_RUNS");
  return wanted == nullptr ? 2 : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

// What a modem does to one command in `kRarity`.
class Faults {
 public:
  Faults(sim::SimModem& modem, unsigned seed) : modem_(modem), random_(seed) {}

  void begin() {
    modem_.before_command([this](std::string_view line) { return before(line); });
    modem_.after_command([this](std::string_view line) { return after(line); });
  }
  void end() {
    modem_.before_command({});
    modem_.after_command({});
  }

 private:
  static constexpr unsigned kRarity = 25;

  // The command is not carried out, or something stands in front of its answer.
  Intervention before(std::string_view) {
    const std::lock_guard lock(mutex_);
    if (silent_for_ > 0) {
      --silent_for_;
      return {Intervention::Kind::silence, ""};
    }
    if (draw(kRarity) != 0) return {};
    constexpr std::array kRefusals = {"\r\n+CMS ERROR: 500\r\n", "\r\n+CMS ERROR: 314\r\n",
                                      "\r\n+CMS ERROR: 320\r\n", "\r\n+CME ERROR: 14\r\n", "\r\nERROR\r\n"};
    constexpr std::array kNoise = {"\r\n^RSSI:9\r\n", "\xff\xfe\r\n", "\r\nOK\r\n", "\r\n+CREG: 1,\"0B\r\n",
                                   "\r\nRING\r\n"};
    switch (draw(11)) {
      case 0:
        return {Intervention::Kind::answer, kRefusals[draw(kRefusals.size())]};
      case 1:
        return {Intervention::Kind::silence, ""};
      case 2:
        silent_for_ = static_cast<int>(draw(6));
        return {Intervention::Kind::silence, ""};
      case 3:
        return {Intervention::Kind::answer, std::string("\r\nERROR\r\n\r\nOK\r\n")};
      case 4:
        return {Intervention::Kind::hang_up, ""};
      default:
        modem_.inject(kNoise[draw(kNoise.size())]);
        return {};
    }
  }

  // It is carried out, and its answer is lost or is followed by another one.
  Intervention after(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (draw(kRarity) != 0) return {};
    switch (draw(3)) {
      case 0:
        return {Intervention::Kind::silence, ""};
      case 1:
        // It says so, and has lost nothing but its settings.
        return line.starts_with("PDU ") ? Intervention{}
                                        : Intervention{Intervention::Kind::answer, "\r\nRDY\r\n"};
      default:
        return {Intervention::Kind::hang_up, ""};
    }
  }

  std::size_t draw(std::size_t bound) { return random_() % bound; }

  sim::SimModem& modem_;
  std::mutex mutex_;
  std::mt19937 random_;
  int silent_for_ = 0;
};

class Run {
 public:
  explicit Run(unsigned seed) : faults_(sim_, seed), random_(seed) {
    modem::ModemOptions options = test::impatient(test::options_for(link_.string()));
    options.timeouts.sim_missing = milliseconds(300);
    options.timeouts.radio = milliseconds(300);
    options.timeouts.list = milliseconds(500);
    wakeups_.modems[options.name];
    const transport::TransportTiming timing{.scan_every = milliseconds(500)};
    transport_ =
        std::make_unique<transport::ModemTransport>(std::move(options), settings_, *store_, wakeups_, timing);
    transport_->start();
  }
  ~Run() {
    faults_.end();
    sim_.unplug();  // whatever the thread waits for, it need not wait any longer
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void play() {
    faults_.begin();
    for (int i = 0; i < kTexts; ++i) {
      const std::string sender = "+12025550" + std::to_string(120 + random_() % 4);
      const std::string words = "text " + std::to_string(i) + (i % 5 == 0 ? std::string(200, 'x') : "");
      REQUIRE(carrier_.text(sender, words));
      if (i % 2 == 0) owe("reply " + std::to_string(i));
      const bool taken = test::eventually([&] { return store_->inbox.count_open() > i; }, milliseconds(1500));
      if (!taken || random_() % 20 == 0) sim_.plug_in();  // it may have been pulled out, or it is now
    }
    faults_.end();
    sim_.plug_in();
  }

  void judge() {
    const SteadyTime repaired = steady_now();
    const bool all = test::eventually([&] { return store_->inbox.count_open() >= kTexts; }, seconds(60));
    CHECK(all);
    CHECK(steady_now() - repaired < seconds(60));
    CHECK(test::eventually([&] { return sim_.messages_stored() == 0 && sim_.messages_waiting() == 0; }));
    std::map<std::string, int> taken;
    for (std::int64_t id = 1; const auto message = store_->inbox.find(id); ++id) ++taken[message->text];
    CHECK(taken.size() == kTexts);
    for (const auto& [text, count] : taken) {
      CAPTURE(text);
      CHECK(count == 1);
    }
    std::map<std::string, int> sent;
    for (const auto& message : carrier_.inbox("+12025550123")) ++sent[message.text];
    for (const auto& [text, count] : sent) {
      CAPTURE(text);
      CHECK(count <= 2);  // once more where nobody knows whether it went out
    }
  }

 private:
  void owe(const std::string& text) {
    static_cast<void>(
        store_->outbox.add(in_one(*store_), {"+12025550123", text, "test", std::nullopt}, utc_now()));
  }

  test::TempStore store_;
  std::filesystem::path link_ = store_.folder() / "modem";
  sim::SimModem sim_{sim::SimModemOptions{.link = link_.string()}};
  sim::Carrier carrier_{sim_};
  transport::IntakeSettings settings_{"+12025550100", "", "It could not be read."};
  store::Wakeups wakeups_;
  Faults faults_;
  std::mt19937 random_;
  std::unique_ptr<transport::ModemTransport> transport_;
};

}  // namespace

TEST_CASE("modem campaign: whatever the modem does, each text is taken once") {
  for (unsigned seed = 1; seed <= runs(); ++seed) {
    CAPTURE(seed);
    Run run(seed);
    run.play();
    run.judge();
  }
}
