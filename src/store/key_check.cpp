// The canary and the making of the key; see key_check.h.
#include "store/key_check.h"

#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "store/digest_keys.h"

namespace pigeon::store {
namespace {

constexpr std::string_view kWord = "this key opens this database";
constexpr std::string_view kRow = "key_check/sealed/1";

// What an operator can do when the right key is not in its file.
constexpr const char* kCure =
    "; put that key back from the backup, or, if it is lost, 'pigeon keys reset': then everybody links again";

void keep_canary(Database& db, const SecretBox& box) {
  Statement write(db, "INSERT INTO key_check (id, sealed) VALUES (1, ?1)");
  write.bind(box.seal(kWord, kRow)).run();
}

// Any row that some key has sealed, whether or not somebody took the canary away.
bool holds_sealed_rows(Database& db) {
  Statement any(db,
                "SELECT EXISTS (SELECT 1 FROM key_check) OR EXISTS (SELECT 1 FROM accounts)"
                " OR EXISTS (SELECT 1 FROM digest_keys)"
                " OR EXISTS (SELECT 1 FROM pairings WHERE verifier IS NOT NULL OR access_token IS NOT NULL)");
  Query query = any.bind();
  return query.next() && query.integer(0) != 0;
}

// What is to be done about a key file that is gone or holds no key; other errors speak for themselves.
Error with_cure(Error error, bool sealed) {
  if (error.code != Errc::not_found && error.code != Errc::bad_input) return error;
  if (sealed)
    error.message += "; the database is sealed with the key that was there" + std::string(kCure);
  else if (error.code == Errc::bad_input)
    error.message += "; nothing is sealed yet: remove the file, and a new key is made";
  return error;
}

struct Found {
  SecretBox box;
  bool is_next = false;  // it lies where a rotation has put it
};

// The key that opens the canary, or, where there is none, the one in its file.
Result<Found> find_key(Database& db, const std::string& key_file) {
  auto box = SecretBox::open(key_file);
  const Fit fit = box ? fit_of(db, *box) : Fit::does_not;
  if (fit != Fit::does_not) return Found{*box, false};
  if (auto next = SecretBox::open(next_key_file(key_file)); next && fit_of(db, *next) == Fit::fits)
    return Found{*next, true};
  if (!box) return tl::unexpected(with_cure(box.error(), holds_sealed_rows(db)));
  return fail(Errc::denied, key_file + ": this is not the key that the database was sealed with" + kCure);
}

// The canary and the keys of digests, where they are missing.
void keep_what_is_missing(Database& db, const SecretBox& box) {
  std::optional<Transaction> own;
  if (!db.in_transaction()) own.emplace(db);
  if (fit_of(db, box) == Fit::nothing_sealed) keep_canary(db, box);
  DigestKeys::keep_missing(db, box);
  if (own) own->commit();
}

}  // namespace

std::string next_key_file(const std::string& key_file) {
  return follow_links(key_file) + ".next";
}

Fit fit_of(Database& db, const SecretBox& box) {
  Statement read(db, "SELECT sealed FROM key_check WHERE id = 1");
  Query query = read.bind();
  if (!query.next()) return Fit::nothing_sealed;
  const auto word = box.unseal(query.blob(0), kRow);
  return word && *word == kWord ? Fit::fits : Fit::does_not;
}

Result<SecretBox> open_box(Database& db, const std::string& key_file) {
  const auto lock = db.lock();
  auto found = find_key(db, key_file);
  if (!found && found.error().code == Errc::not_found && !holds_sealed_rows(db)) {
    auto made = SecretBox::create(key_file);
    if (!made) return tl::unexpected(made.error());
    log::notice("store", "made a new key for this database; back it up together with the database");
    found = Found{*made, false};
  }
  if (!found) return tl::unexpected(found.error());
  const std::string next = next_key_file(key_file);
  if (found->is_next) {
    if (auto put = put_in_place(next, follow_links(key_file)); !put)
      return fail("put the new key in its place", put.error());
    log::notice("store", "a change of the key was cut off after it was done; the new key is in its place");
  } else if (::unlink(next.c_str()) == 0) {
    log::notice("store", "a change of the key was cut off before it was done; the old key stays");
  }
  if (fit_of(db, found->box) == Fit::nothing_sealed || DigestKeys::are_missing(db))
    keep_what_is_missing(db, found->box);
  return found->box;
}

Result<void> check_key(Database& db, const std::string& key_file) {
  const auto lock = db.lock();
  auto found = find_key(db, key_file);
  if (!found) return tl::unexpected(found.error());
  return {};
}

}  // namespace pigeon::store
