// Deciding about texts without the network: codes until their deadline, commands while X is down, STOP that
// takes effect at once and ends the grant at X by a job.
#include "relay/conversation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/relay/relay_desk.h"

using namespace pigeon;
using store::Ending;
using store::Lane;
using test::RelayDesk;

namespace {

const std::string kAda = "+12025550123";
const PhoneNumber kPhone = *PhoneNumber::parse(kAda);

struct Desk : RelayDesk {
  // Ada has agreed at X; the page shows her `code`.
  std::int64_t authorise(const std::string& code) {
    const UtcTime now = store->time.now();
    auto& pairings = store->pairings;
    const auto id = test::sent_link(*store, kPhone, kLife, now).id;
    pairings.start(in_one(*store), id, "state", "cookie", "verifier", now);
    REQUIRE(pairings.authorise(in_one(*store), id, agree(), code, now));
    return id;
  }
  void local() {
    while (work(Lane::local)) {
    }
  }
  // Whether any row of any table has `piece` in a text.
  [[nodiscard]] bool holds(const std::string& piece) {
    store::Database db(store.database());
    const auto column = [&db](const std::string& sql) {
      std::vector<std::string> values;
      store::Statement read(db, sql.c_str());
      for (store::Query query = read.bind(); query.next();) values.push_back(query.text(0));
      return values;
    };
    for (const std::string& table : column("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      for (const std::string& name : column("SELECT name FROM pragma_table_info('" + table + "')")) {
        if (column("SELECT count(*) FROM " + table + " WHERE instr(CAST(\"" + name + "\" AS TEXT), '" +
                   piece + "') > 0")[0] != "0")
          return true;
      }
    }
    return false;
  }
  void say(const std::string& words) {
    static_cast<void>(text(kAda, words));
    local();
  }
  [[nodiscard]] bool has_told(bool (*what)(const std::string&)) {
    const auto texts = told();
    return std::any_of(texts.begin(), texts.end(), what);
  }
  [[nodiscard]] bool lives_at_x() const {
    const auto grants = sandbox.grants();
    return std::any_of(grants.begin(), grants.end(),
                       [](const sim::SandboxGrant& grant) { return grant.alive; });
  }
};

bool has_link(const std::string& text) {
  return text.find("https://pigeon.example/auth/") != std::string::npos;
}

}  // namespace

TEST_CASE("conversation: the right code in time links the account, and the person is told") {
  Desk desk;
  desk.authorise("482193");
  desk.say("482193");
  CHECK(desk.store->accounts.user_exists(kPhone));
  REQUIRE(desk.told().size() == 1);
  CHECK(desk.told()[0].starts_with("Linked to @ada"));
  desk.work_for(std::chrono::hours(1));  // the time of the pairing ends: nothing more is said
  CHECK(desk.told().size() == 1);
  CHECK(desk.lives_at_x());
}

TEST_CASE("conversation: the right code after its deadline links nothing and says how to get a new link") {
  Desk desk;
  desk.authorise("482193");
  desk.clock.pass(RelayDesk::kLife);
  desk.say("482193");
  CHECK_FALSE(desk.store->accounts.user_exists(kPhone));
  CHECK(desk.has_told(
      [](const std::string& text) { return text.find("looks like a code") != std::string::npos; }));
  desk.say("START");
  CHECK(desk.has_told(has_link));
}

TEST_CASE("conversation: after three wrong codes the pairing is over and its grant ends at X") {
  Desk desk;
  desk.authorise("482193");
  for (int i = 0; i < 2; ++i) desk.say("LINK 11111" + std::to_string(i));
  CHECK(desk.told().back().find("not the code") != std::string::npos);
  desk.say("1111118");  // one digit too many is a wrong code too
  CHECK(desk.told().back().find("too many wrong codes") != std::string::npos);
  CHECK(desk.lives_at_x());
  desk.work_off();
  CHECK_FALSE(desk.lives_at_x());
  CHECK(desk.store->revocations.count() == 0);
}

TEST_CASE("conversation: what looks like a code is posted from no phone in no state") {
  Desk desk;
  SUBCASE("linked") {
    desk.link(kAda);
  }
  SUBCASE("unknown") {}
  SUBCASE("linked while a link waits for its code") {
    desk.link(kAda);
    desk.authorise("555555");
  }
  desk.say("LINK 482193");
  desk.say("482-193");
  desk.work_off();
  CHECK(desk.sandbox.posts().empty());
  CHECK(desk.store->jobs.count(store::JobKind::post) == 0);
  REQUIRE(desk.told().size() == 2);
  CHECK((desk.told()[0].find("looks like a code") != std::string::npos ||
         desk.told()[0].find("not the code") != std::string::npos));
}

