// `pigeon modem send` with the real programs, beside a running daemon and without one.
#include <doctest/doctest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;
using e2e::run;

namespace {

const std::string kAda = "+12025550123";

Ran send(const Box& box, std::vector<std::string> words) {
  words.insert(words.begin(), {"modem", "send"});
  return e2e::run_pigeon(box, words);
}

bool start(Box& box) {
  return box.start() && e2e::modem_becomes(box, true);
}

}  // namespace

TEST_CASE("e2e: modem send beside pigeond and without it: the text, its parts, what the network says") {
  Box box;
  std::size_t texts = 0;
  for (const bool running : {false, true}) {
    CAPTURE(running);
    if (running) REQUIRE_MESSAGE(start(box), box.log());
    const Ran one = send(box, {"+1 (202) 555-0123", "Is it me?"});
    CHECK_MESSAGE(one.status == 0, one.err);
    CHECK(one.out.find("The network has taken it for +12025550123, reference ") == 0);
    CHECK(one.err.empty());
    CHECK(box.carrier.wait_for(kAda, ++texts, e2e::kPatience).back().text == "Is it me?");
    const std::string umlauts = std::string(100, 'x') + "€ – Größe 🕊️" + std::string(100, 'y');
    const Ran parts = send(box, {"2025550123", umlauts, "--json"});
    CHECK_MESSAGE(parts.status == 0, parts.err);
    const auto json = nlohmann::json::parse(parts.out);
    CHECK(json["ok"] == true);
    CHECK(json["parts"] == 4);
    CHECK(json["references"].size() == 4);
    CHECK(box.carrier.wait_for(kAda, ++texts, e2e::kPatience).back().text == umlauts);
    CHECK(send(box, {"12345", "hi"}).status == 2);
    CHECK(send(box, {"Ada", "hi"}).status == 2);
    CHECK(send(box, {kAda, ""}).status == 2);
    CHECK(send(box, {kAda, "hi", "--modem", "other"}).status == 2);
    CHECK(send(box, {kAda}).status == 2);
    box.modem.before_command([](std::string_view line) {
      if (!line.starts_with("PDU ")) return sim::Intervention{};
      return sim::Intervention{sim::Intervention::Kind::answer, "\r\n+CMS ERROR: 331\r\n"};
    });
    const Ran refused = send(box, {"--json", kAda, "hi"});
    CHECK(refused.status == 1);
    CHECK(refused.err.find("+CMS ERROR: 331") != std::string::npos);
    CHECK(nlohmann::json::parse(refused.out)["outcome"] == "not sent");
    box.modem.before_command({});
  }
  CHECK(box.carrier.inbox(kAda).size() == texts);
  CHECK(box.log().find(kAda) == std::string::npos);
  CHECK(box.log().find("Is it me?") == std::string::npos);
}

TEST_CASE("e2e: modem send sends nothing to who has texted STOP, beside pigeond and without it") {
  Box box;
  REQUIRE(start(box));
  REQUIRE(box.ask(kAda, "STOP").find("START") != std::string::npos);
  const std::size_t before = box.carrier.inbox(kAda).size();
  for (const bool running : {true, false}) {
    CAPTURE(running);
    if (!running) CHECK(box.stop() == 0);
    const Ran refused = send(box, {"202 555 0123", "hi"});
    CHECK(refused.status == 1);
    CHECK_MESSAGE(refused.err.find("STOP") != std::string::npos, refused.err);
  }
  CHECK(box.carrier.inbox(kAda).size() == before);
}

TEST_CASE(
    "e2e: modem send beside a pigeond that is killed is unknown, and is not sent after its next start") {
  Box box;
  REQUIRE(start(box));
  std::atomic<bool> handed_over = false;
  box.modem.before_command([&handed_over](std::string_view line) {
    if (!line.starts_with("PDU ")) return sim::Intervention{};
    handed_over = true;
    return sim::Intervention{sim::Intervention::Kind::silence, {}};
  });
  Ran ran;
  std::thread sending([&] { ran = send(box, {"--json", kAda, "hello"}); });
  CHECK(e2e::eventually([&] { return handed_over.load(); }));
  box.kill9();
  sending.join();
  CHECK(ran.status == 1);
  CHECK_MESSAGE(nlohmann::json::parse(ran.out)["outcome"] == "unknown", ran.out);
  box.modem.before_command({});
  REQUIRE(start(box));
  CHECK_FALSE(box.ask("+12025550177", "hello").empty());
  CHECK(box.carrier.inbox(kAda).empty());
}

TEST_CASE("e2e: many at once: each text arrives once, and what comes is read") {
  Box box;
  REQUIRE(start(box));
  std::vector<std::thread> threads;
  std::atomic<int> sent = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&box, &sent, i] {
      if (send(box, {kAda, "text " + std::to_string(i)}).status == 0) ++sent;
    });
  }
  CHECK_FALSE(box.ask("+12025550177", "hello").empty());
  for (std::thread& thread : threads) thread.join();
  CHECK(sent == 8);
  const auto arrived = box.carrier.wait_for(kAda, 8, e2e::kPatience);
  std::set<std::string> texts;
  for (const auto& message : arrived) texts.insert(message.text);
  CHECK(arrived.size() == 8);
  CHECK(texts.size() == 8);
}
