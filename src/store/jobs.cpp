// SQL of the jobs table; see jobs.h.
//
// `ready` marks the leader of a queue, the only one of it that can be claimed: 1, now; 2, from `due_at` on
// (0: behind a leader). `turn` orders the leaders that are 1, so that no claim looks at those whose time has
// not come. A queue whose leader was settled gets the next turn, behind everybody who waits already. Leases
// are kept in memory only: they end with the process that held them, as they must.
#include "store/jobs.h"

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

// In these words SQLite sees that the index of the parked ones will do.
#define AT_GATE "gate = ?1 AND gate <> ''"

#define ROW "lane = ?1 AND queue = ?2 AND id = ?3"

std::optional<Jobs::Probe> probe_of(Query&& query) {
  if (!query.next()) return std::nullopt;
  return Jobs::Probe{query.integer(0), query.text(1)};
}

std::string_view lane_word(JobKind kind) {
  return state_word(lane_of(kind));
}

}  // namespace

Lane lane_of(JobKind kind) {
  switch (kind) {
    case JobKind::post:
    case JobKind::pin_link:
    case JobKind::pin:
    case JobKind::revocation:
      return Lane::network;
    case JobKind::text:
    case JobKind::expiry:
    case JobKind::announcement:
    case JobKind::pruning:
    case JobKind::erasure:
      break;
  }
  return Lane::local;
}

std::string_view word_of(Gate gate) {
  return state_word(gate);
}

Jobs::Jobs(Database& db)
    : db_(db),
      add_(db,
           "INSERT INTO jobs (id, kind, lane, queue, subject, due_at, turn, ready)"
           " VALUES (?7, ?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN EXISTS"
           " (SELECT 1 FROM jobs WHERE lane = ?2 AND queue = ?3 AND set_aside = 0)"
           " THEN 0 ELSE 1 + (?5 > 0) END)"),
      exists_(db, "SELECT 1 FROM jobs WHERE lane = ?2 AND queue = ?3 AND kind = ?1 AND set_aside = 0"),
      start_(db, "UPDATE jobs SET gate = '', ready = 2, due_at = ?1 WHERE gate <> ''"),
      claim_(db,
             "SELECT " JOB_COLUMNS " FROM jobs WHERE lane = ?1 AND ready = 1 AND gate = '' ORDER BY turn"),
      next_due_(
          db, "SELECT due_at FROM jobs WHERE lane = ?1 AND ready = 2 AND gate = '' ORDER BY due_at LIMIT 1"),
      fall_due_(db, "UPDATE jobs SET ready = 1 WHERE lane = ?1 AND ready = 2 AND gate = '' AND due_at <= ?2"),
      done_(db, "DELETE FROM jobs WHERE " ROW),
      postpone_(db, "UPDATE jobs SET due_at = ?4, ready = 2, turn = ?5, attempts = attempts + ?6 WHERE " ROW),
      again_(
          db,
          "INSERT INTO jobs (id, kind, lane, queue, subject, due_at, attempts, crashes, probes, turn, ready)"
          " SELECT ?7, kind, lane, queue, subject, ?4, attempts + ?6, crashes, probes, ?5, 0 FROM jobs"
          " WHERE " ROW),
      park_(db, "UPDATE jobs SET gate = ?4, attempts = attempts + ?5, probes = probes + ?6 WHERE " ROW),
      crash_(db,
             "UPDATE jobs SET due_at = ?4, turn = ?5, attempts = attempts + 1, crashes = crashes + 1,"
             " set_aside = (crashes + 1 >= ?6), ready = 2 * (crashes + 1 < ?6) WHERE " ROW),
      lead_(db,
            "UPDATE jobs SET ready = 1 + (due_at > 0), turn = ?3 WHERE lane = ?1 AND queue = ?2 AND id ="
            " (SELECT id FROM jobs WHERE lane = ?1 AND queue = ?2 AND set_aside = 0 ORDER BY id LIMIT 1)"),
      find_other_probe_(db,
                        "SELECT id, queue FROM jobs WHERE " AT_GATE " AND queue <> ?2 ORDER BY id LIMIT 1"),
      find_probe_(db, "SELECT id, queue FROM jobs WHERE " AT_GATE " ORDER BY id LIMIT 1"),
      take_probe_(db, "UPDATE jobs SET gate = '', ready = 2, due_at = ?2 WHERE " AT_GATE " AND id = ?3"),
      unpark_(db, "UPDATE jobs SET gate = '', ready = 2, due_at = ?2 WHERE " AT_GATE),
      waiting_(db, "SELECT " JOB_COLUMNS
                   " FROM jobs WHERE lane = ?1 AND queue = ?2 AND kind = ?3 AND set_aside = 0 ORDER BY id"),
      count_(db, "SELECT count(*) FROM jobs WHERE lane = ?2 AND kind = ?1 AND set_aside = 0"),
      count_parked_(db, "SELECT count(*) FROM jobs WHERE " AT_GATE),
      count_aside_(db, "SELECT count(*) FROM jobs WHERE set_aside = 1"),
      last_(db, "SELECT max(id), max(turn) FROM jobs") {}

// Read when a job is written for the first time: it looks at every job, and who only reads needs it not.
Jobs::Numbers& Jobs::numbers() {
  if (numbers_) return *numbers_;
  Query query = last_.bind();
  numbers_ = query.next() ? Numbers{query.integer(0), query.integer(1)} : Numbers{};
  return *numbers_;
}

