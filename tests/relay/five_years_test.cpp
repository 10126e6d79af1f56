// A box after five years: what a text costs, what `pigeon` costs and what pruning costs must not grow with
// what lies behind. Costs are counted in steps of SQLite's virtual machine, which no busy machine changes.
// PIGEON_ROWS sets how many closed texts there are; with a million, times are checked too (script/bench
// --five-years).
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "cli/status_report.h"
#include "modem/sms/segmenter.h"
#include "tests/relay/relay_desk.h"
#include "transport/intake.h"

using namespace pigeon;
using test::RelayDesk;

namespace {

constexpr const char* kAda = "+12025550123";

sqlite3* opened = nullptr;  // the connection of the store under test

int remember(sqlite3* db, char**, const void*) {
  if (opened == nullptr) opened = db;
  return SQLITE_OK;
}

struct Remembering {
  Remembering() {
    opened = nullptr;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&remember));
  }
  ~Remembering() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&remember)); }
  Remembering(const Remembering&) = delete;
  Remembering& operator=(const Remembering&) = delete;
};

std::int64_t rows() {
  const char* wanted = std::getenv("PIGEON_ROWS");
  return wanted == nullptr ? 50'000 : std::strtoll(wanted, nullptr, 10);
}

bool is_whole() {
  return rows() >= 1'000'000;
}

// Steps of all statements of the connection since they were counted last.
std::int64_t steps() {
  std::int64_t count = 0;
  for (sqlite3_stmt* each = sqlite3_next_stmt(opened, nullptr); each != nullptr;
       each = sqlite3_next_stmt(opened, each)) {
    count += sqlite3_stmt_status(each, SQLITE_STMTSTATUS_VM_STEP, 1);
  }
  return count;
}

void run(const std::string& sql) {
  char* problem = nullptr;
  sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, &problem);
  REQUIRE_MESSAGE(problem == nullptr, std::string(problem == nullptr ? "" : problem));
}

// `count` rows; in `values` i is the row's number from 1 on.
void fill(const std::string& into, const std::string& values, std::int64_t count) {
  run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
      ") INSERT INTO " + into + " SELECT " + values + " FROM n");
}

// Behind so many `texts`: closed ones with their posts, parts and replies, all 90 days old, and what else
// gathers: ended pairings, orphan parts, accounts, digests, and one person with texts that wait behind each
// other.
void five_years(UtcTime now, std::int64_t texts) {
  const std::int64_t closed = rows();
  const std::string before = std::to_string(texts);
  const std::string old = std::to_string(to_unix_ms(now - std::chrono::days(90)));
  const std::string later = std::to_string(to_unix_ms(now + std::chrono::days(20)));
  run("BEGIN");
  fill("inbox (id, modem, sender, phone, text, sent_at, received_at, ending)",
       before + " + i, 'main', '+12025550144', '+12025550144', 'text ' || i, " + old + ", " + old +
           ", 'posted'",
       closed);
  run("INSERT INTO totals (name, count) VALUES ('inbox/posted', " + std::to_string(closed) +
      ") ON CONFLICT (name) DO UPDATE SET count = count + excluded.count");
  fill("posts (id, message_id, ordinal, phone, text, state)",
       "(" + before + " + i) * 1000 + 1, " + before + " + i, 1, '+12025550144', 'text ' || i, 'posted'",
       closed);
  fill("parts (modem, storage, slot, pdu, sender, sent_at, received_at, state, message_id)",
       "'main', 'SM', i % 30, randomblob(40), '+12025550144', " + old + ", " + old + ", 'joined', " + before +
           " + i",
       closed);
  fill("outbox (open, modem, phone, text, kind, state, due_at, created_at, sent_at)",
       "0, 'main', '+12025550144', 'Posted: text ' || i, 'outcome', 'sent', " + old + ", " + old + ", " + old,
       closed);
  fill("seen (digest, expires_at)", "randomblob(16), " + later, closed);
  const std::int64_t tenth = closed / 10, hundredth = closed / 100;
  fill("inbox (id, modem, sender, phone, text, sent_at, received_at)",
       std::to_string(texts + closed) + " + i, 'main', '+12025550155', '+12025550155', 'waits ' || i, " +
           old + ", " + old,
       tenth);
  fill("jobs (id, kind, lane, queue, subject, due_at, ready, turn)",
       std::to_string(texts + closed) + " + i, 'text', 'local', '+12025550155', " +
           std::to_string(texts + closed) + " + i, " + later + ", 2 * (i = 1), i",
       tenth);
  fill("pairings (phone, modem, code_hash, state, expires_at, life)",
       "'+12025550166', 'main', randomblob(16), 'expired', " + later + ", 900000", tenth);
  fill(
      "parts (modem, storage, slot, pdu, sender, sent_at, received_at, reference, wide, count, number, "
      "state)",
      "'main', 'SM', i % 30, randomblob(140), '+1202555' || (1000 + i), " + old + ", " + old +
          ", 1, 0, 2, 1, 'waiting'",
      hundredth);
  fill(
      "accounts (phone, state, x_user_id, username, access_token, access_expires_at, scope, grant, "
      "linked_at)",
      "'+1303555' || (10000 + i), 'linked', 'u' || i, 'user' || i, randomblob(60), " + later + ", '', i, " +
          old,
      hundredth);
  run("COMMIT");
  run("PRAGMA wal_checkpoint(TRUNCATE)");
}

