// Each family of dongles as the simulated modem plays it: opened, given a long text, answered, restarted.
// Nothing is lost, nothing comes twice, its chatter is no news, and what is right is not written again.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "modem/driver/profile.h"
#include "modem/sms/segmenter.h"
#include "sim/modem/emulated_family.h"
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
  explicit Desk(const FamilyManner& family)
      : manner(family), sim(EmulatedFamily::options(family)), emulated(family, sim), carrier(sim) {
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
    taken.push_back(to_hex((*message)->pdu));
    REQUIRE(modem->delete_message(slot));
  }

  void take_all() {
    const auto messages = modem->list_messages();
    REQUIRE(messages);
    for (const StoredMessage& message : *messages) take(message.slot);
  }

  void wait_for_texts(std::size_t count) {
    const auto give_up = steady_now() + seconds(20);
    while (taken.size() < count && steady_now() < give_up) {
      const auto events = modem->wait(steady_now() + milliseconds(200));
      REQUIRE(events);
      if (events->empty()) take_all();
      for (const Event& event : *events) {
        if (event.kind == Event::Kind::restarted) {
          ++restarts;
          REQUIRE(modem->bring_up());
        }
        announced += event.kind == Event::Kind::message_stored ? 1 : 0;
        if (event.kind == Event::Kind::message_stored && event.slot)
          take(*event.slot);
        else if (event.kind != Event::Kind::storage_full)
          take_all();
      }
    }
    CHECK(taken.size() == count);
  }

  void answer(const std::string& words) {
    const auto parts = segment(words, *Address::from_number(kPhone), SegmentOptions());
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
};

bool knows_sms(const FamilyManner& manner) {
  return manner.name != "simcom-a7-no-sms";
}

}  // namespace

TEST_CASE("families: every profile with an AT port has its emulation, and the other way round") {
  std::set<std::string_view> emulated;
  for (const FamilyManner& manner : sim::family_manners()) {
    if (knows_sms(manner)) emulated.insert(manner.name);
    CHECK(profile_of(manner.manufacturer, manner.model, "").name ==
          (knows_sms(manner) ? manner.name : "simcom-a7"));
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
    CHECK(desk.modem->identity().family == manner.name);
    CHECK(desk.modem->settings().announces_messages);
    REQUIRE(*desk.carrier.text(kPhone, kLongText) == 2);
    desk.wait_for_texts(2);
    desk.answer(kLongText);
    const auto inbox = desk.carrier.wait_for(kPhone, 1, seconds(5));
    REQUIRE(inbox.size() == 1);
    CHECK(inbox[0].text == kLongText);
    CHECK(desk.restarts == 0);
    CHECK((desk.announced > 0 || manner.loses_indications));

    const std::size_t before = desk.emulated.heard().size();
    desk.open();
    const auto heard = desk.emulated.heard();
    for (std::size_t i = before; i < heard.size(); ++i) {
      CAPTURE(heard[i]);
      CHECK_FALSE((writes_a_setting(heard[i]) && !heard[i].starts_with("AT+CPMS=")));
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