TEST_CASE("conversation: a code behind two backslashes is posted with one") {
  Desk desk;
  desk.link(kAda);
  desk.say("\\\\482193");
  desk.work_off();
  REQUIRE(desk.sandbox.posts().size() == 1);
  CHECK(desk.sandbox.posts()[0].text == "\\482193");
}

// A sends her own link to V, who is linked already; V agrees at X and texts the code that the page shows.
TEST_CASE("conversation: a code that another phone texts links nobody, and both hear of it") {
  Desk desk;
  const std::string victim = "+12025550199";
  desk.link(victim);
  desk.authorise("482193");  // the link is Ada's, and the account behind it V's
  static_cast<void>(desk.text(victim, "LINK 482193"));
  desk.local();
  CHECK_FALSE(desk.store->accounts.user_exists(kPhone));
  CHECK(desk.store->jobs.count(store::JobKind::post) == 0);
  REQUIRE(desk.told().size() == 2);
  const auto told = desk.told();
  CHECK(std::any_of(told.begin(), told.end(), [](const std::string& text) {
    return text.find("made for another phone") != std::string::npos;
  }));
  CHECK(std::any_of(told.begin(), told.end(), [](const std::string& text) {
    return text.find("another phone texted your code") != std::string::npos;
  }));
  for (const std::string& text : told) {
    CHECK(text.find("0123") == std::string::npos);
    CHECK(text.find("0199") == std::string::npos);
  }
  desk.work_off();
  CHECK(desk.sandbox.posts().empty());
  const auto grants = desk.sandbox.grants();
  CHECK(std::count_if(grants.begin(), grants.end(), [](const auto& grant) { return grant.alive; }) == 1);
  desk.say("LINK 482193");  // Ada has read it in vain
  CHECK_FALSE(desk.store->accounts.user_exists(kPhone));
}

TEST_CASE("conversation: wrong codes from elsewhere count for nothing") {
  Desk desk;
  desk.authorise("482193");
  for (int i = 0; i < 9; ++i) {
    static_cast<void>(desk.text("+12025550199", "LINK 11111" + std::to_string(i)));
    desk.local();
  }
  desk.say("link 482 193");
  CHECK(desk.store->accounts.user_exists(kPhone));
}

TEST_CASE("conversation: a code that never came ends the grant at X, and the person hears once") {
  Desk desk;
  desk.authorise("123456");
  desk.work_for(RelayDesk::kLife - seconds(5));
  CHECK(desk.told().empty());
  CHECK(desk.lives_at_x());
  desk.work_for(seconds(10));
  REQUIRE(desk.told().size() == 1);
  CHECK(desk.told()[0].find("expired") != std::string::npos);
  CHECK_FALSE(desk.lives_at_x());
  CHECK_FALSE(desk.store->accounts.user_exists(kPhone));
}

TEST_CASE("conversation: STOP deletes the account at once, and the grant at X by a job") {
  Desk desk;
  desk.link(kAda);
  desk.say("Stop");
  CHECK_FALSE(desk.store->accounts.user_exists(kPhone));
  CHECK(desk.store->inbox.count(Ending::answered) == 1);
  REQUIRE(desk.told().size() == 1);
  CHECK(desk.told()[0].starts_with("Unlinked"));
  CHECK(desk.requests("POST /2/oauth2/revoke") == 0);
  CHECK(desk.lives_at_x());
  desk.work_off();
  CHECK_FALSE(desk.lives_at_x());
  CHECK(desk.sandbox.posts().empty());
}

TEST_CASE("conversation: a grant that X cannot end now is ended later") {
  Desk desk;
  desk.link(kAda);
  desk.sandbox.inject({.match = "POST /2/oauth2/revoke", .times = 3, .status = 503});
  desk.say("STOP");
  desk.work_for(seconds(20));
  CHECK(desk.lives_at_x());
  CHECK(desk.store->revocations.count() == 1);
  desk.store.reopen();
  CHECK(desk.store->revocations.count() == 1);
}

TEST_CASE("conversation: what waits to be posted is not posted after STOP, and nobody is asked to link") {
  Desk desk;
  desk.link(kAda);
  desk.sandbox.inject(*sim::named_fault("credits-depleted", "POST /2/tweets", 1000));
  static_cast<void>(desk.text(kAda, "one"));
  static_cast<void>(desk.text(kAda, "two"));
  desk.work_off();
  desk.say("STOP");
  desk.sandbox.clear_injected();
  desk.work_for(std::chrono::hours(1));
  CHECK(desk.sandbox.posts().empty());
  CHECK(desk.store->inbox.count_open() == 0);
  CHECK(desk.told().back().starts_with("Unlinked"));
}

