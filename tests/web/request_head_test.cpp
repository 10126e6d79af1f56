// The frame of requests: what is whole, what is still coming and what is refused with which status.
#include "web/request_head.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pigeon::web;
using Verdict = HeadCheck::Verdict;

namespace {

std::string with(const std::string& headers, const std::string& body = {}) {
  return "POST /auth/abc HTTP/1.1\r\nHost: pigeon.example\r\n" + headers + "\r\n" + body;
}

}  // namespace

TEST_CASE("request head: a whole request ends where its body ends") {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(check_head(get).verdict == Verdict::complete);
  CHECK(check_head(get).length == get.size());
  CHECK(check_head(get + "GET /second").length == get.size());
  const std::string post = with("Content-Length: 3\r\n", "abc");
  CHECK(check_head(post).length == post.size());
  CHECK(check_head(post + "more").length == post.size());
  CHECK(check_head("GET / HTTP/1.0\r\n\r\n").verdict == Verdict::complete);
}

TEST_CASE("request head: every prefix of a good request is incomplete, never refused") {
  const std::string request = with("Content-Length: 5\r\nCookie: __Host-pigeon=x\r\n", "hello");
  for (std::size_t length = 0; length < request.size(); ++length) {
    CAPTURE(length);
    CHECK(check_head(std::string_view(request).substr(0, length)).verdict == Verdict::incomplete);
  }
  CHECK(check_head(request).verdict == Verdict::complete);
}

TEST_CASE("request head: refusals") {
  struct Row {
    const char* name;
    std::string request;
    int status;
  };
  const std::string nul(1, '\0');
  const std::vector<Row> rows{
      {"chunked", with("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"), 411},
      {"chunked in odd case with length", with("tRANSFER-eNCODING: identity\r\nContent-Length: 1\r\n", "a"),
       411},
      {"two lengths", with("Content-Length: 1\r\nContent-Length: 1\r\n", "a"), 400},
      {"length list", with("Content-Length: 1, 1\r\n", "a"), 400},
      {"negative length", with("Content-Length: -1\r\n"), 400},
      {"signed length", with("Content-Length: +1\r\n", "a"), 400},
      {"empty length", with("Content-Length:\r\n"), 400},
      {"hexadecimal length", with("Content-Length: 0x10\r\n"), 400},
      {"large length", with("Content-Length: 4097\r\n"), 413},
      {"length beyond 64 bits", with("Content-Length: 99999999999999999999999\r\n"), 413},
      {"expectation without its body", with("Content-Length: 3\r\nExpect: 100-continue\r\n"), 417},
      {"folded header", with("X: a\r\n b\r\n"), 400},
      {"space before colon", with("X : a\r\n"), 400},
      {"nameless header", with(": a\r\n"), 400},
      {"no colon", with("garbage\r\n"), 400},
      {"NUL in a value", with("X: a" + nul + "b\r\n"), 400},
      {"bare CR in a value", with("X: a\rb\r\n"), 400},
      {"bare LF as line end", with("X: a\nY: b\r\n"), 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"space in target", "GET /a b HTTP/1.1\r\n\r\n", 400},
      {"absolute target", "GET http://x/ HTTP/1.1\r\n\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"HTTP/3", "GET / HTTP/3\r\n\r\n", 505},
      {"TLS client hello", "\x16\x03\x01\r\n\r\n", 400},
      {"empty line first", "\r\n\r\n", 400},
      {"long line", "GET /" + std::string(kMaxRequestLine, 'a') + " HTTP/1.1\r\n\r\n", 414},
      {"long line without an end", "GET /" + std::string(kMaxRequestLine, 'a'), 414},
      {"long header", with("X: " + std::string(kMaxHead, 'a') + "\r\n"), 431},
      {"long header without an end", "GET / HTTP/1.1\r\nX: " + std::string(kMaxHead, 'a'), 431},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const HeadCheck check = check_head(row.request);
    CHECK(check.verdict == Verdict::refused);
    CHECK(check.status == row.status);
  }
}

TEST_CASE("request head: the number of headers has a limit") {
  std::string headers;
  for (std::size_t i = 1; i < kMaxHeaders; ++i) headers += "X: a\r\n";
  CHECK(check_head(with(headers)).verdict == Verdict::complete);  // with Host
  CHECK(check_head(with(headers + "X: a\r\n")).status == 431);
}

TEST_CASE("request head: an expectation is harmless once the body is there") {
  CHECK(check_head(with("Content-Length: 2\r\nExpect: 100-continue\r\n", "ok")).verdict == Verdict::complete);
}

TEST_CASE("request head: plain responses are whole and close the connection") {
  for (const int status : {400, 408, 411, 413, 414, 417, 431, 503, 505}) {
    const std::string response = plain_response(status);
    CHECK(response.starts_with("HTTP/1.1 " + std::to_string(status) + " "));
    const std::string body = response.substr(response.find("\r\n\r\n") + 4);
    CHECK(response.find("Content-Length: " + std::to_string(body.size()) + "\r\n") != std::string::npos);
    CHECK(response.find("Connection: close\r\n") != std::string::npos);
    CHECK(body.find("Error") == std::string::npos);
  }
}
