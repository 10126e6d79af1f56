// Bad input and bad luck: a clear error each, and nothing lost.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <httplib.h>
#include <fstream>
#include <string>

#include "base/fd.h"
#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::run;

namespace {

const std::string kAda = "+12025550123";

// pigeond with this box's configuration changed by replacing `from`; its exit status and what it said.
e2e::Ran pigeond_with(const Box& box, const std::string& from, const std::string& to) {
  std::ifstream file(box.config());
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  text.replace(at, from.size(), to);
  const std::string path = (box.folder() / "changed.toml").string();
  std::ofstream(path) << text;
  return run({PIGEOND, "--config", path});
}

}  // namespace

TEST_CASE("e2e: mistakes of the operator end pigeond with status 2 and one clear line") {
  Box box;
  struct Row {
    const char* name;
    std::string from, to, expected;
  };
  const std::string secret = (box.folder() / "client_secret").string();
  const Row rows[] = {
      {"unknown key", "[web]\n", "[web]\nlisen = \"x\"\n", "unknown key 'web.lisen'"},
      {"missing secret", secret, secret + "-gone", "No such file or directory"},
      {"not loopback", "listen = \"127.0.0.1:", "listen = \"0.0.0.0:", "loopback"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const e2e::Ran ran = pigeond_with(box, row.from, row.to);
    CHECK(ran.status == 2);
    CHECK_MESSAGE(ran.err.find(row.expected) != std::string::npos, ran.err);
  }
  CHECK(run({PIGEOND, "--config", "/nonexistent"}).status == 2);
  CHECK(run({PIGEOND, "--frobnicate"}).status == 2);
  CHECK(run({PIGEOND, "--version"}).status == 0);
  REQUIRE(::chmod(secret.c_str(), 0644) == 0);
  const e2e::Ran open_secret = run({PIGEOND, "--config", box.config()});
  CHECK(open_secret.status == 2);
  CHECK(open_secret.err.find("chmod 600") != std::string::npos);
}

TEST_CASE("e2e: a port in use, a second pigeond end it with status 1, a newer database with 2") {
  Box box;
  REQUIRE(box.start());
  const e2e::Ran second = run({PIGEOND, "--config", box.config()});
  CHECK(second.status == 1);
  CHECK_MESSAGE(second.err.find("another pigeond is using this database") != std::string::npos, second.err);
  const e2e::Ran port = pigeond_with(box, "sqlite:" + box.database(), "sqlite:" + box.database() + "2");
  CHECK(port.status == 1);
  CHECK_MESSAGE(port.err.find("web.listen") != std::string::npos, port.err);
  CHECK(box.stop() == 0);
  static_cast<void>(box.query("PRAGMA user_version = 99"));
  const e2e::Ran newer = run({PIGEOND, "--config", box.config()});
  CHECK(newer.status == 2);
  CHECK_MESSAGE(newer.err.find("schema version 99") != std::string::npos, newer.err);
}

TEST_CASE(
    "e2e: a device that is not a modem, then no device: said plainly, and the daemon waits for a modem") {
  Box box;
  const Fd master(::posix_openpt(O_RDWR | O_NOCTTY));
  REQUIRE(::grantpt(master.get()) == 0);
  REQUIRE(::unlockpt(master.get()) == 0);
  char name[64];
  REQUIRE(::ptsname_r(master.get(), name, sizeof name) == 0);
  const Fd slave(::open(name, O_RDWR | O_NOCTTY));  // somebody's terminal: it never answers AT
  box.set_modem_url(std::string("pty:") + name);
  REQUIRE(box.start());
  CHECK(e2e::eventually([&] { return box.log().find("no answer to AT") != std::string::npos; }));
  CHECK(e2e::modem_becomes(box, false));
  const e2e::Ran status = run({PIGEON, "--config", box.config()});
  CHECK(status.status == 1);
  CHECK_MESSAGE(status.out.find("nothing on this port answers AT") != std::string::npos, status.out);
  CHECK(box.stop() == 0);
  box.set_modem_url("pty:/dev/pts/does-not-exist");
  REQUIRE(box.start());
  CHECK(e2e::eventually([&] { return box.log().find("/dev/pts/does-not-exist") != std::string::npos; }));
  CHECK(box.stop() == 0);
}

TEST_CASE("e2e: garbage on the port and undecodable PDUs stop nothing") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  // What cuts off the answer to a message that has left makes the box send that one again.
  REQUIRE(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending')") == "0"; }));
  std::string garbage(3000, '\xA5');
  for (std::size_t i = 0; i < garbage.size(); i += 7) garbage[i] = static_cast<char>(i);
  box.modem.inject(garbage + "\r\n+CMTI: \"SM\",\r\n+CMGR: \r\nOK\r\n^RSSI:12\r\n");
  CHECK(box.ask(kAda, "after garbage") == "Posted: after garbage");

  box.modem.deliver({0x07, 0x91, 0xFF, 0x00}, true);
  box.modem.deliver({0x00, 0x04, 0x0B, 0x91}, true);
  CHECK(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM parts WHERE state = 'quarantined'") == "2"; }));
  CHECK(e2e::eventually([&] { return box.modem.messages_stored() == 0; }));
  CHECK(box.query("SELECT hex(pdu) FROM parts WHERE state = 'quarantined' ORDER BY id LIMIT 1") ==
        "0791FF00");
  CHECK(box.ask(kAda, "after quarantine") == "Posted: after quarantine");
  const e2e::Ran status = run({PIGEON, "--config", box.config(), "status"});
  CHECK(status.status == 1);
  CHECK(status.out.find("2 message parts could not be read") != std::string::npos);
  const e2e::Ran list = run({PIGEON, "--config", box.config(), "quarantine", "list"});
  CHECK(list.status == 0);
  CHECK(list.out.find("cannot be decoded: ") != std::string::npos);
}

TEST_CASE("e2e: senders that cannot be answered are kept and ignored, ourselves too") {
  Box box;
  REQUIRE(box.start());
  for (const char* sender : {"Telfort", "12345", "+12025550100"})
    REQUIRE(box.carrier.text(sender, "win a car").has_value());
  CHECK(e2e::eventually(
      [&] { return box.query("SELECT count(*) FROM inbox WHERE ending = 'ignored'") == "3"; }));
  CHECK(box.modem.sent().empty());
  CHECK(box.query("SELECT count(*) FROM outbox") == "0");
}
