// What can be wrong with a box, in words that everybody uses, and the conditions table: whoever sees a
// condition begin or end writes it there. What other rows show by themselves is not written a second time;
// survey.h reads both.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/jobs.h"
#include "store/sqlite.h"

namespace pigeon::store {

// In the order in which they are told.
enum class ConditionCode {
  thread_stuck,        // a thread is not back when it promised to be
  storage_damaged,     // what is read back from the database is not what was written
  storage_full,        // no room for the next commit
  storage_failing,     // the device answers with errors, or has become read-only
  storage_locked,      // another process holds the database
  x_api,               // X does not answer, or not as it should
  x_token_endpoint,    // X gives no fresh tokens
  x_credits,           // X wants to be paid
  x_keys,              // X refuses the app's client id, consumer key or their secret
  x_app_limit,         // the app has posted what it may in 24 hours
  modem_not_ready,     // `detail` is the driver's own cause and cure
  modem_hangs,         // it stopped answering and was reset; ends when it has worked for an hour
  sim_refused,         // the network says no to the SIM
  no_signal,           // the modem hears nothing
  no_network,          // the modem does not find one
  modem_storage_full,  // the modem has no room for the next text
  no_service_centre,   // the modem knows none: replies cannot be sent
  texts_kept,          // are open for more than a minute
  queue_growing,       // texts that nothing keeps back are not decided or tried in a minute
  replies_waiting,     // are due for more than ten minutes
  replies_failed,      // the last reply of a modem could not be sent
  reply_modem_gone,    // replies wait for a modem that is not configured any more
  accounts_broken,     // their owners must link again
  jobs_set_aside,      // ended with an exception too often
  parts_quarantined,
  country_missing,  // texts come from numbers in national form, and no country is configured
};
[[nodiscard]] std::vector<ConditionCode> all_conditions();
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
  std::string_view text;  // empty: `detail` says it all; a '#' stands for the count
  std::string_view cure;
  bool box_fails = false;  // this box does not do its work, which is more than something outside being down
  std::string_view one{};  // instead of `text` for a count of 1; empty: the same
};
// As far as a count goes: "1000 or more".
inline constexpr std::int64_t kMostCounted = 1000;
[[nodiscard]] ConditionWords words_of(ConditionCode code);

// What is wrong in one sentence, as people read it: text or detail, with the count and the modem's name.
[[nodiscard]] std::string sentence_of(const Condition& condition);

class Conditions {
 public:
  // Prepares the statements, so the table must be there (StorageError). Borrowed.
  explicit Conditions(Database& db);

  // Begun, or met once more: then `since` stays.
  void begin(Transaction& transaction, ConditionCode code, std::string_view subject, std::string_view detail,
             UtcTime now);
  // False: there was none.
  bool end(Transaction& transaction, ConditionCode code, std::string_view subject);
  // In the order of their codes.
  [[nodiscard]] std::vector<Condition> list();
  // At start: all of them are seen anew, but for what only the next reply or text would show: replies that
  // failed, and a missing country.
  void clear(Transaction& transaction);
  // Called when something begins or ends, by the thread that wrote it, before its commit and under the
  // database's lock: who asks list() then waits for both. Before the threads start.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  void tell() const;
  Database& db_;
  Statement begin_, end_, list_, clear_;
  std::function<void()> changed_;
};

}  // namespace pigeon::store
