// Where the control socket lies, whose it is, and who may speak on it.
#include "control/socket.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::control;

TEST_CASE("socket: the unit's database has its socket in the runtime folder; any other has it beside it") {
  CHECK(socket_path("/var/lib/carrier-pigeon/pigeon.db") == "/run/carrier-pigeon/control");
  CHECK(socket_path("/var/lib/second/pigeon.db") == "/run/second/control");
  CHECK(socket_path("/var/lib/a/b/pigeon.db") == "/var/lib/a/b/control");
  CHECK(socket_path("/var/lib/pigeon.db") == "/var/lib/control");
  CHECK(socket_path("/srv/box/pigeon.db") == "/srv/box/control");
}

TEST_CASE("socket: of mode 0660 whatever the umask; a stale one is replaced and a live one is not") {
  const test::TempFolder folder;
  const std::string path = folder.file("control");
  const auto none = connect_to(path);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == Errc::not_found);
  {
    const mode_t before = ::umask(0077);
    const auto listener = listen_at(path);
    ::umask(before);
    REQUIRE(listener.has_value());
    struct stat file {};
    REQUIRE(::stat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0660);
    CHECK(connect_to(path).has_value());
    const auto second = listen_at(path);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Errc::conflict);
    CHECK(connect_to(path).has_value());  // the first one's file is still there
  }
  const auto stale = connect_to(path);  // as a kill leaves it
  REQUIRE_FALSE(stale.has_value());
  CHECK(stale.error().code == Errc::not_found);
  CHECK(listen_at(path).has_value());
}

TEST_CASE("socket: a file that is none is left alone, and a path that is too long is told") {
  const test::TempFolder folder;
  std::ofstream(folder.file("control")) << "precious";
  const auto listener = listen_at(folder.file("control"));
  REQUIRE_FALSE(listener.has_value());
  CHECK(listener.error().code == Errc::conflict);
  std::string content;
  std::ifstream(folder.file("control")) >> content;
  CHECK(content == "precious");
  const auto long_path = listen_at(folder.file(std::string(120, 'a')));
  REQUIRE_FALSE(long_path.has_value());
  CHECK(long_path.error().message.find("too long") != std::string::npos);
}

TEST_CASE("socket: the kernel says who is at the other end") {
  const test::TempFolder folder;
  const auto listener = listen_at(folder.file("control"));
  REQUIRE(listener.has_value());
  const auto connection = connect_to(folder.file("control"));
  REQUIRE(connection.has_value());
  const auto peer = peer_of(*connection);
  REQUIRE(peer.has_value());
  CHECK(peer->user == ::geteuid());
  CHECK(peer->groups.back() == ::getegid());
}

TEST_CASE("socket: root and the daemon's user and its group may speak; nobody else") {
  struct Row {
    const char* name;
    Peer peer;
    bool may;
  };
  const Row rows[] = {{"root", {0, {0}}, true},
                      {"the daemon's user", {990, {5}}, true},
                      {"a member", {1000, {1000, 27, 991}}, true},
                      {"whose own group it is", {1001, {991}}, true},
                      {"a stranger", {1000, {1000, 27}}, false},
                      {"a user whose number is the group's", {991, {1000}}, false},
                      {"of no group", {1000, {}}, false}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(may_command(row.peer, 990, 991) == row.may);
  }
}
