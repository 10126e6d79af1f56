// HttpClient against servers that are correct, dead, slow, hostile or cut off in the middle. The question
// behind most cases: is "not delivered" said only when it is certain, and does a POST arrive at most once?
#include "net/http_client.h"

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
#include "tests/net/http_testing.h"

using namespace pigeon;
using namespace pigeon::net;
using namespace pigeon::testing;

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
