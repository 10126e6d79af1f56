// A text of the operator's own, by the modem's thread: each part once, whatever becomes of it, and what the
// network says to it.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/transport/modem_desk.h"
#include "transport/texting.h"

using namespace pigeon;
using sim::Intervention;
using test::eventually;
using transport::SendOutcome;
using Desk = test::ModemDesk;

namespace {

const std::string kAda = "+12025550123";
const std::string kThreeParts = std::string(153, 'a') + std::string(153, 'b') + std::string(40, 'c');

struct Sent {
  std::shared_ptr<SendOutcome> outcome = std::make_shared<SendOutcome>();
  std::shared_ptr<std::atomic<int>> done = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<bool>> wanted = std::make_shared<std::atomic<bool>>(true);
  [[nodiscard]] bool is_done() const {
    return eventually([this] { return done->load() > 0; });
  }
};

Sent send(Desk& desk, const std::string& text, const std::string& to = kAda) {
  Sent sent;
  auto own = transport::own_text(to, text, "US", &desk.store->opt_outs);
  REQUIRE(own.has_value());
  const bool taken = desk.transport->ask(
      transport::SendErrand{std::move(own->parts),
                            [wanted = sent.wanted] { return wanted->load(); },
                            {},
                            [outcome = sent.outcome, done = sent.done](const SendOutcome& what) {
                              *outcome = what;
                              ++*done;
                            }});
  REQUIRE(taken);
  return sent;
}

// The next AT+CMGS's PDU, and those behind it, are answered so.
void answers(Desk& desk, const std::string& answer) {
  desk.on_command([answer](std::string_view line) {
    if (!line.starts_with("PDU ")) return Intervention{};
    return Intervention{Intervention::Kind::answer, "\r\n" + answer + "\r\n"};
  });
}

}  // namespace

TEST_CASE("sending: a long text goes out in parts, with a reference each, and once") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  const Sent sent = send(desk, kThreeParts);
  REQUIRE(sent.is_done());
  CHECK_FALSE(sent.outcome->error.has_value());
  CHECK(transport::word_of(*sent.outcome) == "sent");
  CHECK(sent.outcome->references.size() == 3);
  const auto arrived = desk.carrier.wait_for(kAda, 1, seconds(10));
  REQUIRE(arrived.size() == 1);
  CHECK(arrived[0].text == kThreeParts);
  CHECK(desk.sim.sent().size() == 3);
  for (const auto& part : desk.sim.sent()) CHECK_FALSE(part.submit.request_status_report);
  CHECK(*sent.done == 1);
  CHECK(desk.store->outbox.count(store::ReplyState::queued) == 0);
}

TEST_CASE("sending: what the network refuses is told and not tried again") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  for (const char* refusal : {"+CMS ERROR: 331", "+CMS ERROR: 1", "ERROR"}) {
    CAPTURE(refusal);
    answers(desk, refusal);
    const std::size_t before = desk.count("PDU ");
    const Sent sent = send(desk, "hello");
    REQUIRE(sent.is_done());
    REQUIRE(sent.outcome->error.has_value());
    CHECK(transport::word_of(*sent.outcome) == "not sent");
    CHECK(sent.outcome->error->message.find(refusal) != std::string::npos);
    desk.on_command([](std::string_view) { return Intervention{}; });
    REQUIRE(desk.carrier.text(kAda, refusal).has_value());  // and the thread goes on
    REQUIRE(eventually([&] { return desk.sim.messages_stored() == 0; }));
    CHECK(desk.count("PDU ") == before + 1);
  }
}

TEST_CASE("sending: behind a part that was refused none is sent") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  auto parts = std::make_shared<std::atomic<int>>(0);
  desk.on_command([parts](std::string_view line) {
    if (!line.starts_with("PDU ") || ++*parts != 2) return Intervention{};
    return Intervention{Intervention::Kind::answer, "\r\n+CMS ERROR: 38\r\n"};
  });
  const Sent sent = send(desk, kThreeParts);
  REQUIRE(sent.is_done());
  CHECK(sent.outcome->references.size() == 1);
  CHECK(transport::word_of(*sent.outcome) == "not sent");
  CHECK(*parts == 2);
}

TEST_CASE("sending: a part without a result is unknown, and never repeated") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  desk.on_command([](std::string_view line) {
    if (line.starts_with("PDU ")) return Intervention{Intervention::Kind::silence, {}};
    return Intervention{};
  });
  const Sent sent = send(desk, "hello");
  REQUIRE(sent.is_done());
  CHECK(transport::word_of(*sent.outcome) == "unknown");
  desk.on_command([](std::string_view) { return Intervention{}; });
  REQUIRE(desk.carrier.text(kAda, "are you there?").has_value());
  CHECK(desk.received(1));
  CHECK(desk.count("PDU ") == 1);
  CHECK(desk.sim.sent().empty());
}

