// HTTP/1.1 requests by libcurl: one handle and one kept-alive connection pool an object. Not thread-safe: an
// object belongs to one thread. TLS is always verified, redirects are never followed, answers are capped (1
// MiB once they are unpacked, and 64 KiB of headers). A proxy comes from the environment as libcurl reads it
// (https_proxy, no_proxy), except for loopback.
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

namespace pigeon::net {

struct HttpRequest {
  std::string method = "GET";        // GET, POST, PUT or DELETE
  std::string url;                   // http or https; a name and password in it are not for here
  std::vector<std::string> headers;  // "Name: value", without line breaks; a body needs its Content-Type
  std::string body;
  milliseconds timeout = seconds(30);  // for all of it; connecting has at most 10 s of that
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; repeated ones joined by ", "
  std::string body;                            // unpacked: no content coding is left
};

class HttpClient {
 public:
  // Connects to nobody yet. `ca_file`: certificates (PEM) to trust in place of the system's bundle; empty:
  // the system's. std::bad_alloc when libcurl gives no handle.
  explicit HttpClient(std::string ca_file = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status up to 599 is a success here. Errc::busy / timeout / disconnected: the request was certainly
  // not delivered (no connection, TLS refused); Errc::outcome_unknown: it was sent, at least in part, and no
  // whole answer came; Errc::bad_input: it cannot be sent. All but a GET leave at most once: when a
  // kept-alive connection turns out dead, they are not repeated on a fresh one. Messages hold the method,
  // host and path, never headers, query or body.
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
  // std::runtime_error when libcurl cannot start.
  HttpRuntime();
  ~HttpRuntime();
  HttpRuntime(const HttpRuntime&) = delete;
  HttpRuntime& operator=(const HttpRuntime&) = delete;
};

}  // namespace pigeon::net
