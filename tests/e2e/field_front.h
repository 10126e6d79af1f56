// What stands between the box and X: a load balancer or a firewall that passes requests on, and now and then
// answers in X's place, as bytes that no well-behaved server would send.
#pragma once

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/net/raw_server.h"

namespace pigeon::e2e {

// An answer of the front's own, as a line of cases.jsonl describes it (tests/data/field/SOURCE.md).
struct FrontAnswer {
  std::string path;  // of the requests that it is for, without a query
  int count = 1;     // how many of them
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string raw;    // the whole answer instead of the three above
  bool pass = false;  // X has acted on the request before
  bool gzip = false;  // the body is compressed; the header that says so is the line's own
  seconds offset{0};  // of the front's clock, for {date} and {now+N} in headers and body

  // nlohmann::json::exception where a value has another type than it must have.
  [[nodiscard]] static FrontAnswer from_json(const nlohmann::json& described);
};

// `{now+N}` as Unix time and `{date}` as an HTTP date (RFC 9110 §5.6.7), on a clock that says `now`.
[[nodiscard]] std::string with_times(std::string text, UtcTime now);
// A string as it is, anything else as JSON writes it.
[[nodiscard]] std::string as_text(const nlohmann::json& value);
[[nodiscard]] std::string gzipped(const std::string& octets);  // RFC 1952

// Thread-safe. One request a connection, one connection at a time.
class Front {
 public:
  explicit Front(std::string origin);  // of X: "http://127.0.0.1:<port>"

  [[nodiscard]] std::string url() const { return server_.url(""); }
  // Behind those that wait; the first whose path fits a request is used up by it.
  void answer(FrontAnswer answer);
  // "POST /2/tweets" of every request so far, whoever answered it.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void serve(testing::RawConnection& connection);
  std::optional<FrontAnswer> take(const std::string& path);

  std::string origin_;
  mutable std::mutex mutex_;
  std::deque<FrontAnswer> answers_;
  std::vector<std::string> requests_;
  testing::RawServer server_;  // last: its thread uses the others
};

}  // namespace pigeon::e2e
