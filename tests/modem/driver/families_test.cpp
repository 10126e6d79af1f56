// Each family of dongles as the simulated modem plays it: opened, given a long text, answered, restarted.
// Nothing is lost, nothing comes twice, its chatter is no news, and what is right is not written again.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "modem/driver/profile.h"
#include "modem/driver/reset.h"
#include "modem/sms/segmenter.h"
#include "sim/modem/emulated_family.h"
#include "sim/modem/sim_pdu.h"
#include "sim/network/carrier.h"
#include "tests/modem/modem_helpers.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;
using pigeon::sim::EmulatedFamily;
using pigeon::sim::FamilyManner;

namespace {

const std::string kPhone = "+12025550123";
const std::string kLongText(200, 'a');

bool writes_a_setting(std::string_view line) {
  return (line.find('=') != std::string_view::npos && !line.ends_with("=?") && !line.starts_with("AT+CMG") &&
          line != "AT+QURCCFG=\"urcport\"") ||
         line.starts_with("ATE");
}

// An owner as the transport is one: what is announced is read, and what is not is listed after a while.
struct Desk {
  explicit Desk(const FamilyManner& family, const sim::SimModemOptions& base = {})
      : manner(family), sim(EmulatedFamily::options(family, base)), emulated(family, sim), carrier(sim) {
    emulated.set_deaf_after_start(milliseconds(0));
  }

  void open() {
    modem.reset();
    modem = open_modem(options_for(sim.device()));
    take_all();
  }

  void take(const Slot& slot) {
    const auto message = modem->read_message(slot);
    REQUIRE(message);
    if (!*message) return;
    const Octets& pdu = (*message)->pdu;
    if (sim::is_status_report(pdu))
      ++reports;
    else
      taken.push_back(to_hex(pdu));
    REQUIRE(modem->delete_message(slot));
  }

  void take_all() {
    const auto messages = modem->list_messages();
    REQUIRE(messages);
    for (const StoredMessage& message : *messages) take(message.slot);
  }

  void take(const Event& event) {
    switch (event.kind) {
      case Event::Kind::restarted:
        ++restarts;
        REQUIRE(modem->bring_up());
        break;
      case Event::Kind::message_stored:
        ++announced;
        break;
      case Event::Kind::status_report:
        reports += event.pdu.empty() ? 0 : 1;
        REQUIRE(modem->acknowledge());
        return;
      case Event::Kind::storage_full:
        ++full;
        return;
      default:
        break;
    }
    if (event.slot)
      take(*event.slot);
    else
      take_all();
  }

  // `looks`: what is not announced is listed, as the transport does after a while.
  bool wait_until(const std::function<bool()>& condition, bool looks = true) {
    const auto give_up = steady_now() + seconds(20);
    while (!condition() && steady_now() < give_up) {
      const auto events = modem->wait(steady_now() + milliseconds(200));
      REQUIRE(events);
      if (events->empty() && looks) take_all();
      for (const Event& event : *events) take(event);
    }
    return condition();
  }

  void wait_for_texts(std::size_t count) {
    static_cast<void>(wait_until([&] { return taken.size() >= count; }));
    CHECK(taken.size() == count);
  }

  void answer(const std::string& words) {
    SegmentOptions with_report;
    with_report.request_status_report = true;
    const auto parts = segment(words, *Address::from_number(kPhone), with_report);
    REQUIRE(parts);
    for (const Submit& part : *parts) REQUIRE(modem->send(part));
  }

  const FamilyManner& manner;
  sim::SimModem sim;
  EmulatedFamily emulated;
  sim::Carrier carrier;
  std::unique_ptr<SerialModem> modem;
  std::vector<std::string> taken;
  int restarts = 0;
  int announced = 0;
  int reports = 0;
  int full = 0;
};

bool knows_sms(const FamilyManner& manner) {
  return manner.name != "simcom-a7-no-sms";
}

// What the driver is to take it for.
std::string_view family_of(const FamilyManner& manner) {
  if (manner.name == "simcom-a7-no-sms") return "simcom-a7";
  return manner.name == "quectel-stored-reports" ? "quectel" : manner.name;
}

}  // namespace

TEST_CASE("families: every profile with an AT port has its emulation, and the other way round") {
  std::set<std::string_view> emulated;
  for (const FamilyManner& manner : sim::family_manners()) {
    emulated.insert(family_of(manner));
    CHECK(profile_of(manner.manufacturer, manner.model, "").name == family_of(manner));
  }
  for (const Profile& profile : profiles()) {
    CAPTURE(profile.name);
    if (!profile.signatures.empty()) CHECK(emulated.contains(profile.name));
  }
}

