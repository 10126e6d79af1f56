// Judged by Debian's Caddy, before the server's Unix socket as image/Caddyfile has it: every version of HTTP,
// bodies of every shape, strangers who are slow or many, and whose budget is used up.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/front/caddy.h"
#include "tests/web/web_box.h"

using namespace pigeon;
using namespace std::chrono_literals;
using pigeon::testing::Caddy;
using pigeon::testing::RawClient;
using pigeon::testing::status_of;
using pigeon::testing::TemporaryDirectory;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;

namespace {

struct Front {
  TemporaryDirectory folder;
  std::string path = folder.path("web.sock");
  WebBox box{[this] {
    WebBoxOptions options;
    options.listen = "unix:" + path;
    return options;
  }()};
  Caddy caddy{path};

  // As a browser that goes by another address than everybody else here.
  [[nodiscard]] std::string texter(const std::string& page, std::vector<std::string> options = {}) const {
    options.insert(options.end(), {"--interface", "127.0.0.2"});
    return caddy.curl(page, options);
  }
  // The longest of a few looks at a live link's page.
  [[nodiscard]] milliseconds slowest_page(const std::string& page) const {
    milliseconds slowest(0);
    for (int i = 0; i < 10; ++i) {
      const SteadyTime begin = steady_now();
      CHECK(texter(page) == "2 200");
      slowest = std::max(slowest, std::chrono::duration_cast<milliseconds>(steady_now() - begin));
    }
    return slowest;
  }
};

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

std::string head(const std::string& method, const std::string& path) {
  return method + " " + path + " HTTP/1.1\r\nHost: pigeon.example\r\n";
}

}  // namespace

TEST_CASE("front: the shipped file is valid") {
  CHECK(testing::validate_caddyfile() == 0);
}

TEST_CASE("front: pages and the button by HTTP/1.1 and HTTP/2, with a body of every shape") {
  Front front;
  struct Row {
    const char* name;
    std::vector<std::string> options;
  };
  const std::vector<Row> bodies{{"empty", {"-d", ""}},
                                {"short", {"-d", "a=b"}},
                                {"without a length", {"-X", "POST", "-T", "-"}},
                                {"none", {"-X", "POST"}}};
  for (const char* version : {"1.1", "2"}) {
    CAPTURE(version);
    const std::string option = "--http" + std::string(version);
    CHECK(front.texter("/", {option}) == std::string(version) + " 200");
    for (const Row& row : bodies) {
      CAPTURE(row.name);
      std::vector<std::string> options = row.options;
      options.push_back(option);
      CHECK(front.texter("/auth/" + front.box.offer(), options) == std::string(version) + " 303");
    }
  }
}

TEST_CASE("front: what is too long ends at the front, and pages go on") {
  Front front;
  const std::string file = front.folder.path("large");
  std::ofstream(file) << std::string(1 << 20, 'a');
  const std::string code = front.box.offer();
  for (const char* version : {"--http1.1", "--http2"}) {
    CHECK(front.texter("/auth/" + code, {version, "--data-binary", "@" + file}).substr(2) != " 303");
    const std::string long_head = front.texter("/", {version, "-H", "X-Long: " + std::string(40000, 'a')});
    CHECK(long_head.find(" 200") == std::string::npos);
  }
  CHECK(front.texter("/auth/" + code) == "2 200");
}

TEST_CASE("front: slow heads, slow bodies and endless chunks keep no page waiting") {
  Front front;
  const std::string page = "/auth/" + front.box.offer();
  // A stranger may have a link of his own.
  const std::string live = "/auth/" + front.box.offer(15min, "+4915112345678");
  const std::string chunked = head("POST", live) + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string length = head("POST", live) + "Content-Length: 4000\r\n\r\n";
  const std::vector<std::pair<const char*, std::string>> ways{
      {"heads", head("GET", "/") + "X-Slow: "},
      {"bodies with a length", length},
      {"bodies with a length, begun", length + "abc"},
      {"chunked bodies", chunked},
      {"chunked bodies, begun", chunked + "3\r\nabc\r\n"},
      {"chunks that do not end", chunked + "100000\r\n" + std::string(1 << 16, 'x')}};
  const long before = resident_kib();
  for (const auto& [name, bytes] : ways) {
    CAPTURE(name);
    std::vector<std::unique_ptr<RawClient>> slow;
    for (int i = 0; i < 200; ++i) {
      slow.push_back(std::make_unique<RawClient>(front.caddy.plain_port()));
      slow.back()->send(bytes, 200ms);
    }
    const milliseconds slowest = front.slowest_page(page);
    MESSAGE(std::string(name) << ": the slowest page took " << slowest.count() << " ms");
    CHECK(slowest < 1s);
  }
  CHECK(resident_kib() - before < 16 * 1024);
}

TEST_CASE("front: a stranger is counted by his own address, whatever he says it is") {
  Front front;
  const std::string page = "/auth/" + front.box.offer();
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    RawClient stranger(front.caddy.plain_port());
    stranger.send(head("GET", "/") + "X-Forwarded-For: 192.0.2." + std::to_string(i) +
                  "\r\nConnection: close\r\n\r\n");
    refused += status_of(stranger.read_to_end()) == 429 ? 1 : 0;
  }
  CHECK(refused > 50);
  for (int i = 0; i < 20; ++i) CHECK(front.texter(page) == "2 200");
}
