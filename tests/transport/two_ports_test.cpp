// A stick with two AT ports: a part goes out on the second one, and what comes meanwhile is read on the
// first.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "tests/eventually.h"
#include "tests/modem/made_up_usb.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"
#include "transport/modem_transport.h"
#include "transport/texting.h"

using namespace pigeon;
using sim::Intervention;
using store::ReplyState;
using test::eventually;

namespace {

const std::string kAda = "+12025550123";
const std::string kBob = "+12025550124";

std::string new_imei() {
  static int made = 0;
  return std::to_string(35000000000700 + ++made) + "7";
}

// The stick, and the thread that owns it.
struct Desk {
  explicit Desk(milliseconds send_delay = milliseconds(0))
      : first({.imei = new_imei(), .send_delay = send_delay}), second(first) {
    usb.plug_in("1-1.2", "2c7c", "0125");
    usb.add_port("1-1.2", 2, "ttyUSB2", first.device());
    usb.add_port("1-1.2", 3, "ttyUSB3", second.device());
    wakeups.modems["test"];
    listen({});
  }
  ~Desk() {
    first.before_command({});
    second.before_command({});
    first.unplug();
    transport.reset();
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // What the second port is told passes `hook`, and what either is told is noted.
  void listen(std::function<Intervention(std::string_view)> hook) {
    const auto note = [this](std::vector<std::string>& lines, std::string_view line) {
      const std::lock_guard lock(mutex);
      lines.emplace_back(line);
    };
    first.before_command([this, note](std::string_view line) {
      note(on_first, line);
      return Intervention{};
    });
    second.before_command([this, note, hook = std::move(hook)](std::string_view line) {
      note(on_second, line);
      return hook ? hook(line) : Intervention{};
    });
  }
  void start() {
    modem::ModemOptions options = test::options_for("");
    options.url = "serial:auto";
    options.usb = usb.tree();
    options.timeouts.send = seconds(5);
    options.timeouts.open = seconds(2);
    options.abort = &abort;
    transport = std::make_unique<transport::ModemTransport>(options, settings, *store, wakeups);
    transport->start();
  }
  [[nodiscard]] bool was_told(const std::vector<std::string>& lines, std::string_view beginning) const {
    return eventually([&] { return count(lines, beginning) > 0; });
  }
  [[nodiscard]] std::size_t count(const std::vector<std::string>& lines, std::string_view beginning) const {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(beginning); }));
  }
  // The second port is set up: a part has gone out there, of which nothing is kept. What is sent before that
  // goes out on the first one.
  [[nodiscard]] bool is_up() {
    if (!was_told(on_first, "AT+CSQ") || !was_told(on_second, "AT+CNMI")) return false;
    return eventually([this] {
      const auto own = transport::own_text(kBob, "which port is it", "US", &store->opt_outs);
      const auto done = std::make_shared<std::atomic<bool>>(false);
      const bool asked =
          own && transport->ask(transport::SendErrand{
                     own->parts, [] { return true; }, {}, [done](const auto&) { *done = true; }});
      if (!asked || !eventually([&] { return done->load(); })) return false;
      sent_before += 1;
      const bool is_second = count(on_second, "AT+CMGS") > 0;
      const std::lock_guard lock(mutex);
      for (std::vector<std::string>* lines : {&on_first, &on_second}) {
        std::erase_if(*lines, [](const std::string& line) {
          return line.starts_with("AT+CMGS") || line.starts_with("PDU ");
        });
      }
      return is_second;
    });
  }
  // Parts, without those.
  [[nodiscard]] std::size_t sent() const { return first.sent().size() - sent_before; }
  std::int64_t owe(const std::string& text) {
    const auto id = store->outbox.add(in_one(*store), {kAda, text, "test", std::nullopt}, utc_now());
    wakeups.notify_modem("test");
    return id;
  }
  [[nodiscard]] bool becomes(ReplyState state) {
    return eventually([&] { return store->outbox.count(state) == 1; });
  }

  mutable std::mutex mutex;
  std::vector<std::string> on_first, on_second;
  std::size_t sent_before = 0;
  test::TempStore store;
  test::MadeUpUsb usb;
  sim::SimModem first, second;
  sim::Carrier carrier{first};
  transport::IntakeSettings settings{"+12025550100", "", "It could not be read."};
  store::Wakeups wakeups;
  Wakeup abort;
  std::unique_ptr<transport::ModemTransport> transport;
};

}  // namespace

