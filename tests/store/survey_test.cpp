// What is wrong, as rows show it by themselves: there when it is so, told since when, and gone when it is
// over.
#include "store/survey.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using std::chrono::minutes;

namespace {

constexpr UtcTime kNow{std::chrono::hours(24 * 365 * 56)};
const auto kAda = *PhoneNumber::parse("+12025550123");

std::vector<Condition> survey(test::TempStore& store, UtcTime now = kNow,
                              std::optional<StorageFailure> failure = std::nullopt) {
  return store->survey.list(now, {"main"}, failure);
}

std::string codes(const std::vector<Condition>& conditions) {
  std::string words;
  for (const Condition& condition : conditions) {
    words += std::string(word_of(condition.code));
    if (!condition.subject.empty()) words += "(" + condition.subject + ")";
    words += " ";
  }
  return words;
}

std::int64_t text_at(test::TempStore& store, UtcTime received_at) {
  return store->inbox.add(in_one(*store), {.modem = "main",
                                           .sender = kAda.e164(),
                                           .phone = kAda.e164(),
                                           .text = "hello",
                                           .sent_at = received_at,
                                           .received_at = received_at});
}

std::int64_t reply_of(test::TempStore& store, Transaction& transaction, const std::string& modem,
                      UtcTime now) {
  return store->outbox.add(transaction,
                           {.phone = kAda.e164(), .text = "hi", .modem = modem, .message_id = {}}, now);
}
std::int64_t reply_of(test::TempStore& store, const std::string& modem, UtcTime now) {
  return reply_of(store, in_one(*store), modem, now);
}

}  // namespace

TEST_CASE("survey: nothing is wrong with a fresh box") {
  test::TempStore store;
  CHECK(survey(store).empty());
}

TEST_CASE("survey: a text that is open for a minute is kept until it is closed") {
  test::TempStore store;
  const std::int64_t id = text_at(store, kNow - minutes(3));
  const Job job = *store->claim(Lane::local, kNow).job;
  store->jobs.postpone(in_one(*store), job, kNow + minutes(9));
  store->jobs.release(job);
  static_cast<void>(text_at(store, kNow - seconds(2)));  // too young to be told about
  const auto now = survey(store);
  REQUIRE(codes(now) == "texts_kept ");
  CHECK(now[0].since == kNow - minutes(3));
  CHECK(now[0].count == 1);
  CHECK(sentence_of(now[0]) == "a text waits to be posted");
  CHECK(codes(survey(store, kNow - minutes(2) - seconds(1))).empty());
  store->inbox.close(in_one(*store), id, Ending::posted, "");
  store->jobs.done(in_one(*store), job);
  CHECK(survey(store).empty());
}

TEST_CASE(
    "survey: a text that nobody has tried although nothing keeps it says that the box does not keep up") {
  test::TempStore store;
  static_cast<void>(text_at(store, kNow - minutes(3)));
  CHECK(codes(survey(store)) == "texts_kept queue_growing ");
  const Job job = *store->claim(Lane::local, kNow).job;
  store->jobs.park(in_one(*store), job, Gate::api, Jobs::Tried::no);
  store->jobs.release(job);
  CHECK(codes(survey(store)) == "texts_kept ");
}

TEST_CASE("survey: a post that nobody has tried counts by the age of its text") {
  test::TempStore store;
  const std::int64_t id = text_at(store, kNow - minutes(3));
  const Job job = *store->claim(Lane::local, kNow).job;
  const std::int64_t post = store->posts.plan(in_one(*store), id, 1, kAda.e164(), "hello");
  static_cast<void>(
      store->jobs.add(in_one(*store), {.kind = JobKind::post, .queue = kAda.e164(), .subject = post}));
  store->jobs.done(in_one(*store), job);
  store->jobs.release(job);
  const auto now = survey(store);
  REQUIRE(codes(now) == "texts_kept queue_growing ");
  CHECK(now[1].since == kNow - minutes(3));
}

TEST_CASE("survey: replies that are due for long say which modem does not send them") {
  test::TempStore store;
  const std::int64_t id = reply_of(store, "main", kNow - minutes(11));
  static_cast<void>(reply_of(store, "main", kNow - minutes(12)));
  const auto now = survey(store);
  REQUIRE(codes(now) == "replies_waiting(main) ");
  CHECK(now[0].count == 2);
  CHECK(now[0].since == kNow - minutes(12));
  CHECK(sentence_of(now[0]).find("modem main: 2 replies wait to be sent") == 0);
  store->outbox.sent(in_one(*store), id, kNow);
  CHECK(survey(store).at(0).count == 1);
  CHECK(codes(survey(store, kNow - minutes(3))).empty());
}

