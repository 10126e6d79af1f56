// The thin layer over SQLite's C interface; see sqlite.h.
#include "store/sqlite.h"

#include <sqlite3.h>

namespace pigeon::store {
void Database::fail(const std::string& doing) {
  const int code = db_ ? sqlite3_extended_errcode(db_.get()) : SQLITE_NOMEM;
  health_.failed(code);
  throw StorageError(code, doing + ": " + (db_ ? sqlite3_errmsg(db_.get()) : "out of memory"));
}

bool StorageError::passes() const {
  const int code = code_ & 0xFF;
  return code != SQLITE_CONSTRAINT && code != SQLITE_MISMATCH && code != SQLITE_RANGE &&
         code != SQLITE_ERROR && code != SQLITE_TOOBIG && code != SQLITE_MISUSE;
}

void Database::Close::operator()(sqlite3* db) const {
  sqlite3_close(db);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Database::Database(const std::string& path) {
  sqlite3* raw = nullptr;
  // The lock above serialises every use, so SQLite's own mutexes are not needed.
  const int opened = sqlite3_open_v2(
      path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  db_.reset(raw);
  if (opened != SQLITE_OK) fail("open " + path);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 2000);  // only a reader's checkpoint can be in the way
  // The log and its index stay when the last one closes, so that the next start needs no room for them.
  int persist = 1;
  sqlite3_file_control(raw, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  commits_.emplace(raw);
  execute(
      // A text changes a few dozen rows of some hundred octets, and a changed page is written whole.
      "PRAGMA page_size = 1024;"
      "PRAGMA journal_mode = WAL;"
      // GroupCommit syncs the log, and SQLite before it carries it into the database file.
      "PRAGMA synchronous = NORMAL;"
      "PRAGMA foreign_keys = ON;"
      // 256 KiB hold the indexes that one message touches; the rest stays in the kernel's cache.
      "PRAGMA cache_size = -256;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA secure_delete = FAST;"
      // A log that a burst has grown is cut down again.
      "PRAGMA journal_size_limit = 4194304;");
  begin_ = std::make_unique<Statement>(*this, "BEGIN IMMEDIATE");
  commit_ = std::make_unique<Statement>(*this, "COMMIT");
}

Database::~Database() = default;

void Database::begin(Transaction& transaction) {
  begin_->bind().run();
  try {
    for (const auto& action : first_) action(transaction);
  } catch (...) {
    roll_back();
    throw;
  }
}

void Database::roll_back() {
  // A failed statement (a full disk) may have rolled back already; then there is nothing left to undo.
  if (in_transaction()) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::at_first(std::function<void(Transaction&)> action) {
  const auto held = lock();
  first_.push_back(std::move(action));
}

void Database::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

void Database::execute(const char* sql) {
  run(sql);
  statement_changed();
}

void Database::commit() {
  commit_->bind().run();
  first_.clear();
  count_commit();
}

void Database::count_commit() {
  try {
    commits_->committed();
  } catch (const StorageError& error) {
    health_.failed(error.sqlite_code());
    throw;
  }
  health_.committed();
}

void Database::sync() {
  try {
    commits_->sync();
  } catch (const StorageError& error) {
    health_.failed(error.sqlite_code());
    throw;
  }
  health_.synced();
}

void Database::statement_changed() {
  if (in_transaction()) return;
  count_commit();
  sync();
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(db_.get()) == 0;
}

std::string Database::path() const {
  const char* path = sqlite3_db_filename(db_.get(), "main");
  return path == nullptr ? std::string() : path;
}

std::string Database::first_damage() {
  const auto held = lock();
  Statement check(*this, "PRAGMA quick_check(1)");
  Query query = check.bind();
  const std::string found = query.next() ? query.text(0) : "no answer";
  return found == "ok" ? std::string() : found;
}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Query::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    if (sqlite3_stmt_readonly(statement_) == 0) db_.statement_changed();
    return false;
  }
  db_.fail(sqlite3_sql(statement_));
}

void Query::run(Transaction&) {
  run();
}

void Query::run() {
  while (next()) {
  }
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Query::maybe_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

std::string Query::text(int column) const {
  const unsigned char* value = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return value == nullptr ? std::string() : std::string(value, value + size);
}

std::vector<std::uint8_t> Query::blob(int column) const {
  const auto* value = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return value == nullptr ? std::vector<std::uint8_t>() : std::vector<std::uint8_t>(value, value + size);
}

UtcTime Query::time(int column) const {
  return from_unix_ms(integer(column));
}

std::optional<UtcTime> Query::maybe_time(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return time(column);
}

Statement::Statement(Database& db, const char* sql) : db_(db) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
    db.fail(sql);
  }
  statement_.reset(raw);
}

void Statement::set(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::set(int index, std::string_view value) {
  // A null pointer would bind NULL, so an empty view binds "". SQLite copies (SQLITE_TRANSIENT's cast is its
  // own).
  const char* data = value.data() == nullptr ? "" : value.data();
  sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);  // NOLINT
}

void Statement::set(int index, std::span<const std::uint8_t> value) {
  if (value.empty())
    sqlite3_bind_zeroblob(statement_.get(), index, 0);
  else
    sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(), SQLITE_TRANSIENT);  // NOLINT
}

void Statement::set_null(int index) {
  sqlite3_bind_null(statement_.get(), index);
}

Transaction::Transaction(Database& db) : db_(db), lock_(db.lock()) {
  db_.begin(*this);
  open_ = true;
}

Transaction::~Transaction() {
  if (open_) db_.roll_back();
}

std::int64_t Transaction::last_insert_id() const {
  return sqlite3_last_insert_rowid(db_.handle());
}

int Transaction::changes() const {
  return sqlite3_changes(db_.handle());
}

void Transaction::commit() {
  if (!open_) return;
  commit_for_later();
  db_.sync();
}

void Transaction::commit_for_later() {
  if (!open_) return;
  db_.commit();
  open_ = false;
  lock_.unlock();
}

}  // namespace pigeon::store
