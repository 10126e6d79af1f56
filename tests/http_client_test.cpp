// HttpClient against servers that are correct, dead, slow, hostile or cut off in the middle. The question
// behind most cases: is "not delivered" said only when it is certain, and does a POST arrive at most once?
#include "x/http_client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/fd.h"
#include "tests/raw_server.h"

using namespace pigeon;
using namespace pigeon::x;
using testing::http_answer;
using testing::RawConnection;
using testing::RawServer;

namespace {

constexpr std::size_t kMebibyte = 1 << 20;

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

HttpRequest post(std::string url, std::string body = "{}") {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {"Content-Type: application/json"};
  request.body = std::move(body);
  return request;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Answers every request on every connection with `answer`, and keeps the requests' count.
struct Answering {
  std::atomic<int> requests = 0;
  RawServer server;

  explicit Answering(std::string answer, bool then_close = false)
      : server([this, answer, then_close](RawConnection& connection) {
          while (connection.read_request()) {
            ++requests;
            connection.write(answer);
            if (then_close) return;
          }
        }) {}
};

}  // namespace

TEST_CASE("http: a GET and its answer") {
  std::string seen;
  RawServer server([&seen](RawConnection& connection) {
    seen = connection.read_request().value_or("");
    connection.write(
        "HTTP/1.1 200 OK\r\nX-One:  1 \r\nx-two: a\r\nX-TWO: b\r\nContent-Length: 5\r\n\r\nhello");
  });
  HttpClient http;
  HttpRequest request = get(server.url("/path?query"));
  request.headers = {"Authorization: Bearer abc"};
  const auto response = http.send(request);
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body == "hello");
  CHECK(response->headers.at("x-one") == "1");
  CHECK(response->headers.at("x-two") == "a, b");
  CHECK(seen.starts_with("GET /path?query HTTP/1.1\r\n"));
  CHECK(contains(seen, "\r\nAuthorization: Bearer abc\r\n"));
  CHECK(contains(seen, "\r\nUser-Agent: carrier-pigeon/"));
}

TEST_CASE("http: every method and its body arrive as they are") {
  struct Row {
    const char* method;
    std::string body;
  };
  const Row rows[] = {{"GET", ""},
                      {"POST", ""},
                      {"POST", std::string("a\0b", 3)},
                      {"POST", std::string(200000, 'x')},
                      {"PUT", "p"},
                      {"DELETE", ""},
                      {"DELETE", "d"}};
  std::string seen;
  RawServer server([&seen](RawConnection& connection) {
    while (auto request = connection.read_request()) {
      seen = *request;
      connection.write(http_answer(204, ""));
    }
  });
  HttpClient http;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.method));
    HttpRequest request = get(server.url());
    request.method = row.method;
    request.body = row.body;
    const auto response = http.send(request);
    REQUIRE(response);
    CHECK(response->status == 204);
    CHECK(seen.starts_with(std::string(row.method) + " / HTTP/1.1\r\n"));
    CHECK(seen.substr(seen.find("\r\n\r\n") + 4) == row.body);
    CHECK_FALSE(contains(seen, "Expect:"));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("http: a POST on a warm connection is one write") {
  std::string first_read;
  RawServer server([&first_read](RawConnection& connection) {
    REQUIRE(connection.read_request());
    connection.write(http_answer(200, "warm"));
    first_read = connection.read_some();
    connection.write(http_answer(201, "done"));
    connection.wait_for_client_to_leave();
  });
  HttpClient http;
  REQUIRE(http.send(get(server.url())));
  const std::string body(2000, 'p');
  REQUIRE(http.send(post(server.url(), body)));
  CHECK(first_read.starts_with("POST "));
  CHECK(first_read.ends_with("\r\n\r\n" + body));
  CHECK(server.connections() == 1);
}

TEST_CASE("http: a POST into a reused connection that dies unanswered arrives once, outcome unknown") {
  for (const bool by_reset : {false, true}) {
    CAPTURE(by_reset);
    std::atomic<int> posts = 0;
    RawServer server([&posts, by_reset](RawConnection& connection) {
      while (const auto request = connection.read_request()) {
        if (request->starts_with("POST ")) {
          ++posts;
          if (by_reset) connection.reset();
          return;
        }
        connection.write(http_answer(200, "warm"));
      }
    });
    HttpClient http;
    REQUIRE(http.send(get(server.url())));
    const auto response = http.send(post(server.url()));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == Errc::outcome_unknown);
    CHECK(response.error().retryable());
    CHECK(posts == 1);
    // The client works on afterwards.
    CHECK(http.send(get(server.url())));
    CHECK(posts == 1);
  }
}

