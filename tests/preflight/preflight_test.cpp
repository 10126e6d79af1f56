// Whether a start would succeed: every mistake by itself, all of them at once, and none where none is.
#include "preflight/preflight.h"

#include <doctest/doctest.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "preflight/report.h"
#include "preflight/service_user.h"
#include "store/store.h"
#include "tests/preflight/mistake_rows.h"
#include "tests/temp_folder.h"
#include "web/listener.h"

using namespace pigeon;
using preflight::examine;
using preflight::exit_status;
using test::GoodConfig;
using test::TempFolder;

namespace {

std::string folder_of(const TempFolder& folder) {
  std::string path = folder.file("");
  while (path.ends_with('/')) path.pop_back();
  return path;
}

std::string told(const ConfigFile& file) {
  return in_lines(file.mistakes, file.source);
}

// Names, sizes and modes of what lies in a folder.
std::string content_of(const std::string& folder) {
  std::set<std::string> entries;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    struct stat status {};
    ::stat(entry.path().c_str(), &status);
    entries.insert(entry.path().filename().string() + " " + std::to_string(status.st_size) + " " +
                   std::to_string(status.st_mode));
  }
  std::string text;
  for (const std::string& entry : entries) text += entry + "\n";
  return text;
}

}  // namespace

TEST_CASE("preflight: each mistake is named by itself, with its line, its key and its cure") {
  const auto rows = test::mistake_rows();
  CHECK(rows.size() >= 31);
  for (const test::MistakeRow& row : rows) {
    INFO(row.name);
    const TempFolder folder;
    GoodConfig config(folder_of(folder));
    if (!row.text.empty() || row.replaced != 0) config.replace(row.replaced, row.text);
    if (row.prepare) row.prepare(config.folder());
    const ConfigFile file = examine(config.write());
    INFO(told(file));
    CHECK(exit_status(file) == 2);
    REQUIRE(file.mistakes.size() == 1);
    const Mistake& mistake = file.mistakes[0];
    CHECK(mistake.line == row.line);
    CHECK(mistake.key == row.key);
    CHECK(mistake.what.find(row.what) != std::string::npos);
    CHECK(mistake.cure.find(row.cure) != std::string::npos);
  }
}

TEST_CASE("preflight: nothing is wrong with a good configuration, and looking changes nothing") {
  const TempFolder folder;
  const GoodConfig config(folder_of(folder));
  const std::string path = config.write();
  const std::string before = content_of(config.folder());
  CHECK_MESSAGE(examine(path).mistakes.empty(), told(examine(path)));
  CHECK(content_of(config.folder()) == before);
  test::make_store(config.folder());
  const std::string with_store = content_of(config.folder());
  CHECK_MESSAGE(examine(path).mistakes.empty(), told(examine(path)));
  CHECK(content_of(config.folder()) == with_store);
}

TEST_CASE("preflight: all mistakes at once, by line") {
  const TempFolder folder;
  GoodConfig config(folder_of(folder));
  config.replace(2, "number = +12025550100");
  config.replace(4, "contry = \"US\"");
  config.replace(9, "client_secret_file = \"@/gone\"");
  config.replace(11, "url sqlite");
  config.replace(14, "listen = \"0.0.0.0:80\"");
  config.replace(16, "box_per_hour = -1");
  const ConfigFile file = examine(config.write());
  std::vector<int> lines;
  for (const Mistake& mistake : file.mistakes) lines.push_back(mistake.line);
  const std::vector<int> expected{2, 4, 9, 11, 14, 16};
  CHECK_MESSAGE(lines == expected, told(file));
}

TEST_CASE("preflight: a port that another program holds passes by itself, our own daemon's does not count") {
  const TempFolder folder;
  GoodConfig config(folder_of(folder));
  const std::string path = config.write();
  httplib::Server listening;
  const auto other =
      web::Listener::open(listening, *web::parse_listen("127.0.0.1:" + std::to_string(config.port())));
  REQUIRE(other.has_value());
  const ConfigFile taken = examine(path);
  REQUIRE(taken.mistakes.size() == 1);
  CHECK(taken.mistakes[0].what.find("in use by another program") != std::string::npos);
  CHECK(taken.mistakes[0].line == 14);
  CHECK(exit_status(taken) == 1);
  const auto daemon = store::Store::open(config.folder() + "/pigeon.db", config.folder() + "/key");
  REQUIRE(daemon.has_value());
  CHECK_MESSAGE(examine(path).mistakes.empty(), told(examine(path)));
  config.replace(16, "box_per_hour = -1");
  CHECK(exit_status(examine(config.write())) == 2);
}

