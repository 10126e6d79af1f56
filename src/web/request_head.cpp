// The checks of request_head.h, in the order in which the bytes come.
#include "web/request_head.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace pigeon::web {
namespace {

using Verdict = HeadCheck::Verdict;

constexpr std::string_view kLineEnd = "\r\n";

HeadCheck refuse(int status) {
  return {.verdict = Verdict::refused, .length = 0, .status = status};
}

// What the headers say that matters before the body is read.
struct Framing {
  std::optional<std::size_t> content_length;
  bool expects = false;
};

// RFC 9110 §5.6.2: the characters of a method and of a field name.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool has_controls(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && c != '\t') || octet == 0x7F;
  });
}

// 0: fine; otherwise the status to refuse with.
int check_request_line(std::string_view line) {
  if (line.size() > kMaxRequestLine) return 414;
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || has_controls(line)) return 400;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(line.substr(0, first)) || !target.starts_with('/')) return 400;
  if (target.find(' ') != std::string_view::npos || target.find('\t') != std::string_view::npos) return 400;
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return 0;
  return version.starts_with("HTTP/") ? 505 : 400;
}

int check_content_length(std::string_view value, Framing& framing) {
  std::size_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, length);
  if (error == std::errc::result_out_of_range) return 413;
  if (error != std::errc() || rest != end || framing.content_length) return 400;
  framing.content_length = length;
  return length > kMaxBody ? 413 : 0;
}

int check_header(std::string_view line, Framing& framing) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || has_controls(line) || !is_token(line.substr(0, colon))) return 400;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (ascii_iequals(name, "transfer-encoding")) return 411;
  if (ascii_iequals(name, "content-length")) return check_content_length(value, framing);
  if (ascii_iequals(name, "expect")) framing.expects = true;
  return 0;
}

// `head` ends with the CRLF of its last line.
int check_lines(std::string_view head, Framing& framing) {
  std::size_t end = head.find(kLineEnd);
  if (const int status = check_request_line(head.substr(0, end)); status != 0) return status;
  head.remove_prefix(end + kLineEnd.size());
  for (std::size_t count = 1; !head.empty(); ++count) {
    if (count > kMaxHeaders) return 431;
    end = head.find(kLineEnd);
    if (const int status = check_header(head.substr(0, end), framing); status != 0) return status;
    head.remove_prefix(end + kLineEnd.size());
  }
  return 0;
}

// Nothing that is still on its way can make these bytes acceptable.
int check_unfinished(std::string_view received) {
  const std::size_t line_end = received.find(kLineEnd);
  if (std::min(line_end, received.size()) > kMaxRequestLine) return 414;
  if (line_end != std::string_view::npos) {
    if (const int status = check_request_line(received.substr(0, line_end)); status != 0) return status;
  }
  return received.size() > kMaxHead ? 431 : 0;
}

std::string_view reason(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

}  // namespace

HeadCheck check_head(std::string_view received) {
  const std::size_t blank = received.substr(0, kMaxHead).find("\r\n\r\n");
  if (blank == std::string_view::npos) {
    const int status = check_unfinished(received);
    return status == 0 ? HeadCheck{} : refuse(status);
  }
  Framing framing;
  const int status = check_lines(received.substr(0, blank + kLineEnd.size()), framing);
  if (status != 0) return refuse(status);
  const std::size_t length = blank + 4 + framing.content_length.value_or(0);
  if (received.size() < length) return framing.expects ? refuse(417) : HeadCheck{};
  return {.verdict = Verdict::complete, .length = length, .status = 0};
}

std::string plain_response(int status) {
  const std::string what = std::to_string(status) + " " + std::string(reason(status));
  const std::string body = what + "\n";
  return "HTTP/1.1 " + what +
         "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace pigeon::web
