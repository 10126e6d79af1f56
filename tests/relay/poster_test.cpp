// Posting at X's sandbox: what is out is said to be out, what may be out is asked for, and nothing is sent
// twice, whatever X does.
#include "relay/poster.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>

#include "tests/relay/relay_desk.h"
#include "tests/store/sync_watch.h"

using namespace pigeon;
using test::RelayDesk;

namespace {

const std::string kAda = "+12025550123";
constexpr std::int64_t kFirstPost = 1001;  // of message 1 (migrations.cpp)
constexpr const char* kPost = "POST /2/tweets";
constexpr const char* kLook = "GET /2/users/";

struct Ada : RelayDesk {
  Ada() { link(kAda); }
  void fault(const char* name, int times = 1) { sandbox.inject(*sim::named_fault(name, kPost, times)); }
  [[nodiscard]] std::int64_t open() { return store->inbox.count_open(); }
};

}  // namespace

TEST_CASE("poster: a text is posted and said to be, once") {
  Ada box;
  static_cast<void>(box.text(kAda, "hello"));
  box.work_off();
  REQUIRE(box.sandbox.posts().size() == 1);
  CHECK(box.told() == std::vector<std::string>{"Posted: hello"});
  const auto post = box.store->posts.find(kFirstPost);
  REQUIRE(post.has_value());
  CHECK(post->state == store::PostState::posted);
  CHECK(post->network_id == box.sandbox.posts()[0].id);
  CHECK(box.open() == 0);
  CHECK(box.requests(kLook) == 0);
}

TEST_CASE("poster: the intent is on the disk before X is asked") {
  store::SyncWatch syncs;
  Ada box;
  static_cast<void>(box.text(kAda, "hello"));
  const int before = syncs.count(store::SyncWatch::File::log);
  std::atomic<int> at_post{0};
  box.sandbox.before_request([&](const std::string& request) {
    if (request.starts_with(kPost)) at_post = syncs.count(store::SyncWatch::File::log);
  });
  box.work_off();
  CHECK(at_post == before + 1);
  box.sandbox.before_request({});
}

TEST_CASE("poster: what X made in spite of its answer is found, and not made again") {
  for (const char* fault : {"gateway-timeout", "lost-answer"}) {
    CAPTURE(fault);
    Ada box;
    box.fault(fault);
    static_cast<void>(box.text(kAda, "see https://example.org/a?b=1&c=2 <here>"));
    box.work_off();
    CHECK(box.told().empty());  // nobody knows yet
    box.work_for(seconds(5));
    CHECK(box.sandbox.posts().size() == 1);
    CHECK(box.requests(kPost) == 1);
    REQUIRE(box.told().size() == 1);
    CHECK(box.told()[0].starts_with("Posted: "));
    CHECK(box.store->posts.find(kFirstPost)->network_id == box.sandbox.posts()[0].id);
  }
}

TEST_CASE("poster: what X did not make is made: after one look behind an answer, after two behind silence") {
  struct Row {
    const char* fault;
    std::size_t looks;
  };
  for (const Row& row : {Row{"unavailable", 1}, Row{"dropped", 2}}) {
    CAPTURE(row.fault);
    Ada box;
    box.fault(row.fault);
    static_cast<void>(box.text(kAda, "hello"));
    box.work_for(seconds(20));
    CHECK(box.sandbox.posts().size() == 1);
    CHECK(box.requests(kPost) == 2);
    CHECK(box.requests(kLook) == row.looks);
    CHECK(box.told() == std::vector<std::string>{"Posted: hello"});
  }
}

TEST_CASE("poster: a crash between the intent and its end is a doubt") {
  for (const bool out : {true, false}) {
    CAPTURE(out);
    Ada box;
    if (out) box.fault("lost-answer");
    static_cast<void>(box.text(kAda, "hello"));
    REQUIRE(box.work(store::Lane::local));
    box.store->posts.begin(in_one(*box.store), kFirstPost, "1", box.clock.utc());
    if (out)
      static_cast<void>(
          box.x.post((**box.store->accounts.credentials(*PhoneNumber::parse(kAda))).access_token, "hello"));
    box.work_for(seconds(30));
    CHECK(box.sandbox.posts().size() == 1);
    CHECK(box.told() == std::vector<std::string>{"Posted: hello"});
  }
}

TEST_CASE("poster: X lies that it has the text: nobody is told that it is posted") {
  Ada box;
  box.fault("dropped");
  box.sandbox.inject({.match = kPost,
                      .times = 1,
                      .status = 403,
                      .body =
                          R"({"title":"Forbidden","status":403,"detail":"You are not allowed to create a )"
                          R"(Tweet with duplicate content.","type":"about:blank"})"});
  static_cast<void>(box.text(kAda, "hello"));
  box.work_for(seconds(60));
  CHECK(box.sandbox.posts().empty());
  REQUIRE(box.told().size() == 1);
  CHECK(box.told()[0].starts_with("X did not say"));
  CHECK(box.store->inbox.count(store::Ending::unclear) == 1);
}

