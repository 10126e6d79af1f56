// The control socket with clients of every kind, also those who mean it badly.
#include "control/server.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "control/client.h"
#include "tests/eventually.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::control;
using test::eventually;

namespace {

SteadyTime soon() {
  return steady_now() + test::kPatience;
}

// A server that says back what it is asked, fails, or keeps the answer for another thread.
struct Desk {
  test::TempFolder folder;
  std::string path = folder.file("control");
  std::mutex mutex;
  std::vector<std::shared_ptr<Answer>> kept;  // guarded by mutex
  std::unique_ptr<Server> server;

  explicit Desk(const ServerLimits& limits = {}) {
    Server::Handlers handlers;
    handlers["echo"] = [](const Request& request, const std::shared_ptr<Answer>& answer) {
      answer->ok({{"said", request.body.at("say")}});
    };
    handlers["flood"] = [](const Request&, const std::shared_ptr<Answer>& answer) {
      for (int i = 0; i < 4000; ++i) answer->line(std::string(1000, 'x'));
      answer->ok({});
    };
    handlers["keep"] = [this](const Request&, const std::shared_ptr<Answer>& answer) {
      const std::lock_guard lock(mutex);
      kept.push_back(answer);
    };
    handlers["throw"] = [](const Request&, const std::shared_ptr<Answer>&) {
      throw std::runtime_error("the disk is full");
    };
    handlers["forget"] = [](const Request&, const std::shared_ptr<Answer>&) {};
    auto opened = Server::open(path, std::move(handlers), limits);
    if (!opened) throw std::runtime_error(opened.error().message);
    server = std::move(*opened);
  }
  [[nodiscard]] Client client() const {
    auto opened = Client::open(path);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  [[nodiscard]] std::size_t in_hand() {
    const std::lock_guard lock(mutex);
    return kept.size();
  }
  // Whether somebody else is still served.
  [[nodiscard]] bool serves() const {
    Client other = client();
    const auto said = other.ask("echo", {{"say", "still here"}}, soon());
    return said.has_value() && said->at("said") == "still here";
  }
};

// What a client sends octet by octet, without caring for the protocol.
struct Raw {
  Fd fd;
  explicit Raw(const std::string& path) {
    auto connected = connect_to(path);
    if (!connected) throw std::runtime_error(connected.error().message);
    fd = std::move(*connected);
  }
  // False: the other end has closed.
  [[nodiscard]] bool send(std::string_view octets) const {
    return ::send(fd.get(), octets.data(), octets.size(), MSG_NOSIGNAL) >= 0 || errno == EAGAIN;
  }
  // Everything until the other end closes; nothing when it does not.
  [[nodiscard]] std::optional<std::string> until_closed() const {
    std::string all;
    const bool closed = eventually([&] {
      char buffer[65536];
      ssize_t got = 0;
      while ((got = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0)
        all.append(buffer, static_cast<std::size_t>(got));
      return got == 0 || errno == ECONNRESET;
    });
    return closed ? std::optional(all) : std::nullopt;
  }
};

}  // namespace

TEST_CASE("control: one connection asks one thing after the other") {
  Desk desk;
  Client client = desk.client();
  for (int i = 0; i < 100; ++i) {
    const auto said = client.ask("echo", {{"say", i}}, soon());
    REQUIRE(said.has_value());
    CHECK(said->at("said") == i);
  }
}

TEST_CASE("control: two requests at once are answered in their order") {
  Desk desk;
  const Raw raw(desk.path);
  REQUIRE(raw.send("{\"id\":1,\"command\":\"keep\"}\n{\"id\":2,\"command\":\"echo\",\"say\":0}\n"));
  REQUIRE(::shutdown(raw.fd.get(), SHUT_WR) == 0);
  REQUIRE(eventually([&] { return desk.in_hand() == 1; }));
  desk.kept[0]->line("a line");
  desk.kept[0]->ok({});
  desk.kept[0]->ok({});  // nobody's
  CHECK(raw.until_closed() ==
        "{\"id\":1,\"line\":\"a line\"}\n{\"id\":1,\"ok\":{}}\n{\"id\":2,\"ok\":{\"said\":0}}\n");
}

TEST_CASE("control: errors are told and end nothing") {
  Desk desk;
  Client client = desk.client();
  const auto thrown = client.ask("throw", {}, soon());
  REQUIRE_FALSE(thrown.has_value());
  CHECK(thrown.error().message == "the disk is full");
  const auto unknown = client.ask("frobnicate", {}, soon());
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().code == Errc::unsupported);
  const auto forgotten = client.ask("forget", {}, soon());
  REQUIRE_FALSE(forgotten.has_value());
  CHECK(forgotten.error().code == Errc::outcome_unknown);
  CHECK(client.ask("echo", {{"say", 1}}, soon()).has_value());
}

TEST_CASE("control: a client that waits in vain is told so, and its late answer is nobody's") {
  Desk desk;
  {
    Client client = desk.client();
    const auto late = client.ask("keep", {}, steady_now() + milliseconds(20));
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().code == Errc::timeout);
  }
  REQUIRE(desk.in_hand() == 1);
  desk.kept[0]->ok({});
  CHECK(desk.serves());
}