TEST_CASE("http: PUT and DELETE are sent once, a GET is repeated, when a reused connection dies") {
  for (const char* method : {"PUT", "DELETE", "GET"}) {
    CAPTURE(std::string(method));
    std::atomic<int> seen = 0;
    RawServer server([&seen](RawConnection& connection) {
      while (connection.read_request()) {
        if (++seen == 2) return;
        connection.write(http_answer(200, "warm"));
      }
    });
    HttpClient http;
    REQUIRE(http.send(get(server.url())));
    HttpRequest request = get(server.url());
    request.method = method;
    const auto response = http.send(request);
    if (request.method == "GET") {
      CHECK(response);
      CHECK(seen == 3);
    } else {
      REQUIRE_FALSE(response);
      CHECK(response.error().code == Errc::outcome_unknown);
      CHECK(seen == 2);
    }
  }
}

TEST_CASE("http: a connection that the server closed while idle costs nothing") {
  Answering answering(http_answer(200, "ok"), true);
  HttpClient http;
  REQUIRE(http.send(get(answering.server.url())));
  answering.server.wait_until_closed(1);
  const auto response = http.send(post(answering.server.url()));
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(answering.requests == 2);
}

TEST_CASE("http: a fresh connection that dies unanswered is outcome unknown") {
  std::atomic<int> posts = 0;
  RawServer server([&posts](RawConnection& connection) {
    if (connection.read_request()) ++posts;
  });
  HttpClient http;
  const auto response = http.send(post(server.url()));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::outcome_unknown);
  CHECK(posts == 1);
}

TEST_CASE("http: nobody listens: certainly not delivered") {
  std::string url;
  {
    url = RawServer([](RawConnection&) {}).url();
  }
  HttpClient http;
  const auto response = http.send(post(url));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::disconnected);
  CHECK(response.error().retryable());
}

TEST_CASE("http: a name that does not exist: certainly not delivered") {
  HttpClient http;
  const auto response = http.send(post("http://no-such-host.invalid/"));
  REQUIRE_FALSE(response);
  CHECK((response.error().code == Errc::disconnected || response.error().code == Errc::timeout));
}

TEST_CASE("http: a connection that is never accepted times out undelivered") {
  // A full backlog drops further SYNs, like a firewall.
  Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener.get(), 0) == 0);
  REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  std::vector<Fd> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const int pending =
        ::connect(fillers.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  HttpClient http;
  HttpRequest request = post("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/");
  request.timeout = milliseconds(300);
  const auto response = http.send(request);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::timeout);
}

TEST_CASE("http: an answer that does not come in time is outcome unknown") {
  RawServer server([](RawConnection& connection) {
    (void)connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    connection.wait_for_client_to_leave();
  });
  HttpClient http;
  HttpRequest request = post(server.url());
  request.timeout = milliseconds(200);
  const auto start = steady_now();
  const auto response = http.send(request);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::outcome_unknown);
  CHECK(steady_now() - start < seconds(10));
}

TEST_CASE("http: limit_timeout shortens every request") {
  RawServer server([](RawConnection& connection) { connection.wait_for_client_to_leave(); });
  HttpClient http;
  http.limit_timeout(milliseconds(200));
  const auto start = steady_now();
  CHECK_FALSE(http.send(get(server.url())));
  CHECK(steady_now() - start < seconds(10));
}

TEST_CASE("http: interrupt ends the request in hand and refuses later ones") {
  std::atomic<bool> arrived = false;
  RawServer server([&arrived](RawConnection& connection) {
    (void)connection.read_request();
    arrived = true;
    connection.wait_for_client_to_leave();
  });
  HttpClient http;
  std::thread stopper([&] {
    while (!arrived) std::this_thread::sleep_for(milliseconds(1));
    http.interrupt();
  });
  const auto start = steady_now();
  const auto response = http.send(post(server.url()));
  stopper.join();
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::outcome_unknown);
  CHECK(steady_now() - start < seconds(5));
  const auto later = http.send(post(server.url()));
  REQUIRE_FALSE(later);
  CHECK(later.error().code == Errc::busy);
  CHECK(server.connections() == 1);
}

