// The recovery ladder: one step after each failure, none without need, and each one told.
#include "transport/recovery.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sim/modem/emulated_family.h"
#include "tests/modem/made_up_usb.h"
#include "tests/transport/modem_desk.h"

using namespace pigeon;
using sim::Intervention;
using store::ConditionCode;
using test::eventually;
using test::ModemDesk;
using transport::Ladder;
using transport::Recovery;
using transport::Remedy;

namespace {

const std::string kAda = "+12025550123";

transport::RecoveryTiming quick() {
  transport::RecoveryTiming timing;
  timing.unit = milliseconds(500);
  timing.reset = {milliseconds(100), milliseconds(5)};
  return timing;
}

std::vector<store::Condition> hangs(store::Store& store) {
  std::vector<store::Condition> found;
  for (const store::Condition& condition : store.conditions.list())
    if (condition.code == ConditionCode::modem_hangs) found.push_back(condition);
  return found;
}

Error silence() {
  return {Errc::timeout, "AT: no answer within 10 s", Retry::yes};
}

// Recovery by itself, of a stick on a made-up bus.
struct Stick {
  test::TempStore store;
  test::MadeUpUsb usb;
  test::TempFolder folder;
  std::string request = folder.file("usb-reset");
  std::atomic<bool> stopping{false};
  transport::RecoveryTiming timing = quick();

  Stick() {
    usb.plug_in("1-1.4", "12d1", "1506");
    usb.add_port("1-1.4", 2, "ttyUSB2");
  }
  Recovery recovery() {
    modem::ModemOptions options;
    options.name = "main";
    options.url = "serial:auto";
    options.usb = usb.tree();
    return {options, request, *store, stopping, timing};
  }
  [[nodiscard]] std::string device() const { return usb.tree().dev + "/ttyUSB2"; }
};

// Takes each request away, as carrier-pigeon-usb.service does.
class Root {
 public:
  explicit Root(std::string request)
      : request_(std::move(request)), thread_([this] {
          while (!done_) {
            std::ifstream file(request_);
            std::string line;
            if (std::getline(file, line) && !line.empty()) {
              asked_ = line;
              std::filesystem::remove(request_);
            }
            std::this_thread::yield();
          }
        }) {}
  ~Root() { static_cast<void>(asked()); }
  std::string asked() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
    return asked_;
  }

