// The driver with the simulated modem: arrivals, slots, sending, storages that fill, unplugging.
#include "modem/driver/serial_modem.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <thread>

#include "base/text.h"
#include "sim/modem/sim_modem.h"
#include "tests/modem/modem_helpers.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;
using pigeon::sim::Intervention;
using pigeon::sim::SimModem;
using pigeon::sim::SimModemOptions;

namespace {

// Waits until an event of `kind` comes; others on the way are dropped.
Event wait_for(SerialModem& modem, Event::Kind kind) {
  const auto give_up = steady_now() + seconds(5);
  while (steady_now() < give_up) {
    auto events = modem.wait(give_up);
    REQUIRE(events);
    for (Event& event : *events) {
      if (event.kind == kind) return std::move(event);
    }
  }
  FAIL("the event did not come");
  return {};
}

}  // namespace

TEST_CASE("sim: comes up with everything known") {
  SimModem sim;
  const auto modem = open_modem(options_for(sim.device()));
  CHECK(modem->identity().manufacturer == "Carrier Pigeon");
  CHECK(modem->identity().imei == "490154203237518");
  CHECK(modem->identity().family == "generic");
  CHECK(modem->identity().device == sim.device());
  CHECK(modem->settings().cnmi == "2,1,0,1,0");
  CHECK(modem->settings().receive_storage == "SM");
  CHECK(modem->settings().smsc == "+12025550199");
  const auto health = modem->health();
  REQUIRE(health);
  CHECK(health->registration == Registration::home);
  CHECK(health->signal_dbm.has_value());
  CHECK(health->slots_total == 30);
}

TEST_CASE("sim: a text arrives, is read, and its slot is freed") {
  SimModem sim;
  const auto modem = open_modem(options_for(sim.device()));
  CHECK(modem->list_messages()->empty());
  for (unsigned round = 0; round < 3; ++round) {
    sim.deliver(deliver_pdu(round));
    const Event event = wait_for(*modem, Event::Kind::message_stored);
    REQUIRE(event.slot);
    const auto message = modem->read_message(*event.slot);
    REQUIRE(message);
    REQUIRE(*message);
    CHECK((*message)->pdu == deliver_pdu(round));
    REQUIRE(modem->delete_message(*event.slot));
    CHECK_FALSE(modem->read_message(*event.slot)->has_value());
    REQUIRE(modem->delete_message(*event.slot));
    CHECK(sim.messages_stored() == 0);
  }
}

TEST_CASE("sim: what arrived while nobody looked is listed, in both storages") {
  SimModemOptions in_me;
  in_me.receive_storage = "ME";
  SimModem sim(in_me);
  for (unsigned i = 0; i < 5; ++i) sim.deliver(deliver_pdu(i));
  const auto modem = open_modem(options_for(sim.device()));
  CHECK(modem->settings().receive_storage == "ME");
  const auto messages = modem->list_messages();
  REQUIRE(messages);
  REQUIRE(messages->size() == 5);
  std::set<Slot> slots;
  for (const StoredMessage& message : *messages) {
    CHECK(message.slot.storage == "ME");
    CHECK(slots.insert(message.slot).second);
    REQUIRE(modem->delete_message(message.slot));
  }
  CHECK(sim.messages_stored() == 0);
  sim.deliver(deliver_pdu(1));  // the scan has not moved the receive storage
  CHECK(wait_for(*modem, Event::Kind::message_stored).slot->storage == "ME");
}

TEST_CASE("sim: slow, chopped, echoing, with arrivals inside answers") {
  SimModemOptions awkward;
  awkward.chunk = 1;
  awkward.echo_stays_on = true;
  awkward.urcs_inside_answers = true;
  awkward.prompt = "\r\n>\r\n";
  awkward.first_index = 0;
  SimModem sim(awkward);
  const auto modem = open_modem(options_for(sim.device()));
  sim.after_command([&](std::string_view line) {
    if (line.starts_with("AT+CSQ")) sim.deliver(deliver_pdu(2));
    return Intervention{};
  });
  REQUIRE(modem->health());
  sim.after_command(nullptr);
  const Event event = wait_for(*modem, Event::Kind::message_stored);
  REQUIRE(event.slot);
  CHECK(event.slot->index == 0);
  CHECK((*modem->read_message(*event.slot))->pdu == deliver_pdu(2));
  REQUIRE(modem->send(submit_to("+4915123456789")));
  CHECK(sim.wait_for_sent(1, seconds(5)).size() == 1);
}

TEST_CASE("sim: a part goes out and comes back with its reference") {
  SimModem sim;
  const auto modem = open_modem(options_for(sim.device()));
  Submit submit = submit_to("+4915123456789");
  submit.request_status_report = true;
  const auto receipt = modem->send(submit);
  REQUIRE(receipt);
  const auto sent = sim.wait_for_sent(1, seconds(5));
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].reference == receipt->reference);
  CHECK(sent[0].submit.recipient.to_string() == "+4915123456789");
  CHECK(sent[0].submit.request_status_report);
}

