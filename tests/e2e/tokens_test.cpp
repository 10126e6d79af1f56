// Tokens and the key of a whole box: what happens to the database, the program or the disk while X answers a
// refresh unlinks nobody and loses no text.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/fd.h"
#include "tests/e2e/box.h"
#include "tests/e2e/small_disk.h"

using namespace pigeon;
using e2e::Box;
using e2e::eventually;

namespace {

const std::string kAda = "+12025550123";
constexpr std::string_view kRefresh = "POST /2/oauth2/token";

// A box whose only person needs a fresh token for the next text.
void link_and_expire(Box& box) {
  REQUIRE(box.start());
  box.link(kAda);
  box.x.expire_access_tokens();
}

// Nobody was unlinked, the text is out once, and X was asked for tokens twice in all: at the link, and for
// this text.
void check_kept(const Box& box, const std::string& text) {
  const auto posts = box.x.wait_for_posts(1, e2e::kPatience);
  REQUIRE_MESSAGE(posts.size() == 1, box.log());
  CHECK(posts[0].text == text);
  CHECK_MESSAGE(eventually([&] { return box.carrier.inbox(kAda).back().text == "Posted: " + text; }),
                box.log());
  const auto requests = box.x.requests();
  CHECK(std::count(requests.begin(), requests.end(), std::string(kRefresh) + " 200") == 2);
  CHECK(std::count_if(requests.begin(), requests.end(),
                      [](const std::string& request) { return request.starts_with(kRefresh); }) == 2);
  CHECK(box.query("SELECT state || refresh_in_flight FROM accounts") == "linked0");
}

// Holds the write lock of a box's database from its making.
class Locker {
 public:
  explicit Locker(const std::string& database) {
    sqlite3_open(database.c_str(), &db_);
    sqlite3_busy_timeout(db_, 10'000);
    held_ = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  ~Locker() { sqlite3_close(db_); }
  Locker(const Locker&) = delete;
  Locker& operator=(const Locker&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  sqlite3* db_ = nullptr;
  bool held_ = false;
};

}  // namespace

TEST_CASE("e2e: the database is locked for 6 s as the answer to a refresh arrives") {
  Box box;
  link_and_expire(box);
  std::atomic<bool> held = false;
  std::jthread other;
  box.x.after_request([&](const std::string& request) {
    if (!request.starts_with(kRefresh)) return;
    std::atomic<bool> tried = false;
    other = std::jthread([&] {
      const Locker locker(box.database());
      held = locker.held();
      tried = true;
      static_cast<void>(eventually([] { return false; }, seconds(6)));
    });
    static_cast<void>(eventually([&] { return tried.load(); }));
  });
  REQUIRE(box.carrier.text(kAda, "while it is locked").has_value());
  check_kept(box, "while it is locked");
  box.x.after_request({});
  REQUIRE(other.joinable());
  other.join();
  CHECK(held);
}

TEST_CASE("e2e: SIGTERM during a refresh of 6 s waits for its answer, and the next start uses it") {
  Box box;
  link_and_expire(box);
  std::atomic<bool> away = false;
  box.x.before_request([&](const std::string& request) { away = away || request.starts_with(kRefresh); });
  box.x.inject({.match = std::string(kRefresh), .status = 0, .delay = seconds(6)});
  REQUIRE(box.carrier.text(kAda, "stopped in the middle").has_value());
  REQUIRE(eventually([&] { return away.load(); }));
  CHECK(box.stop(seconds(36)) == 0);
  box.x.before_request({});
  CHECK(box.query("SELECT state || refresh_in_flight FROM accounts") == "linked0");
  REQUIRE(box.start());
  check_kept(box, "stopped in the middle");
}

TEST_CASE("e2e: the disk is full as the answer to a refresh arrives") {
  const e2e::SmallDisk disk("8m");
  if (!disk.mounted()) return;
  Box box({.folder = disk.folder()});
  link_and_expire(box);
  box.x.after_request([&](const std::string& request) {
    if (!request.starts_with(kRefresh)) return;
    disk.fill();
    box.set_full(true);  // nor may the blocks that it has already be filled up
  });
  REQUIRE(box.carrier.text(kAda, "no room for tokens").has_value());
  CHECK(eventually([&] { return box.log().find("new tokens wait for the database") != std::string::npos; }));
  CHECK(box.x.posts().empty());
  box.x.after_request({});
  disk.make_room();
  box.set_full(false);
  check_kept(box, "no room for tokens");
}

TEST_CASE("e2e: a key that does not belong to the database ends the start with 2 and the cure") {
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    Box box;
    REQUIRE(box.start());
    box.link(kAda);
    REQUIRE(box.stop() == 0);
    const std::string key = (box.folder() / "key").string();
    if (lost)
      REQUIRE(::unlink(key.c_str()) == 0);
    else
      std::ofstream(key) << std::string(64, 'A') << "\n";
    CHECK_FALSE(box.start());
    CHECK(box.wait_for_exit() == 2);
    CHECK(box.log().find("put that key back from the backup") != std::string::npos);
    CHECK(std::filesystem::exists(key) != lost);
  }
}
