// Slow, endless, silent and too many peers against the connection loop, with limits short enough to wait for.
#include "web/connections.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/web/raw_http.h"

using namespace pigeon;
using namespace pigeon::web;
using namespace std::chrono_literals;
using pigeon::testing::ask;
using pigeon::testing::RawClient;
using pigeon::testing::status_of;

namespace {

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Listener any_port() {
  auto listener = Listener::open(*parse_listen("127.0.0.1:0"));
  REQUIRE(listener);
  return std::move(*listener);
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Connections::Answer hello() {
  return [](const std::string&) { return ok("hello"); };
}

// Lets workers pass only when opened.
class Gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  [[nodiscard]] bool wait_for_waiting(int count) {
    std::unique_lock lock(mutex_);
    // On the system's clock: thread sanitizers know pthread_cond_timedwait(), not pthread_cond_clockwait().
    return changed_.wait_until(lock, std::chrono::system_clock::now() + 10s,
                               [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

// Opens the gate when a test ends early, so that the workers behind it can end.
struct Opener {
  explicit Opener(Gate& gate_to_open) : gate(gate_to_open) {}
  ~Opener() { gate.open(); }
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;
  Gate& gate;
};

// How often the threads of the web went to sleep and woke up again.
long voluntary_switches() {
  long sum = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(entry.path() / "status");
    std::string name;
    for (std::string word; status >> word;) {
      long count = 0;
      if (word == "Name:") status >> name;
      if (word == "voluntary_ctxt_switches:" && status >> count && name.starts_with("web/")) sum += count;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("connections: a request in any pieces is answered once, and the connection closed") {
  std::atomic<int> answered = 0;
  std::string seen;
  Connections connections(any_port(), {}, [&](const std::string& request) {
    seen = request;
    ++answered;
    return ok("hello");
  });
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";
  RawClient client(connections.port());
  for (const char octet : request) CHECK(client.send({&octet, 1}) == 1);
  CHECK(client.read_to_end().ends_with("\r\n\r\nhello"));
  CHECK(client.closed_by_peer());
  CHECK(answered == 1);
  CHECK(seen == request);
}

TEST_CASE("connections: a pipelined second request is not answered") {
  std::atomic<int> answered = 0;
  Connections connections(any_port(), {}, [&](const std::string& request) {
    ++answered;
    return ok(std::to_string(request.size()));
  });
  const std::string response = ask(connections.port(), std::string(kGet) + kGet);
  CHECK(response.ends_with("\r\n\r\n" + std::to_string(std::string(kGet).size())));
  CHECK(answered == 1);
}

TEST_CASE("connections: an endless chunked body is refused before it is read") {
  Connections connections(any_port(), {}, hello());
  RawClient client(connections.port());
  client.send("POST /auth/abc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  std::size_t sent = 0;
  constexpr std::size_t kEndless = 256 << 20;
  for (std::size_t taken = chunk.size(); taken == chunk.size() && sent < kEndless; sent += taken) {
    taken = client.send(chunk);
  }
  CHECK(sent < (32 << 20));  // what the kernel's buffers and the drain took
  CHECK(ask(connections.port(), kGet).ends_with("hello"));
}

TEST_CASE("connections: a peer that sends on after its refusal still reads why") {
  Connections connections(any_port(), {}, hello());
  RawClient client(connections.port());
  client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(20000, 'x'));
  CHECK(status_of(client.read_to_end()) == 411);
}

TEST_CASE("connections: a request line without an end is refused at its limit") {
  Connections connections(any_port(), {}, hello());
  RawClient client(connections.port());
  client.send("GET /" + std::string(5000, 'a'));
  CHECK(status_of(client.read_to_end()) == 414);
}

TEST_CASE("connections: slow headers end at one deadline, however busily they trickle") {
  ConnectionLimits limits;
  limits.read = 300ms;
  Connections connections(any_port(), limits, hello());
  const SteadyTime begin = steady_now();
  RawClient client(connections.port());
  client.send("GET / HTTP/1.1\r\n");
  std::string response;
  while (!client.closed_by_peer() && steady_now() < begin + 10s) {
    client.send("X: a\r\n", 10ms);
    response += client.read_to_end(20ms);
  }
  CHECK(status_of(response) == 408);
  CHECK(steady_now() - begin >= 300ms);
}

TEST_CASE("connections: a silent peer is closed without a word") {
  ConnectionLimits limits;
  limits.read = 100ms;
  Connections connections(any_port(), limits, hello());
  RawClient client(connections.port());
  CHECK(client.read_to_end().empty());
  CHECK(client.closed_by_peer());
}

TEST_CASE("connections: a full table gives up its slowest peer, never a quick one") {
  ConnectionLimits limits;
  limits.connections = 8;
  Connections connections(any_port(), limits, hello());
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<RawClient>(connections.port()));
    slow.back()->send("GET / HTTP/1.1\r\n");
    if (i % 10 == 9) CHECK(ask(connections.port(), kGet).ends_with("hello"));
  }
  CHECK(slow.front()->read_to_end(5s).empty());
  CHECK(slow.front()->closed_by_peer());
  slow.back()->send("\r\n");
  CHECK(slow.back()->read_to_end().ends_with("hello"));
}

TEST_CASE("connections: all busy means waiting, not failing") {
  ConnectionLimits limits;
  limits.connections = 2;
  limits.workers = 2;
  Gate gate;
  Connections connections(any_port(), limits, [&](const std::string&) {
    gate.pass();
    return ok("late");
  });
  const Opener opener(gate);
  RawClient first(connections.port());
  RawClient second(connections.port());
  first.send(kGet);
  second.send(kGet);
  REQUIRE(gate.wait_for_waiting(2));
  RawClient third(connections.port());
  third.send(kGet);
  CHECK(third.read_to_end(100ms).empty());
  CHECK_FALSE(third.closed_by_peer());
  gate.open();
  for (RawClient* client : {&first, &second, &third}) CHECK(client->read_to_end().ends_with("late"));
}

TEST_CASE("connections: an answer larger than every buffer arrives whole at a slow reader") {
  const std::string body(8 << 20, 'b');
  Connections connections(any_port(), {}, [&](const std::string&) { return ok(body); });
  RawClient client(connections.port());
  client.send(kGet);
  const std::string response = client.read_to_end(30s);
  CHECK(response.size() == ok(body).size());
}

TEST_CASE("connections: a reader that stops reading is given up") {
  ConnectionLimits limits;
  limits.write = 200ms;
  std::atomic<bool> answered = false;
  const std::string body(64 << 20, 'b');
  Connections connections(any_port(), limits, [&](const std::string& request) {
    if (!request.starts_with("GET /big")) return ok("hello");
    answered = true;
    return ok(body);
  });
  RawClient client(connections.port());
  client.send("GET /big HTTP/1.1\r\n\r\n");
  while (!answered) std::this_thread::yield();
  CHECK(ask(connections.port(), kGet).ends_with("hello"));  // others are served meanwhile
  std::this_thread::sleep_for(2 * limits.write);            // the reader's pause
  CHECK(client.read_to_end().size() < body.size());
  CHECK(client.closed_by_peer());
}

TEST_CASE("connections: stop lets an answer in hand go out and refuses newcomers") {
  Gate gate;
  Connections connections(any_port(), {}, [&](const std::string&) {
    gate.pass();
    return ok("last words");
  });
  const Opener opener(gate);
  RawClient client(connections.port());
  client.send(kGet);
  REQUIRE(gate.wait_for_waiting(1));
  std::thread stopper([&] { connections.stop(10s); });
  while (RawClient(connections.port()).connected()) std::this_thread::yield();
  gate.open();
  CHECK(client.read_to_end().ends_with("last words"));
  stopper.join();
}

TEST_CASE("connections: stop does not wait longer than its grace") {
  Gate gate;
  Connections connections(any_port(), {}, [&](const std::string&) {
    gate.pass();
    return ok("too late");
  });
  const Opener opener(gate);
  RawClient client(connections.port());
  client.send(kGet);
  REQUIRE(gate.wait_for_waiting(1));
  const SteadyTime begin = steady_now();
  connections.stop(100ms);
  CHECK(steady_now() - begin < 5s);
  CHECK(client.read_to_end().empty());
  gate.open();
  connections.join_workers();
}

TEST_CASE("connections: nothing wakes up while nobody comes") {
  Connections connections(any_port(), {}, hello());
  CHECK(ask(connections.port(), kGet).ends_with("hello"));  // a worker exists
  // The client closed; wait until the loop and the worker have gone to sleep for good.
  long before = 0;
  for (long now = voluntary_switches(); now != before; now = voluntary_switches()) {
    before = now;
    std::this_thread::sleep_for(100ms);
  }
  CHECK(before >= 2);  // both were found
  std::this_thread::sleep_for(500ms);
  CHECK(voluntary_switches() == before);
  CHECK(ask(connections.port(), kGet).ends_with("hello"));
  CHECK(voluntary_switches() > before);  // the measure works
}