TEST_CASE("sim: the PIN is entered, and the SIM is waited for") {
  SimModemOptions locked;
  locked.pin = "2468";
  locked.imei = "350000000000017";
  locked.sim_start_up = milliseconds(60);
  SimModem sim(locked);
  auto options = options_for(sim.device());
  const auto without = SerialModem::open(options);
  REQUIRE_FALSE(without);
  CHECK(without.error().code == Errc::denied);
  options.pin = "2468";
  CHECK(open_modem(options)->settings().announces_messages);
}

TEST_CASE("sim: a wrong PIN costs one try in the life of the process") {
  SimModemOptions locked;
  locked.pin = "2468";
  locked.imei = "350000000000025";
  SimModem sim(locked);
  int tries = 0;
  sim.before_command([&](std::string_view line) {
    tries += line.starts_with("AT+CPIN=") ? 1 : 0;
    return Intervention{};
  });
  auto options = options_for(sim.device());
  options.pin = "1357";
  for (int attempt = 0; attempt < 4; ++attempt)
    CHECK(SerialModem::open(options).error().code == Errc::denied);
  sim.before_command(nullptr);
  CHECK(tries == 1);
  options.pin = "2468";  // the operator corrects it
  CHECK(SerialModem::open(options));
}

TEST_CASE("sim: no SIM") {
  SimModemOptions empty;
  empty.sim_inserted = false;
  SimModem sim(empty);
  CHECK(SerialModem::open(options_for(sim.device())).error().code == Errc::not_found);
}

TEST_CASE("sim: a full storage drains as slots are freed") {
  SimModemOptions small;
  small.sim_slots = 3;
  SimModem sim(small);
  const auto modem = open_modem(options_for(sim.device()));
  for (unsigned i = 0; i < 8; ++i) sim.deliver(deliver_pdu(i));
  std::set<Octets> seen;
  const auto give_up = steady_now() + seconds(5);
  while (seen.size() < 8 && steady_now() < give_up) {
    const auto messages = modem->list_messages();
    REQUIRE(messages);
    for (const StoredMessage& message : *messages) {
      seen.insert(message.pdu);
      REQUIRE(modem->delete_message(message.slot));
    }
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("sim: a second driver is told that the port is taken") {
  SimModem sim;
  const auto modem = open_modem(options_for(sim.device()));
  const auto second = SerialModem::open(options_for(sim.device()));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::conflict);
}

TEST_CASE("sim: woken from another thread, and the wake-up is used up") {
  SimModem sim;
  const auto modem = open_modem(options_for(sim.device()));
  Wakeup wakeup;
  std::thread other([&] { wakeup.notify(); });
  const auto events = modem->wait(steady_now() + seconds(5), &wakeup);
  other.join();
  REQUIRE(events);
  REQUIRE(events->size() == 1);
  CHECK(events->front().kind == Event::Kind::woken);
  CHECK(modem->wait(steady_now() + milliseconds(20), &wakeup)->empty());
}

TEST_CASE("sim: unplugged while waiting, and back in its socket") {
  SimModem sim;
  {
    const auto modem = open_modem(options_for(sim.device()));
    std::thread hand([&] { sim.unplug(); });
    const auto events = modem->wait(steady_now() + seconds(5));
    hand.join();
    REQUIRE_FALSE(events);
    CHECK(events.error().code == Errc::disconnected);
    CHECK(modem->list_messages().error().code == Errc::disconnected);
    CHECK(modem->send(submit_to("+4915123456789")).error().code == Errc::disconnected);
  }
  sim.plug_in();
  CHECK(open_modem(options_for(sim.device())));
}

TEST_CASE("sim: a burst of arrivals: every one is announced or listed, none is doubled") {
  SimModemOptions roomy;
  roomy.sim_slots = 60;
  SimModem sim(roomy);
  const auto modem = open_modem(options_for(sim.device()));
  for (unsigned i = 0; i < 50; ++i) sim.deliver(deliver_pdu(i));
  std::multiset<std::string> seen;  // in hex: g++ warns of vectors compared at -O3
  while (seen.size() < 50) {
    const Event event = wait_for(*modem, Event::Kind::message_stored);
    REQUIRE(event.slot);
    const auto message = modem->read_message(*event.slot);
    REQUIRE(message);
    REQUIRE(*message);
    seen.insert(to_hex((*message)->pdu));
    REQUIRE(modem->delete_message(*event.slot));
    const auto listed = modem->list_messages();
    REQUIRE(listed);
    for (const auto& more : *listed) {
      seen.insert(to_hex(more.pdu));
      REQUIRE(modem->delete_message(more.slot));
    }
    if (sim.messages_stored() == 0) break;
  }
  CHECK(seen.size() == 50);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 50);
}
