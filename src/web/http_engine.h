// cpp-httplib without its sockets: one whole request in, one whole response out, both in memory. The library
// parses and serialises; Connections owns the sockets and has checked the request's frame (request_head.h)
// before.
#pragma once

#include <httplib.h>

#include <functional>
#include <memory>
#include <string>

namespace pigeon::web {

class HttpEngine {
 public:
  // Answers every request that parses, its body unread; may throw.
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  // `headers` go with every response, those included that the library gives by itself.
  HttpEngine(httplib::Headers headers, Handler handler);
  ~HttpEngine();
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  // Any thread, several at once.
  [[nodiscard]] std::string answer(const std::string& request);

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace pigeon::web
