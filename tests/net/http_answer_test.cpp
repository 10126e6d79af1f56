// How HttpClient reads answers: whole ones, oversized ones, broken ones.
#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "net/http_client.h"
#include "tests/net/http_testing.h"

using namespace pigeon;
using namespace pigeon::net;
using namespace pigeon::testing;

namespace {

constexpr std::size_t kMebibyte = 1 << 20;

// "hello".
constexpr const char* kGzipHello = "1f8b0800000000000203cb48cdc9c9070086a6103605000000";
// 1 MiB of NULs, and one more, both packed twice.
constexpr const char* kGzipTwiceFull =
    "1f8b080000000000020393efe660000126e6b7070d19818c430bbefae772c42f601805a360148c3860c72cf3ca6239038300"
    "030023f0b4901b040000";
constexpr const char* kGzipTwiceOver =
    "1f8b080000000000020393efe660000126e6b7070d19818c430bbefae772c42f601805a360148c38e0c7acd1bde418238300"
    "0300cd80f13c1b040000";

std::string octets(const char* hex) {
  const auto bytes = from_hex(hex).value();
  return {bytes.begin(), bytes.end()};
}

std::string chunked(const std::string& body, const std::string& headers) {
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + headers + "\r\n";
  for (const char c : body) out += std::string("1\r\n") + c + "\r\n";
  return out + "0\r\n\r\n";
}

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

TEST_CASE("http: an answer that comes packed is unpacked, though nobody asked") {
  const std::string packed = octets(kGzipHello);
  const std::string twice = octets(kGzipTwiceFull);
  struct Row {
    const char* name;
    std::string answer;
    std::string body;
  };
  const Row rows[] = {
      {"gzip", http_answer(201, packed, "Content-Encoding: gzip\r\n"), "hello"},
      {"x-gzip", http_answer(201, packed, "content-encoding: x-gzip\r\n"), "hello"},
      {"in chunks", chunked(packed, "Content-Encoding: gzip\r\n"), "hello"},
      {"identity", http_answer(201, "hello", "Content-Encoding: identity\r\n"), "hello"},
      {"twice, exactly as much as may be", http_answer(201, twice, "Content-Encoding: gzip, gzip\r\n"),
       std::string(kMebibyte, '\0')},
      {"an empty one", http_answer(204, "", "Content-Encoding: gzip\r\n"), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    std::string seen;
    RawServer server([&](RawConnection& connection) {
      seen = connection.read_request().value_or("");
      connection.write(row.answer);
    });
    HttpClient http;
    const auto response = http.send(post(server.url()));
    REQUIRE(response);
    CHECK((response->body == row.body));
    CHECK(contains(seen, "\r\nAccept-Encoding: identity\r\n"));
  }
}

TEST_CASE("http: a packed answer that grows too large or is broken has no outcome") {
  const std::string rows[] = {
      http_answer(201, octets(kGzipTwiceOver), "Content-Encoding: gzip, gzip\r\n"),
      http_answer(201, "hello", "Content-Encoding: gzip\r\n"),
      http_answer(201, "hello", "Content-Encoding: something\r\n"),
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
      "HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n",
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