TEST_CASE("poster: the same words twice are a duplicate, and the first post is not taken for the second") {
  for (const char* fault : {"", "dropped"}) {
    CAPTURE(fault);
    Ada box;
    static_cast<void>(box.text(kAda, "hello"));
    box.work_off();
    if (*fault != '\0') box.fault(fault);
    static_cast<void>(box.text(kAda, "hello"));
    box.work_for(seconds(60));
    CHECK(box.sandbox.posts().size() == 1);
    REQUIRE(box.told().size() == 2);
    CHECK(box.told()[1].find("exactly this already") != std::string::npos);
  }
}

TEST_CASE("poster: if X says nothing for ten minutes the person is told once, and the next text goes on") {
  Ada box;
  box.fault("dropped");
  box.sandbox.inject({.match = kLook, .times = 1000, .status = 503});
  static_cast<void>(box.text(kAda, "first"));
  static_cast<void>(box.text(kAda, "second"));
  box.work_for(std::chrono::minutes(9));
  CHECK(box.told().empty());
  CHECK(box.sandbox.posts().empty());  // the second waits for the first
  box.work_for(std::chrono::minutes(2));
  REQUIRE(box.told().size() == 2);
  CHECK(box.told()[0].starts_with("X did not say"));
  CHECK(box.told()[1] == "Posted: second");
  CHECK(box.requests(kPost) == 2);
  box.sandbox.clear_injected();
  box.work_for(std::chrono::minutes(30));
  CHECK(box.requests(kPost) == 2);
}

TEST_CASE("poster: a limit of the person's own holds nobody else") {
  Ada box;
  box.link("+12025550124");
  box.fault("user-day-limit");
  static_cast<void>(box.text(kAda, "too much"));
  box.work_off();
  static_cast<void>(box.text("+12025550124", "mine"));
  box.work_off();
  CHECK(box.sandbox.posts().size() == 1);
  CHECK(box.store->jobs.count_parked(store::Gate::app_limit) == 0);
}

TEST_CASE(
    "poster: what holds everybody holds everybody, without a request for each, and ends for all in order") {
  struct Row {
    const char* fault;
    store::Gate gate;
    int people;  // whose failure closes it
  };
  for (const Row& row :
       {Row{"unavailable", store::Gate::api, 2}, Row{"credits-depleted", store::Gate::credits, 1},
        Row{"client-forbidden", store::Gate::keys, 1}, Row{"app-day-limit", store::Gate::app_limit, 1}}) {
    CAPTURE(row.fault);
    RelayDesk box;
    for (int i = 1; i <= 4; ++i) box.link("+1202555012" + std::to_string(i));
    box.sandbox.inject(*sim::named_fault(row.fault, kPost, 1000));
    if (row.gate == store::Gate::api) box.sandbox.inject({.match = kLook, .times = 1000, .status = 503});
    for (int i = 1; i <= row.people; ++i)
      static_cast<void>(box.text("+1202555012" + std::to_string(i), "hello from " + std::to_string(i)));
    box.work_off();
    CHECK_FALSE(box.gates.may_pass(row.gate, 0));
    const std::size_t asked = box.requests(kPost);
    for (int i = row.people + 1; i <= 4; ++i) {
      static_cast<void>(box.text("+1202555012" + std::to_string(i), "hello from " + std::to_string(i)));
      static_cast<void>(box.text("+1202555012" + std::to_string(i), "again from " + std::to_string(i)));
    }
    box.work_off();
    CHECK(box.requests(kPost) == asked);
    CHECK(box.sandbox.posts().empty());
    CHECK(box.store->jobs.count_parked(row.gate) > 0);
    const auto conditions = box.store->conditions.list();
    CHECK(std::any_of(conditions.begin(), conditions.end(), [&row](const store::Condition& condition) {
      return condition.code == store::condition_of(row.gate) && !condition.detail.empty();
    }));

    box.sandbox.clear_injected();
    const auto probe = box.store->jobs.take_probe(in_one(*box.store), row.gate, "", box.clock.utc());
    REQUIRE(probe.has_value());
    box.gates.probing(row.gate, *probe);
    box.work_for(seconds(30));
    CHECK(box.gates.may_pass(row.gate, 0));
    CHECK(box.store->conditions.list().empty());
    CHECK(box.store->inbox.count_open() == 0);
    CHECK(box.sandbox.posts().size() == static_cast<std::size_t>(row.people + 2 * (4 - row.people)));
  }
}

TEST_CASE("poster: whose link X has ended is told so with a new one, and nothing else breaks it") {
  Ada box;
  box.sandbox.revoke_all(true);
  static_cast<void>(box.text(kAda, "hello"));
  box.work_off();
  REQUIRE(box.told().size() == 1);
  CHECK(box.told()[0].find("Link again") != std::string::npos);
  CHECK(box.told()[0].find("https://pigeon.example/auth/") != std::string::npos);
  CHECK(box.store->accounts.find(*PhoneNumber::parse(kAda))->state == store::AccountState::broken);
  CHECK(box.store->inbox.count(store::Ending::answered) == 1);
}

