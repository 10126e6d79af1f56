// How many answers one number and the whole box may be given, so that nobody can burn the SIM's credit and no
// robot that answers every SMS keeps a loop alive. Only answers are held back: what a linked person texts is
// posted all the same. The table `answers` has a row for each answer of the last day; it stands apart from
// the outbox, so that clearing up there frees nobody's budget, and outlives restarts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/phone_number.h"
#include "store/sqlite.h"

namespace pigeon::store {

// Answers at most; 0 is none at all.
struct Limits {
  int unlinked_per_hour = 3;  // to one number without an account
  int linked_per_hour = 60;   // to one number with an account
  int linked_per_day = 200;
  int box_per_hour = 300;       // to everybody together
  int same_words_per_hour = 2;  // to one number that texts the same words
};

// The limits by name, in the order in which they are asked.
enum class Budget { same_words_per_hour, unlinked_per_hour, linked_per_hour, linked_per_day, box_per_hour };
inline constexpr std::array kAllBudgets = {Budget::same_words_per_hour, Budget::unlinked_per_hour,
                                           Budget::linked_per_hour, Budget::linked_per_day,
                                           Budget::box_per_hour};

// Thread-safe.
class Budgets {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  explicit Budgets(Database& db);

  // In place of the defaults; before any thread starts.
  void set_limits(const Limits& limits) { limits_ = limits; }

  // Whether `phone`, who texted `words`, may be answered once more; asked in the transaction in which the
  // answer is added. A no is counted, and a debug line. Words are the same but for case and blanks around
  // them, and a second answer to the same `message_id` is no repetition.
  [[nodiscard]] bool allows(Transaction& transaction, const PhoneNumber& phone, bool linked,
                            std::string_view words, UtcTime now, std::optional<std::int64_t> message_id = {});
  // The answer is queued as `reply_id` of the outbox and counts for a day from `now` on, for as long as the
  // phone is `linked` or not as it was: who has stopped begins anew.
  void spend(Transaction& transaction, std::int64_t reply_id, const PhoneNumber& phone, bool linked,
             std::string_view words, UtcTime now, std::optional<std::int64_t> message_id = {});
  // The answer will never be sent and counts no more.
  void give_back(Transaction& transaction, std::int64_t reply_id);

  // Forgets the oldest answers that count no more, at most 200. True: it did, so there may be more.
  bool purge(Transaction& transaction, UtcTime now);

  [[nodiscard]] std::int64_t refused(Budget budget);  // answers held back by it since the database was made

 private:
  [[nodiscard]] std::optional<Budget> exhausted(const PhoneNumber& phone, bool linked, std::string_view words,
                                                UtcTime now, std::optional<std::int64_t> message_id);

  Database& db_;
  Limits limits_;
  Statement prune_, at_most_, of_phone_, of_box_, same_words_, spend_, give_back_, refuse_, refused_;
};

// Its key of [limits] in the configuration.
[[nodiscard]] std::string_view name_of(Budget budget);

}  // namespace pigeon::store
