// Failures of the storage, in memory and in the lock file; see storage_health.h.
#include "store/storage_health.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "base/fd.h"

namespace pigeon::store {
namespace {

constexpr std::size_t kRecord = 128;  // octets
constexpr std::array kKinds = {"full", "locked", "failing", "damaged"};

}  // namespace

std::optional<StorageFailure::Kind> failure_of(int sqlite_code) {
  using Kind = StorageFailure::Kind;
  switch (sqlite_code & 0xFF) {
    case SQLITE_FULL:
      return Kind::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Kind::locked;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return Kind::failing;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Kind::damaged;
    default:
      return std::nullopt;
  }
}

void StorageHealth::synced() {
  if (!fresh_) return;
  last_commit_ = to_unix_ms(utc_now());
  if (!failing_) return;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_ || failure_->kind == StorageFailure::Kind::damaged) return;
    failure_.reset();
    failing_ = false;
  }
  if (changed_) changed_();
}

void StorageHealth::failed(int sqlite_code) {
  const auto kind = failure_of(sqlite_code);
  if (!kind) return;
  {
    const std::lock_guard lock(mutex_);
    fresh_ = false;
    if (failure_) {
      ++failure_->count;
      if (failure_->kind == *kind || failure_->kind == StorageFailure::Kind::damaged) return;
      failure_->kind = *kind;
    } else {
      failure_ = StorageFailure{*kind, utc_now(), from_unix_ms(last_commit_), 1};
      failing_ = true;
    }
  }
  if (changed_) changed_();
}

std::optional<StorageFailure> StorageHealth::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

bool write_record(int fd, const std::optional<StorageFailure>& failure) {
  std::string record;
  if (failure) {
    std::ostringstream text;
    text << kKinds.at(static_cast<std::size_t>(failure->kind)) << ' ' << to_unix_ms(failure->since) << ' '
         << to_unix_ms(failure->last_commit) << ' ' << failure->count;
    record = text.str();
  }
  record.resize(kRecord - 1, ' ');
  record += '\n';
  return ::pwrite(fd, record.data(), record.size(), 0) == static_cast<ssize_t>(record.size());
}

std::optional<StorageFailure> read_record(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, kRecord> octets{};
  if (!fd || ::pread(fd.get(), octets.data(), octets.size(), 0) != static_cast<ssize_t>(octets.size()))
    return std::nullopt;
  std::istringstream text(std::string(octets.begin(), octets.end()));
  std::string word;
  std::int64_t since = 0;
  std::int64_t last_commit = 0;
  StorageFailure failure;
  if (!(text >> word >> since >> last_commit >> failure.count)) return std::nullopt;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    if (word != kKinds.at(kind)) continue;
    failure.kind = static_cast<StorageFailure::Kind>(kind);
    failure.since = from_unix_ms(since);
    failure.last_commit = from_unix_ms(last_commit);
    return failure;
  }
  return std::nullopt;
}

}  // namespace pigeon::store
