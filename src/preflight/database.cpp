// The database's folder, modes and version, and whether its key is the right one; see checks.h.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "preflight/checks.h"
#include "preflight/service_user.h"
#include "store/key_check.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace pigeon::preflight {
namespace {

constexpr std::string_view kStore = "store.url";
constexpr std::string_view kKey = "store.key_file";
constexpr off_t kMostReadThrough = 32 << 20;  // octets: a fifth of a second, on a Pi's card two
constexpr const char* kMend =
    "put the backup back, or save what can be read: see 'A damaged database' in docs/operating.md; if it is "
    "no database of pigeond, name another file";

// "why; cure" in two.
void note_error(ConfigFile& file, std::string_view place, const Error& error, const std::string& cure) {
  const std::size_t end = error.message.find("; ");
  note(file, place, error.message.substr(0, end),
       end == std::string::npos ? cure : error.message.substr(end + 2));
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// The file itself, before it is opened.
bool check_file(ConfigFile& file, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  if (!S_ISREG(status.st_mode)) {
    note(file, kStore, path + " is no file", "write the path of a file, which need not be there yet");
    return false;
  }
  if (::access(path.c_str(), R_OK | W_OK) != 0) {
    note(file, kStore, path + " cannot be written",
         "give it to the user who runs pigeond (chown), or look with sudo");
    return false;
  }
  struct stat folder {};
  const bool reachable = ::stat(folder_of(path).c_str(), &folder) == 0 && (folder.st_mode & S_IXOTH) != 0;
  if (reachable && (status.st_mode & 0007) != 0) {
    note(file, kStore, path + ": every user can read the texts in this database", closing_cure(path));
    return false;
  }
  return status.st_size > 0;
}

// The key by itself; true: it can be tried on the database.
bool check_key_file(ConfigFile& file, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 0007) != 0) {
    note(file, kKey, path + ": every user can read this secret", closing_cure(path));
    return false;
  }
  const auto box = store::SecretBox::open(path);
  if (box) return true;
  std::string cure = "put the key back from the backup";
  if (box.error().code == Errc::denied)
    cure = "give it to the user who runs pigeond (chown), or look with sudo";
  if (box.error().code == Errc::io) cure = "write the path of a file, which need not be there yet";
  note_error(file, kKey, box.error(), cure);
  return false;
}

bool holds(store::Database& db, const char* sql) {
  store::Statement read(db, sql);
  store::Query query = read.bind();
  return query.next() && query.integer(0) != 0;
}

int version_of(store::Database& db) {
  store::Statement read(db, "PRAGMA user_version");
  store::Query query = read.bind();
  return query.next() ? static_cast<int>(query.integer(0)) : 0;
}

// What a start would say of the key.
void try_key(ConfigFile& file, store::Database& db, const std::string& path, bool has_key) {
  if (!has_key) {
    if (holds(db, "SELECT EXISTS (SELECT 1 FROM key_check)"))
      note(file, kKey, path + " is missing, and the database is sealed with the key that was there",
           "put that key back from the backup, or, if it is lost, 'pigeon keys reset': then everybody links "
           "again");
    return;
  }
  const store::Transaction may_write(db);  // as a start must
  if (const auto fits = store::check_key(db, path); !fits)
    note_error(file, kKey, fits.error(), "put the right key there");
}

// A large database is read through by nobody before a start: it would take too long.
std::string damage_of(store::Database& db, const std::string& path) {
  struct stat status {};
  const bool small = ::stat(path.c_str(), &status) == 0 && status.st_size <= kMostReadThrough;
  return small ? db.first_damage() : std::string();
}

// The database gave no answer.
void note_failure(ConfigFile& file, const std::string& path, const store::StorageError& error) {
  using Kind = store::StorageFailure::Kind;
  const auto failure = store::failure_of(error.sqlite_code());
  if (failure == Kind::damaged) {
    const std::string_view words = error.what();  // behind the statement
    note(file, kStore,
         path + " is damaged, or no database: " + std::string(words.substr(words.rfind(": ") + 2)), kMend);
    return;
  }
  note(file, kStore, path + ": " + error.what(),
       failure ? "make room on the disk, see that it can be written, and end who else uses the file"
               : "if it is no database of pigeond, name another file; else put the backup back");
  if (failure) file.mistakes.back().passing = Mistake::Passing::waits;
}

}  // namespace

void check_database(ConfigFile& file) {
  const std::string& key = file.config.store.key_file;
  const bool has_key = is_there(key);
  const std::string path = follow_links(file.config.store.path);
  bool key_fits = !file.is_wrong(kKey);
  if (key_fits && has_key)
    key_fits = check_key_file(file, key);
  else if (key_fits && folder_of(key) != folder_of(path))  // else it is told once, of the database
    key_fits = check_folder(file, kKey, folder_of(key));
  if (file.is_wrong(kStore)) return;
  if (!check_folder(file, kStore, folder_of(path)) || !check_file(file, path)) return;
  try {
    store::Database db(path);
    const int version = version_of(db);
    if (const std::string damage = damage_of(db, path); !damage.empty()) {
      note(file, kStore, path + " is damaged: " + damage, kMend);
    } else if (version > store::schema_version()) {
      if (const auto fits = store::check_version(db); !fits)
        note(file, kStore, path + ": " + fits.error().message,
             "install the newer program again, or name another database");
    } else if (version == store::schema_version() && key_fits) {
      try_key(file, db, key, has_key);
    }
  } catch (const store::StorageError& error) {
    note_failure(file, path, error);
  }
}

}  // namespace pigeon::preflight