TEST_CASE("two ports: texts are read and freed while a part is on its way, and its report finds it") {
  Desk desk(milliseconds(1500));
  desk.start();
  REQUIRE(desk.is_up());
  desk.owe("Posted: hello");
  REQUIRE(desk.was_told(desk.on_second, "PDU "));
  for (int i = 1; i <= 3; ++i) {
    REQUIRE(desk.carrier.text(kBob, "text " + std::to_string(i)).has_value());
    REQUIRE(eventually([&] { return desk.store->inbox.count_open() == i; }));
    REQUIRE(eventually([&] { return desk.first.messages_stored() == 0; }));
  }
  CHECK(desk.store->outbox.count(ReplyState::sending) == 1);  // all that before its end
  // The report has come on the first port long before the receipt on the second.
  CHECK(desk.becomes(ReplyState::delivered));
  CHECK(desk.sent() == 1);
  CHECK(desk.count(desk.on_first, "AT+CMGS") == 0);
}

TEST_CASE(
    "two ports: what is set for each port is set on both, and what is the modem's is left to the first") {
  Desk desk;
  desk.start();
  REQUIRE(desk.is_up());
  desk.owe("one");
  REQUIRE(desk.was_told(desk.on_second, "AT+CMGS"));
  for (const char* setting : {"AT+CMGF?", "AT+CNMI"}) {
    CHECK_MESSAGE(desk.count(desk.on_first, setting) > 0, setting);
    CHECK_MESSAGE(desk.count(desk.on_second, setting) > 0, setting);
  }
  // Where this held for all ports, the first would delete in another storage than it has chosen.
  CHECK(desk.count(desk.on_second, "AT+CPMS") == 0);
  CHECK(desk.count(desk.on_second, "AT+CMGL") == 0);
  CHECK(desk.count(desk.on_second, "AT+CMGR") == 0);
}

TEST_CASE("two ports: a text that both announce is taken once") {
  Desk desk;
  desk.start();
  REQUIRE(desk.is_up());
  desk.owe("set up by now");
  REQUIRE(desk.was_told(desk.on_second, "AT+CMGS"));
  for (int i = 1; i <= 5; ++i) {
    REQUIRE(desk.carrier.text(kBob, "text " + std::to_string(i)).has_value());
    REQUIRE(eventually([&] { return desk.store->inbox.count_open() == i; }));
  }
  CHECK(eventually([&] { return desk.first.messages_stored() == 0; }));
  CHECK(desk.store->inbox.count_open() == 5);
}

TEST_CASE("two ports: where the second is silent, texts go out on the first") {
  Desk desk;
  desk.listen([](std::string_view) { return Intervention{Intervention::Kind::silence}; });
  desk.start();
  desk.owe("on the first");
  CHECK(desk.becomes(ReplyState::delivered));
  CHECK(desk.count(desk.on_first, "AT+CMGS") == 1);
  CHECK(desk.count(desk.on_second, "AT+CMGS") == 0);
}

TEST_CASE("two ports: a second one that fails later is given up, and nothing goes out twice") {
  Desk desk;
  desk.start();
  REQUIRE(desk.is_up());
  desk.owe("on the second");
  REQUIRE(desk.becomes(ReplyState::delivered));
  REQUIRE(desk.count(desk.on_second, "AT+CMGS") == 1);
  desk.listen([](std::string_view) { return Intervention{Intervention::Kind::silence}; });
  desk.owe("no prompt there");
  CHECK(eventually([&] { return desk.store->outbox.count(ReplyState::delivered) == 2; }, seconds(30)));
  CHECK(desk.count(desk.on_first, "AT+CMGS") == 1);
  CHECK(desk.sent() == 2);
}

