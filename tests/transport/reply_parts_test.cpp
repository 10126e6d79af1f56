// Replies in parts, at the simulated modem: each part goes out once, over refusals and restarts.
#include <doctest/doctest.h>

#include "sim/modem/sim_modem.h"
#include "tests/modem/modem_helpers.h"
#include "tests/store/temp_store.h"
#include "transport/sender.h"

using namespace pigeon;
using sim::Intervention;
using store::ReplyState;
using transport::Sender;

namespace {

const std::string kLong(300, 'a');  // two parts

struct Desk {
  sim::SimModem sim;
  test::TempStore store;
  std::unique_ptr<modem::SerialModem> modem = test::open_modem(test::options_for(sim.device()));

  std::int64_t owe(const std::string& text) {
    return store->outbox.add(in_one(*store), {"+12025550123", text, "main", std::nullopt}, utc_now());
  }
  // The network's answer to the next PDU, without taking it.
  void refuse_once(const std::string& answer) {
    sim.before_command([this, answer](std::string_view line) {
      if (!line.starts_with("PDU ") || refused_) return Intervention{};
      refused_ = true;
      return Intervention{Intervention::Kind::answer, answer};
    });
  }

 private:
  bool refused_ = false;
};

}  // namespace

TEST_CASE("sender: every part goes out once and asks for its fate") {
  Desk desk;
  desk.owe(kLong);
  Sender sender("main", *desk.store);
  for (int turn = 0; turn < 10; ++turn) {
    if (!*sender.send_one(*desk.modem, utc_now())) break;
  }
  const auto sent = desk.sim.sent();
  REQUIRE(sent.size() == 2);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CHECK(sent[i].submit.request_status_report);
    REQUIRE(sent[i].submit.user_data.header.has_value());
    CHECK(sent[i].submit.user_data.header->concatenation->number == i + 1);
  }
  CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
  CHECK_FALSE(*Sender("main", *desk.store).send_one(*desk.modem, utc_now()));
}

TEST_CASE("sender: cut off between two parts, the next start sends the one that is missing") {
  Desk desk;
  desk.owe(kLong);
  REQUIRE(*Sender("main", *desk.store).send_one(*desk.modem, utc_now()));
  REQUIRE(desk.sim.sent().size() == 1);
  desk.store.reopen();
  Sender restarted("main", *desk.store);
  REQUIRE(*restarted.send_one(*desk.modem, utc_now()));
  const auto sent = desk.sim.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].submit.user_data.header->concatenation->number == 2);
  CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
}

TEST_CASE("sender: what the network cannot take now is sent later, what it refuses is closed") {
  struct Row {
    const char* name;
    const char* answer;
    bool sent_later;
  };
  for (const Row& row : {Row{"congestion", "\r\n+CMS ERROR: 42\r\n", true},
                         Row{"unassigned number", "\r\n+CMS ERROR: 1\r\n", false}}) {
    CAPTURE(row.name);
    Desk desk;
    desk.owe("hello");
    desk.refuse_once(row.answer);
    Sender sender("main", *desk.store);
    REQUIRE(sender.send_one(*desk.modem, utc_now()).has_value());
    CHECK(desk.sim.sent().empty());
    CHECK_FALSE(*sender.send_one(*desk.modem, utc_now()));  // not at once
    REQUIRE(sender.send_one(*desk.modem, utc_now() + std::chrono::hours(24)).has_value());
    CHECK(desk.sim.sent().size() == (row.sent_later ? 1 : 0));
    CHECK(desk.store->outbox.count(row.sent_later ? ReplyState::sent : ReplyState::failed) == 1);
  }
}
