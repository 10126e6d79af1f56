// Storage that fails under a whole box: no room before the start and during it, and pages that were lost. The
// texts stay in the SIM, everybody is told what is wrong, and the box goes on by itself when it is over, or
// stops once where it cannot.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/fd.h"
#include "tests/e2e/box.h"
#include "tests/e2e/run.h"
#include "tests/e2e/small_disk.h"

using namespace pigeon;
using e2e::Box;
using e2e::eventually;

namespace {

const std::string kAda = "+12025550123";

e2e::Ran pigeon_of(const Box& box, const std::string& command = "status") {
  return e2e::run({PIGEON, "--config", box.config(), command});
}

int health_of(const Box& box) {
  const auto answer = httplib::Client(box.url()).Get("/healthz");
  return answer ? answer->status : 0;
}

bool has_log(const Box& box, const std::string& words) {
  return box.log().find(words) != std::string::npos;
}

// Every page of the database but the first is zeros from now on, and the running box looks at the file again.
void lose_pages(const Box& box) {
  static_cast<void>(box.query("PRAGMA wal_checkpoint(TRUNCATE)"));
  const Fd file(::open(box.database().c_str(), O_WRONLY | O_CLOEXEC));
  const std::array<char, 1024> zeros{};
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  for (off_t at = 1024; at < size; at += 1024)
    REQUIRE(::pwrite(file.get(), zeros.data(), zeros.size(), at) == static_cast<ssize_t>(zeros.size()));
  static_cast<void>(box.query("PRAGMA user_version = " + box.query("PRAGMA user_version")));
}

}  // namespace

TEST_CASE("e2e: a full disk keeps messages in the modem and posts them when there is room again") {
  const e2e::SmallDisk disk("1m");
  if (!disk.mounted()) return;
  Box box({.folder = disk.folder()});
  REQUIRE(box.start());
  box.link(kAda);
  disk.fill();
  REQUIRE(box.carrier.text(kAda, "no room for this").has_value());
  const std::string longer = std::string(250, 'y') + " nor for this";
  REQUIRE(box.carrier.text(kAda, longer).has_value());
  CHECK(eventually([&] { return has_log(box, "cannot be written"); }));
  CHECK(box.modem.messages_stored() > 0);
  disk.make_room();
  const auto posts = box.x.wait_for_posts(2, e2e::kPatience);
  REQUIRE(posts.size() == 2);
  CHECK(posts[0].text == "no room for this");
  CHECK(posts[1].text == longer);
  CHECK(eventually([&] { return box.modem.messages_stored() == 0; }));
}

TEST_CASE("e2e: a start on a full disk starts, says so everywhere, and goes on when there is room") {
  const e2e::SmallDisk disk("2m");
  if (!disk.mounted()) return;
  Box box({.folder = disk.folder()});
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop() == 0);
  disk.fill();
  REQUIRE(box.carrier.text(kAda, "written while full").has_value());
  REQUIRE(box.carrier.text("+12025550124", "HELP").has_value());
  REQUIRE(box.start());
  CHECK(box.notified("wrong: the disk is full"));
  CHECK(eventually([&] { return health_of(box) == 503; }, e2e::kPatience, milliseconds(500)));
  const e2e::Ran wrong = pigeon_of(box);
  CHECK(wrong.status == 1);
  CHECK_MESSAGE(wrong.out.find("! the disk is full") != std::string::npos, wrong.out);
  CHECK(wrong.out.find("→ make room") != std::string::npos);
  const auto lines = [&] {
    const std::string log = box.log();
    return std::count(log.begin(), log.end(), '\n');
  };
  const auto before = lines();
  CHECK_FALSE(eventually([&] { return box.ended(); }, seconds(9)));
  CHECK(lines() - before < 8);  // some thread tries every other second
  CHECK(box.modem.messages_stored() == 2);
  CHECK(box.carrier.inbox("+12025550124").empty());

  disk.make_room();
  CHECK(box.x.wait_for_posts(1, e2e::kPatience).size() == 1);
  CHECK(eventually([&] { return box.carrier.inbox("+12025550124").size() == 1; }));
  CHECK(eventually([&] { return health_of(box) == 200; }, e2e::kPatience, milliseconds(500)));
  CHECK_MESSAGE(eventually([&] { return pigeon_of(box).status == 0; }, seconds(10), milliseconds(200)),
                pigeon_of(box).out);
  CHECK(box.x.posts().size() == 1);
}

TEST_CASE("e2e: the first start of all on a full disk waits for room, and a stop ends the waiting") {
  const e2e::SmallDisk disk("2m");
  if (!disk.mounted()) return;
  Box box({.folder = disk.folder()});
  disk.fill();
  REQUIRE(box.start());
  CHECK(eventually([&] { return has_log(box, "waiting for the storage"); }));
  CHECK(box.stop() == 0);
  REQUIRE(box.start());
  disk.make_room();
  CHECK(box.notified("web on"));
  box.link(kAda);
  CHECK(box.ask(kAda, "at last") == "Posted: at last");
}

TEST_CASE("e2e: pages that are lost while the box runs stop it once with 2, the file's name and the cure") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(eventually([&] { return box.modem.messages_stored() == 0; }));
  lose_pages(box);
  REQUIRE(box.carrier.text(kAda, "stays where it is").has_value());
  CHECK(box.wait_for_exit() == 2);
  CHECK(has_log(box, "pigeon.db is damaged; see 'A damaged database'"));
  CHECK(box.modem.messages_stored() == 1);
  CHECK(box.x.posts().empty());

  CHECK_FALSE(box.start());
  CHECK(box.wait_for_exit() == 2);
  const e2e::Ran check = e2e::run({PIGEON, "--config", box.config(), "config", "check"});
  CHECK(check.status == 2);
  CHECK_MESSAGE(check.out.find("pigeon.db is damaged") != std::string::npos, check.out);
  const e2e::Ran status = pigeon_of(box);
  CHECK(status.status == 1);
  const std::string said = status.out + status.err;
  CHECK_MESSAGE(said.find("damaged") != std::string::npos, said);
}
