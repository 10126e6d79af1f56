// SQL of the status reports; see status_reports.h.
#include "store/status_reports.h"

#include <tuple>
#include <utility>

namespace pigeon::store {

StatusReports::StatusReports(Database& db)
    : find_part_(db,
                 // A modem counts to 255 and begins again.
                 "SELECT outbox_id, number, reported FROM (SELECT outbox_id, number, reference, reported"
                 " FROM outbox_parts"
                 " WHERE phone = ?1 AND (SELECT modem FROM outbox WHERE id = outbox_id) = ?3"
                 " ORDER BY outbox_id DESC, number DESC LIMIT 256)"
                 " WHERE reference = ?2 LIMIT 1"),
      reported_(db,
                "UPDATE outbox_parts SET reported = 1 WHERE phone = ?1 AND outbox_id = ?2 AND number = ?3"),
      find_unknown_(
          db,
          "SELECT id, 0 FROM outbox WHERE phone = ?1 AND parts_unclear > 0 AND sent_at > ?2"
          " AND modem = ?3 UNION ALL SELECT outbox_id, number FROM outbox_parts WHERE phone = ?1"
          " AND reference = -1 AND reported = 0 AND EXISTS (SELECT 1 FROM outbox WHERE id = outbox_id"
          " AND modem = ?3 AND coalesce(sent_at, ?2 + 1) > ?2)"),
      cleared_(db, "UPDATE outbox SET parts_unclear = parts_unclear - 1 WHERE id = ?1"),
      // A reply is delivered when all its parts are, undelivered as soon as one is.
      report_(db,
              "UPDATE outbox SET parts_delivered = parts_delivered + ?2,"
              " parts_undelivered = parts_undelivered + (1 - ?2), state = CASE"
              " WHEN state <> 'sent' AND state <> 'unclear' AND state <> 'delivered' THEN state"
              " WHEN parts_undelivered + (1 - ?2) > 0 THEN 'undelivered'"
              " WHEN parts_delivered + ?2 < parts_sent THEN state"
              " ELSE 'delivered' END WHERE id = ?1") {}

// Reply and number of the part; the number is 0 where it is unclear, and both where none is the only one.
std::pair<std::int64_t, std::int64_t> StatusReports::only_unknown(const PartReport& report, UtcTime now) {
  std::pair<std::int64_t, std::int64_t> only{0, 0};
  Query unknown = find_unknown_.bind(report.phone, now - kUnclearLife, report.modem);
  while (unknown.next()) {
    if (only.first != 0 && only.first != unknown.integer(0)) return {0, 0};
    if (only.first == 0) only = {unknown.integer(0), unknown.integer(1)};
  }
  return only;
}

bool StatusReports::take(Transaction& transaction, const PartReport& report, UtcTime now) {
  std::int64_t reply = 0, number = 0;
  {
    Query part = find_part_.bind(report.phone, report.reference, report.modem);
    if (part.next()) {
      if (part.integer(2) != 0) return true;  // a network says it again that did not hear our acknowledgement
      reply = part.integer(0);
      number = part.integer(1);
    }
  }
  if (reply != 0) {
    reported_.bind(report.phone, reply, number).run(transaction);
  } else {
    std::tie(reply, number) = only_unknown(report, now);
    if (reply == 0) return false;
    if (number == 0)
      cleared_.bind(reply).run(transaction);
    else
      reported_.bind(report.phone, reply, number).run(transaction);
  }
  report_.bind(reply, report.delivered).run(transaction);
  return true;
}

}  // namespace pigeon::store
