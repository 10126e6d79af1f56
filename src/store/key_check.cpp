// The canary and the making of the key; see key_check.h.
#include "store/key_check.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"

namespace pigeon::store {
namespace {

constexpr std::string_view kWord = "this key opens this database";
constexpr std::string_view kRow = "key_check/sealed/1";

// What an operator can do when the right key is not in its file.
constexpr const char* kCure =
    "; put that key back from the backup, or, if it is lost, move the database away: then everybody links "
    "again";

std::optional<std::vector<std::uint8_t>> canary(Database& db) {
  Statement read(db, "SELECT sealed FROM key_check WHERE id = 1");
  Query query = read.bind();
  if (!query.next()) return std::nullopt;
  return query.blob(0);
}

void keep_canary(Database& db, const SecretBox& box) {
  Statement write(db, "INSERT INTO key_check (id, sealed) VALUES (1, ?1)");
  write.bind(box.seal(kWord, kRow)).run();
}

// Any row that some key has sealed, whether or not somebody took the canary away.
bool holds_sealed_rows(Database& db) {
  Statement any(db,
                "SELECT EXISTS (SELECT 1 FROM key_check) OR EXISTS (SELECT 1 FROM accounts)"
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

}  // namespace

Result<SecretBox> open_box(Database& db, const std::string& key_file) {
  const auto lock = db.lock();
  auto box = SecretBox::open(key_file);
  if (!box && box.error().code == Errc::not_found && !holds_sealed_rows(db)) {
    box = SecretBox::create(key_file);
    if (box) log::notice("store", "made a new key for this database; back it up together with the database");
  }
  if (!box) return tl::unexpected(with_cure(box.error(), holds_sealed_rows(db)));
  const auto sealed = canary(db);
  if (!sealed) {
    keep_canary(db, *box);
    return box;
  }
  const auto word = box->unseal(*sealed, kRow);
  if (word && *word == kWord) return box;
  return fail(Errc::denied, key_file + ": this is not the key that the database was sealed with" + kCure);
}

}  // namespace pigeon::store