TEST_CASE("families: a long text, its answer, a restart, and no setting that is written twice") {
  for (const FamilyManner& manner : sim::family_manners()) {
    if (!knows_sms(manner)) continue;
    CAPTURE(manner.name);
    Desk desk(manner);
    desk.open();
    CHECK(desk.modem->identity().family == family_of(manner));
    CHECK(desk.modem->settings().announces_messages);
    REQUIRE(*desk.carrier.text(kPhone, kLongText) == 2);
    desk.wait_for_texts(2);
    desk.answer(kLongText);
    const auto inbox = desk.carrier.wait_for(kPhone, 1, seconds(5));
    REQUIRE(inbox.size() == 1);
    CHECK(inbox[0].text == kLongText);
    CHECK(desk.wait_until([&] { return desk.reports == 2; }, false));
    CHECK(desk.restarts == 0);
    CHECK((desk.announced > 0 || manner.loses_indications));

    const std::size_t before = desk.emulated.heard().size();
    desk.open();
    const auto heard = desk.emulated.heard();
    for (std::size_t i = before; i < heard.size(); ++i) {
      CAPTURE(heard[i]);
      const bool is_refused = manner.name == "quectel-stored-reports" && heard[i] == "AT+CNMI=2,1,0,1,0";
      CHECK_FALSE((writes_a_setting(heard[i]) && !heard[i].starts_with("AT+CPMS=") && !is_refused));
    }

    desk.emulated.restart();
    REQUIRE(*desk.carrier.text(kPhone, "while it is away") == 1);
    CHECK(desk.modem->wait(steady_now() + seconds(5)).error().code == Errc::disconnected);
    desk.open();
    REQUIRE(*desk.carrier.text(kPhone, "again") == 1);
    desk.wait_for_texts(4);
    CHECK(std::set<std::string>(desk.taken.begin(), desk.taken.end()).size() == 4);
    CHECK(desk.sim.messages_stored() == 0);
    CHECK(desk.sim.messages_waiting() == 0);
  }
}

TEST_CASE("families: one that says that it restarts is brought up again") {
  for (const char* name : {"quectel", "simcom", "simcom-a7"}) {
    CAPTURE(name);
    Desk desk(*sim::find_manner(name));
    desk.open();
    REQUIRE(desk.modem->ask_raw("AT+CFUN=1,1", seconds(5)));
    const auto events = wait_for_event(*desk.modem);
    CHECK(std::any_of(events.begin(), events.end(),
                      [](const Event& event) { return event.kind == Event::Kind::restarted; }));
    REQUIRE(desk.modem->bring_up());
    REQUIRE(*desk.carrier.text(kPhone, "after the restart") == 1);
    desk.wait_for_texts(1);
  }
}

TEST_CASE("families: one that is deaf after its start is waited for") {
  Desk desk(*sim::find_manner("u-blox"));
  desk.emulated.set_deaf_after_start(milliseconds(600));
  auto options = options_for(desk.sim.device());
  options.timeouts.probe = milliseconds(100);
  CHECK(open_modem(options)->settings().announces_messages);
}

TEST_CASE("families: one that says that its storage is full is heard") {
  for (const std::string_view name : {"huawei", "quectel", "simcom"}) {
    CAPTURE(name);
    Desk desk(*sim::find_manner(name), {.sim_slots = 1});
    desk.open();
    REQUIRE(*desk.carrier.text(kPhone, "takes the only slot") == 1);
    CHECK(desk.wait_until([&] { return desk.full == 1; }));
    desk.wait_for_texts(1);
  }
}

TEST_CASE("families: one that is deaf until its radio was off and on is woken so") {
  Desk desk(*sim::find_manner("simcom"));
  desk.open();
  desk.emulated.fall_deaf();
  auto options = impatient(options_for(desk.sim.device()));
  desk.modem.reset();
  REQUIRE_FALSE(SerialModem::open(options));
  const std::atomic<bool> stopping = false;
  REQUIRE(reset_modem(desk.sim.device(), 115200, ModemReset::radio, stopping,
                      {milliseconds(100), milliseconds(5)}));
  desk.open();
  REQUIRE(*desk.carrier.text(kPhone, "it hears again") == 1);
  desk.wait_for_texts(1);
}

TEST_CASE("families: a model of the family that is named otherwise is one of it still") {
  const FamilyManner& manner = *sim::find_manner("quectel");
  Desk desk(manner, {.model = "EG25"});  // as pigeon-sim --family quectel --model EG25
  desk.open();
  CHECK(desk.modem->identity().manufacturer == manner.manufacturer);
  CHECK(desk.modem->identity().model == "EG25");
  CHECK(desk.modem->identity().family == "quectel");
  CHECK(desk.modem->settings().announces_messages);
}

TEST_CASE("families: one without SMS says so") {
  Desk desk(*sim::find_manner("simcom-a7-no-sms"));
  const auto opened = SerialModem::open(options_for(desk.sim.device()));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::unsupported);
}

TEST_CASE("families: a storage that opens by a deletion loses no text to it") {
  Desk desk(*sim::find_manner("sierra-rc76"));
  desk.open();
  REQUIRE(*desk.carrier.text(kPhone, kLongText) == 2);
  desk.wait_for_texts(2);
  const auto heard = desk.emulated.heard();
  CHECK(std::count(heard.begin(), heard.end(), "AT+CMGD=1,4") >= 1);
}
