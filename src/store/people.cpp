// SQL over accounts, posts and pairings; see people.h.
#include "store/people.h"

#include <utility>

#include "store/rows.h"

namespace pigeon::store {
namespace {

#define PERSON_COLUMNS ACCOUNT_COLUMNS ", scope, broken_at"
constexpr int kScope = kAccountColumns;

}  // namespace

Person People::person_of(const Query& row) {
  Person person;
  person.account = account_of(row);
  person.scope = row.text(kScope);
  person.broken_at = row.maybe_time(kScope + 1);
  Statement posts(db_,
                  "SELECT max(CASE WHEN state = 'posted' THEN ended_at END), sum(ended_at IS NULL)"
                  " FROM posts WHERE phone = ?1");
  Query query = posts.bind(person.account.phone);
  if (query.next()) {
    person.last_post = query.maybe_time(0);
    person.waiting = query.integer(1);
  }
  return person;
}

std::vector<Person> People::list(const std::string& after, int most) {
  const auto lock = db_.lock();
  Statement read(db_, "SELECT " PERSON_COLUMNS " FROM accounts WHERE phone > ?1 ORDER BY phone LIMIT ?2");
  std::vector<Person> people;
  for (Query query = read.bind(after, most); query.next();) people.push_back(person_of(query));
  return people;
}

std::optional<Person> People::find(const PhoneNumber& phone) {
  const auto lock = db_.lock();
  Statement read(db_, "SELECT " PERSON_COLUMNS " FROM accounts WHERE phone = ?1");
  Query query = read.bind(phone.e164());
  if (!query.next()) return std::nullopt;
  return person_of(query);
}

std::int64_t People::count() {
  const auto lock = db_.lock();
  Statement read(db_, "SELECT count(*) FROM accounts");
  Query query = read.bind();
  return query.next() ? query.integer(0) : 0;
}

std::vector<Pairing> People::pairings(int most) {
  const auto lock = db_.lock();
  Statement read(db_, "SELECT " PAIRING_COLUMNS " FROM pairings WHERE phone <> '' ORDER BY id DESC LIMIT ?1");
  std::vector<Pairing> pairings;
  for (Query query = read.bind(most); query.next();) pairings.push_back(pairing_of(query));
  return pairings;
}

}  // namespace pigeon::store