TEST_CASE("http: answers are capped at 1 MiB") {
  const std::string full(kMebibyte, 'x');
  struct Row {
    const char* name;
    std::string answer;
    bool whole;
  };
  const Row rows[] = {
      {"exactly as much", http_answer(200, full), true},
      {"one more", http_answer(200, full + "y"), false},
      {"without a length", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + full + "y", false},
      {"in chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + full + "y\r\n0\r\n\r\n", false},
      {"headers", "HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'h') + "\r\nContent-Length: 0\r\n\r\n",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Answering answering(row.answer, true);
    HttpClient http;
    const auto response = http.send(post(answering.server.url()));
    CHECK(response.has_value() == row.whole);
    if (!response) CHECK(response.error().code == Errc::outcome_unknown);
    if (!response) CHECK(contains(response.error().message, "larger than"));
    CHECK(answering.requests == 1);
  }
}

TEST_CASE("http: endless interim answers end at the cap of the headers") {
  RawServer server([](RawConnection& connection) {
    (void)connection.read_request();
    std::string interim;
    for (int i = 0; i < 4000; ++i) interim += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    connection.write(interim);
    connection.wait_for_client_to_leave();
  });
  HttpClient http;
  const auto response = http.send(post(server.url()));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::outcome_unknown);
}

TEST_CASE("http: interim answers and trailers leave the answer's own headers alone") {
  Answering answering(
      "HTTP/1.1 100 Continue\r\nX-A: interim\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: "
      "chunked\r\nX-B: "
      "answer\r\n\r\n2\r\nok\r\n0\r\nX-B: trailer\r\n\r\n");
  HttpClient http;
  const auto response = http.send(post(answering.server.url()));
  REQUIRE(response);
  CHECK(response->status == 201);
  CHECK(response->body == "ok");
  CHECK(response->headers.count("x-a") == 0);
  CHECK(response->headers.at("x-b") == "answer");
}

TEST_CASE("http: a redirect is an answer, not an order") {
  Answering answering(http_answer(302, "", "Location: http://127.0.0.1:1/\r\n"));
  HttpClient http;
  const auto response = http.send(post(answering.server.url()));
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(answering.requests == 1);
}

TEST_CASE("http: broken answers are errors of unknown outcome") {
  const std::string rows[] = {
      "garbage\r\n\r\n",
      "HTTP/0.9\r\n",
      "HTTP/1.1 99999 X\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
      "HTTP/1.1 200 OK\r\nX: half a hea",
      std::string("\0\0\0\0", 4),
  };
  for (const std::string& answer : rows) {
    CAPTURE(answer);
    Answering answering(answer, true);
    HttpClient http;
    const auto response = http.send(post(answering.server.url()));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == Errc::outcome_unknown);
    CHECK(answering.requests == 1);
  }
}

TEST_CASE("http: what is refused before anything is sent") {
  Answering answering(http_answer(200, ""));
  const std::string url = answering.server.url();
  struct Row {
    const char* name;
    HttpRequest request;
  };
  std::vector<Row> rows{{"file", get("file:///etc/passwd")},
                        {"ftp", get("ftp://127.0.0.1/")},
                        {"no scheme", get("127.0.0.1")},
                        {"empty", get("")},
                        {"NUL", get(url + std::string("\0x", 2))},
                        {"line break in the URL", get(url + "a\r\nX: y")},
                        {"method", get(url)},
                        {"line break in a header", get(url)},
                        {"header without a name", get(url)}};
  rows[6].request.method = "GET / HTTP/1.1\r\nX:";
  rows[7].request.headers = {"Authorization: Bearer a\r\nX: y"};
  rows[8].request.headers = {"Authorization"};
  HttpClient http;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto response = http.send(row.request);
    REQUIRE_FALSE(response);
    CHECK(response.error().code == Errc::bad_input);
    CHECK_FALSE(response.error().retryable());
  }
  CHECK(answering.requests == 0);
}

TEST_CASE("http: errors name the host and path, never what may be secret") {
  std::string port;
  {
    port = RawServer([](RawConnection&) {}).url("").substr(std::string("http://127.0.0.1:").size());
  }
  HttpClient http;
  HttpRequest request = post("http://name:password1@127.0.0.1:" + port + "/2/tweets?key=password2#password3");
  request.headers.emplace_back("Authorization: Bearer password4");
  request.body = "password5";
  const auto response = http.send(request);
  REQUIRE_FALSE(response);
  CHECK(contains(response.error().message, "POST http://127.0.0.1/2/tweets: "));
  CHECK_FALSE(contains(response.error().message, "password"));
}

TEST_CASE("http: a proxy of the environment does not stand before loopback") {
  Answering answering(http_answer(200, ""));
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpClient http;
  CHECK(http.send(get(answering.server.url())));
  ::unsetenv("http_proxy");
}
