// Where the web server agrees to listen, and what happens when somebody is there already.
#include "web/listener.h"

#include <doctest/doctest.h>
#include <grp.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "tests/web/raw_http.h"

using namespace pigeon;
using namespace pigeon::web;
using pigeon::testing::RawClient;
using pigeon::testing::TemporaryDirectory;

namespace {

// A server that listens, and one that is bound until the end of a test.
struct Bound {
  explicit Bound(const std::string& listen) {
    const auto address = parse_listen(listen);
    REQUIRE(address);
    auto opened = Listener::open(server, *address);
    if (opened)
      listener.emplace(std::move(*opened));
    else
      error = opened.error();
  }
  httplib::Server server;
  std::optional<Listener> listener;
  Error error;
};

std::string in_use(const std::string& path) {
  return path + ": in use by another program; set [web] listen to another path";
}

}  // namespace

TEST_CASE("listener: loopback addresses and Unix sockets are understood") {
  struct Row {
    const char* listen;
    ListenAddress::Family family;
    const char* host;
    int port;
    const char* path;
  };
  using Family = ListenAddress::Family;
  const std::vector<Row> rows{{"127.0.0.1:8080", Family::ipv4, "127.0.0.1", 8080, ""},
                              {"127.1.2.3:0", Family::ipv4, "127.1.2.3", 0, ""},
                              {"localhost:65535", Family::ipv4, "127.0.0.1", 65535, ""},
                              {"[::1]:8080", Family::ipv6, "::1", 8080, ""},
                              {"unix:/run/web.sock", Family::unix_socket, "", 0, "/run/web.sock"}};
  for (const Row& row : rows) {
    CAPTURE(row.listen);
    const auto address = parse_listen(row.listen);
    REQUIRE(address);
    CHECK(address->family == row.family);
    CHECK(address->host == row.host);
    CHECK(address->port == row.port);
    CHECK(address->path == row.path);
  }
}

TEST_CASE("listener: everything else is refused") {
  const std::string long_path = "unix:/" + std::string(120, 'a');
  const std::vector<std::string> rows{"",
                                      "8080",
                                      ":8080",
                                      "0.0.0.0:8080",
                                      "192.168.1.1:8080",
                                      "[::]:8080",
                                      "[fe80::1]:8080",
                                      "::1:8080",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:80a",
                                      "127.0.0.1:+80",
                                      "127.1:8080",
                                      "pigeon.example:80",
                                      "unix:",
                                      "unix:relative.sock",
                                      long_path};
  for (const std::string& listen : rows) {
    CAPTURE(listen);
    const auto address = parse_listen(listen);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Errc::bad_input);
    CHECK(address.error().message.find(listen) != std::string::npos);
  }
}

TEST_CASE("listener: a port in use is a conflict that names the setting") {
  const Bound first("127.0.0.1:0");
  REQUIRE(first.listener);
  REQUIRE(first.listener->port() > 0);
  const std::string there = "127.0.0.1:" + std::to_string(first.listener->port());
  const Bound second(there);
  REQUIRE_FALSE(second.listener);
  CHECK(second.error.code == Errc::conflict);
  CHECK(second.error.message.find("[web] listen") != std::string::npos);
  CHECK_FALSE(can_listen(*parse_listen(there)));
}

TEST_CASE("listener: what was never served is free again") {
  std::string there;
  {
    const Bound first("127.0.0.1:0");
    there = "127.0.0.1:" + std::to_string(first.listener->port());
  }
  CHECK(can_listen(*parse_listen(there)));
  CHECK(can_listen(*parse_listen(there)));
}

TEST_CASE("listener: a Unix socket has mode 0660 whatever the umask, and goes away at the end") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("web.sock");
  {
    const mode_t before = ::umask(0077);
    const Bound bound("unix:" + path);
    ::umask(before);
    REQUIRE(bound.listener);
    CHECK(bound.listener->port() == 0);
    struct stat file {};
    REQUIRE(::stat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 07777) == 0660);
    CHECK(RawClient(path).connected());
  }
  CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_CASE("listener: a Unix socket is given to a group that exists") {
  // Root may take any group, everybody else one of his own.
  std::vector<gid_t> groups(256);
  groups.resize(static_cast<std::size_t>(std::max(0, ::getgroups(256, groups.data()))));
  gid_t wanted = ::geteuid() == 0 ? 1 : ::getegid();
  for (const gid_t group : groups) {
    if (group != ::getegid()) wanted = group;
  }
  const auto* const entry = ::getgrgid(wanted);
  REQUIRE(entry != nullptr);
  const TemporaryDirectory directory;
  const std::string path = directory.path("web.sock");
  const Bound bound("unix:" + path);
  REQUIRE(bound.listener);
  CHECK(bound.listener->give_to("no-such-group-here"));
  CHECK(bound.listener->give_to(entry->gr_name));
  struct stat file {};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK(file.st_gid == wanted);
  CHECK((file.st_mode & 07777) == 0660);
}

TEST_CASE("listener: a socket file that nobody listens on is replaced") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("web.sock");
  {
    const Bound dead("unix:" + path);
    REQUIRE(dead.listener);
    REQUIRE(::link(path.c_str(), (path + ".kept").c_str()) == 0);  // survives the clean end
  }
  REQUIRE(::rename((path + ".kept").c_str(), path.c_str()) == 0);
  CHECK_FALSE(RawClient(path).connected());
  const Bound bound("unix:" + path);
  REQUIRE(bound.listener);
  CHECK(RawClient(path).connected());
}

TEST_CASE("listener: a living listener and a file that is no socket are left alone") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("web.sock");
  const Bound first("unix:" + path);
  REQUIRE(first.listener);
  const Bound second("unix:" + path);
  REQUIRE_FALSE(second.listener);
  CHECK(second.error.code == Errc::conflict);
  CHECK(second.error.message == in_use(path));
  CHECK(RawClient(path).connected());

  const std::string file = directory.path("notes");
  std::ofstream(file) << "precious";
  const Bound third("unix:" + file);
  REQUIRE_FALSE(third.listener);
  CHECK(third.error.code == Errc::conflict);
  std::string content;
  std::ifstream(file) >> content;
  CHECK(content == "precious");
}
