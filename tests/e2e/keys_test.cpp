// `pigeon keys`: a new key beside a running pigeond and without one, cut off anywhere, and the way out when
// the key is lost.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "store/key_check.h"
#include "store/store.h"
#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"
#include "tests/store/in_one.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;
using e2e::run_pigeon;

namespace {

const std::string kAda = "+12025550123";

std::string key_of(const Box& box) {
  return (box.folder() / "key").string();
}

std::string one_line(const Ran& ran) {
  std::string said;
  for (const char c : ran.out + ran.err)
    if ((c != ' ' && c != '\n') || (!said.empty() && said.back() != ' ')) said += c == '\n' ? ' ' : c;
  return said;
}

void check(const Ran& ran, int status, const std::string& words) {
  CHECK_MESSAGE(ran.status == status, one_line(ran));
  CHECK_MESSAGE(one_line(ran).find(words) != std::string::npos, one_line(ran));
}

// Somebody's tokens, and a configuration of a box that is never started.
struct StoppedBox {
  test::TempFolder folder;
  std::string database = folder.file("pigeon.db"), key = folder.file("key");

  StoppedBox() {
    std::ofstream(folder.file("pigeon.toml"))
        << "[gateway]\nnumber = \"+12025550100\"\npublic_url = \"http://127.0.0.1:1\"\n"
        << "[[modem]]\nname = \"main\"\nurl = \"pty:/nowhere\"\n[x]\nclient_id = \"c\"\n"
        << "[store]\nurl = \"sqlite:" << database << "\"\nkey_file = \"" << key << "\"\n";
    auto store = store::Store::open(database, key);
    REQUIRE(store.has_value());
    for (int i = 0; i < 20; ++i)
      (*store)->accounts.add_credentials(
          store::in_one(**store), phone(i),
          {"access " + std::to_string(i), "refresh", utc_now(), "", "42", "ada"}, utc_now());
  }
  static PhoneNumber phone(int i) { return *PhoneNumber::parse("+12025550" + std::to_string(100 + i)); }
  // Killed just before the step; 0: never.
  [[nodiscard]] Ran rotate(int step) const {
    return e2e::run({"/usr/bin/env", "ASAN_OPTIONS=verify_asan_link_order=0",
                     std::string("LD_PRELOAD=") + STEP_KILLER, "PIGEON_KILL_AT=" + std::to_string(step),
                     PIGEON, "--config", folder.file("pigeon.toml"), "keys", "rotate"});
  }
};

}  // namespace

TEST_CASE("e2e: a new key beside running texts, and again with pigeond stopped") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  CHECK(box.ask(kAda, "with the first key") == "Posted: with the first key");
  const std::string first = *read_file(key_of(box));
  check(run_pigeon(box, {"keys", "rotate"}), 0, "sealed with a new key. Back the key up");
  const std::string second = *read_file(key_of(box));
  CHECK(second != first);
  box.x.expire_access_tokens();  // the refresh token is wanted, too
  CHECK(box.ask(kAda, "with the second key") == "Posted: with the second key");
  box.kill9();
  REQUIRE_MESSAGE(box.start(), box.log());
  CHECK(box.ask(kAda, "and after a restart") == "Posted: and after a restart");
  REQUIRE(box.stop() == 0);
  const Ran json = run_pigeon(box, {"--json", "keys", "rotate"});
  CHECK(json.status == 0);
  CHECK(nlohmann::json::parse(json.out).at("locked") == 0);
  CHECK(*read_file(key_of(box)) != second);
  REQUIRE_MESSAGE(box.start(), box.log());
  CHECK(box.ask(kAda, "with the third key") == "Posted: with the third key");
}

TEST_CASE("e2e: keys rotate is killed at any step, and no token is lost") {
  const StoppedBox box;
  int rotated = 0, kept = 0;
  bool killed = true;
  for (int step = 1; killed; ++step) {
    CAPTURE(step);
    REQUIRE(step < 1000);
    const std::string before = *read_file(box.key);
    const Ran ran = box.rotate(step);
    killed = ran.status == 128 + 9;
    if (!killed) CHECK_MESSAGE(ran.status == 0, ran.err);
    auto store = store::Store::open(box.database, box.key);
    REQUIRE_MESSAGE(store.has_value(), store.error().message);
    for (int i = 0; i < 20; ++i) {
      const auto tokens = (*store)->accounts.credentials(StoppedBox::phone(i));
      REQUIRE(tokens.has_value());
      CHECK((*tokens)->access_token == "access " + std::to_string(i));
    }
    CHECK_FALSE(std::filesystem::exists(store::next_key_file(box.key)));
    ++(*read_file(box.key) == before ? kept : rotated);
  }
  MESSAGE("killed with the old key left ", kept, " times, with the new one ", rotated, " times");
  CHECK(kept >= 10);
  CHECK(rotated >= 4);
}

TEST_CASE("e2e: a lost key is given up, and who has texted meanwhile is posted after linking again") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  check(run_pigeon(box, {"keys", "reset", "--yes"}), 1, "another pigeond is using this database");
  box.x.inject({.match = "POST /2/tweets", .times = 1000, .status = 503});
  REQUIRE(box.carrier.text(kAda, "kept over it").has_value());
  REQUIRE(
      e2e::eventually([&] { return box.query("SELECT count(*) FROM posts WHERE ended_at IS NULL") == "1"; }));
  REQUIRE(box.stop() == 0);
  check(run_pigeon(box, {"keys", "reset", "--yes"}), 1, "the key opens this database: nothing is lost");
  std::filesystem::remove(key_of(box));
  CHECK_FALSE(box.start());
  CHECK_MESSAGE(box.log().find("pigeon keys reset") != std::string::npos, box.log());
  check(run_pigeon(box, {"keys", "rotate"}), 1, "pigeon keys reset");
  check(run_pigeon(box, {"keys", "reset"}), 2, "1 person would have to link again");
  CHECK_FALSE(std::filesystem::exists(key_of(box)));
  check(run_pigeon(box, {"keys", "reset", "--yes"}), 0, "1 person must link again");
  box.x.clear_injected();
  REQUIRE_MESSAGE(box.start(), box.log());
  box.link(kAda);
  CHECK_MESSAGE(e2e::eventually([&] { return box.has_answered(kAda, "Posted: kept over it"); }), box.log());
  CHECK(box.ask(kAda, "and on") == "Posted: and on");
}
