// HTTP requests by libcurl: one handle and one kept-alive connection pool an object. Not thread-safe: an object
// belongs to one thread. TLS is always verified, redirects are never followed, responses are capped.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace pigeon::x {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  milliseconds timeout = seconds(30);
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is a success here. Errc::busy / timeout / disconnected: the request was certainly not delivered
  // (no connection, TLS refused); Errc::outcome_unknown: it was sent, at least in part, and no whole answer came.
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request);
  // From now on no request takes longer than `limit`, whatever timeout it asks for.
  void limit_timeout(milliseconds limit);
  // For a program that stops: ends the request in hand within about a second (Errc::disconnected or
  // outcome_unknown), and every later one at once (Errc::busy). The one function that any thread may call.
  void interrupt();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// curl_global_init and _cleanup; one object in main, before any thread.
class HttpRuntime {
 public:
  HttpRuntime();
  ~HttpRuntime();
  HttpRuntime(const HttpRuntime&) = delete;
  HttpRuntime& operator=(const HttpRuntime&) = delete;
};

}  // namespace pigeon::x
