// A disk without room under a write into each table: it is refused, changes nothing in any table, and is done
// when there is room again, by the same program.
#include "tests/store/full_disk.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;

namespace {

constexpr UtcTime kNow{std::chrono::hours(24 * 365 * 56)};
const auto kAda = *PhoneNumber::parse("+12025550123");
const SlotKey kSlot{"main", "SM", 1};

struct Write {
  const char* table;
  std::function<void(Store&)> into;
};

NewReply reply(std::optional<std::int64_t> message = {}) {
  return {.phone = kAda.e164(), .text = "hi", .modem = "main", .message_id = message};
}

// What stands in each table, as another process reads it.
std::map<std::string, std::string> content_of(const std::string& path) {
  Database db(path);
  std::map<std::string, std::string> content;
  Statement tables(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  std::vector<std::string> names;
  for (Query query = tables.bind(); query.next();) names.push_back(query.text(0));
  for (const std::string& name : names) {
    std::string columns;
    Statement list(db, ("SELECT name FROM pragma_table_info('" + name + "')").c_str());
    for (Query query = list.bind(); query.next();)
      columns += (columns.empty() ? "quote(" : " || ',' || quote(") + query.text(0) + ")";
    Statement rows(db, ("SELECT " + columns + " FROM " + name + " ORDER BY 1").c_str());
    std::string& text = content[name];
    for (Query query = rows.bind(); query.next();) text += query.text(0) + "\n";
  }
  return content;
}

// One for each table; what it needs is there already.
std::vector<Write> writes(std::int64_t message, std::int64_t owed) {
  ModemState modem;
  modem.name = "main";
  modem.updated_at = kNow;
  NewPart part;
  part.slot = kSlot;
  part.pdu = {1, 2, 3};
  return {
      {"inbox",
       [](Store& s) {
         static_cast<void>(s.inbox.add(in_one(s), {"main", "+1", "+1", "text", kNow, kNow}));
       }},
      {"jobs",
       [](Store& s) { static_cast<void>(s.jobs.add(in_one(s), {.kind = JobKind::expiry, .queue = "q"})); }},
      {"parts", [part](Store& s) { static_cast<void>(s.parts.add(in_one(s), part)); }},
      {"posts",
       [message](Store& s) { static_cast<void>(s.posts.plan(in_one(s), message, 1, kAda.e164(), "text")); }},
      {"outbox", [](Store& s) { static_cast<void>(s.outbox.add(in_one(s), reply(), kNow)); }},
      {"outbox_parts", [owed](Store& s) { s.outbox.part_sent(in_one(s), owed, 1, 77); }},
      {"answers",
       [](Store& s) { static_cast<void>(s.outbox.answer(in_one(s), reply(), "words", false, kNow)); }},
      {"unanswered",
       [](Store& s) {
         s.budgets.set_limits({.unlinked_per_hour = 0});
         static_cast<void>(s.outbox.answer(in_one(s), reply(), "others", false, kNow));
       }},
      {"pairings",
       [](Store& s) {
         static_cast<void>(s.pairings.offer_link(in_one(s), kAda, "main", seconds(900), kNow));
       }},
      {"accounts",
       [](Store& s) {
         s.accounts.add_credentials(in_one(s), kAda,
                                    {"access", "refresh", kNow + seconds(7200), "", "42", "ada"}, kNow);
       }},
      {"revocations", [](Store& s) { s.revocations.add(in_one(s), "access", "refresh", kNow); }},
      {"modems", [modem](Store& s) { s.modems.put(in_one(s), modem); }},
      {"conditions", [](Store& s) { s.conditions.begin(in_one(s), ConditionCode::x_api, "", "", kNow); }},
      {"seen",
       [](Store& s) { s.seen.add(in_one(s), s.seen.digest(std::vector<std::uint8_t>{1}), kSlot, kNow); }},
      {"slots",
       [](Store& s) {
         s.seen.lies_in(in_one(s), s.seen.digest(std::vector<std::uint8_t>{1}), {"main", "SM", 2});
       }},
      {"pin_tries",
       [](Store& s) {
         s.pins.begin(in_one(s), {"imei:1", "imei:1", "main"}, "1357");
       }},
      {"opt_outs", [](Store& s) { s.opt_outs.add(in_one(s), kAda, kNow); }},
      {"clock", [](Store& s) { s.time.keep(in_one(s)); }},
      {"totals", [message](Store& s) { s.inbox.close(in_one(s), message, Ending::answered, ""); }},
      {"digest_keys", [](Store& s) { static_cast<void>(s.rotate_key()); }},
      {"key_check", [](Store& s) { static_cast<void>(s.rotate_key()); }},
  };
}

}  // namespace

TEST_CASE("full disk: a write into any table is refused as a whole, and done when there is room") {
  test::FullDisk disk;
  test::TempStore store;
  const std::int64_t message =
      store->inbox.add(in_one(*store), {"main", kAda.e164(), kAda.e164(), "text", kNow, kNow});
  const std::int64_t owed = store->outbox.add(in_one(*store), reply(), kNow);
  std::set<std::string> tables;
  for (const auto& [table, content] : content_of(store.database())) tables.insert(table);
  for (const Write& write : writes(message, owed)) {
    CAPTURE(write.table);
    CHECK(tables.erase(write.table) == 1);
    const auto before = content_of(store.database());
    disk.fill();
    CHECK_THROWS_AS(write.into(*store), StorageError);
    CHECK(store->storage_failure().has_value());
    CHECK(content_of(store.database()) == before);
    disk.make_room();
    write.into(*store);
    CHECK_FALSE(store->storage_failure().has_value());
    CHECK(content_of(store.database()).at(write.table) != before.at(write.table));
  }
  CHECK(tables.empty());  // each table has its line above
}