TEST_CASE("survey: of two modems the one that owes replies is named") {
  test::TempStore store;
  static_cast<void>(reply_of(store, "attic", kNow - minutes(11)));
  const auto now = store->survey.list(kNow, {"attic", "main"}, std::nullopt);
  CHECK(codes(now) == "replies_waiting(attic) ");
}

TEST_CASE("survey: a reply for a modem that is not configured any more is told at once with its name") {
  test::TempStore store;
  static_cast<void>(reply_of(store, "main", kNow));
  static_cast<void>(reply_of(store, "attic", kNow - seconds(5)));
  static_cast<void>(reply_of(store, "attic", kNow));
  static_cast<void>(reply_of(store, "zoo", kNow));
  const auto now = survey(store);
  REQUIRE(codes(now) == "reply_modem_gone(attic) reply_modem_gone(zoo) ");
  CHECK(now[0].count == 2);
  CHECK(now[0].since == kNow - seconds(5));
}

TEST_CASE("survey: an account is broken from then until it is linked again or gone") {
  test::TempStore store;
  const Credentials tokens{"access", "refresh", kNow + seconds(7200), "", "42", "ada"};
  store->accounts.add_credentials(in_one(*store), kAda, tokens, kNow);
  CHECK(survey(store).empty());
  const std::int64_t grant = store->accounts.find(kAda)->grant;
  REQUIRE(store->accounts.mark_broken(in_one(*store), kAda, grant, kNow + seconds(1)));
  REQUIRE(store->accounts.mark_broken(in_one(*store), kAda, grant, kNow + seconds(9)));
  auto now = survey(store);
  REQUIRE(codes(now) == "accounts_broken ");
  CHECK(now[0].since == kNow + seconds(1));
  store->accounts.add_credentials(in_one(*store), kAda, tokens, kNow + seconds(20));
  CHECK(survey(store).empty());
}

TEST_CASE("survey: what was set aside and what cannot be read stays until somebody has looked") {
  test::TempStore store;
  NewPart part;
  part.slot = {"main", "SM", 1};
  part.pdu = {1, 2, 3};
  part.received_at = kNow - minutes(5);
  part.state = PartState::quarantined;
  part.reason = PartReason::undecodable;
  static_cast<void>(store->parts.add(in_one(*store), part));
  static_cast<void>(
      store->jobs.add(in_one(*store), {.kind = JobKind::announcement, .queue = "x", .subject = 1}));
  for (int crash = 0; crash < kMaxCrashes; ++crash) {
    const Job job = *store->claim(Lane::local, kNow).job;
    CHECK(store->jobs.crashed(in_one(*store), job, kNow) == (crash + 1 == kMaxCrashes));
    store->jobs.release(job);
  }
  const auto now = survey(store);
  REQUIRE(codes(now) == "jobs_set_aside parts_quarantined ");
  CHECK(now[1].since == kNow - minutes(5));
}

TEST_CASE("survey: the storage's failure is told first, with the last commit that worked") {
  test::TempStore store;
  store->conditions.begin(in_one(*store), ConditionCode::x_api, "", "", kNow);
  const StorageFailure full{StorageFailure::Kind::full, kNow, kNow - seconds(4), 3};
  const auto now = survey(store, kNow, full);
  REQUIRE(codes(now) == "storage_full x_api ");
  CHECK(now[0].count == 3);
  CHECK(sentence_of(now[0]).find("; the last commit that worked: " + to_rfc3339(kNow - seconds(4))) !=
        std::string::npos);
  CHECK(words_of(now[0].code).box_fails);
  CHECK_FALSE(words_of(now[1].code).box_fails);
}

TEST_CASE("survey: a count ends at a thousand") {
  test::TempStore store;
  {
    auto all = store->begin();
    for (int i = 0; i < 1001; ++i) static_cast<void>(reply_of(store, all, "attic", kNow));
    all.commit();
  }
  const auto now = survey(store);
  REQUIRE(now.size() == 1);
  CHECK(sentence_of(now[0]).find("1000 or more replies wait") != std::string::npos);
}
