// SQLite behind four RAII types: Database, Statement, Query (one running statement) and Transaction.
// Failing storage is an exception (StorageError): no caller can go on without its store; the thread loops
// catch it, say so once, and try again. One connection serves every thread under one lock, because SQLite has
// one writer anyway and a write is a fraction of a millisecond; nobody may hold the lock across I/O with a
// modem or a network. Waiting for the disk is done outside the lock, by all who wait together
// (group_commit.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/group_commit.h"
#include "store/storage_health.h"

// SQLite's own; only this room's sources see its header.
struct sqlite3;
struct sqlite3_stmt;

namespace pigeon::store {

class StorageError : public std::runtime_error {
 public:
  // The extended result code, and "what was being done: SQLite's words".
  StorageError(int sqlite_code, const std::string& message)
      : std::runtime_error(message), code_(sqlite_code) {}
  [[nodiscard]] int sqlite_code() const { return code_; }  // extended result code
  // The storage itself fails, for everybody and perhaps not for long; false: this one statement is wrong.
  [[nodiscard]] bool passes() const;

 private:
  int code_;
};

class Statement;
class Transaction;

class Database {
 public:
  // Opens or creates `path` (":memory:" too) in WAL mode. Throws StorageError.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] std::string path() const;  // of the file, as SQLite knows it; empty in memory
  // "" when every page can be read and fits the others, else the first thing that is wrong. Reads the whole
  // file. StorageError.
  [[nodiscard]] std::string first_damage();
  void execute(const char* sql);  // one or several statements without results; durable outside a transaction
  [[nodiscard]] bool in_transaction() const;
  // Borrowed; for prepare and for its error texts.
  [[nodiscard]] sqlite3* handle() const { return db_.get(); }
  // Returns when everything that was committed before is on the disk, also what commit_for_later() left; see
  // GroupCommit::sync.
  void sync();
  [[nodiscard]] GroupCommit& commits() { return *commits_; }
  // The log could not be carried into the file: the next commit does it, or fails. Any thread.
  void doubt_log() { commits_->doubt(); }
  [[nodiscard]] StorageHealth& health() { return health_; }
  // Runs as the first part of the next transaction that is committed, behind what was asked for earlier: what
  // a start has to write must not keep it from starting while the disk is full.
  void at_first(std::function<void(Transaction&)> action);
  // Held for the length of one operation or transaction. Recursive: operations call each other.
  [[nodiscard]] std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock(mutex_); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  friend class Query;
  friend class Statement;
  friend class Transaction;
  [[noreturn]] void fail(const std::string& doing);  // with SQLite's own words; noted in health()
  void run(const char* sql);
  void begin(Transaction& transaction);  // BEGIN IMMEDIATE, and what is to be first
  void roll_back();                      // if anything is left to undo
  void commit();                         // COMMIT; not yet durable
  void count_commit();
  void statement_changed();  // after a statement that may write: durable outside a transaction
  StorageHealth health_;
  std::unique_ptr<sqlite3, Close> db_;
  std::optional<GroupCommit> commits_;
  std::unique_ptr<Statement> begin_, commit_;
  std::vector<std::function<void(Transaction&)>> first_;  // guarded by mutex_
  std::recursive_mutex mutex_;
};

// A bound statement from its first step to its reset. Columns count from 0, and their
// values are copies.
class Query {
 public:
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  [[nodiscard]] bool next();  // true: a row is there
  // To the end: a statement that changes rows, as part of `transaction`.
  void run(Transaction& transaction);
  void run();
  [[nodiscard]] std::int64_t integer(int column) const;                       // NULL is 0
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const;  // nothing for NULL
  [[nodiscard]] std::string text(int column) const;                           // NULL is ""
  [[nodiscard]] std::vector<std::uint8_t> blob(int column) const;             // a copy; NULL is empty
  [[nodiscard]] UtcTime time(int column) const;                       // from Unix milliseconds; NULL is 1970
  [[nodiscard]] std::optional<UtcTime> maybe_time(int column) const;  // nothing for NULL

 private:
  friend class Statement;
  Query(Database& db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  Database& db_;
  sqlite3_stmt* statement_;
};

// Prepared once, bound and run often; under the database's lock.
class Statement {
 public:
  // `sql` is one statement; StorageError when it does not fit the tables.
  Statement(Database& db, const char* sql);

  // Binds the parameters ?1, ?2, … in order: integers, text, blobs, times, optionals of these.
  template <typename... Values>
  [[nodiscard]] Query bind(const Values&... values) {
    int index = 0;
    (set(++index, values), ...);
    return {db_, statement_.get()};
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void set(int index, std::int64_t value);
  void set(int index, int value) { set(index, std::int64_t{value}); }
  void set(int index, bool value) { set(index, std::int64_t{value}); }
  void set(int index, std::string_view value);
  void set(int index, const char* value) { set(index, std::string_view(value)); }
  void set(int index, const std::string& value) { set(index, std::string_view(value)); }
  void set(int index, std::span<const std::uint8_t> value);
  void set(int index, const std::vector<std::uint8_t>& value) { set(index, std::span(value)); }
  void set(int index, UtcTime value) { set(index, to_unix_ms(value)); }
  void set_null(int index);
  template <typename T>
  void set(int index, const std::optional<T>& value) {
    if (value)
      set(index, *value);
    else
      set_null(index);
  }

  Database& db_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// BEGIN IMMEDIATE … COMMIT, holding the lock; rolls back when destroyed without commit(). A thread has one
// at a time and hands it to whatever writes.
class Transaction {
 public:
  // StorageError when another process holds the write lock for more than 2 s, or when this thread has one
  // already: what is begun inside another must not be taken for durable when it ends.
  explicit Transaction(Database& db);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // Durable when it returns; the lock is given back before the disk is waited for.
  void commit();
  // Gives the lock back. Durable with the next commit() of anybody, or sync(): for what comes about again
  // when a power cut takes it, and on which nobody outside has acted before that next commit.
  void commit_for_later();

  [[nodiscard]] std::int64_t last_insert_id() const;
  [[nodiscard]] int changes() const;  // rows that the last statement changed

 private:
  Database& db_;
  std::unique_lock<std::recursive_mutex> lock_;
  bool open_ = false;  // false: committed
};

}  // namespace pigeon::store
