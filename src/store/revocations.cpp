// SQL of the revocations table; see revocations.h.
#include "store/revocations.h"

namespace pigeon::store {
namespace {

std::string row(std::int64_t id, const char* column) {
  return "revocations/" + std::string(column) + "/" + std::to_string(id);
}

}  // namespace

Revocations::Revocations(Database& db, const SecretBox& box, Jobs& jobs)
    : db_(db),
      box_(box),
      jobs_(jobs),
      add_(db, "INSERT INTO revocations (since, consumer_key) VALUES (?1, ?2)"),
      seal_(db, "UPDATE revocations SET access_token = ?2, refresh_token = ?3 WHERE id = ?1"),
      find_(db, "SELECT access_token, refresh_token, since, consumer_key FROM revocations WHERE id = ?1"),
      remove_(db, "DELETE FROM revocations WHERE id = ?1"),
      count_(db, "SELECT count(*) FROM revocations") {}

void Revocations::add(Transaction& transaction, const std::string& access_token,
                      const std::string& refresh_token, UtcTime now, const std::string& consumer_key) {
  add_.bind(now, consumer_key).run(transaction);
  const std::int64_t id = transaction.last_insert_id();  // which the sealed tokens are bound to
  seal_
      .bind(id, box_.seal(access_token, row(id, "access_token")),
            box_.seal(refresh_token, row(id, "refresh_token")))
      .run(transaction);
  static_cast<void>(jobs_.add(
      transaction, {.kind = JobKind::revocation, .queue = "revocation", .subject = id, .due_at = now}));
}

Result<Revocations::Grant> Revocations::find(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = find_.bind(id);
  if (!query.next()) return fail(Errc::not_found, "no revocation " + std::to_string(id));
  auto access = box_.unseal(query.blob(0), row(id, "access_token"));
  if (!access) return fail("revocation", access.error());
  auto refresh = box_.unseal(query.blob(1), row(id, "refresh_token"));
  if (!refresh) return fail("revocation", refresh.error());
  return Grant{std::move(*access), std::move(*refresh), query.time(2), query.text(3)};
}

void Revocations::remove(Transaction& transaction, std::int64_t id) {
  remove_.bind(id).run(transaction);
}

std::int64_t Revocations::count() {
  const auto lock = db_.lock();
  Query query = count_.bind();
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