std::int64_t Jobs::add(Transaction& transaction, const NewJob& job) {
  const std::int64_t id = ++numbers().id;
  add_.bind(state_word(job.kind), lane_word(job.kind), job.queue, job.subject, job.due_at, ++numbers().turn,
            id)
      .run(transaction);
  return id;
}

void Jobs::add_once(Transaction& transaction, const NewJob& job) {
  if (exists_.bind(state_word(job.kind), lane_word(job.kind), job.queue).next()) return;
  static_cast<void>(add(transaction, job));
}

void Jobs::start(Transaction& transaction, UtcTime now) {
  start_.bind(now).run(transaction);
}

void Jobs::fall_due(Transaction& transaction, Lane lane, UtcTime now) {
  fall_due_.bind(state_word(lane), now).run(transaction);
}

Jobs::Claim Jobs::claim(Lane lane, UtcTime now) {
  const auto lock = db_.lock();
  Claim claim;
  Query next = next_due_.bind(state_word(lane));  // while it is open, SQLite locks once for both
  if (next.next()) claim.next = next.time(0);
  if (claim.next && *claim.next <= now) return claim;
  Query query = claim_.bind(state_word(lane));
  while (query.next()) {
    if (leased_.contains(query.integer(0))) continue;
    if (claim.job) {
      claim.more = true;
      break;
    }
    claim.job = job_of(query);
  }
  if (claim.job) leased_.insert(claim.job->id);
  return claim;
}

void Jobs::release(const Job& job) {
  const auto lock = db_.lock();
  leased_.erase(job.id);
}

void Jobs::lead(Transaction& transaction, const Job& job) {
  lead_.bind(lane_word(job.kind), job.queue, ++numbers().turn).run(transaction);
}

void Jobs::done(Transaction& transaction, const Job& job) {
  done_.bind(lane_word(job.kind), job.queue, job.id).run(transaction);
  lead(transaction, job);
}

void Jobs::postpone(Transaction& transaction, const Job& job, UtcTime due_at, Tried tried) {
  if (job.kind == JobKind::revocation) {  // nobody waits for one: the next of the queue does not either
    again_
        .bind(lane_word(job.kind), job.queue, job.id, due_at, ++numbers().turn, tried != Tried::no,
              ++numbers().id)
        .run(transaction);
    done_.bind(lane_word(job.kind), job.queue, job.id).run(transaction);
    lead(transaction, job);
  } else {
    postpone_.bind(lane_word(job.kind), job.queue, job.id, due_at, ++numbers().turn, tried != Tried::no)
        .run(transaction);
  }
}

void Jobs::park(Transaction& transaction, const Job& job, Gate gate, Tried tried) {
  park_
      .bind(lane_word(job.kind), job.queue, job.id, word_of(gate), tried != Tried::no,
            tried == Tried::as_probe)
      .run(transaction);
}

bool Jobs::crashed(Transaction& transaction, const Job& job, UtcTime due_at) {
  crash_.bind(lane_word(job.kind), job.queue, job.id, due_at, ++numbers().turn, kMaxCrashes).run(transaction);
  const bool set_aside = job.crashes + 1 >= kMaxCrashes;
  if (set_aside) lead(transaction, job);
  return set_aside;
}

std::optional<Jobs::Probe> Jobs::take_probe(Transaction& transaction, Gate gate, std::string_view last_queue,
                                            UtcTime now) {
  std::optional<Probe> probe = probe_of(find_other_probe_.bind(word_of(gate), last_queue));
  if (!probe) probe = probe_of(find_probe_.bind(word_of(gate)));
  if (!probe) return std::nullopt;
  take_probe_.bind(word_of(gate), now, probe->id).run(transaction);
  return probe;
}

int Jobs::unpark(Transaction& transaction, Gate gate, UtcTime now) {
  unpark_.bind(word_of(gate), now).run(transaction);
  return transaction.changes();
}

std::vector<std::int64_t> Jobs::drop(Transaction& transaction, JobKind kind, std::string_view queue) {
  std::vector<Job> waiting;
  {
    Query query = waiting_.bind(lane_word(kind), queue, state_word(kind));
    while (query.next()) {
      if (!leased_.contains(query.integer(0))) waiting.push_back(job_of(query));
    }
  }
  std::vector<std::int64_t> subjects;
  for (const Job& job : waiting) {
    done(transaction, job);
    subjects.push_back(job.subject);
  }
  return subjects;
}

std::vector<std::int64_t> Jobs::in_hand(JobKind kind, std::string_view queue) {
  const auto lock = db_.lock();
  std::vector<std::int64_t> subjects;
  for (Query query = waiting_.bind(lane_word(kind), queue, state_word(kind)); query.next();)
    if (leased_.contains(query.integer(0))) subjects.push_back(job_of(query).subject);
  return subjects;
}

bool Jobs::waits(JobKind kind, std::string_view queue) {
  const auto lock = db_.lock();
  return waiting_.bind(lane_word(kind), queue, state_word(kind)).next();
}

std::int64_t Jobs::count(JobKind kind) {
  const auto lock = db_.lock();
  Query query = count_.bind(state_word(kind), lane_word(kind));
  return query.next() ? query.integer(0) : 0;
}

std::int64_t Jobs::count_parked(Gate gate) {
  const auto lock = db_.lock();
  Query query = count_parked_.bind(word_of(gate));
  return query.next() ? query.integer(0) : 0;
}

std::int64_t Jobs::count_set_aside() {
  const auto lock = db_.lock();
  Query query = count_aside_.bind();
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
