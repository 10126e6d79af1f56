// What `pigeon modem record` writes of a modem that fails, played by `pigeon-sim --replay`: it fails in the
// same words, and nothing private is in the file.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;
using e2e::run;

namespace {

// Who recorded, and whose texts lay there: number, SMSC, sender, IMEI, IMSI, ICCID, words.
const std::vector<std::string> kPrivate = {"2025550100",      "2025550199",      "2025550177",
                                           "490154203237518", "262011234567890", "8949010000000000123",
                                           "Meet me",         "D2F23A"};

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A pigeon-sim of its own, with its modem at `link`.
class Player {
 public:
  Player(const std::string& recording, const std::string& link) {
    const Ran started = run({"/bin/sh", "-c",
                             std::string(PIGEON_SIM) + " --modem-only --no-console --link " + link +
                                 " --replay " + recording + " >/dev/null 2>&1 & echo $!"});
    pid_ = std::stoi(started.out);
    REQUIRE(e2e::eventually([&] { return std::filesystem::exists(link); }));
  }
  ~Player() { ::kill(pid_, SIGTERM); }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

 private:
  pid_t pid_ = 0;
};

// The words of a failure on one line, without the name of a port.
std::string words(const Ran& ran) {
  std::string line = ran.err.substr(0, ran.err.find("→"));
  for (char& c : line)
    if (c == '\n') c = ' ';
  for (std::size_t at = 0; (at = line.find("/dev/pts/", at)) != std::string::npos;) {
    const std::size_t end = line.find_first_not_of("0123456789", at + 9);
    line.replace(at, end - at, "PORT");
  }
  std::string one;
  for (const char c : line)
    if (c != ' ' || one.empty() || one.back() != ' ') one += c;
  return one;
}

struct Failure {
  const char* name;
  const char* command;  // that begins so
  const char* answer;
};

}  // namespace

TEST_CASE("e2e: a recording of a modem that fails fails in the same way, and can be published") {
  const Failure failures[] = {
      {"blocked SIM", "AT+CPIN?", "+CPIN: SIM PUK"},
      {"locked", "AT+CPIN?", "+CPIN: PH-NET PIN"},
      {"SIM failure", "AT+CPIN?", "+CME ERROR: 15"},
      {"no SMS", "AT+CMGF", "ERROR"},
  };
  for (const Failure& failure : failures) {
    CAPTURE(std::string(failure.name));
    const test::TempFolder folder;
    Box box;
    REQUIRE(box.carrier.text("+12025550177", "Meet me at the pier").has_value());
    box.modem.before_command([&failure](std::string_view line) {
      if (!line.starts_with(failure.command)) return sim::Intervention{};
      const std::string final = std::string_view(failure.answer).starts_with("+CPIN") ? "\r\n\r\nOK" : "";
      return sim::Intervention{sim::Intervention::Kind::answer,
                               "\r\n" + std::string(failure.answer) + final + "\r\n"};
    });
    const std::string file = folder.file("failing.txt");
    const Ran recorded = run({PIGEON, "modem", "record", file, "--config", box.config()});
    CHECK(recorded.status == 1);
    const std::string transcript = content(file);
    for (const std::string& secret : kPrivate)
      CHECK_MESSAGE(transcript.find(secret) == std::string::npos, secret);
    box.modem.before_command({});

    const std::string link = folder.file("port");
    const Player player(file, link);
    box.set_modem_url("pty:" + std::filesystem::read_symlink(link).string());
    const Ran again = run({PIGEON, "modem", "record", folder.file("again.txt"), "--config", box.config()});
    CHECK(again.status == 1);
    CHECK(words(again) == words(recorded));
  }
}

TEST_CASE("e2e: a recording beside pigeond holds no card, number or text of what is asked meanwhile") {
  const test::TempFolder folder;
  Box box;
  REQUIRE(box.start());
  REQUIRE(e2e::modem_becomes(box, true));
  const std::string file = folder.file("asked.txt");
  e2e::Program recorder({PIGEON, "modem", "record", file, "--seconds", "600", "--config", box.config()});
  REQUIRE(e2e::eventually([&] { return box.log().find("its traffic is watched") != std::string::npos; }));
  for (const char* command : {"AT+CGSN", "AT+CIMI", "AT+CCID", "AT+CNUM", "AT+CSCA?"})
    CHECK(run({PIGEON, "modem", "at", command, "--config", box.config()}).status == 0);
  CHECK(run({PIGEON, "modem", "send", "+12025550177", "Meet me at the pier", "--config", box.config()})
            .status == 0);
  CHECK(box.ask("+12025550177", "Meet me at the pier").find("Meet") == std::string::npos);
  for (const char* line : {"AT+CCID", "AT+CMGS="})
    CHECK_MESSAGE(e2e::eventually([&] { return content(file).find(line) != std::string::npos; }), line);
  recorder.interrupt();
  CHECK(recorder.wait().status == 0);
  const std::string transcript = content(file);
  for (const std::string& secret : kPrivate)
    CHECK_MESSAGE(transcript.find(secret) == std::string::npos, secret);
}
