// The modem's thread while texts wait: in what order they are read and freed, what may come in between, and
// what a modem that does not keep its word costs.
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "tests/transport/intake_desk.h"
#include "tests/transport/modem_desk.h"

using namespace pigeon;
using sim::Intervention;
using test::eventually;
using transport::ModemTransport;
using transport::TransportTiming;

namespace {

using test::kAda;

using Desk = test::ModemDesk;
using test::swallow_indications;

std::string cmgr_answer(const modem::Octets& pdu) {
  return "\r\n+CMGR: 0,,23\r\n" + to_hex(pdu) + "\r\n\r\nOK\r\n";
}

}  // namespace

TEST_CASE("reading: announced texts are read in the order of their +CMTI, committed together, then freed") {
  Desk desk;
  desk.on_command(swallow_indications);
  desk.transport->start();
  REQUIRE(desk.is_up());
  for (const char* text : {"in slot 1", "in slot 2", "in slot 3"})
    REQUIRE(desk.carrier.text(kAda, text).has_value());
  // The second one is announced twice.
  desk.sim.inject(
      "\r\n+CMTI: \"SM\",3\r\n\r\n+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",2\r\n\r\n+CMTI: \"SM\",1\r\n");
  REQUIRE(eventually([&] { return desk.sim.messages_stored() == 0; }));
  CHECK(desk.told({"AT+CMGR", "AT+CMGD"}) == std::vector<std::string>{"AT+CMGR=3", "AT+CMGR=1", "AT+CMGR=2",
                                                                      "AT+CMGD=3", "AT+CMGD=1", "AT+CMGD=2"});
  std::int64_t id = 0;
  for (const char* text : {"in slot 3", "in slot 1", "in slot 2"})
    CHECK(desk.store->inbox.find(++id)->text == text);
}

