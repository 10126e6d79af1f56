// Lines and final results; see at_parser.h.
#include "modem/at/at_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "modem/at/at_errors.h"

namespace pigeon::modem {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool is_high(char c) {
  return static_cast<std::uint8_t>(c) >= 0x80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_upper_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

bool is_name_start(char c) {
  return c == '+' || c == '^' || c == '*' || c == '#' || c == '$' || c == '%' || c == '!';
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What stands behind "<label>:" when `line` begins so.
std::optional<std::string_view> behind(std::string_view line, std::string_view label) {
  if (!line.starts_with(label)) return std::nullopt;
  return trim(line.substr(label.size()));
}

constexpr std::array<std::string_view, 5> kErrorLines = {"ERROR", "COMMAND NOT SUPPORT",
                                                         "COMMAND NO RESPONSE!", "NA", "TOO MANY PARAMETERS"};
constexpr std::array<std::string_view, 5> kCallLines = {"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE",
                                                        "NO DIAL TONE"};
// Identification (TS 27.007 §5.1–5.4, §5.6; V.250 §6.1), the card's too, answers in free text.
constexpr std::array<std::string_view, 13> kPlainTextCommands = {"+CGMI", "+CGMM",  "+CGMR", "+CGSN", "+CIMI",
                                                                 "+GMI",  "+GMM",   "+GMR",  "+GSN",  "I",
                                                                 "+CCID", "+QCCID", "+ICCID"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::optional<std::string_view> LineSplitter::next(std::string_view& input) {
  if (returned_) clear();
  while (!input.empty()) {
    const char c = input.front();
    input.remove_prefix(1);
    if (c != '\r' && c != '\n') {
      append(c);
      continue;
    }
    if (skipping_) {
      clear();
      continue;
    }
    while (!line_.empty() && line_.back() == ' ') line_.pop_back();
    if (line_.empty()) continue;
    returned_ = true;
    return std::string_view(line_);
  }
  return std::nullopt;
}

void LineSplitter::append(char c) {
  if (skipping_ || (is_control(c) && c != '\t')) return;
  if (line_.empty() && (c == ' ' || c == '\t' || is_high(c))) return;
  if (line_.size() == kMaxLineLength) {
    line_.clear();
    skipping_ = true;
    ++overlong_lines_;
    return;
  }
  line_ += c == '\t' ? ' ' : c;
}

std::string_view LineSplitter::partial() const {
  return returned_ ? std::string_view() : line_;
}

void LineSplitter::clear() {
  line_.clear();
  returned_ = false;
  skipping_ = false;
}

std::optional<FinalResult> parse_final(std::string_view line) {
  using Kind = FinalResult::Kind;
  if (line == "OK") return FinalResult{Kind::ok, std::nullopt, std::string(line)};
  if (contains(kErrorLines, line)) return FinalResult{Kind::error, std::nullopt, std::string(line)};
  if (contains(kCallLines, line)) return FinalResult{Kind::call_ended, std::nullopt, std::string(line)};
  if (const auto reason = behind(line, "+CMS ERROR:")) {
    return FinalResult{Kind::cms_error, cms_code(*reason), std::string(line)};
  }
  if (const auto reason = behind(line, "+CME ERROR:")) {
    return FinalResult{Kind::cme_error, cme_code(*reason), std::string(line)};
  }
  if (behind(line, "+EXT ERROR:")) return FinalResult{Kind::error, std::nullopt, std::string(line)};
  if (const auto reason = behind(line, "MODEM ERROR:"); reason && whole_number(*reason)) {
    return FinalResult{Kind::error, std::nullopt, std::string(line)};
  }
  return std::nullopt;
}

bool is_prompt(std::string_view line) {
  return trim(line) == ">";
}

bool is_hex_line(std::string_view line) {
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); };
  return !line.empty() && std::all_of(line.begin(), line.end(), is_hex);
}

AnswerShape answer_shape(std::string_view command) {
  AnswerShape shape;
  if (command.size() < 2) return shape;
  command.remove_prefix(2);  // "AT"
  const std::string_view name = command.substr(0, command.find_first_of("=?;"));
  shape.plain_text = contains(kPlainTextCommands, name);
  shape.dials = name.starts_with("D") || name == "A";
  shape.has_lines = shape.plain_text;
  if (name.empty() || !is_name_start(name.front())) return shape;
  // What the network says to AT+CUSD=1,… is unsolicited also where it comes ahead of the OK.
  const bool is_ussd_request = command.starts_with("+CUSD=") && command != "+CUSD=?";
  if (!is_ussd_request) shape.prefix = name;
  shape.pdu_follows = name == "+CMGR" || name == "+CMGL";
  shape.has_lines =
      shape.has_lines || shape.pdu_follows || name == "+CPMS" || name == "+CMGS" || command.ends_with('?');
  return shape;
}

bool has_prefix(std::string_view line, std::string_view prefix) {
  if (prefix.empty() || !line.starts_with(prefix)) return false;
  line.remove_prefix(prefix.size());
  return !line.empty() && line.front() == ':';
}

bool looks_like_urc(std::string_view line) {
  if (line.size() < 3 || !is_name_start(line.front())) return false;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon < 2) return false;
  const std::string_view name = line.substr(1, colon - 1);
  return !is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_upper_or_digit);
}

}  // namespace pigeon::modem