TEST_CASE("poster: what may be out is found although nothing can be paid") {
  Ada box;
  box.link("+12025550124");
  box.fault("lost-answer");
  box.fault("credits-depleted", 1000);
  static_cast<void>(box.text(kAda, "out"));
  box.work_off();
  static_cast<void>(box.text("+12025550124", "unpaid"));
  box.work_off();
  REQUIRE_FALSE(box.gates.may_pass(store::Gate::credits, 0));
  box.clock.pass(seconds(5));
  box.work_off();
  CHECK(box.store->posts.find(kFirstPost)->state == store::PostState::posted);
  CHECK_FALSE(box.gates.may_pass(store::Gate::credits, 0));  // reading shows nothing about that
}

TEST_CASE("poster: a text on its way at STOP that ends in doubt may be out, and is not called refused") {
  Ada box;
  box.fault("gateway-timeout");
  box.sandbox.after_request([&](const std::string& request) {
    if (!request.starts_with(kPost)) return;
    static_cast<void>(box.text(kAda, "STOP"));
    CHECK(box.work(store::Lane::local));
  });
  static_cast<void>(box.text(kAda, "on its way"));
  box.work_for(seconds(5));
  CHECK(box.store->posts.find(kFirstPost)->state == store::PostState::unclear);
  CHECK(box.store->inbox.count(store::Ending::ignored) == 1);
  CHECK(box.told().size() == 1);  // that the account is gone, and nothing behind it
  CHECK(box.open() == 0);
}

TEST_CASE("poster: what was on its way at STOP is not tried again for who links anew meanwhile") {
  Ada box;
  SUBCASE("X did not take it") {
    box.sandbox.inject({.match = kPost, .times = 1, .status = 408, .body = "<html>"});
  }
  SUBCASE("X says nothing") {
    box.fault("dropped");
  }
  box.sandbox.before_request([&](const std::string& request) {
    if (!request.starts_with(kPost)) return;
    static_cast<void>(box.text(kAda, "STOP"));
    CHECK(box.work(store::Lane::local));
    static_cast<void>(box.text(kAda, "START"));
    CHECK(box.work(store::Lane::local));
  });
  static_cast<void>(box.text(kAda, "on its way"));
  box.work_off();
  box.sandbox.before_request({});
  box.link(kAda);
  static_cast<void>(box.text(kAda, "a new one"));
  box.work_for(std::chrono::minutes(2));
  REQUIRE(box.sandbox.posts().size() == 1);
  CHECK(box.sandbox.posts()[0].text == "a new one");
  CHECK(box.open() == 0);
  const auto state = box.store->posts.find(kFirstPost)->state;
  CHECK((state == store::PostState::refused || state == store::PostState::unclear));
}

TEST_CASE("poster: a question that waits for the API's gate is no try") {
  Ada box;
  box.fault("lost-answer");
  static_cast<void>(box.text(kAda, "out"));
  box.work_off();
  store::Job other;
  other.id = 99;
  static_cast<void>(
      box.gates.failed(store::Gate::api, other, relay::Shut::at_once, box.clock.steady(), std::nullopt));
  for (int i = 0; i < 3; ++i) {
    box.clock.pass(seconds(10));
    box.work_off();
  }
  CHECK(box.requests(kLook) == 0);
  store::Database db(box.store.database());
  store::Statement read(db, "SELECT attempts FROM jobs WHERE kind = 'post'");
  store::Query query = read.bind();
  REQUIRE(query.next());
  CHECK(query.integer(0) == 1);  // the POST
}

TEST_CASE("poster: a gate whose jobs could not be let in is closed still, and its probe lets them in") {
  Ada box;
  box.fault("credits-depleted");
  static_cast<void>(box.text(kAda, "hello"));
  box.work_off();
  REQUIRE_FALSE(box.gates.may_pass(store::Gate::credits, 0));
  store::Database(box.store.database())
      .execute("CREATE TRIGGER full BEFORE DELETE ON conditions BEGIN SELECT RAISE(ABORT, 'full'); END");
  CHECK_THROWS_AS(relay::came_through(box.office, store::Gate::credits, box.clock.utc()),
                  store::StorageError);
  CHECK_FALSE(box.gates.may_pass(store::Gate::credits, 0));
  store::Database(box.store.database()).execute("DROP TRIGGER full");
  box.work_for(seconds(30));
  CHECK(box.gates.may_pass(store::Gate::credits, 0));
  CHECK(box.told().back() == "Posted: hello");
}

TEST_CASE("poster: a longer wait is told once as \"Saved\"") {
  Ada box;
  box.fault("credits-depleted");
  static_cast<void>(box.text(kAda, "hello"));
  box.work_off();
  CHECK(box.told() == std::vector<std::string>{"Saved. It will be posted when X is reachable."});
  const auto probe =
      box.store->jobs.take_probe(in_one(*box.store), store::Gate::credits, "", box.clock.utc());
  REQUIRE(probe.has_value());
  box.gates.probing(store::Gate::credits, *probe);
  box.work_off();
  CHECK(box.told().size() == 2);
  CHECK(box.told()[1] == "Posted: hello");
}
