// The conditions table: what is wrong with the box now, since when, and how often it was met. Whoever sees a
// condition begin or end writes it here; `pigeon` and /healthz read it, so that all say the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/jobs.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class ConditionCode {
  x_api,             // X does not answer, or not as it should
  x_token_endpoint,  // X gives no fresh tokens
  x_credits,         // X wants to be paid
  x_keys,            // X refuses the app's client id or secret
  x_app_limit,       // the app has posted what it may in 24 hours
  modem_not_ready,   // `detail` is the driver's own cause and cure
  sim_refused,       // the network says no to the SIM
  no_network,        // the modem does not find one
};
// The condition that a closed gate is.
[[nodiscard]] ConditionCode condition_of(Gate gate);
[[nodiscard]] std::string_view word_of(ConditionCode code);  // "x_api", as the table and /healthz have it

struct Condition {
  ConditionCode code = ConditionCode::x_api;
  std::string subject;  // the modem's name; empty: the box
  UtcTime since{};
  std::int64_t count = 1;  // how often it was met since then
  std::string detail;      // the last cause, in the words of who said it; may hold what a stranger sent
};
// What is wrong, and what to do about it.
struct ConditionWords {
  std::string_view text;  // empty: `detail` says it all
  std::string_view cure;
};
[[nodiscard]] ConditionWords words_of(ConditionCode code);

class Conditions {
 public:
  // Prepares the statements, so the table must be there (StorageError). Borrowed.
  explicit Conditions(Database& db);

  // Begun, or met once more: then `since` stays. In the caller's transaction, or one of its own.
  void begin(ConditionCode code, std::string_view subject, std::string_view detail, UtcTime now);
  // False: there was none.
  bool end(ConditionCode code, std::string_view subject);
  // In the order of their codes.
  [[nodiscard]] std::vector<Condition> list();
  void clear();  // at start: all of them are seen anew

 private:
  Database& db_;
  Statement begin_, end_, list_, clear_;
};

}  // namespace pigeon::store
