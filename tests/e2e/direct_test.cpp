// What a modem in phase 2+ (AT+CSMS=1) hands over directly, and kill -9: the network delivers again whatever
// was not acknowledged, and a text is one text, a report one report.
#include <doctest/doctest.h>
#include <signal.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::eventually;
using sim::Intervention;

namespace {

const std::string kAda = "+12025550123";

e2e::BoxOptions impatient_network(milliseconds patience) {
  e2e::BoxOptions options;
  options.modem.acknowledge_timeout = patience;
  return options;
}

// While no pigeond runs.
void tell_modem(const Box& box, const std::string& command) {
  const e2e::Ran ran = e2e::run({PIGEON, "--config", box.config(), "modem", "at", "--force", command});
  REQUIRE_MESSAGE(ran.status == 0, (ran.out + ran.err));
}

// Texts come as +CMT, whatever the modem is told and says.
void deliver_directly(Box& box) {
  tell_modem(box, "AT+CSMS=1");
  tell_modem(box, "AT+CNMI=2,2,0,1,0");
  box.modem.before_command([](std::string_view line) {
    if (line == "AT+CNMI?")
      return Intervention{Intervention::Kind::answer, "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"};
    return Intervention{};
  });
}

// A modem that is still being opened is not told of what comes meanwhile.
bool has_opened(const Box& box) {
  return e2e::modem_becomes(box, true);
}

void kill_at_acknowledgement(Box& box, std::atomic<bool>& killed) {
  box.modem.before_command([&killed, pid = box.pid()](std::string_view line) {
    if (line == "AT+CNMI?")
      return Intervention{Intervention::Kind::answer, "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"};
    if (!line.starts_with("AT+CNMA") || killed.exchange(true)) return Intervention{};
    ::kill(pid, SIGKILL);
    return Intervention{Intervention::Kind::silence, {}};
  });
}

std::string texts(const Box& box) {
  return box.query("SELECT count(*) FROM inbox WHERE text = 'exactly once'");
}

// The network has delivered again, and nobody was there: it lies in the modem.
bool lies_in_modem(Box& box) {
  return eventually([&] { return box.modem.messages_stored() == 1; });
}

void check_taken_once(Box& box) {
  box.modem.before_command({});
  REQUIRE_MESSAGE(box.start(), box.log());
  const auto posts = box.x.wait_for_posts(1, e2e::kPatience);
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "exactly once");
  CHECK(eventually([&] { return box.modem.messages_stored() == 0; }));
  CHECK(eventually([&] { return box.carrier.inbox(kAda).back().text == "Posted: exactly once"; }));
  CHECK(texts(box) == "1");
  CHECK(box.x.posts().size() == 1);
}

// Whether the reply that Ada was sent last has become `state`.
bool is_reply(const Box& box, const std::string& state) {
  return eventually([&] { return box.query("SELECT state FROM outbox ORDER BY id DESC LIMIT 1") == state; });
}

// About that reply.
modem::Octets report_to(const Box& box) {
  modem::StatusReport report;
  report.reference = box.modem.sent().back().reference;
  report.recipient = *modem::Address::from_number(kAda);
  return *modem::encode_pdu({"", report});
}

}  // namespace

TEST_CASE("e2e: killed between the commit of a text that came directly and its AT+CNMA") {
  Box box(impatient_network(milliseconds(300)));
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop().has_value());
  deliver_directly(box);
  REQUIRE(box.start());
  REQUIRE(has_opened(box));
  std::atomic<bool> killed{false};
  kill_at_acknowledgement(box, killed);
  REQUIRE(box.carrier.text(kAda, "exactly once").has_value());
  REQUIRE(eventually([&] { return killed.load(); }));
  box.kill9();
  CHECK(texts(box) == "1");
  REQUIRE(lies_in_modem(box));
  check_taken_once(box);
}

