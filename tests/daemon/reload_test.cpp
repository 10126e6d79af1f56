// Reading the configuration again: what counts as changed, what is applied, and what a mistake leaves alone.
#include "daemon/reload.h"

#include <doctest/doctest.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/preflight/mistake_rows.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using daemon::Changes;
using daemon::Reloader;

namespace {

using Keys = std::vector<std::string>;

std::string folder_of(const test::TempFolder& folder) {
  std::string path = folder.file("");
  while (path.ends_with('/')) path.pop_back();
  return path;
}

// A configuration on the disk and who reloads it; counts what is applied.
struct Desk {
  test::TempFolder folder;
  test::GoodConfig good{folder_of(folder)};
  std::string path = good.write();
  int applied = 0;
  int box_per_hour = 0;
  Result<bool> answer = false;
  bool throws = false;
  Reloader reloader{{path, log::Options{},
                     [this](const Config& fresh) {
                       if (throws) throw std::runtime_error("no memory");
                       ++applied;
                       box_per_hour = fresh.limits.box_per_hour;
                       return answer;
                     }},
                    *load_config(path)};

  void limit(const std::string& value) {
    good.replace(16, "box_per_hour = " + value);
    static_cast<void>(good.write());
  }
};

std::string unit_line(const std::string& key) {
  std::ifstream unit(PIGEON_TEST_DATA "/../../systemd/carrier-pigeon.service");
  for (std::string line; std::getline(unit, line);) {
    if (line.starts_with(key + "=")) return line.substr(key.size() + 1);
  }
  return {};
}

}  // namespace

TEST_CASE("reload: the keys that differ, by what becomes of them") {
  Config running;
  running.modems.emplace_back();
  CHECK(daemon::compare(running, running).taken.empty());
  CHECK(daemon::compare(running, running).need_restart.empty());
  Config fresh = running;
  fresh.gateway.oldest = seconds(1);
  fresh.pairing.expires = seconds(1);
  fresh.store.keep = seconds(1);
  fresh.x.client_secret_file = "/other";
  fresh.limits.linked_per_day = 1;
  fresh.log.verbose = true;
  CHECK(daemon::compare(running, fresh).taken == Keys{"gateway.oldest", "limits.linked_per_day",
                                                      "log.verbose", "pairing.expires", "store.keep",
                                                      "x.client_secret_file"});
  CHECK(daemon::compare(running, fresh).need_restart.empty());
  fresh = running;
  fresh.web.listen = "127.0.0.1:1";
  fresh.store.path = "/other";
  fresh.x.client_id = "other";
  fresh.pairing.text_back = false;
  fresh.modems[0].url = "pty:/x";
  CHECK(daemon::compare(running, fresh).need_restart ==
        Keys{"modem[0].url", "pairing.text_back", "store.url", "web.listen", "x.client_id"});
  CHECK(daemon::compare(running, fresh).taken.empty());
}

TEST_CASE("reload: a modem more or less needs a restart") {
  Config one, two;
  one.modems.resize(1);
  two.modems.resize(2);
  for (const Changes& changes : {daemon::compare(one, two), daemon::compare(two, one)}) {
    CHECK(changes.need_restart.size() == 4);
    CHECK(changes.need_restart.at(0) == "modem[1].name");
  }
}

TEST_CASE("reload: the command line's wishes hold whatever the file says") {
  log::Options flags;
  CHECK(daemon::with_file(flags, {}).level == log::Level::info);
  CHECK_FALSE(daemon::with_file(flags, {}).personal_info);
  CHECK(daemon::with_file(flags, {.personal_info = true, .verbose = true}).level == log::Level::debug);
  CHECK(daemon::with_file(flags, {.personal_info = true, .verbose = true}).personal_info);
  flags = {.level = log::Level::debug, .personal_info = true, .journald_prefix = true};
  const log::Options kept = daemon::with_file(flags, {});
  CHECK(kept.level == log::Level::debug);
  CHECK(kept.personal_info);
  CHECK(kept.journald_prefix);
}

TEST_CASE("reload: a good file is applied, one with mistakes is not") {
  Desk desk;
  desk.limit("20");
  CHECK(desk.reloader.reload());
  CHECK(desk.applied == 1);
  CHECK(desk.box_per_hour == 20);
  desk.limit("-1");
  CHECK_FALSE(desk.reloader.reload());
  CHECK(desk.applied == 1);
  desk.limit("30");
  CHECK(desk.reloader.reload());
  CHECK(desk.box_per_hour == 30);
}

TEST_CASE("reload: whatever goes wrong while it is applied ends nothing") {
  Desk desk;
  desk.answer = fail(Errc::io, "the database is busy");
  CHECK_FALSE(desk.reloader.reload());
  desk.throws = true;
  CHECK_FALSE(desk.reloader.reload());
  desk.throws = false;
  desk.answer = true;
  CHECK(desk.reloader.reload());
}

TEST_CASE("reload: the service manager knows how, and starts pigeond again however it ended") {
  CHECK(unit_line("ExecReload") == "/bin/kill -HUP $MAINPID");
  CHECK(unit_line("Restart") == "always");
  CHECK(unit_line("RestartPreventExitStatus") == "2");
  CHECK(unit_line("UMask") == "0077");
}
