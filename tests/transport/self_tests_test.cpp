// Texts of the box to itself: known late, twice and after a restart, never posted or answered, and nobody
// else's text counts as one.
#include "transport/self_tests.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/transport/intake_desk.h"
#include "tests/transport/modem_desk.h"
#include "transport/texting.h"

using namespace pigeon;
using test::eventually;
using test::IntakeDesk;
using test::kToday;
using transport::SelfTests;

namespace {

const std::string kOwn = "+12025550100";

modem::StoredMessage from(const std::string& sender, const std::string& text, int slot,
                          std::chrono::sys_seconds sent_at = kToday) {
  const auto submits = modem::segment(text, *modem::Address::from_number(sender), {});
  REQUIRE(submits.has_value());
  modem::Deliver deliver;
  deliver.sender = submits->front().recipient;
  deliver.timestamp.utc = sent_at;
  deliver.user_data = submits->front().user_data;
  return {{"SM", slot}, *modem::encode_pdu({"", deliver})};
}

// What one self-test came to.
struct Waiting {
  std::shared_ptr<Result<SelfTests::Returned>> returned =
      std::make_shared<Result<SelfTests::Returned>>(fail(Errc::io, "nothing"));
  std::shared_ptr<std::atomic<int>> done = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<bool>> wanted = std::make_shared<std::atomic<bool>>(true);

  [[nodiscard]] Result<void> await(SelfTests& tests, const std::string& text, milliseconds patience,
                                   const std::string& modem = "main") const {
    return tests.await(
        text, modem, patience, [wanted = wanted] { return wanted->load(); },
        [returned = returned, done = done](const Result<SelfTests::Returned>& what) {
          *returned = what;
          ++*done;
        });
  }
};

// A modem's thread with a carrier that brings its own texts back.
struct TestingDesk : test::ModemDesk {
  SelfTests tests;
  explicit TestingDesk(const transport::TransportTiming& timing = {}) : ModemDesk(timing) {
    settings.self_tests = &tests;
    make(timing);
    transport->start();
    REQUIRE(is_up());
  }
  ~TestingDesk() {
    sim.before_command({});
    sim.unplug();
    transport.reset();
  }
  std::string text = transport::self_test_text(&store->seen);
  Waiting waiting;

  void run(milliseconds patience) {
    auto own = transport::own_text(kOwn, text, "US", nullptr);
    REQUIRE(own.has_value());
    REQUIRE(waiting.await(tests, text, patience, "test").has_value());
    REQUIRE(transport->ask(transport::SendErrand{std::move(own->parts), [] { return true; },
                                                 [this] { tests.begins(text, steady_now()); },
                                                 [this](const transport::SendOutcome& outcome) {
                                                   if (outcome.error) tests.give_up(text, *outcome.error);
                                                 }}));
  }
  [[nodiscard]] bool is_done() {
    return eventually([this] { return waiting.done->load() == 1; });
  }
};

}  // namespace

TEST_CASE("self-tests: one that comes back is timed, and no text of anybody's") {
  TestingDesk desk;
  desk.carrier.configure({.own_delay = milliseconds(80)});
  desk.run(seconds(20));
  REQUIRE(desk.is_done());
  REQUIRE(desk.waiting.returned->has_value());
  const SelfTests::Returned& returned = **desk.waiting.returned;
  CHECK(returned.arrival.from_own_number);
  CHECK(returned.arrival.was_announced);
  CHECK(returned.arrival.modem == "test");
  CHECK(returned.took >= milliseconds(80));
  CHECK(eventually([&] { return desk.sim.messages_stored() == 0; }));
  CHECK(desk.store->inbox.count_open() == 0);
  CHECK(desk.store->outbox.count(store::ReplyState::queued) == 0);
}

TEST_CASE(
    "self-tests: one that is not announced is found by a last listing, and one that never comes is told") {
  TestingDesk desk({.count_every = std::chrono::hours(1)});
  sim::ModemHabits mute;
  mute.announces = false;
  desk.sim.set_habits(mute);
  desk.run(milliseconds(300));
  REQUIRE(desk.is_done());
  REQUIRE_MESSAGE(desk.waiting.returned->has_value(), desk.waiting.returned->error().message);
  CHECK_FALSE((*desk.waiting.returned)->arrival.was_announced);

  desk.carrier.configure({.own_number = ""});
  desk.waiting = {};
  desk.text = transport::self_test_text(&desk.store->seen);
  desk.run(milliseconds(300));
  REQUIRE(desk.is_done());
  REQUIRE_FALSE(desk.waiting.returned->has_value());
  CHECK(desk.waiting.returned->error().code == Errc::timeout);
  // It comes all the same, later.
  desk.sim.set_habits({});
  REQUIRE(desk.carrier.text(kOwn, desk.text).has_value());
  REQUIRE(desk.carrier.text("+12025550123", "hello").has_value());
  CHECK(desk.received(1));
  CHECK(*desk.waiting.done == 1);
}

