// The modem's thread against a modem that does everything wrong that modems do (sim/modem/modem_faults.h):
// each fault at each step from plugging it in to the reply, and then seeded runs of all of them. PIGEON_RUNS
// sets how many runs there are.
#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/eventually.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/in_one.h"
#include "tests/store/temp_store.h"
#include "tests/transport/fault_campaign.h"
#include "transport/modem_transport.h"

using namespace pigeon;
using test::CampaignResult;

namespace {

unsigned runs() {
  const char* wanted = std::getenv("PIGEON_RUNS");
  return wanted == nullptr ? 2 : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

// Runs sixty times as fast as the system's: replies that the network refuses wait for minutes.
class FastClock : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return utc_ + passed(); }
  [[nodiscard]] SteadyTime steady() const override { return begin_ + passed(); }
  [[nodiscard]] milliseconds since_boot() const override { return passed(); }
  [[nodiscard]] std::string boot_id() const override { return system_clock().boot_id(); }

 private:
  [[nodiscard]] milliseconds passed() const {
    return std::chrono::duration_cast<milliseconds>(60 * (steady_now() - begin_));
  }

  const UtcTime utc_ = utc_now();
  const SteadyTime begin_ = steady_now();
};

// A modem, its thread with short waits, and a campaign against it.
class Run {
 public:
  explicit Run(unsigned seed, std::size_t chunk = 0)
      : sim_(sim::SimModemOptions{.sim_slots = 5, .chunk = chunk, .link = link_.string()}) {
    modem::ModemOptions options = test::impatient(test::options_for(link_.string()));
    options.timeouts.sim_missing = milliseconds(300);
    options.timeouts.radio = milliseconds(300);
    options.timeouts.list =
        chunk == 0 ? milliseconds(500) : seconds(3);  // five slots, half a millisecond a byte
    options.timeouts.alive = milliseconds(400);
    options.timeouts.unfinished = milliseconds(100);
    options.timeouts.settle = milliseconds(100);
    wakeups_.modems[options.name];
    const transport::TransportTiming timing{
        .scan_every = milliseconds(500),
        .health_every = milliseconds(700),
        .recovery = {.between_radio = milliseconds(500),
                     .between_reboots = milliseconds(800),
                     .reset = {.answer = milliseconds(100), .quiet = milliseconds(10)}}};
    transport_ =
        std::make_unique<transport::ModemTransport>(std::move(options), settings_, *store_, wakeups_, timing);
    campaign_ = std::make_unique<test::FaultCampaign>(
        sim_, carrier_, store_.database(),
        std::vector<std::string>{"+12025550123", "+12025550124", "+12025550125"}, seed, sim::FaultTimes{},
        [this] {
          wakeups_.modems.at("test").notify();  // the fast clock is not what its thread sleeps by
          transport_->try_again();
        });
    transport_->start();
  }
  ~Run() {
    campaign_->faults().end();
    sim_.unplug();  // whatever the thread waits for, it need not wait any longer
    transport_.reset();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  [[nodiscard]] test::FaultCampaign& campaign() { return *campaign_; }
  void owe(const std::string& text) {
    static_cast<void>(
        store_->outbox.add(in_one(*store_), {"+12025550123", text, "test", std::nullopt}, clock_.utc()));
  }

 private:
  FastClock clock_;
  test::TempStore store_{clock_};
  std::filesystem::path link_ = store_.folder() / "modem";
  sim::SimModem sim_;
  sim::Carrier carrier_{sim_};
  transport::IntakeSettings settings_{"+12025550100", "", "It could not be read."};
  store::Wakeups wakeups_;
  std::unique_ptr<transport::ModemTransport> transport_;
  std::unique_ptr<test::FaultCampaign> campaign_;
};

void check(const CampaignResult& result) {
  for (const std::string& finding : result.findings) {
    CAPTURE(finding);
    CHECK(finding.empty());
  }
  CHECK(result.lost == 0);
  CHECK(result.doubled == 0);
  CHECK(result.recovery < seconds(10));  // with waits a thirtieth of the real ones
}

struct StepsResult {
  int steps = 0;
  std::string stuck;  // the steps after which not all went in and out
  CampaignResult campaign;
};

// Plugs the modem in, texts it, has it reply, and again, until no command is left for the fault to come to.
StepsResult at_each_step(sim::Fault fault) {
  Run run(static_cast<unsigned>(fault) + 1);
  auto& faults = run.campaign().faults();
  StepsResult result;
  static_cast<void>(run.campaign().settled(test::kPatience));
  for (int step = 1; step < 100; ++step) {
    faults.pull();
    faults.strike(fault, step);
    static_cast<void>(run.campaign().text());
    run.owe("reply " + std::to_string(step));
    if (!run.campaign().settled(test::kPatience)) result.stuck += std::to_string(step) + ' ';
    if (!faults.has_struck()) break;
    result.steps = step;
  }
  faults.end();
  result.campaign = run.campaign().judge();
  return result;
}

}  // namespace

TEST_CASE("modem campaign: each fault at each step from plugging in to the reply") {
  std::vector<StepsResult> results(sim::kFaults.size());
  {
    std::vector<std::jthread> players;  // most of it is waiting
    for (std::size_t i = 0; i < results.size(); ++i)
      players.emplace_back([&, i] { results[i] = at_each_step(sim::kFaults[i]); });
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    CAPTURE(sim::word_of(sim::kFaults[i]));
    CHECK(results[i].steps >= 20);
    CHECK(results[i].stuck == "");
    check(results[i].campaign);
  }
}

TEST_CASE("modem campaign: whatever the modem does, each text is taken once") {
  constexpr int kRounds = 30;
  for (unsigned seed = 1; seed <= runs(); ++seed) {
    CAPTURE(seed);
    Run run(seed, seed % 2);  // every other one writes one byte at a time
    run.campaign().faults().draw(25);
    for (int i = 0; i < kRounds; ++i) {
      run.owe("reply " + std::to_string(i) + (i % 5 == 0 ? ' ' + std::string(200, 'y') : ""));
      run.campaign().round(milliseconds(1500));
    }
    run.campaign().faults().end();
    CHECK(run.campaign().settled(seconds(60)));
    const CampaignResult result = run.campaign().judge();
    check(result);
    CHECK(result.texts_in >= kRounds);
  }
}