TEST_CASE("preflight: the service's own runtime folder is made at the start and may be missing") {
  const TempFolder folder;
  GoodConfig config(folder_of(folder));
  config.replace(14, "listen = \"unix:/run/carrier-pigeon/web.sock\"");
  CHECK_MESSAGE(examine(config.write()).mistakes.empty(), told(examine(config.write())));
}

TEST_CASE("preflight: the folder that the front shares is made by the package, not by hand") {
  if (::access("/run/carrier-pigeon-web", F_OK) == 0) return;  // installed here
  const TempFolder folder;
  GoodConfig config(folder_of(folder));
  config.replace(14, "");  // the default
  const ConfigFile file = examine(config.write());
  REQUIRE_MESSAGE(file.mistakes.size() == 1, told(file));
  CHECK(file.mistakes[0].cure.find("systemd-tmpfiles --create") != std::string::npos);
}

TEST_CASE("preflight: what closes a secret does not lock the service out") {
  constexpr unsigned kRoot = 0, kOperator = 1000, kUsers = 100, kService = 994;
  const auto cure = [](unsigned owner, unsigned group, std::optional<unsigned> service) {
    return preflight::closing_cure("/s", owner, group, service);
  };
  CHECK(cure(kRoot, kService, kService) == "chmod 640 /s");
  CHECK(cure(kRoot, kRoot, kService) == "chgrp carrier-pigeon /s && chmod 640 /s");
  CHECK(cure(kOperator, kService, kService) == "chmod 640 /s");
  CHECK(cure(kOperator, kUsers, kService) == "chmod 600 /s");
  CHECK(cure(kRoot, kRoot, std::nullopt) == "chmod 600 /s");
}

TEST_CASE("preflight: a file that cannot be read") {
  const ConfigFile gone = examine("/nonexistent/pigeon.toml");
  CHECK(exit_status(gone) == 2);
  CHECK(told(gone).find("/nonexistent/pigeon.toml: the configuration cannot be read: No such file") == 0);
  CHECK(exit_status(examine("/tmp")) == 2);
}

TEST_CASE("preflight: the words for a terminal fit 80 columns, whatever stands in the file") {
  const TempFolder folder;
  GoodConfig config(folder_of(folder));
  config.replace(3, "public_url = \"https://" + std::string(90, 'a') + ".test\"");
  const ConfigFile fine = examine(config.write());
  const std::string words = preflight::to_text(fine);
  CHECK(words.find("pigeon.toml is fine: ") != std::string::npos);
  CHECK(words.find("a.test at 127.0.0.1:") != std::string::npos);
  CHECK(words.find("pty:/dev/pts/none") != std::string::npos);
  config.replace(9, "client_secret_file = \"/" + std::string(100, 'b') + "\\n\\u001b[31m\"");
  config.replace(16, "box_per_hours = 3");
  const std::string text = preflight::to_text(examine(config.write()));
  std::istringstream lines(words + text);
  for (std::string one; std::getline(lines, one);) {
    const auto width = std::count_if(one.begin(), one.end(), [](char c) { return (c & 0xC0) != 0x80; });
    CHECK_MESSAGE(width <= 80, one);
  }
  CHECK(text.find(" has 2 mistakes:") != std::string::npos);
  CHECK(text.find("  line  9  x.client_secret_file:\n") != std::string::npos);
  CHECK(text.find(
            "  line 16  unknown key 'limits.box_per_hours'\n           → did you mean 'box_per_hour'?\n") !=
        std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("preflight: the words for a machine") {
  const TempFolder folder;
  GoodConfig config(folder_of(folder));
  CHECK(preflight::to_json(examine(config.write())).find("\"fine\":true,\"mistakes\":[]}") !=
        std::string::npos);
  config.replace(2, "number = \"\xC3\xA9\"");
  CHECK(preflight::to_json(examine(config.write())).find("\"line\":2,\"key\":\"gateway.number\"") !=
        std::string::npos);
}

TEST_CASE("preflight: a database that is locked for long passes by itself") {
  const TempFolder folder;
  const GoodConfig config(folder_of(folder));
  test::make_store(config.folder());
  store::Database other(config.folder() + "/pigeon.db");
  const store::Transaction held(other);
  const ConfigFile file = examine(config.write());
  REQUIRE(file.mistakes.size() == 1);
  CHECK_MESSAGE(file.mistakes[0].what.find("locked") != std::string::npos, told(file));
  CHECK(exit_status(file) == 1);
}
