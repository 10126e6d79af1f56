// Links on their way: a link's minutes are the person's own, whenever its SMS leaves and whatever is done to
// the wall clock meanwhile.
#include "tests/transport/sender_desk.h"

using namespace pigeon;
using sim::Intervention;
using std::chrono::minutes;
using store::ReplyState;
using test::SenderDesk;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
constexpr minutes kLife{15};

struct Desk : SenderDesk {
  store::OfferedLink link;

  void owe_link(const std::string& words = "Open within 15 min: ") {
    auto transaction = store->begin();
    link = store->pairings.offer_link(transaction, kAda, "main", kLife, now);
    REQUIRE(store->outbox.answer(
        transaction, {kAda.e164(), words + link.code, "main", std::nullopt, store::ReplyKind::link, link.id},
        "hello", false, now));
    transaction.commit();
  }
  [[nodiscard]] bool good(UtcTime at) { return store->pairings.find_by_code(link.code, at).has_value(); }
  // Good for its life from `begun` on, give or take the moment that the sending took.
  void check_lives_from(UtcTime begun) {
    CHECK(good(begun + kLife - milliseconds(1)));
    CHECK_FALSE(good(begun + kLife + minutes(1)));
  }
};

}  // namespace

TEST_CASE("sender: a link that is sent after 40 minutes is good for 15 from then") {
  Desk desk;
  desk.owe_link();
  CHECK(desk.good(desk.now));
  desk.now += minutes(40);
  REQUIRE(desk.turn());
  CHECK(desk.sim.sent().size() == 1);
  desk.check_lives_from(desk.now);
}

TEST_CASE("sender: a long link's minutes begin with its last part") {
  Desk desk;
  desk.owe_link(std::string(200, 'a'));
  REQUIRE(desk.turn());
  CHECK(desk.good(desk.now + minutes(59)));
  desk.now += minutes(30);  // the network was busy
  REQUIRE(desk.turn());
  CHECK(desk.sim.sent().size() == 2);
  desk.check_lives_from(desk.now);
}

TEST_CASE("sender: a link that may have been sent is good for 15 minutes") {
  Desk desk;
  desk.owe_link();
  desk.now += minutes(5);
  SUBCASE("the modem gave no result") {
    desk.sim.after_command([](std::string_view line) {
      return line.starts_with("PDU ") ? Intervention{Intervention::Kind::silence, {}} : Intervention{};
    });
    REQUIRE(desk.turn());
  }
  SUBCASE("the power went, and the repetition is refused") {
    desk.store->outbox.begin_sending(in_one(*desk.store), desk.store->outbox.due("main", desk.now)->id);
    desk.restart();
    desk.on_pdu([] { return test::answered("\r\n+CMS ERROR: 42\r\n"); });
    REQUIRE(desk.turn());
  }
  desk.check_lives_from(desk.now);
}

TEST_CASE("sender: a link that could not be sent for an hour is dropped, and the next text gets a new one") {
  Desk desk;
  desk.owe_link();
  const store::OfferedLink first = desk.link;
  desk.owe(kAda.e164(), "Not linked.");
  desk.now += std::chrono::hours(1);
  desk.send_all();
  CHECK(desk.sim.sent().size() == 1);  // what waited behind the link
  CHECK_FALSE(desk.good(desk.now));
  CHECK(desk.store->outbox.count(ReplyState::dropped) == 1);
  CHECK(desk.store->outbox.count(ReplyState::sent) == 1);
  CHECK(desk.store->outbox.count(ReplyState::failed) == 0);
  CHECK(desk.store->jobs.count(store::JobKind::announcement) == 0);  // nobody is told

  desk.owe_link();
  CHECK(desk.link.id != first.id);
  desk.send_all();
  CHECK(desk.sim.sent().size() == 2);
  desk.check_lives_from(desk.now);
}

TEST_CASE("sender: a clock that is set while a link is sent does not end it, nor make it immortal") {
  Desk desk;
  desk.owe_link();
  const auto step = std::chrono::duration_cast<milliseconds>(std::chrono::hours(24 * 40));
  desk.on_pdu([&] {
    const std::string by = std::to_string(step.count());
    store::Database(desk.store.database())
        .execute(("UPDATE outbox SET due_at = due_at + " + by + ", expires_at = expires_at + " + by +
                  "; UPDATE pairings SET expires_at = expires_at + " + by)
                     .c_str());
    return Intervention{};
  });
  REQUIRE(desk.turn());
  CHECK(desk.sim.sent().size() == 1);
  desk.check_lives_from(desk.now + step);
}