TEST_CASE("reading: of a listing's texts of one second the first announced one is the first") {
  Desk desk;
  desk.on_command(swallow_indications);
  desk.transport->start();
  REQUIRE(desk.is_up());
  const auto second_of_both = std::chrono::floor<seconds>(utc_now());
  desk.sim.deliver(test::stored("second", 1, second_of_both)[0].pdu);
  desk.sim.deliver(test::stored("first", 2, second_of_both)[0].pdu);
  desk.sim.inject("\r\n+CMTI: \"SM\",2\r\n\r\n+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",-1\r\n");
  REQUIRE(desk.received(2));
  CHECK(desk.store->inbox.find(1)->text == "first");
}

TEST_CASE("reading: texts that wait are read before a reply is sent") {
  constexpr int kTexts = 12;
  struct Row {
    const char* name;
    milliseconds longest_reading;
    bool reply_last;
  };
  for (const Row& row : {Row{"the ordinary patience of ten seconds", TransportTiming().longest_reading, true},
                         Row{"no patience at all", milliseconds(0), false}}) {
    CAPTURE(row.name);
    std::atomic<int> texts{1};
    Desk desk({.longest_reading = row.longest_reading});
    // The next text comes while the one before is being freed, so that reading is never interrupted.
    desk.on_command([&](std::string_view line) {
      if (line.starts_with("AT+CMGD") && texts < kTexts) {
        ++texts;
        static_cast<void>(desk.carrier.text(kAda, "text " + std::to_string(texts)));
      }
      return Intervention{};
    });
    REQUIRE(desk.carrier.text(kAda, "text 1").has_value());
    static_cast<void>(
        desk.store->outbox.add(in_one(*desk.store), {kAda, "a reply", "test", std::nullopt}, utc_now()));
    desk.transport->start();
    REQUIRE(desk.received(kTexts));
    REQUIRE(eventually([&] { return desk.sim.sent().size() == 1; }));
    const auto order = desk.told({"AT+CMGD", "AT+CMGS"});
    REQUIRE_FALSE(order.empty());
    CHECK(order.back().starts_with("AT+CMGS") == row.reply_last);
  }
}

TEST_CASE("reading: each message wakes the dispatcher once") {
  Desk desk;
  for (int i = 0; i < 5; ++i) REQUIRE(desk.carrier.text(kAda, "text " + std::to_string(i)).has_value());
  std::vector<std::thread> workers;
  for (int i = 0; i < 6; ++i) workers.emplace_back([&] { desk.wakeups.local.wait(SteadyTime::max()); });
  REQUIRE(eventually([&] { return desk.wakeups.local.sleepers() == 6; }));
  desk.transport->start();
  REQUIRE(desk.received(5));
  REQUIRE(eventually([&] { return desk.sim.messages_stored() == 0; }));  // so the wake-ups are through
  CHECK(desk.wakeups.local.sleepers() == 1);
  desk.wakeups.local.ring_all();
  for (std::thread& worker : workers) worker.join();
}

TEST_CASE("reading: a modem that says OK and deletes nothing costs no second post and few commands") {
  Desk desk({.scan_every = milliseconds(10)});
  desk.on_command([](std::string_view line) {
    if (line.starts_with("AT+CMGD")) return Intervention{Intervention::Kind::answer, "\r\nOK\r\n"};
    return Intervention{};
  });
  REQUIRE(desk.carrier.text(kAda, "stays in the slot").has_value());
  const SteadyTime start = steady_now();
  desk.transport->start();
  const auto scans = [&] { return desk.count("AT+CMGL"); };  // two storages each
  REQUIRE(eventually([&] { return scans() >= 40; }));
  const auto passed = std::chrono::duration_cast<seconds>(steady_now() - start);
  CHECK(desk.count("AT+CMGD") <= (passed < seconds(2) ? 1 : passed < seconds(10) ? 2 : 3));
  CHECK(desk.count("AT+CMGR") <= desk.count("AT+CMGD"));
  CHECK(desk.store->inbox.count_open() == 1);
}

TEST_CASE("reading: a slot that held a copy is read again before it is freed") {
  modem::Octets new_pdu = {0x00};
  std::atomic<bool> taken{false};
  Desk desk;
  const auto text = desk.carrier.make_parts(kAda, "in two slots");
  const auto news = desk.carrier.make_parts(kAda, "came into the second one");
  REQUIRE((text.has_value() && news.has_value()));
  desk.sim.deliver(text->front(), false);
  desk.sim.deliver(text->front(), false);
  new_pdu.insert(new_pdu.end(), news->front().begin(), news->front().end());
  // The slots are two names of one memory: with the first one the second becomes free, and takes a new text.
  desk.on_command([&](std::string_view line) {
    if (line == "AT+CMGR=2") return Intervention{Intervention::Kind::answer, cmgr_answer(new_pdu)};
    if (line == "AT+CMGD=2") taken = desk.store->inbox.find(2).has_value();
    return Intervention{};
  });
  desk.transport->start();
  REQUIRE(eventually([&] { return desk.count("AT+CMGD=2") == 1; }));
  CHECK(eventually([&] { return taken.load(); }));  // the line is noted before the hook judges it
  REQUIRE(desk.store->inbox.find(2).has_value());
  CHECK(desk.store->inbox.find(2)->text == "came into the second one");
}

TEST_CASE("reading: a slot that could not be freed is freed later") {
  std::atomic<int> tries{0};
  Desk desk;
  desk.on_command([&](std::string_view line) {
    if (!line.starts_with("AT+CMGD") || ++tries > 1) return Intervention{};
    return Intervention{Intervention::Kind::answer, "\r\n+CMS ERROR: 500\r\n"};
  });
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  desk.transport->start();
  REQUIRE(eventually([&] { return desk.sim.messages_stored() == 0; }));
  CHECK(tries == 2);
  CHECK(desk.store->inbox.count_open() == 1);
}

TEST_CASE("reading: what a box without a clock found at its start is taken when it has one") {
  Desk desk;
  desk.settings.built_at = utc_now() + std::chrono::hours(24);  // so this machine's clock is not believed
  REQUIRE(desk.carrier.text(kAda, "written while the box was off").has_value());
  desk.transport->start();
  REQUIRE(eventually([&] { return desk.store->parts.count(store::PartState::held) == 1; }));
  REQUIRE(eventually([&] { return desk.sim.messages_stored() == 0; }));
  CHECK(desk.store->inbox.count_open() == 0);
  desk.transport.reset();
  desk.settings.built_at = UtcTime{};
  desk.make({});
  desk.transport->start();
  CHECK(desk.received(1));
}