TEST_CASE("e2e: killed between the arrival of a text that came directly and its commit") {
  Box box(impatient_network(milliseconds(300)));
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop().has_value());
  deliver_directly(box);
  REQUIRE(box.start());
  REQUIRE(has_opened(box));
  ::kill(box.pid(), SIGSTOP);  // it stands in the port, unread
  REQUIRE(box.carrier.text(kAda, "exactly once").has_value());
  REQUIRE(lies_in_modem(box));
  box.kill9();
  CHECK(texts(box) == "0");
  check_taken_once(box);
}

TEST_CASE("e2e: killed between the commit of a status report and its AT+CNMA, and before its commit") {
  for (const bool before_commit : {false, true}) {
    CAPTURE(before_commit);
    Box box(impatient_network(seconds(2)));
    tell_modem(box, "AT+CSMS=1");
    box.carrier.configure({.report_delay = std::chrono::hours(1)});  // the test reports itself
    REQUIRE(box.start());
    box.link(kAda);
    REQUIRE(box.carrier.text(kAda, "exactly once").has_value());
    REQUIRE(eventually([&] { return box.carrier.inbox(kAda).back().text == "Posted: exactly once"; }));
    REQUIRE(is_reply(box, "sent"));
    std::atomic<bool> killed{false};
    if (before_commit)
      ::kill(box.pid(), SIGSTOP);
    else
      kill_at_acknowledgement(box, killed);
    box.modem.deliver(report_to(box));
    // Nothing else is delivered before the report is acknowledged or the network has given up waiting.
    const auto next = box.carrier.make_parts(kAda, "and the next");
    REQUIRE(next.has_value());
    box.modem.deliver(next->front(), false);
    if (before_commit)
      REQUIRE(eventually([&] { return box.modem.messages_waiting() == 1; }));
    else
      REQUIRE(eventually([&] { return killed.load(); }));
    box.kill9();
    CHECK(is_reply(box, before_commit ? "sent" : "delivered"));
    REQUIRE(lies_in_modem(box));  // the next text: the network has given up
    box.modem.before_command({});
    std::atomic<int> acknowledged{0};
    box.modem.before_command([&](std::string_view line) {
      acknowledged += line.starts_with("AT+CNMA") ? 1 : 0;
      return Intervention{};
    });
    const auto report = report_to(box);
    REQUIRE(box.start());
    REQUIRE(eventually([&] { return box.modem.messages_stored() == 0; }));
    box.modem.deliver(report);
    CHECK(eventually([&] { return acknowledged >= 1; }));
    CHECK(box.query("SELECT state FROM outbox WHERE text = 'Posted: exactly once'") == "delivered");
    CHECK(box.query("SELECT parts_delivered FROM outbox WHERE text = 'Posted: exactly once'") == "1");
    box.modem.before_command({});
  }
}

TEST_CASE("e2e: a text that comes directly while 'pigeon' has the port without pigeond is not lost") {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"modem", "selftest", "--wait", "2"}, {"modem", "send", "+12025550144", "hello"}}) {
    CAPTURE(command[1]);
    Box box(impatient_network(milliseconds(300)));
    REQUIRE(box.start());
    box.link(kAda);
    REQUIRE(box.stop().has_value());
    deliver_directly(box);
    box.carrier.configure({.own_number = ""});  // the self-test's own text is lost
    std::atomic<bool> arrived{false};
    std::atomic<int> acknowledged{0};
    box.modem.before_command([&](std::string_view line) {
      if (line == "AT+CNMI?")
        return Intervention{Intervention::Kind::answer, "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"};
      if (line.starts_with("AT+CNMA")) ++acknowledged;
      if (line.starts_with("PDU ") && !arrived.exchange(true))
        CHECK(box.carrier.text(kAda, "exactly once").has_value());
      return Intervention{};
    });
    const e2e::Ran ran = e2e::run_pigeon(box, command);
    CHECK_MESSAGE(ran.status == (command[1] == "send" ? 0 : 1), ran.out << ran.err);
    CHECK(arrived);
    CHECK(acknowledged == 0);
    REQUIRE(lies_in_modem(box));
    CHECK(texts(box) == "0");
    check_taken_once(box);
  }
}
