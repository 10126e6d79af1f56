// The operator's mistakes: `pigeon config check`, `pigeond --check-config` and a start agree on every one of
// them, in the same words; and what the check calls fine starts.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "store/sqlite.h"
#include "tests/e2e/box.h"
#include "tests/e2e/run.h"
#include "tests/preflight/mistake_rows.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;
using e2e::run;

namespace {

std::string folder_of(const test::TempFolder& folder) {
  std::string path = folder.file("");
  while (path.ends_with('/')) path.pop_back();
  return path;
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// Where a line is broken does not matter.
std::string in_one_line_of(const std::string& text) {
  std::string line;
  std::istringstream words(text);
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

// The widest line, in code points.
long widest(const std::string& text) {
  std::istringstream lines(text);
  long most = 0;
  for (std::string line; std::getline(lines, line);)
    most = std::max(most, std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  return most;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

}  // namespace

TEST_CASE("e2e: each mistake in the configuration ends a start with status 2 and the words of the check") {
  constexpr int kLookAgain = 10;  // every tenth row in words too
  int looked = 0;
  for (const test::MistakeRow& row : test::mistake_rows()) {
    INFO(row.name);
    const test::TempFolder folder;
    test::GoodConfig config(folder_of(folder));
    if (!row.text.empty() || row.replaced != 0) config.replace(row.replaced, row.text);
    if (row.prepare) row.prepare(config.folder());
    const std::string path = config.write();
    const Ran check = run({PIGEON, "--config", path, "--json", "config", "check"});
    CHECK(check.status == 2);
    const auto answer = nlohmann::json::parse(check.out);
    REQUIRE(answer["mistakes"].size() == 1);
    const auto& mistake = answer["mistakes"][0];
    CHECK(mistake["line"] == row.line);
    CHECK(mistake["key"] == row.key);
    const std::string what = mistake["what"], cure = mistake["cure"];
    CHECK(says(what, row.what));
    CHECK(says(cure, row.cure));

    const Ran start = run({PIGEOND, "--config", path});
    INFO(start.err);
    CHECK(start.status == 2);
    const std::string line = path + ":" + std::to_string(row.line) + ": " + what + "; " + cure;
    CHECK(says(start.err, escape_controls(line)));
    CHECK(std::count(start.err.begin(), start.err.end(), '\n') == 1);

    if (++looked % kLookAgain != 1) continue;
    const Ran text = run({PIGEON, "--config", path, "config", "check"});
    const Ran alias = run({PIGEOND, "--config", path, "--check-config"});
    CHECK(text.status == 2);
    CHECK(alias.status == 2);
    CHECK(alias.out == text.out);
    CHECK(widest(text.out) <= 80);
  }
}

TEST_CASE("e2e: what the check calls fine starts, and is told in a sentence") {
  const e2e::BoxOptions good[] = {
      {},
      {.gateway_config = "oldest = \"7d\"  # a week\n", .extra_config = "[log]\nverbose = true\n"},
      {.saved_by_windows = true},
  };
  for (const e2e::BoxOptions& options : good) {
    Box box(options);
    for (const bool running : {false, true}) {
      INFO(running);
      const Ran check = run({PIGEON, "--config", box.config(), "config", "check"});
      CHECK_MESSAGE(check.status == 0, check.out);
      CHECK(widest(check.out) <= 80);
      CHECK(says(in_one_line_of(check.out), " is fine: +12025550100 by main (pty:"));
      CHECK(run({PIGEOND, "--config", box.config(), "--check-config"}).out == check.out);
      if (!running) CHECK_MESSAGE(box.start(), box.log());
    }
    CHECK(box.stop() == 0);
  }
}

TEST_CASE("e2e: the unedited example does not start, and the check says what to write") {
  const std::string example = PIGEON_TEST_DATA "/../../image/pigeon.toml";
  const Ran start = run({PIGEOND, "--config", example});
  CHECK(start.status == 2);
  for (const char* key : {"gateway.number", "gateway.public_url", "x.client_id"}) {
    CHECK(says(start.err, std::string(key) + " is still what the example says"));
  }
  const Ran state = run({PIGEON, "--config", example});
  CHECK(state.status == 2);
  CHECK(says(in_one_line_of(state.err), "'pigeon config check' names all mistakes"));
}

TEST_CASE("e2e: what pigeond makes is its own, also with an open umask") {
  const mode_t before = ::umask(0);
  Box box;
  const bool started = box.start();
  ::umask(before);
  REQUIRE(started);
  for (const char* name : {"pigeon.db", "pigeon.db-wal", "pigeon.db-shm", "pigeon.db.lock", "key"}) {
    INFO(name);
    CHECK(mode_of((box.folder() / name).string()) == 0600U);
  }
}

TEST_CASE("e2e: one pigeond a database, also when it is reached through a link") {
  Box box;
  REQUIRE(box.start());
  const test::TempFolder links;
  std::filesystem::create_directory_symlink(box.folder(), links.file("folder"));
  std::filesystem::create_symlink(box.database(), links.file("file.db"));
  for (const std::string& way : {links.file("folder") + "/pigeon.db", links.file("file.db")}) {
    INFO(way);
    std::string text = content(box.config());
    text.replace(text.find(box.database()), box.database().size(), way);
    const std::string path = links.file("pigeon.toml");
    std::ofstream(path) << text;
    const Ran second = run({PIGEOND, "--config", path});
    CHECK(second.status == 1);
    CHECK_MESSAGE(says(second.err, "another pigeond is using this database"), second.err);
    const Ran state = run({PIGEON, "--config", path, "--json"});
    CHECK_MESSAGE(says(state.out, "\"daemon\": \"running\""), state.out);
  }
}

TEST_CASE("e2e: root's check looks with the eyes of the user whose configuration it is") {
  if (::geteuid() != 0) {
    MESSAGE("only root can become somebody else");
    return;
  }
  const test::TempFolder folder;
  test::GoodConfig config(folder_of(folder));
  constexpr uid_t kNobody = 65534;
  const std::string path = config.write();
  REQUIRE(::chmod(config.folder().c_str(), 0755) == 0);
  REQUIRE(::chown(path.c_str(), kNobody, kNobody) == 0);
  const Ran check = run({PIGEON, "--config", path, "--json", "config", "check"});
  CHECK(check.status == 2);
  CHECK_MESSAGE(says(check.out, "/secret: Permission denied"), check.out);
  CHECK_MESSAGE(says(check.out, "nothing can be written in the folder"), check.out);
}

TEST_CASE("e2e: pigeon says what to do when there is no database to read") {
  const test::TempFolder folder;
  test::GoodConfig config(folder_of(folder));
  const Ran fresh = run({PIGEON, "--config", config.write()});
  CHECK(fresh.status == 1);
  CHECK_MESSAGE(says(in_one_line_of(fresh.err), "pigeond has not run with it yet"), fresh.err);
  config.replace(11, "url = \"sqlite:@/gone/pigeon.db\"");
  const Ran gone = run({PIGEON, "--config", config.write()});
  CHECK(gone.status == 2);
  CHECK_MESSAGE(
      says(in_one_line_of(gone.err), "/gone is missing: 'pigeon config check' says what pigeond needs"),
      gone.err);
  config.replace(11, "url = \"sqlite:@/pigeon.db\"");
  test::make_store(config.folder());
  store::Database(config.folder() + "/pigeon.db").execute("PRAGMA user_version = 999");
  const Ran newer = run({PIGEON, "--config", config.write()});
  CHECK(newer.status == 2);
  CHECK_MESSAGE(says(in_one_line_of(newer.err), "use the pigeon and pigeond of one version"), newer.err);
}

TEST_CASE("e2e: pigeon without a configuration says what to copy and where") {
  const test::TempFolder folder;
  const std::string path = folder.file("none.toml");
  for (const std::vector<std::string>& words : {std::vector<std::string>{PIGEON, "--config", path},
                                                {PIGEON, "--config", path, "quarantine", "list"}}) {
    const Ran none = run(words);
    CHECK(none.status == 2);
    const std::string said = in_one_line_of(none.err);
    CHECK_MESSAGE(says(said, "pigeon: " + path + ": the configuration cannot be read: No such file"), said);
    CHECK_MESSAGE(says(said, "install -D "), said);
    CHECK_MESSAGE(says(said, "pigeon.toml " + path), said);
    CHECK(says(said, "--config"));
    CHECK(none.out.empty());
  }
}
