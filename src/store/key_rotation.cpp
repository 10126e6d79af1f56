// Sealing anew, and the two files of the key; see key_rotation.h.
#include "store/key_rotation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "store/key_check.h"

namespace pigeon::store {
namespace {

constexpr const char* kTag = "store";

// The canary is the last one: what is written last is what tells.
constexpr std::array kSealed = {
    SealedColumn{"accounts", "access_token", "phone"}, SealedColumn{"accounts", "refresh_token", "phone"},
    SealedColumn{"pairings", "verifier", "id"},        SealedColumn{"pairings", "access_token", "id"},
    SealedColumn{"pairings", "refresh_token", "id"},   SealedColumn{"pairings", "text_back_code", "id"},
    SealedColumn{"revocations", "access_token", "id"}, SealedColumn{"revocations", "refresh_token", "id"},
    SealedColumn{"digest_keys", "sealed", "purpose"},  SealedColumn{"key_check", "sealed", "id"}};

struct SealedValue {
  std::string key;
  std::vector<std::uint8_t> octets;
};

std::vector<SealedValue> values_of(Database& db, const SealedColumn& column) {
  const std::string sql = std::string("SELECT ") + column.key + ", " + column.column + " FROM " +
                          column.table + " WHERE length(" + column.column + ") > 0";
  Statement read(db, sql.c_str());
  std::vector<SealedValue> values;
  for (Query query = read.bind(); query.next();) values.push_back({query.text(0), query.blob(1)});
  return values;
}

void seal_anew(Transaction& transaction, Database& db, const SealedColumn& column, const SecretBox& old,
               const SecretBox& fresh, Rotated& rotated) {
  const std::string sql =
      std::string("UPDATE ") + column.table + " SET " + column.column + " = ?2 WHERE " + column.key + " = ?1";
  Statement write(db, sql.c_str());
  for (const SealedValue& value : values_of(db, column)) {
    const std::string row = std::string(column.table) + "/" + column.column + "/" + value.key;
    if (const auto plain = old.unseal(value.octets, row)) {
      write.bind(value.key, fresh.seal(*plain, row)).run(transaction);
      ++rotated.sealed;
    } else {
      ++rotated.locked;
    }
  }
}

// The new key in its file, which is the old one's user's and group's.
Result<SecretBox> make_next(const std::string& next, const std::string& key_file) {
  auto fresh = SecretBox::create(next);
  if (!fresh) {
    return fail(
        Errc::unsupported,
        "the key cannot be replaced where it is (" + fresh.error().message +
            "); where systemd hands it over, copy it to a file of the daemon's user (mode 0600), name "
            "that as key_file in [store], restart, and rotate then");
  }
  struct stat old {};
  if (::stat(key_file.c_str(), &old) == 0 && ::geteuid() == 0 &&
      ::chown(next.c_str(), old.st_uid, old.st_gid) != 0)
    log::warning(kTag, "the new key is root's, and the daemon may not be able to read it");
  return fresh;
}

// One transaction, committed and not yet on the disk.
void commit_anew(Database& db, const SecretBox& box, const SecretBox& fresh, Rotated& rotated) {
  Transaction transaction(db);
  for (const SealedColumn& column : kSealed) seal_anew(transaction, db, column, box, fresh, rotated);
  transaction.commit_for_later();
}

}  // namespace

std::span<const SealedColumn> sealed_columns() {
  return kSealed;
}

Result<Rotated> rotate_key(Database& db, SecretBox& box, const std::string& key_file) {
  const std::string file = follow_links(key_file);
  const std::string next = next_key_file(file);
  Rotated rotated;
  {
    const auto lock = db.lock();
    // What an earlier rotation could not name: it is the database's key, and must not be lost.
    if (const auto left = SecretBox::open(next); left && fit_of(db, *left) == Fit::fits) {
      if (auto put = put_in_place(next, file); !put) return tl::unexpected(put.error());
    }
    ::unlink(next.c_str());
    auto fresh = make_next(next, file);
    if (!fresh) return tl::unexpected(fresh.error());
    try {
      commit_anew(db, box, *fresh, rotated);
    } catch (const StorageError&) {
      // Committed and yet not well is possible: whose the rows are is what counts.
      if (fit_of(db, *fresh) == Fit::fits)
        box = *fresh;
      else
        ::unlink(next.c_str());
      throw;
    }
    box = *fresh;
  }
  db.sync();
  if (auto put = put_in_place(next, file); !put) {
    return fail(Errc::io, "everything is sealed with the new key, which lies in " + next +
                              " and could not be put in the old one's place: " + put.error().message +
                              "; it is put there at the next start");
  }
  log::notice(kTag, "the database has a new key: " + std::to_string(rotated.sealed) + " values sealed anew" +
                        (rotated.locked > 0 ? ", " + std::to_string(rotated.locked) + " stay locked" : ""));
  return rotated;
}

}  // namespace pigeon::store
