// Seeing steps of the clock and moving rows; see timekeeping.h.
#include "store/timekeeping.h"

#include <array>
#include <cstdlib>
#include <optional>

#include "base/log.h"

namespace pigeon::store {
namespace {

constexpr milliseconds kIgnored = seconds(2);

// Every column that says when something is due, expires or began. 0 is no time: due whatever the clock says.
constexpr std::array kMoves = {
    "UPDATE jobs SET due_at = due_at + ?1 WHERE due_at > 0",
    "UPDATE outbox SET due_at = due_at + ?1 WHERE open = 1",
    "UPDATE outbox SET expires_at = expires_at + ?1 WHERE open = 1 AND expires_at IS NOT NULL",
    "UPDATE outbox SET sent_at = sent_at + ?1 WHERE parts_unclear > 0",
    "UPDATE pairings SET expires_at = expires_at + ?1",
    "UPDATE accounts SET access_expires_at = access_expires_at + ?1, broken_at = broken_at + ?1,"
    " refused_at = refused_at + ?1",
    "UPDATE posts SET begun_at = begun_at + ?1, doubt_since = doubt_since + ?1 WHERE state = 'sending'",
    "UPDATE revocations SET since = since + ?1",
    "UPDATE answers SET expires_at = expires_at + ?1",
    "UPDATE conditions SET since = since + ?1",
    "UPDATE seen SET expires_at = expires_at + ?1",
    "UPDATE parts SET received_at = received_at + ?1 WHERE state = 'waiting' AND count IS NOT NULL",
    "UPDATE parts SET received_at = received_at + ?1 WHERE state = 'held'",
};

}  // namespace

Timekeeping::Timekeeping(Database& db, const Clock& clock)
    : db_(db),
      clock_(clock),
      read_(db, "SELECT utc, since_boot, boot_id FROM clock"),
      write_(db, "INSERT OR REPLACE INTO clock (id, utc, since_boot, boot_id) VALUES (1, ?1, ?2, ?3)"),
      utc_(clock.utc()),
      since_boot_(clock.since_boot()) {}

void Timekeeping::start(Transaction& transaction) {
  std::optional<UtcTime> expected;
  {
    Query query = read_.bind();
    if (query.next()) {
      const std::string boot_id = clock_.boot_id();
      if (!boot_id.empty() && query.text(2) == boot_id)
        expected = query.time(0) + (since_boot_ - milliseconds(query.integer(1)));
      else if (utc_ < query.time(0))
        expected = query.time(0);
    }
  }
  if (expected && std::chrono::abs(utc_ - *expected) >= kIgnored) shift_clock(transaction, utc_ - *expected);
  write(transaction, utc_, since_boot_);
}

UtcTime Timekeeping::now() {
  {
    const auto lock = db_.lock();
    const UtcTime utc = clock_.utc();
    const milliseconds since_boot = clock_.since_boot();
    const milliseconds step = (utc - utc_) - (since_boot - since_boot_);
    if (std::chrono::abs(step) < kIgnored) {
      utc_ = utc;
      since_boot_ = since_boot;
      return utc;
    }
    if (db_.in_transaction()) return utc;
    Transaction transaction(db_);
    shift_clock(transaction, step);
    write(transaction, utc, since_boot);
    transaction.commit_for_later();
    // Moved once, whatever the disk says of it below: not moved again by the next look.
    utc_ = utc;
    since_boot_ = since_boot;
  }
  db_.sync();
  if (wake_) wake_();
  return clock_.utc();
}

void Timekeeping::keep(Transaction& transaction) {
  write(transaction, clock_.utc(), clock_.since_boot());
}

void Timekeeping::shift_clock(Transaction& transaction, milliseconds step) {
  for (const char* sql : kMoves) Statement(db_, sql).bind(step.count()).run(transaction);
  log::notice("store", "the clock was set " + std::string(step.count() > 0 ? "forward" : "back") + " by " +
                           std::to_string(std::llabs(step.count()) / 1000) + " s; what is due moves along");
}

void Timekeeping::write(Transaction& transaction, UtcTime utc, milliseconds since_boot) {
  write_.bind(utc, since_boot.count(), clock_.boot_id()).run(transaction);
}

}  // namespace pigeon::store
