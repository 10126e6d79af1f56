// What the network says of the parts of our replies (SMS-STATUS-REPORT, TS 23.040 §9.2.2.3): which reply it
// is about, and what becomes of that.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "store/outbox.h"
#include "store/sqlite.h"

namespace pigeon::store {

struct PartReport {
  std::string_view modem;  // that got it
  std::string_view phone;  // E.164
  int reference = 0;       // TP-MR
  bool delivered = false;
};

class StatusReports {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  explicit StatusReports(Database& db);

  // For the part with this reference last sent by this modem to this phone; where there is none, for the
  // reply of the last kUnclearLife that has a part whose reference nobody knows, if it is the only one: an
  // unclear part may not have gone out, and the report be of another's. One that came before changes nothing.
  // False: none of ours, or nobody can say whose.
  [[nodiscard]] bool take(Transaction& transaction, const PartReport& report, UtcTime now);

 private:
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> only_unknown(const PartReport& report, UtcTime now);

  Statement find_part_, reported_, find_unknown_, cleared_, report_;
};

}  // namespace pigeon::store
