// How SQLite carries out every statement that the store has prepared: along an index, without a sort of its
// own, however many rows there are. A statement that must read all rows of something stands in the table
// below, with the reason.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/store/temp_store.h"

using namespace pigeon;

namespace {

sqlite3* opened = nullptr;  // the connection of the store under test

int remember(sqlite3* db, char**, const void*) {
  if (opened == nullptr) opened = db;  // the second one is the checkpointer's
  return SQLITE_OK;
}

struct Exception {
  std::string_view sql;   // a piece of the statement
  std::string_view plan;  // a piece of the plan's line
  std::string_view why;
};

constexpr std::string_view kOpen = "as many as are open now, read from an index of these alone";

constexpr auto kExceptions = std::to_array<Exception>({
    {"FROM clock", "SCAN clock", "it has one row"},
    {"FROM modems", "SCAN modems", "one row a modem"},
    {"FROM conditions", "SCAN conditions", "a row for what is wrong now"},
    {"count(*) FROM outbox WHERE open = 1", "INDEX outbox_open", kOpen},
    {"open = 1 ORDER BY modem, due_at LIMIT ?1", "INDEX outbox_open", "a hundred"},
    {"FROM outbox_parts WHERE phone = ?1", "SCAN (subquery-2)", "at most 256"},
    {"FROM answers ORDER BY reply_id DESC LIMIT ?3", "SCAN answers", "the newest, as many as the limit"},
    {"FROM answers ORDER BY reply_id DESC LIMIT ?3", "SCAN (subquery-1)", "the same"},
    {"SELECT reply_id FROM answers ORDER BY reply_id LIMIT 200", "SCAN answers", "the oldest 200"},
    {"SELECT id FROM seen ORDER BY id LIMIT 200", "SCAN seen", "the oldest 200"},
    {"count(*) FROM parts WHERE state = 'waiting'", "INDEX parts_waiting", kOpen},
    {"SELECT DISTINCT sender", "INDEX parts_waiting", kOpen},
    {"SELECT DISTINCT sender", "FOR DISTINCT", "a hundred"},
    {"count(*) FROM parts WHERE state = 'held'", "INDEX parts_held", kOpen},
    {"count(*) FROM revocations", "SCAN revocations", kOpen},
    {"count(*) FROM jobs WHERE set_aside = 1", "INDEX jobs_aside", kOpen},
    {"ORDER BY id DESC LIMIT ?1", "INDEX parts_quarantined", "a hundred"},
    {"AND set_aside = 0 LIMIT 1000", "SCAN jobs", "a thousand"},
    {"LIMIT 1000)", "SCAN (subquery", "a thousand"},
    {"state = 'quarantined' ORDER BY id LIMIT 1000", "INDEX parts_quarantined", "a thousand"},
    {"set_aside = 1 ORDER BY id LIMIT 1000", "INDEX jobs_aside", "a thousand"},
    {"state = 'broken' ORDER BY broken_at LIMIT 1000", "INDEX accounts_broken", "a thousand"},
    {"LIMIT 100)", "SCAN (subquery", "a hundred"},
    {"FROM names", "SCAN names", "a row a modem"},
    {"count(DISTINCT", "FOR count(DISTINCT)", "the answers to one person in one hour"},
    {"SELECT max(id), max(turn) FROM jobs", "SCAN jobs", "once, at the start"},
    {"UPDATE jobs SET gate = '', ready = 2, due_at = ?1 WHERE gate <> ''", "INDEX jobs_gate",
     "once, at the start"},
});

std::vector<std::string> plan_of(const std::string& sql) {
  sqlite3_stmt* explain = nullptr;
  REQUIRE_MESSAGE(
      sqlite3_prepare_v2(opened, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &explain, nullptr) == SQLITE_OK,
      sql);
  std::vector<std::string> lines;
  while (sqlite3_step(explain) == SQLITE_ROW)
    lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(explain, 3)));
  sqlite3_finalize(explain);
  return lines;
}