TEST_CASE("sending: texts that come are read between two parts, and nobody's text waits for all of them") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  desk.on_command([&desk, first = std::make_shared<std::atomic<bool>>(true)](std::string_view line) {
    if (line.starts_with("PDU ") && first->exchange(false))
      CHECK(desk.carrier.text(kAda, "hello").has_value());
    return Intervention{};
  });
  const Sent sent = send(desk, kThreeParts);
  REQUIRE(sent.is_done());
  REQUIRE(desk.received(1));
  const auto told = desk.told({"PDU ", "AT+CMGR"});
  REQUIRE(told.size() >= 3);
  CHECK(told[0].starts_with("PDU "));
  CHECK(told[1].starts_with("AT+CMGR"));
}

TEST_CASE("sending: who has gone is sent nothing more for") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  Sent sent;
  desk.on_command([wanted = sent.wanted](std::string_view line) {
    if (line.starts_with("PDU ")) *wanted = false;
    return Intervention{};
  });
  auto own = transport::own_text(kAda, kThreeParts, "US", nullptr);
  REQUIRE(own.has_value());
  REQUIRE(desk.transport->ask(transport::SendErrand{std::move(own->parts),
                                                    [wanted = sent.wanted] { return wanted->load(); },
                                                    {},
                                                    [done = sent.done](const SendOutcome&) { ++*done; }}));
  REQUIRE(sent.is_done());
  CHECK(desk.count("PDU ") == 1);
}

TEST_CASE("sending: without a modem, and where it is pulled out, it is told") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  desk.on_command([](std::string_view line) {
    return Intervention{
        line.starts_with("AT+CMGS") ? Intervention::Kind::hang_up : Intervention::Kind::proceed, {}};
  });
  const Sent pulled = send(desk, kThreeParts);
  REQUIRE(pulled.is_done());
  CHECK(transport::word_of(*pulled.outcome) == "not sent");
  desk.sim.unplug();
  const Sent none = send(desk, "hello");
  REQUIRE(none.is_done());
  REQUIRE(none.outcome->error.has_value());
  CHECK(none.outcome->error->message.find("not ready") != std::string::npos);
}

TEST_CASE("sending: nothing is sent while a USSD code waits for its answer") {
  Desk desk;
  sim::ModemHabits habits;
  habits.ussd = {{0, "", sim::UssdAnswer::Form::silence}};
  desk.sim.set_habits(habits);
  desk.transport->start();
  REQUIRE(desk.is_up());
  auto answered = std::make_shared<std::atomic<bool>>(false);
  REQUIRE(desk.transport->ask(
      transport::UssdErrand{"*100#", seconds(20), [answered](const auto&) { *answered = true; }}));
  REQUIRE(eventually([&] { return desk.count("AT+CUSD=1") == 1; }));
  const Sent sent = send(desk, "hello");
  REQUIRE(desk.carrier.text(kAda, "meanwhile").has_value());
  REQUIRE(desk.received(1));
  CHECK(desk.count("PDU ") == 0);
  desk.sim.inject("\r\n+CUSD: 0,\"5 EUR\",15\r\n");
  REQUIRE(eventually([&] { return answered->load(); }));
  REQUIRE(sent.is_done());
  CHECK(transport::word_of(*sent.outcome) == "sent");
}

TEST_CASE("texting: numbers as people type them, consent, and what is no text") {
  test::TempStore store;
  const auto own = [&store](const char* number, const std::string& text, const char* country = "US") {
    return transport::own_text(number, text, country, &store->opt_outs);
  };
  for (const char* number : {"+12025550123", "+1 (202) 555-0123", "202-555-0123", "1.202.555.0123"}) {
    CAPTURE(number);
    const auto made = own(number, "hi");
    REQUIRE(made.has_value());
    CHECK(made->to.e164() == kAda);
  }
  for (const char* number :
       {"", "+", "12345", "+0123456", "Ada", "+1202+5550123", "+1202555012345678", "+12\r3456"}) {
    CAPTURE(number);
    const auto made = own(number, "hi");
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Errc::bad_input);
  }
  CHECK(own("2025550123", "hi", "").error().message.find("gateway.country") != std::string::npos);
  CHECK(own("+12025550123", "hi", "").has_value());
  CHECK(own("+12025550123", "").error().code == Errc::bad_input);
  CHECK(own("+12025550123", "\xff").error().code == Errc::bad_input);
  CHECK(own("+12025550123", std::string(153 * 10, 'a'))->parts.size() == 10);
  CHECK(own("+12025550123", std::string(153 * 10 + 1, 'a')).error().code == Errc::bad_input);
  auto transaction = store->begin();
  store->opt_outs.add(transaction, *PhoneNumber::parse(kAda), UtcTime{});
  transaction.commit();
  REQUIRE_FALSE(own("2025550123", "hi").has_value());
  CHECK(own("2025550123", "hi").error().code == Errc::unsupported);
}