// One long text of a linked person from the two parts of it that the modem holds to the reply that is owed.
std::int64_t cost_of_a_text(RelayDesk& desk, std::string words) {
  words.resize(200, 'x');
  const transport::IntakeSettings settings{"+12025550100", "US", "It could not be read."};
  transport::Intake intake{"main", settings, *desk.store};
  const UtcTime now = desk.clock.utc();
  std::vector<modem::StoredMessage> parts;
  const auto submits = modem::segment(words, *modem::Address::from_number(kAda), {7, false});
  REQUIRE(submits);
  for (const modem::Submit& submit : *submits) {
    modem::Deliver deliver;
    deliver.sender = submit.recipient;
    deliver.timestamp.utc = std::chrono::floor<seconds>(now);
    deliver.user_data = submit.user_data;
    const int slot = static_cast<int>(parts.size()) + 1;
    parts.push_back({{"SM", slot}, *modem::encode_pdu({"", deliver})});
  }
  static_cast<void>(steps());
  CHECK(intake.take(parts, now).messages == 1);
  desk.work_off();
  const std::int64_t cost = steps();
  desk.clock.pass(seconds(5));
  CHECK(desk.sandbox.posts().back().text == words);
  return cost;
}

milliseconds longest(milliseconds one, SteadyTime begun) {
  return std::max(one, std::chrono::duration_cast<milliseconds>(steady_now() - begun));
}

}  // namespace

TEST_CASE("five years: a text and a look cost what they cost on the first day") {
  const Remembering remembering;
  RelayDesk desk;
  desk.link(kAda);
  static_cast<void>(cost_of_a_text(desk, "warms up"));
  const std::int64_t on_the_first_day = cost_of_a_text(desk, "on the first day");
  five_years(desk.clock.utc(), 2);
  static_cast<void>(cost_of_a_text(desk, "warms up again"));
  const std::int64_t after_five_years = cost_of_a_text(desk, "after five years");
  MESSAGE("steps of a text: " << on_the_first_day << " on the first day, " << after_five_years << " with "
                              << rows() << " closed ones");
  CHECK(after_five_years * 10 <= on_the_first_day * 12);

  static_cast<void>(steps());
  const SteadyTime begun = steady_now();
  const auto wrong = desk.store->survey.list(desk.clock.utc(), {"main"}, std::nullopt);
  const auto took = std::chrono::duration_cast<milliseconds>(steady_now() - begun);
  CHECK(steps() < 60'000);
  if (is_whole()) CHECK(took < milliseconds(20));
  CHECK_FALSE(wrong.empty());  // somebody's texts wait
  MESSAGE("a look at what is wrong: " << took.count() << " ms");

  Config config;
  config.gateway.number = "+12025550100";
  config.store.path = desk.store.database();
  config.store.key_file = desk.store.key();
  REQUIRE(cli::read_status(config));  // what it reads is in the page cache then
  const SteadyTime asked = steady_now();
  const auto status = cli::read_status(config);
  const auto answered = std::chrono::duration_cast<milliseconds>(steady_now() - asked);
  REQUIRE(status);
  CHECK(status->posted == rows() + 4);
  CHECK(status->inbox_open == rows() / 10);
  MESSAGE("what `pigeon` reads: " << answered.count() << " ms");
  if (is_whole()) CHECK(answered < milliseconds(20));
}

TEST_CASE("five years: ten thousand old rows go in small batches") {
  const Remembering remembering;
  RelayDesk desk;
  five_years(desk.clock.utc(), 0);
  const UtcTime now = desk.clock.utc();
  const SteadyTime begun = steady_now();
  milliseconds longest_hold{0};
  std::int64_t most_steps = 0;
  static_cast<void>(steps());
  for (int batch = 0; batch < 100; ++batch) {
    const SteadyTime held = steady_now();
    auto transaction = desk.store->begin();
    const bool more = desk.store->retention.prune(transaction, now - std::chrono::days(30), now,
                                                  store::Retention::Posts::too);
    transaction.commit_for_later();
    longest_hold = longest(longest_hold, held);
    most_steps = std::max(most_steps, steps());
    REQUIRE(more);
  }
  const auto took = std::chrono::duration_cast<milliseconds>(steady_now() - begun);
  MESSAGE("ten thousand rows: " << took.count() << " ms, " << longest_hold.count()
                                << " ms at most at a time, " << most_steps << " steps a batch");
  CHECK(most_steps < 100'000);
  if (is_whole()) {
    CHECK(took < seconds(5));
    CHECK(longest_hold < milliseconds(20));
  }
}
