// A database whose pages are not what was written: found before a start, and by whoever meets it while the
// box runs, at every table and index.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;

namespace {

constexpr UtcTime kNow{std::chrono::hours(24 * 365 * 56)};

struct Tree {
  std::string name;
  std::int64_t root = 0;  // page number, from 1
};

std::vector<Tree> trees_of(const std::string& path) {
  Database db(path);
  Statement list(db, "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0 ORDER BY rootpage");
  std::vector<Tree> trees;
  for (Query query = list.bind(); query.next();) trees.push_back({query.text(0), query.integer(1)});
  return trees;
}

// All of it in the file itself, and nothing in the log.
void carry_into_file(const std::string& path) {
  Database(path).execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

void zero_page(const std::string& path, std::int64_t page) {
  constexpr std::size_t kPage = 1024;
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(static_cast<bool>(file));
  const std::array<char, kPage> zeros{};
  REQUIRE(::pwrite(file.get(), zeros.data(), kPage, static_cast<off_t>(kPage) * (page - 1)) ==
          static_cast<ssize_t>(kPage));
}

}  // namespace

TEST_CASE("damage: a lost page of any table or index is found by reading the file through") {
  test::TempStore store;
  const std::string path = store.database();
  store.close();
  carry_into_file(path);
  const std::string whole = store.folder().string() + "/whole";
  std::filesystem::copy_file(path, whole);
  CHECK(Database(path).first_damage().empty());
  const auto trees = trees_of(path);
  REQUIRE(trees.size() > 30);
  for (const Tree& tree : trees) {
    CAPTURE(tree.name);
    std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    zero_page(path, tree.root);
    std::string damage;
    try {
      damage = Database(path).first_damage();
    } catch (const StorageError& error) {
      CHECK(failure_of(error.sqlite_code()) == StorageFailure::Kind::damaged);
      damage = error.what();
    }
    CHECK_FALSE(damage.empty());
  }
}

TEST_CASE("damage: whoever meets a lost page while the box runs notes it, and it stays noted") {
  test::TempStore store;
  const std::string path = store.database();
  const auto phone = *PhoneNumber::parse("+12025550123");
  static_cast<void>(
      store->inbox.add(in_one(*store), {"main", phone.e164(), phone.e164(), "one", kNow, kNow}));
  store.close();
  carry_into_file(path);
  const auto trees = trees_of(path);
  int met = 0;
  int noted = 0;
  const std::string whole = store.folder().string() + "/whole";
  std::filesystem::copy_file(path, whole);
  for (const Tree& tree : trees) {
    CAPTURE(tree.name);
    store.close();
    std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    carry_into_file(path);
    zero_page(path, tree.root);
    bool opened = false;
    try {
      store.reopen();
      opened = true;
      const Jobs::Claim claim = store->claim(Lane::local, kNow);
      if (claim.job) static_cast<void>(store->inbox.find(claim.job->subject));
      static_cast<void>(
          store->inbox.add(in_one(*store), {"main", phone.e164(), phone.e164(), "two", kNow, kNow}));
    } catch (const std::exception&) {
      ++met;  // the start itself, or this text
    }
    if (!opened || !store->storage_failure()) continue;
    CHECK(store->storage_failure()->kind == StorageFailure::Kind::damaged);
    const auto conditions = store->survey.list(kNow, {"main"}, store->storage_failure());
    REQUIRE_FALSE(conditions.empty());
    CHECK(conditions[0].code == ConditionCode::storage_damaged);
    ++noted;
  }
  CHECK(noted >= 3);
  CHECK(met >= 5);
}
