// SQL of the posts table; see posts.h.
#include "store/posts.h"

#include <array>

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {
namespace {

// Whatever is not at its end has a job.
#define OPEN                                               \
  " FROM jobs JOIN posts ON posts.id = jobs.subject WHERE" \
  " jobs.lane = 'network' AND jobs.kind = 'post' AND jobs.set_aside = 0"

}  // namespace

Posts::Posts(Database& db)
    : db_(db),
      plan_(db,
            "INSERT INTO posts (id, message_id, ordinal, phone, text, state)"
            " VALUES (?1 * 1000 + ?2, ?1, ?2, ?3, ?4, 'planned')"),
      find_(db, "SELECT " POST_COLUMNS " FROM posts WHERE id = ?1"),
      begin_(db,
             "UPDATE posts SET begun_at = CASE WHEN state = 'sending' THEN begun_at ELSE ?3 END,"
             " state = 'sending', user_id = ?2, attempts = attempts + 1, doubt = '', looks = 0"
             " WHERE id = ?1"),
      doubt_(db,
             "UPDATE posts SET doubt_since = CASE WHEN doubt = '' THEN ?3 ELSE doubt_since END,"
             " doubts = doubts + (doubt = ''), doubt = ?2 WHERE id = ?1"),
      looked_(db, "UPDATE posts SET looks = looks + 1 WHERE id = ?1"),
      doubt_anew_(
          db,
          "UPDATE posts SET doubt_since = ?1 WHERE id IN (SELECT subject FROM jobs WHERE lane = 'network'"
          " AND kind = 'post' AND set_aside = 0) AND state = 'sending' AND doubt <> ''"),
      not_out_(db, "UPDATE posts SET state = 'planned', doubt = '', looks = 0 WHERE id = ?1"),
      end_(db, "UPDATE posts SET state = ?2, network_id = ?3, ended_at = ?4, doubt = '' WHERE id = ?1"),
      holds_(db, "SELECT 1 FROM posts WHERE network_id = ?1 AND network_id <> ''"),
      said_before_(db,
                   "SELECT 1 FROM posts WHERE phone = ?1 AND text = ?2 AND id < ?3"
                   " AND state IN ('posted','unclear')"),
      count_(db, "SELECT count(*)" OPEN " AND posts.state = ?1"),
      count_in_doubt_(db, "SELECT count(*)" OPEN " AND posts.state = 'sending' AND posts.doubt <> ''") {}

std::int64_t Posts::plan(Transaction& transaction, std::int64_t message_id, int ordinal,
                         std::string_view phone, std::string_view text) {
  plan_.bind(message_id, ordinal, phone, text).run(transaction);
  return transaction.last_insert_id();
}

std::optional<Post> Posts::find(std::int64_t id) {
  const auto lock = db_.lock();
  Query query = find_.bind(id);
  if (!query.next()) return std::nullopt;
  return post_of(query);
}

void Posts::begin(Transaction& transaction, std::int64_t id, std::string_view user_id, UtcTime now) {
  begin_.bind(id, user_id, now).run(transaction);
}

void Posts::doubt(Transaction& transaction, std::int64_t id, Doubt doubt, UtcTime since) {
  doubt_.bind(id, state_word(doubt), since).run(transaction);
}

void Posts::looked(Transaction& transaction, std::int64_t id) {
  looked_.bind(id).run(transaction);
}

void Posts::start(Transaction& transaction, UtcTime now) {
  doubt_anew_.bind(now).run(transaction);
}

void Posts::not_out(Transaction& transaction, std::int64_t id) {
  not_out_.bind(id).run(transaction);
}

void Posts::end(Transaction& transaction, std::int64_t id, PostState state, std::string_view network_id,
                UtcTime now) {
  end_.bind(id, state_word(state), network_id, now).run(transaction);
}

bool Posts::holds(std::string_view network_id) {
  const auto lock = db_.lock();
  return holds_.bind(network_id).next();
}

bool Posts::said_before(const Post& post) {
  const auto lock = db_.lock();
  return said_before_.bind(post.phone, post.text, post.id).next();
}

std::int64_t Posts::count(PostState state) {
  const auto lock = db_.lock();
  Query query = count_.bind(state_word(state));
  return query.next() ? query.integer(0) : 0;
}

std::int64_t Posts::count_in_doubt() {
  const auto lock = db_.lock();
  Query query = count_in_doubt_.bind();
  return query.next() ? query.integer(0) : 0;
}

}  // namespace pigeon::store
