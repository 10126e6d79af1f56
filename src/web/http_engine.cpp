// The bridge between bytes in memory and cpp-httplib's request loop. It compiles with 0.11 as well as with
// 0.41, whose streams have more virtual functions and whose process_request() has more parameters.
#include "web/http_engine.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace pigeon::web {
namespace {

// A stream over two strings. Some of these functions are virtual only in some versions of the library, so
// none says `override`; a pure one with another signature would leave the class abstract and the build
// broken.
// NOLINTBEGIN(modernize-use-override)
class MemoryStream : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view input) : input_(input) {}
  [[nodiscard]] std::string take_output() { return std::move(output_); }

  bool is_readable() const { return !input_.empty(); }
  bool is_writable() const { return true; }
  bool wait_readable() const { return true; }
  bool wait_writable() const { return true; }
  time_t duration() const { return 0; }

  ssize_t read(char* out, size_t size) {
    const std::size_t count = std::min(size, input_.size());
    std::memcpy(out, input_.data(), count);
    input_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, size_t size) {
    output_.append(data, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string&, int&) const {}
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return INVALID_SOCKET; }

 private:
  std::string_view input_;
  std::string output_;
};
// NOLINTEND(modernize-use-override)

// What the pages have no use for and the library would spend memory on: a page cut into hundreds of ranges,
// and brotli's encoder, which takes megabytes for a page of four kilobytes.
void drop_costly_wishes(httplib::Request& request) {
  request.ranges.clear();
  request.headers.erase("Accept-Encoding");
}

}  // namespace

class HttpEngine::Library : public httplib::Server {
 public:
  // A template only so that the branch which this version of the library does not have is never looked at.
  template <typename Self>
  static void process(Self& self, httplib::Stream& stream) {
    constexpr bool kClose = true;
    bool closed = false;
    if constexpr (requires { self.process_request(stream, kClose, closed, drop_costly_wishes); }) {
      self.process_request(stream, kClose, closed, drop_costly_wishes);
    } else {
      self.process_request(stream, "", 0, "", 0, kClose, closed, drop_costly_wishes);
    }
  }
};

HttpEngine::HttpEngine(httplib::Headers headers, Handler handler) : library_(std::make_unique<Library>()) {
  library_->set_default_headers(std::move(headers));
  // The pre-routing handler runs before any body is read, so the library's body parsers are never reached.
  library_->set_pre_routing_handler(
      [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
        handler(request, response);
        return httplib::Server::HandlerResponse::Handled;
      });
}

HttpEngine::~HttpEngine() = default;

std::string HttpEngine::answer(const std::string& request) {
  MemoryStream stream(request);
  Library::process(*library_, stream);
  return stream.take_output();
}

}  // namespace pigeon::web