TEST_CASE("conversation: commands, codes and links are answered while a post waits for X") {
  Desk desk;
  desk.link(kAda);
  desk.sandbox.inject(*sim::named_fault("credits-depleted", "POST /2/tweets", 1000));
  static_cast<void>(desk.text(kAda, "one"));
  desk.work_off();
  const std::size_t told = desk.told().size();
  desk.say("HELP");
  CHECK(desk.told().size() == told + 1);
  CHECK(desk.told().back().find("@ada") != std::string::npos);
  desk.say("start");
  CHECK(desk.told().back().find("You are linked to @ada") == 0);
  desk.say("LINK 482193");
  CHECK(desk.told().back().find("looks like a code") != std::string::npos);
  static_cast<void>(desk.text("+12025550199", "who are you"));
  desk.local();
  CHECK(has_link(desk.told().back()));
  desk.say("Stop.");
  CHECK(desk.told().back().starts_with("Unlinked"));
  CHECK(desk.sandbox.posts().empty());
}

TEST_CASE("conversation: after STOP's one confirmation there is no answer and no post until START") {
  Desk desk;
  desk.link(kAda);
  desk.say("STOP");
  REQUIRE(desk.told().size() == 1);
  for (const char* words : {"hello?", "STOP", "482193", "undo", "\\frobnicate"}) desk.say(words);
  desk.work_off();
  CHECK(desk.told().size() == 1);
  CHECK(desk.sandbox.posts().empty());
  CHECK(desk.store->inbox.count_open() == 0);
  desk.say("Start");
  REQUIRE(desk.told().size() == 2);
  CHECK(has_link(desk.told()[1]));
  desk.clock.pass(std::chrono::hours(2));
  desk.say("hello again");
  CHECK(desk.told().size() > 2);
}

TEST_CASE("conversation: after STOP, HELP is answered once a day") {
  Desk desk;
  desk.say("STOP");
  const std::size_t told = desk.told().size();
  desk.say("HELP");
  CHECK(desk.told().size() == told + 1);
  CHECK(desk.told().back().find("START") != std::string::npos);
  desk.clock.pass(std::chrono::hours(23));
  desk.say("help");
  CHECK(desk.told().size() == told + 1);
  desk.clock.pass(std::chrono::hours(2));
  desk.say("info");
  CHECK(desk.told().size() == told + 2);
}

TEST_CASE("conversation: STOP ends a link that waits for its code, and the grant at X") {
  Desk desk;
  const auto id = desk.authorise("482193");
  desk.say("stop");
  CHECK(desk.store->pairings.find(id)->state == store::PairingState::dropped);
  desk.work_off();
  CHECK_FALSE(desk.lives_at_x());
  desk.work_for(RelayDesk::kLife + seconds(5));
  CHECK(desk.told().size() == 1);  // nothing is said about the link
}

TEST_CASE("conversation: a code of another phone is dead too when it comes from somebody who has stopped") {
  Desk desk;
  desk.authorise("482193");
  static_cast<void>(desk.text("+12025550199", "stop"));
  static_cast<void>(desk.text("+12025550199", "LINK 482193"));
  desk.local();
  desk.say("LINK 482193");
  CHECK_FALSE(desk.store->accounts.user_exists(kPhone));
}

TEST_CASE("conversation: an outcome that comes after STOP is not told") {
  Desk desk;
  desk.link(kAda);
  static_cast<void>(desk.text(kAda, "one"));
  desk.local();
  const auto claim = desk.store->claim(Lane::network, desk.store->time.now());  // in a poster's hands
  REQUIRE(claim.job);
  desk.say("STOP");
  const auto message = desk.store->inbox.find(desk.store->posts.find(claim.job->subject)->message_id);
  auto transaction = desk.store->begin();
  CHECK_FALSE(desk.store->outbox.answer(transaction,
                                        {kAda, "Posted: one", "main", message->id, store::ReplyKind::outcome},
                                        "one", false, desk.clock.utc()));
}

