// What the tests of HttpClient share: requests, and a server with one answer for all of them.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_client.h"
#include "tests/net/raw_server.h"

namespace pigeon::testing {

using net::HttpRequest;

inline HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

inline HttpRequest post(std::string url, std::string body = "{}") {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {"Content-Type: application/json"};
  request.body = std::move(body);
  return request;
}

inline bool contains(const std::string& text, std::string_view part) {
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

}  // namespace pigeon::testing