TEST_CASE("two ports: unplugged behind the PDU, the part is not sent again") {
  Desk desk;
  std::atomic<bool> handed_over = false;
  desk.start();
  REQUIRE(desk.is_up());
  desk.listen([&handed_over](std::string_view line) {
    if (!line.starts_with("PDU ")) return Intervention{};
    handed_over = true;
    return Intervention{Intervention::Kind::silence};
  });
  desk.owe("who knows");
  REQUIRE(eventually([&] { return handed_over.load(); }));
  desk.first.unplug();
  CHECK(desk.becomes(ReplyState::unclear));
}

TEST_CASE("two ports: unplugged before the prompt, the part was not sent, and waits") {
  Desk desk;
  std::atomic<bool> asked = false;
  desk.start();
  REQUIRE(desk.is_up());
  desk.listen([&asked](std::string_view line) {
    if (!line.starts_with("AT+CMGS")) return Intervention{};
    asked = true;
    return Intervention{Intervention::Kind::hang_up};
  });
  desk.owe("later");
  REQUIRE(eventually([&] { return asked.load(); }));
  CHECK(desk.becomes(ReplyState::queued));
  CHECK(desk.sent() == 0);
}

TEST_CASE("two ports: a stop waits for what is under way, and no longer than it may") {
  Desk desk(milliseconds(300));
  std::atomic<bool> is_silent = false;
  desk.listen([&is_silent](std::string_view line) {
    const bool swallow = is_silent && line.starts_with("PDU ");
    return Intervention{swallow ? Intervention::Kind::silence : Intervention::Kind::proceed};
  });
  SUBCASE("it ends") {
    desk.start();
    REQUIRE(desk.is_up());
    desk.owe("just in time");
    REQUIRE(desk.was_told(desk.on_second, "PDU "));
    desk.transport.reset();
    CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
  }
  SUBCASE("it does not") {
    desk.start();
    REQUIRE(desk.is_up());
    is_silent = true;
    desk.owe("never a result");
    REQUIRE(desk.was_told(desk.on_second, "PDU "));
    desk.transport->request_stop();
    desk.abort.notify();
    desk.transport.reset();
    CHECK(desk.store->outbox.count(ReplyState::unclear) == 1);
  }
}

TEST_CASE("two ports: a text of the operator's own goes out there too, and replies wait for it") {
  Desk desk(milliseconds(500));
  desk.start();
  REQUIRE(desk.is_up());
  auto own = transport::own_text(kBob, "a word from the operator", "US", &desk.store->opt_outs);
  REQUIRE(own.has_value());
  std::atomic<int> done = 0;
  REQUIRE(desk.transport->ask(
      transport::SendErrand{std::move(own->parts),
                            [] { return true; },
                            {},
                            [&done](const auto& outcome) {
                              done = outcome.error ? -1 : static_cast<int>(outcome.references.size());
                            }}));
  REQUIRE(desk.was_told(desk.on_second, "PDU "));
  desk.owe("Posted: hello");
  REQUIRE(desk.carrier.text(kAda, "read meanwhile").has_value());
  REQUIRE(eventually([&] { return desk.store->inbox.count_open() == 1; }));
  CHECK(done == 0);
  CHECK(eventually([&] { return done == 1; }));
  CHECK(desk.becomes(ReplyState::delivered));
  CHECK(desk.count(desk.on_second, "AT+CMGS") == 2);
}

TEST_CASE("two ports: a modem that restarts is set up again on both") {
  Desk desk;
  desk.start();
  REQUIRE(desk.is_up());
  desk.owe("before");
  REQUIRE(desk.becomes(ReplyState::delivered));
  const std::size_t before = desk.count(desk.on_second, "AT+CNMI");
  desk.first.inject("\r\n^SYSSTART\r\n");
  CHECK(eventually([&] { return desk.count(desk.on_second, "AT+CNMI") > before; }));
  desk.owe("after");
  CHECK(eventually([&] { return desk.store->outbox.count(ReplyState::delivered) == 2; }));
}