bool reads_all(std::string_view line) {
  const bool scans = line.starts_with("SCAN ") && line.find("CONSTANT ROW") == std::string_view::npos;
  return scans || line.find("TEMP B-TREE") != std::string_view::npos;
}

}  // namespace

TEST_CASE("plans: a row that others refer to is deleted without a search for them") {
  test::TempStore store;
  const auto first_column = [](const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(opened, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::vector<std::string> values;
    while (sqlite3_step(statement) == SQLITE_ROW)
      values.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    sqlite3_finalize(statement);
    return values;
  };
  REQUIRE(sqlite3_open(store.database().c_str(), &opened) == SQLITE_OK);
  int keys = 0;
  for (const std::string& table : first_column("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
    for (const std::string& column :
         first_column("SELECT \"from\" FROM pragma_foreign_key_list('" + table + "')")) {
      CAPTURE(table);
      CAPTURE(column);
      ++keys;
      // The column leads an index that holds every row which has a value there.
      const auto leads =
          first_column("SELECT l.name FROM pragma_index_list('" + table +
                       "') AS l, pragma_index_info(l.name) AS i, sqlite_schema AS s"
                       " WHERE s.name = l.name AND i.seqno = 0 AND i.name = '" +
                       column + "' AND (l.partial = 0 OR s.sql LIKE '%WHERE " + column + " IS NOT NULL')");
      CHECK_FALSE(leads.empty());
    }
  }
  CHECK(keys > 0);
  sqlite3_close(opened);
}

TEST_CASE("plans: what each reply needs makes no table of its own") {
  opened = nullptr;
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(remember));
  test::TempStore store;
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(remember));
  int updates = 0;
  for (sqlite3_stmt* each = sqlite3_next_stmt(opened, nullptr); each != nullptr;
       each = sqlite3_next_stmt(opened, each)) {
    const std::string sql = sqlite3_sql(each);
    if (!sql.starts_with("UPDATE outbox SET") || sql.find("WHERE phone") != std::string::npos) continue;
    sqlite3_stmt* explain = nullptr;
    REQUIRE(sqlite3_prepare_v2(opened, ("EXPLAIN " + sql).c_str(), -1, &explain, nullptr) == SQLITE_OK);
    int tables = 0;
    while (sqlite3_step(explain) == SQLITE_ROW) {
      const auto* opcode = reinterpret_cast<const char*>(sqlite3_column_text(explain, 1));
      tables += opcode == std::string_view("OpenEphemeral") ? 1 : 0;
    }
    sqlite3_finalize(explain);
    ++updates;
    // What ends a reply is counted by a trigger, and so needs one.
    const bool may_end =
        sql.find("open = ") != std::string::npos || sql.find("parts_delivered = ") != std::string::npos;
    CHECK_MESSAGE(tables <= (may_end ? 1 : 0), sql);
  }
  CHECK(updates >= 8);
}

TEST_CASE("plans: no statement reads a whole table or sorts") {
  opened = nullptr;
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(remember));
  test::TempStore store;
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(remember));
  std::vector<std::string> statements;
  for (sqlite3_stmt* each = sqlite3_next_stmt(opened, nullptr); each != nullptr;
       each = sqlite3_next_stmt(opened, each))
    statements.emplace_back(sqlite3_sql(each));
  CHECK(statements.size() > 100);
  std::array<int, kExceptions.size()> used{};
  for (const std::string& sql : statements) {
    for (const std::string& line : plan_of(sql)) {
      if (!reads_all(line)) continue;
      const auto allowed = std::find_if(kExceptions.begin(), kExceptions.end(), [&](const Exception& each) {
        return sql.find(each.sql) != std::string::npos && line.find(each.plan) != std::string::npos;
      });
      if (allowed != kExceptions.end())
        ++used[static_cast<std::size_t>(allowed - kExceptions.begin())];
      else
        FAIL_CHECK(line << "\n  in " << sql);
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i)
    CHECK_MESSAGE(used[i] > 0, "no statement needs this exception: " << kExceptions[i].sql);
}
