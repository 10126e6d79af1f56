// SQL of the tables answers and unanswered; see budgets.h.
#include "store/budgets.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

constexpr std::chrono::hours kDay{24};
constexpr std::chrono::hours kHour{1};

// Bound to the number, so that the table does not say who texted the same as somebody else.
std::vector<std::uint8_t> digest(const PhoneNumber& phone, std::string_view words) {
  return sha256("words/" + phone.e164() + "/" + ascii_lower(trim(words)));
}

// A row counts for a day, so one of the last hour expires later than this.
UtcTime of_last_hour(UtcTime now) {
  return now + kDay - kHour;
}

std::int64_t count(Query&& query) {
  return query.next() ? query.integer(0) : 0;
}

}  // namespace

Budgets::Budgets(Database& db)
    : db_(db),
      prune_(db,
             "DELETE FROM answers WHERE reply_id IN (SELECT reply_id FROM answers ORDER BY reply_id"
             " LIMIT 200) AND expires_at <= ?1"),
      // As many rows as there are, or more: what a limit is not reached by need not be counted.
      at_most_(db, "SELECT (SELECT max(reply_id) FROM answers) - (SELECT min(reply_id) FROM answers) + 1"),
      of_phone_(db,
                "SELECT count(*), count(*) FILTER (WHERE expires_at > ?3) FROM answers"
                " WHERE phone = ?1 AND expires_at > ?2 AND expires_at <= ?4 AND linked = ?5"),
      // More than the limit need not be counted.
      of_box_(db,
              "SELECT count(*) FROM (SELECT expires_at FROM answers ORDER BY reply_id DESC LIMIT ?3)"
              " WHERE expires_at > ?1 AND expires_at <= ?2"),
      // Several answers to one text ("Saved", then "Posted") are one.
      same_words_(db,
                  "SELECT count(DISTINCT coalesce(message_id, -reply_id)) FROM answers"
                  " WHERE phone = ?1 AND expires_at > ?2 AND expires_at <= ?3 AND words = ?4"
                  " AND (message_id IS NULL OR message_id IS NOT ?5)"),
      spend_(db,
             "INSERT OR REPLACE INTO answers (reply_id, phone, words, message_id, expires_at, linked)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
      give_back_(db, "DELETE FROM answers WHERE reply_id = ?1"),
      refuse_(db,
              "INSERT INTO unanswered (budget, count) VALUES (?1, 1)"
              " ON CONFLICT (budget) DO UPDATE SET count = count + 1"),
      refused_(db, "SELECT count FROM unanswered WHERE budget = ?1") {}

bool Budgets::allows(Transaction& transaction, const PhoneNumber& phone, bool linked, std::string_view words,
                     UtcTime now, std::optional<std::int64_t> message_id) {
  const auto budget = exhausted(phone, linked, words, now, message_id);
  if (budget) {
    refuse_.bind(name_of(*budget)).run(transaction);
    log::debug("budgets", log::masked(phone.e164()) + " gets no answer: " + std::string(name_of(*budget)) +
                              " is used up");
  }
  return !budget;
}

std::optional<Budget> Budgets::exhausted(const PhoneNumber& phone, bool linked, std::string_view words,
                                         UtcTime now, std::optional<std::int64_t> message_id) {
  const UtcTime hour = of_last_hour(now);
  const UtcTime latest = now + kDay;  // beyond it is what a clock that was set back has left
  if (count(same_words_.bind(phone.e164(), hour, latest, digest(phone, words), message_id)) >=
      limits_.same_words_per_hour)
    return Budget::same_words_per_hour;
  const std::int64_t at_most = count(at_most_.bind());
  const auto reachable = [at_most](int limit) { return at_most >= limit; };
  if (linked ? reachable(std::min(limits_.linked_per_hour, limits_.linked_per_day))
             : reachable(limits_.unlinked_per_hour)) {
    Query query = of_phone_.bind(phone.e164(), now, hour, latest, linked);
    const bool counted = query.next();
    const std::int64_t in_day = counted ? query.integer(0) : 0;
    const std::int64_t in_hour = counted ? query.integer(1) : 0;
    if (!linked && in_hour >= limits_.unlinked_per_hour) return Budget::unlinked_per_hour;
    if (linked && in_hour >= limits_.linked_per_hour) return Budget::linked_per_hour;
    if (linked && in_day >= limits_.linked_per_day) return Budget::linked_per_day;
  }
  if (reachable(limits_.box_per_hour) &&
      count(of_box_.bind(hour, latest, limits_.box_per_hour)) >= limits_.box_per_hour)
    return Budget::box_per_hour;
  return std::nullopt;
}

void Budgets::spend(Transaction& transaction, std::int64_t reply_id, const PhoneNumber& phone, bool linked,
                    std::string_view words, UtcTime now, std::optional<std::int64_t> message_id) {
  spend_.bind(reply_id, phone.e164(), digest(phone, words), message_id, now + kDay, linked).run(transaction);
}

void Budgets::give_back(Transaction& transaction, std::int64_t reply_id) {
  give_back_.bind(reply_id).run(transaction);
}

bool Budgets::purge(Transaction& transaction, UtcTime now) {
  prune_.bind(now).run(transaction);
  return transaction.changes() > 0;
}

std::int64_t Budgets::refused(Budget budget) {
  const auto lock = db_.lock();
  return count(refused_.bind(name_of(budget)));
}

std::string_view name_of(Budget budget) {
  return state_word(budget);
}

}  // namespace pigeon::store