TEST_CASE("conversation: some minutes after STOP neither number nor words are left") {
  Desk desk;
  desk.link(kAda);
  desk.say("a first post");
  desk.work_off();
  desk.sandbox.inject(*sim::named_fault("credits-depleted", "POST /2/tweets", 1000));
  desk.say("a second post");
  desk.say("help");
  desk.work_off();
  static_cast<void>(desk.text("+12025550199", "somebody else's words"));
  desk.local();
  desk.say("STOP");
  CHECK(desk.holds("first"));
  store::Database db(desk.store.database());
  db.execute("UPDATE outbox SET state = 'sent', open = 0");
  desk.work_for(std::chrono::minutes(2));
  db.execute("DELETE FROM answers");  // they are counted for a day
  for (const char* piece : {"5550123", "first", "second", "@ada", "STOP"}) {
    CAPTURE(piece);
    CHECK_FALSE(desk.holds(piece));
  }
  CHECK(desk.holds("somebody else"));
  CHECK(desk.store->jobs.count(store::JobKind::erasure) == 0);
  CHECK(desk.store->inbox.count_open() == 0);
}

TEST_CASE(
    "conversation: whoever has linked another account meanwhile posts, and a broken link brings a new one") {
  Desk desk;
  desk.link(kAda);
  desk.authorise("482193");
  desk.say("an ordinary post");
  CHECK(desk.store->jobs.count(store::JobKind::post) == 1);
  const auto grant = desk.store->accounts.find(kPhone)->grant;
  desk.store->accounts.mark_broken(in_one(*desk.store), kPhone, grant, utc_now());
  desk.clock.pass(RelayDesk::kLife);
  desk.say("hello?");
  CHECK(desk.has_told(has_link));
}

TEST_CASE("conversation: while a link waits, other texts are answered once, and START brings a new one") {
  Desk desk;
  desk.say("hello?");
  REQUIRE(desk.told().size() == 1);
  CHECK(has_link(desk.told()[0]));
  const auto first = desk.store->pairings.live(kPhone, desk.store->time.now())->id;
  desk.say("hello again?");
  CHECK(desk.told().back() == "Not posted: your link is waiting. For a new one text START.");
  desk.say("is anybody there?");
  CHECK(desk.told().size() == 2);
  CHECK(desk.store->pairings.live(kPhone, desk.store->time.now())->id == first);
  desk.say("START");
  CHECK(desk.told().size() == 3);
  CHECK(has_link(desk.told().back()));
  CHECK(desk.store->pairings.find(first)->state == store::PairingState::dropped);
  desk.clock.pass(RelayDesk::kLife + store::kLinkPatience);
  desk.say("and now?");
  CHECK(has_link(desk.told().back()));
}

TEST_CASE("conversation: whose link may never have gone out gets a new one with the next text") {
  Desk desk;
  desk.say("hello?");
  const auto first = desk.store->pairings.live(kPhone, desk.store->time.now())->id;
  const std::int64_t reply = desk.store->outbox.open(1).at(0).id;
  desk.store->outbox.begin_sending(in_one(*desk.store), reply);
  desk.store->outbox.part_unclear(in_one(*desk.store), reply, 1, "cut off", desk.store->time.now());
  desk.store->outbox.sent(in_one(*desk.store), reply, desk.store->time.now());
  desk.say("hello again?");
  CHECK(has_link(desk.told().back()));
  CHECK(desk.store->pairings.find(first)->state == store::PairingState::dropped);
}

TEST_CASE("conversation: while a code is awaited, that is said once, too") {
  Desk desk;
  desk.authorise("482193");
  desk.say("hello?");
  CHECK(desk.told().back().find("the 6 digits that the page shows") != std::string::npos);
  const auto answers = desk.told().size();
  desk.say("hello?!");
  CHECK(desk.told().size() == answers);
  CHECK(desk.store->posts.count(store::PostState::planned) == 0);
}

TEST_CASE("conversation: what counts of a code is when its SMS arrived") {
  Desk desk;
  desk.authorise("482193");
  static_cast<void>(desk.text(kAda, "LINK 482193"));
  desk.clock.pass(RelayDesk::kLife);
  desk.local();  // the expiry is due, too
  CHECK(desk.store->accounts.user_exists(kPhone));
}

TEST_CASE("conversation: START again and again does not cost the link that waits") {
  Desk desk;
  desk.say("START");
  std::size_t told = 0;
  for (int i = 0; i < 50 && told != desk.told().size(); ++i) {
    told = desk.told().size();
    desk.say("START");
  }
  REQUIRE(told == desk.told().size());  // that is enough
  const auto live = desk.store->pairings.live(kPhone, desk.store->time.now());
  REQUIRE(live.has_value());
  desk.say("START");
  CHECK(desk.store->pairings.live(kPhone, desk.store->time.now())->id == live->id);
  CHECK(desk.store->inbox.count_open() == 0);
}
