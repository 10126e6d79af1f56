// Taking requests apart, passing them on, answering; see field_front.h.
#include "tests/e2e/field_front.h"

#include <httplib.h>
#include <zlib.h>

#include <array>
#include <charconv>
#include <ctime>
#include <sstream>
#include <stdexcept>

#include "base/text.h"

namespace pigeon::e2e {
namespace {

struct Request {
  std::string method, path, target;  // target: with its query
  httplib::Headers headers;
  std::string body;
};

// Headers of one hop (RFC 9110 §7.6.1) and of a length that is counted anew.
bool of_this_hop(const std::string& name) {
  const std::string lower = ascii_lower(name);
  return lower == "connection" || lower == "host" || lower == "content-length" ||
         lower == "transfer-encoding" || lower == "keep-alive";
}

Request parsed(const std::string& text) {
  Request request;
  const std::size_t end = text.find("\r\n\r\n");
  std::istringstream head(text.substr(0, end));
  head >> request.method >> request.target;
  request.path = request.target.substr(0, request.target.find('?'));
  std::string line;
  std::getline(head, line);
  while (std::getline(head, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || of_this_hop(line.substr(0, colon))) continue;
    request.headers.emplace(line.substr(0, colon), trim(std::string_view(line).substr(colon + 1)));
  }
  request.body = text.substr(end + 4);
  return request;
}

// What X answers, ready for the line; "": X hung up.
std::string passed_on(const std::string& origin, const Request& request) {
  httplib::Client x(origin);
  x.set_read_timeout(60);
  httplib::Request on;
  on.method = request.method;
  on.path = request.target;
  on.headers = request.headers;
  on.body = request.body;
  const httplib::Result answer = x.send(on);
  if (!answer) return {};
  std::string headers = "Connection: close\r\n";
  for (const auto& [name, value] : answer->headers) {
    if (!of_this_hop(name)) headers.append(name).append(": ").append(value).append("\r\n");
  }
  return testing::http_answer(answer->status, answer->body, headers);
}

std::string worded(const FrontAnswer& answer) {
  const UtcTime now = utc_now() + answer.offset;
  if (!answer.raw.empty()) return with_times(answer.raw, now);
  std::string headers = "Connection: close\r\n";
  for (const auto& [name, value] : answer.headers) {
    headers.append(name).append(": ").append(with_times(value, now)).append("\r\n");
  }
  const std::string body = with_times(answer.body, now);
  return testing::http_answer(answer.status, answer.gzip ? gzipped(body) : body, headers);
}

std::string http_date(UtcTime time) {
  const std::time_t when = std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
  std::tm utc{};
  ::gmtime_r(&when, &utc);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

}  // namespace

std::string as_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

FrontAnswer FrontAnswer::from_json(const nlohmann::json& described) {
  FrontAnswer answer;
  answer.path = described.at("path");
  answer.count = described.value("count", answer.count);
  answer.status = described.value("status", answer.status);
  answer.raw = described.value("raw", answer.raw);
  answer.pass = described.value("pass", answer.pass);
  answer.gzip = described.value("gzip", answer.gzip);
  answer.offset = seconds(described.value("offset", 0));
  if (described.contains("body")) {
    answer.body = as_text(described["body"]);
    if (!described["body"].is_string()) answer.headers.emplace_back("content-type", "application/json");
  }
  const nlohmann::json headers = described.value("headers", nlohmann::json::object());
  for (const auto& [name, value] : headers.items()) {
    answer.headers.emplace_back(name, as_text(value));
  }
  return answer;
}

std::string with_times(std::string text, UtcTime now) {
  constexpr std::string_view kDate = "{date}", kNow = "{now+";
  for (std::size_t at = 0; (at = text.find(kDate, at)) != std::string::npos;) {
    text.replace(at, kDate.size(), http_date(now));
  }
  for (std::size_t at = 0; (at = text.find(kNow, at)) != std::string::npos;) {
    const std::size_t end = text.find('}', at);
    int later = 0;
    const char* const digits = text.data() + at + kNow.size();
    if (end == std::string::npos ||
        std::from_chars(digits, text.data() + end, later).ptr != text.data() + end)
      throw std::invalid_argument("a time that is none: " + text);
    const auto when = std::chrono::ceil<seconds>(now) + seconds(later);
    text.replace(at, end + 1 - at, std::to_string(when.time_since_epoch().count()));
  }
  return text;
}

std::string gzipped(const std::string& octets) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string in = octets;
  std::string out(deflateBound(&stream, in.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib");
  return out;
}

Front::Front(std::string origin)
    : origin_(std::move(origin)),
      server_([this](testing::RawConnection& connection) { serve(connection); }) {}

void Front::answer(FrontAnswer answer) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(answer));
}

std::vector<std::string> Front::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::optional<FrontAnswer> Front::take(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (auto it = answers_.begin(); it != answers_.end(); ++it) {
    if (it->path != path) continue;
    FrontAnswer answer = *it;
    if (--it->count <= 0) answers_.erase(it);
    return answer;
  }
  return std::nullopt;
}

void Front::serve(testing::RawConnection& connection) {
  const auto text = connection.read_request();
  if (!text) return;
  const Request request = parsed(*text);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request.method + " " + request.path);
  }
  const auto own = take(request.path);
  const std::string of_x = !own || own->pass ? passed_on(origin_, request) : std::string();
  connection.write(own ? worded(*own) : of_x);
}

}  // namespace pigeon::e2e