TEST_CASE("self-tests: where nothing is sent, or the modem is pulled out, it is told at once") {
  {
    TestingDesk desk;
    desk.on_command([](std::string_view line) {
      if (!line.starts_with("PDU ")) return sim::Intervention{};
      return sim::Intervention{sim::Intervention::Kind::answer, "\r\n+CMS ERROR: 331\r\n"};
    });
    desk.run(seconds(60));
    REQUIRE(desk.is_done());
    REQUIRE_FALSE(desk.waiting.returned->has_value());
    CHECK(desk.waiting.returned->error().message.find("331") != std::string::npos);
  }
  TestingDesk desk;
  desk.carrier.configure({.own_number = ""});
  desk.run(seconds(60));
  REQUIRE(eventually([&] { return desk.sim.sent().size() == 1; }));
  desk.sim.unplug();
  REQUIRE(desk.is_done());
  CHECK_FALSE(desk.waiting.returned->has_value());
}

TEST_CASE("self-tests: late, twice, after a restart and from whomever: never posted, answered or counted") {
  IntakeDesk desk;
  const std::string text = transport::self_test_text(&desk.store->seen);
  int slot = 1;
  for (const std::string& sender : {kOwn, std::string(test::kAda), std::string("2025550100")}) {
    CAPTURE(sender);
    CHECK(desk.take({from(sender, text, slot++)}) == 0);
    CHECK(desk.take({from(sender, text, slot++, kToday + seconds(7))}) == 0);
    desk.restart();
    CHECK(desk.take({from(sender, text, slot++, kToday + seconds(9))}, test::Arrival::found_at_start) == 0);
    CHECK(desk.take({from(sender, text, slot++, kToday - std::chrono::hours(99))}) == 0);
  }
  CHECK(desk.received() == 0);
  CHECK(desk.owed() == 0);
}

TEST_CASE("self-tests: what a stranger makes up, repeats or lengthens is a text like any other") {
  IntakeDesk desk;
  const std::string text = transport::self_test_text(&desk.store->seen);
  test::TempStore other;  // another box, with another key
  std::string guessed = text;
  guessed.back() = guessed.back() == '0' ? '1' : '0';
  std::string swapped = text;
  std::swap(swapped[swapped.size() - 17], swapped[swapped.size() - 18]);
  const std::vector<std::string> made_up = {guessed,
                                            transport::self_test_text(&other->seen),
                                            transport::self_test_text(nullptr),
                                            text + " ",
                                            " " + text,
                                            text.substr(0, text.size() - 1),
                                            "Carrier Pigeon self-test ",
                                            "Carrier Pigeon self-test 0000000000000000"
                                            "0000000000000000"};
  int slot = 1;
  for (const std::string& one : made_up) {
    CAPTURE(one);
    CHECK(desk.take({from(test::kAda, one, slot++)}) == 1);
  }
  CHECK(desk.received() == static_cast<std::int64_t>(made_up.size()));
}

TEST_CASE("self-tests: only the text that is awaited counts, from another number it is said so, and once") {
  IntakeDesk desk;
  SelfTests tests;
  desk.settings.self_tests = &tests;
  const std::string earlier = transport::self_test_text(&desk.store->seen);
  const std::string text = transport::self_test_text(&desk.store->seen);
  const Waiting waiting;
  REQUIRE(waiting.await(tests, text, seconds(60)).has_value());
  tests.begins(text, steady_now());
  CHECK(desk.take({from(kOwn, earlier, 1)}) == 0);
  CHECK(*waiting.done == 0);
  CHECK(desk.take({from(test::kAda, text, 2)}) == 0);
  CHECK(*waiting.done == 1);
  REQUIRE(waiting.returned->has_value());
  CHECK_FALSE((*waiting.returned)->arrival.from_own_number);
  CHECK(desk.take({from(kOwn, text, 3)}) == 0);
  CHECK(*waiting.done == 1);
  CHECK(desk.received() == 0);
}

TEST_CASE("self-tests: the own number counts in national form, with and without a country") {
  for (const char* country : {"US", ""}) {
    CAPTURE(country);
    IntakeDesk desk;
    SelfTests tests;
    desk.settings.country = country;
    desk.settings.self_tests = &tests;
    const std::string text = transport::self_test_text(&desk.store->seen);
    const Waiting waiting;
    REQUIRE(waiting.await(tests, text, seconds(60)).has_value());
    tests.begins(text, steady_now());
    CHECK(desk.take({from("2025550100", text, 1)}) == 0);
    REQUIRE(waiting.returned->has_value());
    CHECK((*waiting.returned)->arrival.from_own_number);
    CHECK(desk.store->conditions.list().empty());
  }
}

TEST_CASE("self-tests: one at a time, unless nobody waits for the other any more") {
  SelfTests tests;
  const Waiting first, second;
  REQUIRE(first.await(tests, "one", seconds(60)).has_value());
  CHECK(second.await(tests, "two", seconds(60)).error().code == Errc::busy);
  *first.wanted = false;
  CHECK(second.await(tests, "two", seconds(60)).has_value());
  tests.give_up("one", {Errc::io, "late", Retry::no});
  CHECK(*second.done == 0);
  tests.lost("other", {Errc::io, "gone", Retry::no});
  CHECK(*second.done == 0);
  CHECK(tests.deadline("main") == std::nullopt);  // not under way yet
  tests.lost("main", {Errc::io, "gone", Retry::no});
  CHECK(*second.done == 1);
}
