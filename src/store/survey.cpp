// Reading what is wrong; see survey.h.
#include "store/survey.h"

#include <algorithm>

namespace pigeon::store {
namespace {

constexpr seconds kKeptAfter{60};
constexpr seconds kBehindAfter{60};
constexpr std::chrono::minutes kReplyAfter{10};

// Every counting statement yields how many (at most kMostCounted), and since when. ?1: the latest time that
// counts.
// When the text of a job came in.
#define RECEIVED_AT                                                                   \
  "(SELECT received_at FROM inbox WHERE id = CASE kind WHEN 'text' THEN subject ELSE" \
  " (SELECT message_id FROM posts WHERE posts.id = subject) END) AS received_at"
// Every open text has a job.
constexpr const char* kKept =
    "SELECT count(*), min(received_at) FROM (SELECT " RECEIVED_AT
    " FROM jobs WHERE kind IN ('text','post') AND set_aside = 0 LIMIT 1000) WHERE received_at <= ?1";
// The first hundred that could be claimed, tried by nobody so far.
constexpr const char* kBehind =
    "SELECT count(*), min(received_at) FROM (SELECT " RECEIVED_AT
    " FROM jobs WHERE lane = ?2 AND ready = 1 AND gate = '' AND attempts = 0"
    " AND kind IN ('text','post') ORDER BY turn LIMIT 100) WHERE received_at <= ?1";
constexpr const char* kReplies =
    "SELECT count(*), min(due_at) FROM (SELECT due_at FROM outbox WHERE modem = ?2 AND due_at <= ?1"
    " AND open = 1 ORDER BY due_at LIMIT 1000)";
// One look into the index a name.
constexpr const char* kReplyModems =
    "WITH RECURSIVE names (name) AS (SELECT min(modem) FROM outbox WHERE open = 1"
    " UNION ALL SELECT (SELECT min(modem) FROM outbox WHERE open = 1 AND modem > name)"
    " FROM names WHERE name IS NOT NULL) SELECT name FROM names WHERE name IS NOT NULL";
constexpr const char* kRepliesOf =
    "SELECT count(*), min(created_at) FROM (SELECT created_at FROM outbox WHERE modem = ?1"
    " AND open = 1 ORDER BY due_at LIMIT 1000)";
constexpr const char* kBroken =
    "SELECT count(*), min(broken_at) FROM (SELECT broken_at FROM accounts WHERE state = 'broken'"
    " ORDER BY broken_at LIMIT 1000)";
constexpr const char* kAside =
    "SELECT count(*), min(due_at) FROM (SELECT due_at FROM jobs WHERE set_aside = 1 ORDER BY id LIMIT 1000)";
constexpr const char* kQuarantined =
    "SELECT count(*), min(received_at) FROM (SELECT received_at FROM parts WHERE state = 'quarantined'"
    " ORDER BY id LIMIT 1000)";

}  // namespace

Survey::Survey(Database& db, Conditions& conditions)
    : db_(db),
      conditions_(conditions),
      kept_(db, kKept),
      behind_(db, kBehind),
      replies_(db, kReplies),
      reply_modems_(db, kReplyModems),
      replies_of_(db, kRepliesOf),
      broken_(db, kBroken),
      aside_(db, kAside),
      quarantined_(db, kQuarantined) {}

std::vector<Condition> Survey::list(UtcTime now, const std::set<std::string>& modems,
                                    std::optional<StorageFailure> storage) {
  std::vector<Condition> conditions;
  try {
    read_rows(conditions, now, modems);
  } catch (const StorageError& error) {
    const auto kind = failure_of(error.sqlite_code());
    if (!kind) throw;
    if (!storage || *kind == StorageFailure::Kind::damaged) storage = StorageFailure{*kind, now, {}, 1};
  }
  if (storage) conditions.push_back(condition_of(*storage));
  std::stable_sort(conditions.begin(), conditions.end(),
                   [](const Condition& a, const Condition& b) { return a.code < b.code; });
  return conditions;
}

void Survey::read_rows(std::vector<Condition>& conditions, UtcTime now, const std::set<std::string>& modems) {
  const auto lock = db_.lock();
  conditions = conditions_.list();
  add_counted(conditions, ConditionCode::texts_kept, kept_.bind(now - kKeptAfter));
  for (const char* lane : {"local", "network"})
    add_counted(conditions, ConditionCode::queue_growing, behind_.bind(now - kBehindAfter, lane));
  for (const std::string& modem : modems)
    add_counted(conditions, ConditionCode::replies_waiting, replies_.bind(now - kReplyAfter, modem), modem);
  add_modems_gone(conditions, modems);
  add_counted(conditions, ConditionCode::accounts_broken, broken_.bind());
  add_counted(conditions, ConditionCode::jobs_set_aside, aside_.bind());
  add_counted(conditions, ConditionCode::parts_quarantined, quarantined_.bind());
}

void Survey::add_modems_gone(std::vector<Condition>& conditions, const std::set<std::string>& modems) {
  std::vector<std::string> gone;
  for (Query names = reply_modems_.bind(); names.next();)
    if (!modems.contains(names.text(0))) gone.push_back(names.text(0));
  for (const std::string& modem : gone)
    add_counted(conditions, ConditionCode::reply_modem_gone, replies_of_.bind(modem), modem);
}

void Survey::add_counted(std::vector<Condition>& conditions, ConditionCode code, Query&& query,
                         const std::string& subject) {
  if (query.next() && query.integer(0) > 0)
    conditions.push_back({code, subject, query.time(1), query.integer(0), ""});
}

Condition condition_of(const StorageFailure& failure) {
  Condition condition;
  switch (failure.kind) {
    case StorageFailure::Kind::full:
      condition.code = ConditionCode::storage_full;
      break;
    case StorageFailure::Kind::locked:
      condition.code = ConditionCode::storage_locked;
      break;
    case StorageFailure::Kind::failing:
      condition.code = ConditionCode::storage_failing;
      break;
    case StorageFailure::Kind::damaged:
      condition.code = ConditionCode::storage_damaged;
      break;
  }
  condition.since = failure.since;
  condition.count = failure.count;
  if (failure.last_commit > UtcTime{}) condition.detail = to_rfc3339(failure.last_commit);
  return condition;
}

}  // namespace pigeon::store
