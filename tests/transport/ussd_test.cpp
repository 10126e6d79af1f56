// Asking the network while a modem's thread works: every shape of its answer, sessions, failures, and texts
// that pass meanwhile.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "tests/transport/modem_desk.h"

using namespace pigeon;
using modem::UssdReply;
using sim::UssdAnswer;
using test::eventually;
using Desk = test::ModemDesk;
using Kind = UssdReply::Kind;
using Form = UssdAnswer::Form;

namespace {

const std::string kAda = "+12025550123";

// One question and what has come of it.
struct Asked {
  std::shared_ptr<Result<UssdReply>> said = std::make_shared<Result<UssdReply>>(fail(Errc::io, "nothing"));
  std::shared_ptr<std::atomic<bool>> done = std::make_shared<std::atomic<bool>>(false);
  [[nodiscard]] bool answered() const {
    return eventually([this] { return done->load(); });
  }
};

Asked ask(Desk& desk, const std::string& text, milliseconds timeout = seconds(20)) {
  Asked asked;
  const bool taken = desk.transport->ask(
      transport::UssdErrand{text, timeout, [said = asked.said, done = asked.done](const auto& reply) {
                              *said = reply;
                              *done = true;
                            }});
  REQUIRE(taken);
  return asked;
}

void answers(Desk& desk, std::vector<UssdAnswer> ussd, bool packed = false) {
  sim::ModemHabits habits;
  habits.ussd = std::move(ussd);
  habits.ussd_packed = packed;
  desk.sim.set_habits(std::move(habits));
}

}  // namespace

TEST_CASE("ussd: the answer in every shape, in packed requests where the modem wants them") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  for (const bool packed : {false, true}) {
    for (const Form form : {Form::plain, Form::plain_bare, Form::packed, Form::packed_bare, Form::octets,
                            Form::ucs2, Form::ucs2_as_15, Form::ucs2_longer}) {
      CAPTURE(static_cast<int>(form));
      CAPTURE(packed);
      answers(desk, {{0, "Ihr Guthaben betr\xC3\xA4gt 5,00", form}}, packed);
      const Asked asked = ask(desk, "*100#");
      REQUIRE(asked.answered());
      REQUIRE(asked.said->has_value());
      CHECK((*asked.said)->kind == Kind::finished);
      CHECK((*asked.said)->text == "Ihr Guthaben beträgt 5,00");
    }
  }
  CHECK(desk.count("AT+CUSD=1,\"*100#\"") == 9);  // which of the two it takes is learned once
  CHECK(desk.count("AT+CUSD=1,\"AA180C3602\"") == 8);
}

TEST_CASE("ussd: a session with an answer, and its end") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  answers(desk, {{1, "1 Balance\n2 Top up", Form::ucs2}, {0, "5.00", Form::plain}});
  const Asked menu = ask(desk, "*100#");
  REQUIRE(menu.answered());
  REQUIRE(menu.said->has_value());
  CHECK((*menu.said)->kind == Kind::answer_wanted);
  CHECK((*menu.said)->text == "1 Balance\n2 Top up");
  const Asked balance = ask(desk, "1");
  REQUIRE(balance.answered());
  REQUIRE(balance.said->has_value());
  CHECK((*balance.said)->text == "5.00");
  const Asked end = ask(desk, "");
  REQUIRE(end.answered());
  CHECK(end.said->has_value());
  CHECK(desk.count("AT+CUSD=2") == 1);
}

TEST_CASE("ussd: failures behind the OK, and what the network says instead of a text") {
  struct Case {
    const char* line;
    Kind kind;
  };
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  for (const Case& c : {Case{"+CME ERROR: 100", Kind::refused}, Case{"+CME ERROR: 132", Kind::refused},
                        Case{"ERROR", Kind::refused}, Case{"+CUSD: 2", Kind::ended},
                        Case{"+CUSD: 4 not supported", Kind::not_supported},
                        Case{"+CUSD: 6", Kind::undocumented}, Case{"+CUSD: 5", Kind::timed_out}}) {
    CAPTURE(c.line);
    answers(desk, {{0, c.line, Form::line, milliseconds(5)}});
    const Asked asked = ask(desk, "*100#");
    REQUIRE(asked.answered());
    REQUIRE(asked.said->has_value());
    CHECK((*asked.said)->kind == c.kind);
  }
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
  CHECK(desk.count("ATE0") == 1);  // the modem was not opened anew
}

TEST_CASE("ussd: a network that says nothing is told, the session ended, and the next code asked") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  answers(desk, {{0, "", Form::silence}, {0, "5.00", Form::plain}});
  const Asked silent = ask(desk, "*100#", milliseconds(150));
  REQUIRE(silent.answered());
  REQUIRE_FALSE(silent.said->has_value());
  CHECK(silent.said->error().code == Errc::timeout);
  CHECK(silent.said->error().message.find("no answer within") != std::string::npos);
  CHECK(desk.count("AT+CUSD=2") == 1);
  const Asked next = ask(desk, "*100#");
  REQUIRE(next.answered());
  CHECK(next.said->has_value());
}

TEST_CASE(
    "ussd: while the network thinks texts are read, a second code waits for nothing, and no reply goes out") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  answers(desk, {{0, "5.00", Form::plain, seconds(1)}});
  const Asked slow = ask(desk, "*100#");
  REQUIRE(eventually([&] { return desk.count("AT+CUSD=1") == 1; }));
  const Asked second = ask(desk, "*101#");
  REQUIRE(second.answered());
  REQUIRE_FALSE(second.said->has_value());
  CHECK(second.said->error().code == Errc::busy);
  {
    auto transaction = desk.store->begin();
    static_cast<void>(
        desk.store->outbox.add(transaction, {kAda, "a reply", "test", std::nullopt}, utc_now()));
    transaction.commit();
  }
  desk.wakeups.notify_modem("test");
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
  if (!slow.done->load()) CHECK(desk.sim.sent().empty());
  REQUIRE(slow.answered());
  REQUIRE(slow.said->has_value());
  CHECK((*slow.said)->text == "5.00");
  CHECK(desk.sim.wait_for_sent(1, seconds(10)).size() == 1);
}

TEST_CASE("ussd: what nobody asked for disturbs nothing") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  desk.sim.inject("\r\n+CUSD: 1,\"You have won\r\nOK\r\n+CME ERROR: 100\r\nreally\",15\r\n\r\n+CUSD: 2\r\n");
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
  const Asked asked = ask(desk, "*100#");
  REQUIRE(asked.answered());
  REQUIRE(asked.said->has_value());
  CHECK((*asked.said)->text == "Balance: 5.00");
  CHECK(desk.count("ATE0") == 1);
}

TEST_CASE("ussd: a modem that goes while the network thinks is told") {
  Desk desk;
  desk.transport->start();
  REQUIRE(desk.is_up());
  answers(desk, {{0, "", Form::silence}});
  const Asked asked = ask(desk, "*100#");
  REQUIRE(eventually([&] { return desk.count("AT+CUSD=1") == 1; }));
  desk.sim.unplug();
  REQUIRE(asked.answered());
  CHECK_FALSE(asked.said->has_value());
}