 private:
  std::string request_, asked_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace

TEST_CASE("recovery: one step after each failure in a row, and what costs most is rare") {
  const transport::RecoveryTiming timing;
  Ladder ladder(timing);
  SteadyTime now{};
  const auto fails = [&] {
    now += seconds(10);
    return ladder.failed(now);
  };
  CHECK(fails() == Remedy::reopen);
  CHECK(fails() == Remedy::radio);
  CHECK(fails() == Remedy::reboot);
  CHECK(fails() == Remedy::reauthorise);
  int radios = 0, reboots = 0, reauthorisations = 1;
  for (int i = 0; i < 360; ++i) {  // an hour
    const Remedy remedy = fails();
    radios += remedy == Remedy::radio ? 1 : 0;
    reboots += remedy == Remedy::reboot ? 1 : 0;
    reauthorisations += remedy == Remedy::reauthorise ? 1 : 0;
  }
  CHECK(radios <= 30);
  CHECK(reboots <= 6);
  CHECK(reboots >= 4);
  CHECK(reauthorisations <= 3);
  CHECK(reauthorisations >= 2);
  ladder.works();
  CHECK(fails() == Remedy::reopen);
}

TEST_CASE("recovery: a modem that answers nothing until it is rebooted receives and sends again") {
  std::atomic<bool> hangs_now{false};
  ModemDesk desk;
  transport::TransportTiming timing;
  timing.recovery = quick();
  modem::ModemOptions options = test::impatient(test::options_for(desk.sim.device()));
  options.timeouts.alive = milliseconds(300);
  desk.transport =
      std::make_unique<transport::ModemTransport>(options, desk.settings, *desk.store, desk.wakeups, timing);
  desk.on_command([&](std::string_view line) {
    if (line == "AT+CFUN=1,1") hangs_now = false;
    return hangs_now ? Intervention{Intervention::Kind::silence, {}} : Intervention{};
  });
  desk.transport->start();
  REQUIRE(desk.is_up());
  const auto begun = steady_now();
  hangs_now = true;
  REQUIRE(eventually([&] { return desk.count("AT+CFUN=1,1") == 1; }));
  CHECK(desk.told({"AT+CFUN=4", "AT+CFUN=1"}) ==
        std::vector<std::string>{"AT+CFUN=4", "AT+CFUN=1", "AT+CFUN=1", "AT+CFUN=1,1"});
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
  CHECK(steady_now() - begun < seconds(60));
  REQUIRE(hangs(*desk.store).size() == 1);
  CHECK(hangs(*desk.store)[0].count == 2);
  CHECK(hangs(*desk.store)[0].subject == "test");
}

TEST_CASE("recovery: a SIM7600 that hears nothing until its radio was off and on is not rebooted") {
  ModemDesk desk;
  sim::EmulatedFamily emulated(*sim::find_manner("simcom"), desk.sim);
  transport::TransportTiming timing;
  timing.recovery = quick();
  modem::ModemOptions options = test::impatient(test::options_for(desk.sim.device()));
  options.timeouts.alive = milliseconds(300);
  desk.transport =
      std::make_unique<transport::ModemTransport>(options, desk.settings, *desk.store, desk.wakeups, timing);
  desk.transport->start();
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  REQUIRE(desk.received(1));
  emulated.fall_deaf();
  REQUIRE(desk.carrier.text(kAda, "hello again").has_value());
  CHECK(desk.received(2));
  REQUIRE(hangs(*desk.store).size() == 1);
  CHECK(hangs(*desk.store)[0].count == 1);
  const auto heard = emulated.heard();
  CHECK(std::count(heard.begin(), heard.end(), "AT+CFUN=1") == 1);
  CHECK(std::count(heard.begin(), heard.end(), "AT+CFUN=1,1") == 0);
}

TEST_CASE("recovery: one that hangs again at once goes on where it stopped") {
  Stick stick;
  Recovery recovery = stick.recovery();
  Root root(stick.request);
  for (int i = 0; i < 4; ++i) {
    recovery.works(stick.device());  // for a moment
    recovery.failed(silence());
  }
  CHECK(root.asked() == "1-1.4");
}

TEST_CASE("recovery: the last step asks root's unit for the stick's device") {
  Stick stick;
  Recovery recovery = stick.recovery();
  recovery.works(stick.device());
  SUBCASE("which takes the request") {
    Root root(stick.request);
    for (int i = 0; i < 4; ++i) recovery.failed(silence());
    CHECK(root.asked() == "1-1.4");
    CHECK(hangs(*stick.store)[0].detail.find("not done") == std::string::npos);
  }
  SUBCASE("which is not there: it is said, and no request stays behind") {
    for (int i = 0; i < 4; ++i) recovery.failed(silence());
    CHECK(hangs(*stick.store)[0].detail.find("carrier-pigeon-usb.path is not active") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(stick.request));
  CHECK(hangs(*stick.store)[0].count == 3);
}

TEST_CASE("recovery: a stick that is called otherwise by now is reset, and not who has its old name") {
  Stick stick;
  sim::SimModem ours, other;
  std::atomic<int> ours_told{0}, other_told{0};
  ours.before_command([&](std::string_view) {
    ++ours_told;
    return Intervention{};
  });
  other.before_command([&](std::string_view) {
    ++other_told;
    return Intervention{};
  });
  Recovery recovery = stick.recovery();
  recovery.works(stick.device());
  stick.usb.pull_out_everything();
  stick.usb.plug_in("1-1.2", "12d1", "1506");
  stick.usb.add_port("1-1.2", 2, "ttyUSB2", other.device());
  for (int i = 0; i < 2; ++i) recovery.failed(silence());
  REQUIRE(hangs(*stick.store).size() == 1);
  CHECK(hangs(*stick.store)[0].detail.find("its port is gone") != std::string::npos);
  stick.usb.plug_in("1-1.4", "12d1", "1506");
  stick.usb.add_port("1-1.4", 2, "ttyUSB7", ours.device());
  recovery.failed(silence());
  CHECK(eventually([&] { return ours_told > 0; }));
  CHECK(other_told == 0);
  ours.before_command({});
  other.before_command({});
}

TEST_CASE("recovery: nothing is done for a modem that is not there, waits for a person, or never worked") {
  Stick stick;
  Recovery recovery = stick.recovery();
  for (int i = 0; i < 9; ++i) recovery.failed(silence());  // it never worked: who knows what it is
  recovery.works(stick.device());
  for (const Errc code :
       {Errc::not_found, Errc::disconnected, Errc::denied, Errc::conflict, Errc::bad_input}) {
    for (int i = 0; i < 4; ++i) recovery.failed({code, "it", Retry::yes});
  }
  CHECK(hangs(*stick.store).empty());
}

TEST_CASE("recovery: after an hour of work it is no condition any more, and not before") {
  Stick stick;
  SUBCASE("an hour") {
    stick.timing.calm = milliseconds(0);
    Recovery recovery = stick.recovery();
    recovery.works(stick.device());
    for (int i = 0; i < 2; ++i) recovery.failed(silence());
    recovery.look();  // it does not work yet
    CHECK(hangs(*stick.store).size() == 1);
    recovery.works(stick.device());
    recovery.look();
    CHECK(hangs(*stick.store).empty());
  }
  SUBCASE("less") {
    Recovery recovery = stick.recovery();
    recovery.works(stick.device());
    for (int i = 0; i < 2; ++i) recovery.failed(silence());
    recovery.works(stick.device());
    recovery.look();
    CHECK(hangs(*stick.store).size() == 1);
  }
}