TEST_CASE("control: an endless line is dropped") {
  Desk desk;
  const Raw raw(desk.path);
  CHECK(eventually([&] { return !raw.send(std::string(4096, 'x')); }));
  CHECK(raw.until_closed().has_value());
  CHECK(desk.serves());
}

TEST_CASE("control: half a line is dropped at its deadline, and so is who says nothing") {
  Desk desk({.read = milliseconds(100)});
  const Raw half(desk.path);
  REQUIRE(half.send("{\"id\":1,\"comm"));
  const Raw silent(desk.path);
  CHECK(half.until_closed() == "");
  CHECK(silent.until_closed() == "");
  CHECK(desk.serves());
}

TEST_CASE("control: who waits for an answer is not dropped at the deadline for questions") {
  Desk desk({.read = milliseconds(50)});
  const Raw waiting(desk.path);
  REQUIRE(waiting.send("{\"id\":1,\"command\":\"keep\"}\n"));
  REQUIRE(eventually([&] { return desk.in_hand() == 1; }));
  const Raw silent(desk.path);  // came later
  CHECK(silent.until_closed() == "");
  desk.kept[0]->ok({});
  CHECK(waiting.until_closed() == "{\"id\":1,\"ok\":{}}\n");
}

TEST_CASE("control: who never reads is dropped, by the octets that wait and at the deadline") {
  SUBCASE("by the octets") {
    Desk desk;
    const Raw raw(desk.path);
    REQUIRE(raw.send("{\"id\":1,\"command\":\"flood\"}\n"));
    CHECK(desk.serves());
    const auto said = raw.until_closed();
    REQUIRE(said.has_value());
    CHECK(said->size() < 4000 * 1000);
  }
  SUBCASE("at the deadline") {
    Desk desk(
        {.unread = std::size_t{100} * 1000 * 1000, .read = std::chrono::hours(1), .write = milliseconds(50)});
    const Raw raw(desk.path);
    REQUIRE(raw.send("{\"id\":1,\"command\":\"flood\"}\n"));
    // Its descriptor tells without reading: what was sent stays, and the other end is gone.
    CHECK(eventually([&] {
      pollfd look{raw.fd.get(), 0, 0};
      return ::poll(&look, 1, 0) == 1 && (look.revents & POLLHUP) != 0;
    }));
    CHECK(desk.serves());
  }
}

TEST_CASE("control: lines that are no request are refused, and do not buy time") {
  Desk desk({.read = milliseconds(200)});
  const Raw raw(desk.path);
  REQUIRE(raw.send("AT\r\n\n{}\n"));
  bool open = true;
  CHECK(eventually([&] {
    open = open && raw.send("\n");
    return !open;
  }));
  const auto said = raw.until_closed();
  REQUIRE(said.has_value());
  CHECK(said->find("bad_input") != std::string::npos);
  CHECK(desk.serves());
}

TEST_CASE("control: a hundred at the same time are all served") {
  Desk desk;
  std::vector<std::thread> threads;
  std::atomic<int> served = 0;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&desk, &served, i] {
      Client client = desk.client();
      const auto said = client.ask("echo", {{"say", i}}, soon());
      if (said && said->at("said") == i) ++served;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(served == 100);
}

TEST_CASE("control: silent ones that hold every place lose it, and who waits is served") {
  Desk desk({.clients = 3, .read = milliseconds(100)});
  std::vector<Raw> silent;
  for (int i = 0; i < 3; ++i) silent.emplace_back(desk.path);
  CHECK(desk.serves());
}

TEST_CASE("control: an answer is wanted until it is given, or who asked has gone, or the server has ended") {
  Desk desk;
  const auto kept = [&desk](std::size_t which) {
    const std::lock_guard lock(desk.mutex);
    return desk.kept.at(which);
  };
  const auto ask = [&desk](const Raw& client, std::size_t before) {
    return client.send("{\"id\":1,\"command\":\"keep\"}\n") &&
           eventually([&] { return desk.in_hand() == before + 1; });
  };
  const Raw answered(desk.path), stays(desk.path);
  auto goes = std::make_unique<Raw>(desk.path);
  REQUIRE(ask(answered, 0));
  REQUIRE(ask(stays, 1));
  REQUIRE(ask(*goes, 2));
  for (std::size_t i = 0; i < 3; ++i) CHECK(kept(i)->is_wanted());
  kept(0)->line("there is more");
  CHECK(kept(0)->is_wanted());
  kept(0)->ok({});
  CHECK_FALSE(kept(0)->is_wanted());
  goes.reset();
  CHECK(eventually([&] { return !kept(2)->is_wanted(); }));
  CHECK(kept(1)->is_wanted());  // somebody else's
  desk.server->stop();
  CHECK_FALSE(kept(1)->is_wanted());
}

TEST_CASE("control: an end with a request in hand closes it, and a late answer is harmless") {
  Desk desk;
  const Raw raw(desk.path);
  REQUIRE(raw.send("{\"id\":1,\"command\":\"keep\"}\n"));
  REQUIRE(eventually([&] { return desk.in_hand() == 1; }));
  desk.server->stop();
  CHECK(raw.until_closed() == "");
  desk.kept[0]->ok({});
  CHECK(Client::open(desk.path).error().code == Errc::not_found);  // its file is gone
}
