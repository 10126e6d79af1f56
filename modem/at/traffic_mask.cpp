// Which words of an AT line are private; see traffic_mask.h.
#include "modem/at/traffic_mask.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "modem/at/at_parser.h"
#include "modem/sms/pdu_mask.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kShortestNumber = 6;      // of digits that say nothing of themselves
constexpr std::size_t kShortestInDetails = 10;  // within a model's or a firmware's name
constexpr std::size_t kShortestInText = 3;
constexpr std::size_t kShortestPdu = 14;  // hex digits

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

std::string_view name_of(std::string_view line) {
  if (line.starts_with("AT") || line.starts_with("at")) line.remove_prefix(2);
  return line.substr(0, line.find_first_of("=?:; "));
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Their quoted strings are numbers, names and words.
constexpr std::array<std::string_view, 18> kOfPeople{"+CMGR", "+CMGL", "+CMT",  "+CDS",  "+CBM",  "+CNUM",
                                                     "+CPBR", "+CPBF", "+CLIP", "+CSCA", "+COLP", "+CCWA",
                                                     "+CLCC", "+CMGS", "+CMGW", "+CPBW", "+CRSM", "+CGDCONT"};
constexpr std::array<std::string_view, 4> kOfSecrets{"+CPIN", "+CLCK", "+CPWD", "^CARDLOCK"};
constexpr std::array<std::string_view, 3> kOfPlaces{"+CREG", "+CGREG", "+CEREG"};
// What they answer is about the equipment, and says who made it.
constexpr std::array<std::string_view, 11> kOfDetails{"I",    "+CGMI", "+GMI",  "+CGMM",    "+GMM", "+CGMR",
                                                      "+GMR", "&V",    "+CLAC", "^VERSION", "+GCAP"};
// Strings that are the standard's own.
constexpr std::array<std::string_view, 12> kOwnWords{
    "REC READ", "REC UNREAD", "STO SENT", "STO UNSENT", "SM", "ME", "MT", "SR", "BM", "SC", "IP", "ALL"};

// Letters and digits of people's words.
std::string blotted(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto octet = static_cast<unsigned char>(c);
    if (is_digit(c))
      c = '0';
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || octet >= 0x80)
      c = 'x';
  }
  return out;
}

// UCS-2 in hex stays UCS-2: a digit's code becomes 0's, another character's an x's. Other hex, packed septets
// or octets, becomes zeros.
std::string blotted_hex(std::string_view hex) {
  if (hex.size() % 4 == 0 && hex.starts_with("00")) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 4) {
      const std::string_view unit = hex.substr(i, 4);
      const bool is_sign = unit == "002B" || unit == "002b";
      out += is_sign ? unit : unit.starts_with("003") && is_digit(unit[3]) ? "0030" : "0078";
    }
    return out;
  }
  return std::string(hex.size(), '0');
}

bool is_time(std::string_view text) {
  return text.find('/') != std::string_view::npos && text.find(':') != std::string_view::npos &&
         text.find_first_not_of("0123456789/:,+- ") == std::string_view::npos;
}

}  // namespace

// The first two digits are a country or a maker; the last ones count the numbers of this recording.
std::string TrafficMask::number(std::string_view digits) {
  constexpr std::size_t kKept = 2, kShortest = 7;
  if (const auto known = numbers_.find(digits); known != numbers_.end()) return known->second;
  std::string mask(digits.size(), '0');
  const std::string count = std::to_string(numbers_.size() + 1);
  if (digits.size() >= kShortest) mask.replace(0, kKept, digits.substr(0, kKept));
  const std::size_t room = mask.size() - (digits.size() >= kShortest ? kKept : 0);
  if (count.size() <= room) mask.replace(mask.size() - count.size(), count.size(), count);
  numbers_.emplace(digits, mask);
  return mask;
}

std::string TrafficMask::masked_runs(std::string_view text, std::size_t shortest) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end - i >= shortest)
      out += number(text.substr(i, end - i));
    else
      out += text.substr(i, std::max<std::size_t>(end - i, 1));
    i = std::max(end, i + 1);
  }
  return out;
}

std::string TrafficMask::masked_hex(std::string_view hex) {
  const bool only_digits = std::all_of(hex.begin(), hex.end(), is_digit);
  constexpr std::size_t kLongestNumber = 22;
  if (only_digits && hex.size() <= kLongestNumber) return masked_runs(hex, kShortestInText);
  const auto octets = from_hex(hex);
  if (!octets) return std::string(hex.size(), 'F');
  return to_hex(masked_pdu(*octets, [this](const std::string& digits) { return number(digits); }));
}

// A string of a person's: "REC READ" and times are nobody's.
std::string TrafficMask::masked_string(std::string_view text) {
  if (is_one_of(kOwnWords, text) || is_time(text)) return std::string(text);
  const bool is_hex = !text.empty() && std::all_of(text.begin(), text.end(), is_hex_digit);
  const bool only_digits = std::all_of(text.begin(), text.end(), is_digit);
  constexpr std::size_t kShortestHex = 8;
  if (is_hex && !only_digits && text.size() >= kShortestHex) return blotted_hex(text);
  if (is_hex && text.starts_with("00") && text.size() % 4 == 0 && text.size() >= kShortestHex)
    return blotted_hex(text);
  std::string out = masked_runs(text, kShortestInText);
  for (char& c : out) {
    if (!is_digit(c)) c = blotted({&c, 1}).front();
  }
  return out;
}

std::string TrafficMask::masked_quoted(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const std::size_t begin = std::min(line.find('"'), line.size());
    out += masked_runs(line.substr(0, begin), kShortestNumber - 1);
    line.remove_prefix(begin);
    if (line.empty()) break;
    const std::size_t end = std::min(line.find('"', 1), line.size());
    out += '"' + masked_string(line.substr(1, end - 1));
    line.remove_prefix(end);
    if (line.empty()) break;
    out += '"';
    line.remove_prefix(1);
  }
  return out;
}

// The number in front, and <dcs> behind the last quotation mark; the text between them, which may go on.
std::string TrafficMask::masked_ussd(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return masked_runs(line, kShortestNumber);
  std::string out(line.substr(0, comma + 1));
  std::string_view rest = line.substr(comma + 1);
  const bool quoted = rest.find('"') != std::string_view::npos;
  const std::size_t end = quoted ? rest.rfind('"') : rest.find_last_of(',');
  const bool goes_on = quoted && std::count(rest.begin(), rest.end(), '"') % 2 != 0;
  now_->in_ussd = goes_on;
  const std::size_t text_end = end == std::string_view::npos || goes_on ? rest.size() : end;
  std::string_view text = rest.substr(0, text_end);
  while (!text.empty() && (text.front() == '"' || text.front() == ' ')) {
    out += text.front();
    text.remove_prefix(1);
  }
  const bool is_hex = !text.empty() && std::all_of(text.begin(), text.end(), is_hex_digit);
  out += is_hex ? blotted_hex(text) : blotted(text);
  return out + std::string(rest.substr(text_end));
}

std::string TrafficMask::masked_named(std::string_view line) {
  const std::string_view name = name_of(line);
  if (name == "+CUSD") return masked_ussd(line);
  if (is_one_of(kOfPeople, name)) return masked_quoted(line);
  std::string out = masked_runs(line, kShortestNumber);
  if (!is_one_of(kOfPlaces, name)) return out;
  // Behind the state: area and cell, in hex of four digits and more.
  for (std::size_t i = name.size(); i < out.size();) {
    std::size_t end = i;
    while (end < out.size() && is_hex_digit(out[end])) ++end;
    constexpr std::size_t kShortestCell = 3;
    if (end - i >= kShortestCell)
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(i), out.begin() + static_cast<std::ptrdiff_t>(end),
                '0');
    i = std::max(end, i + 1);
  }
  return out;
}

std::string TrafficMask::masked_command(std::string_view line) {
  const std::string_view name = name_of(line);
  if (is_one_of(kOfSecrets, name)) {
    std::string out(line);
    bool quoted = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == '"') quoted = !quoted;
      const std::size_t end = std::min(out.find_first_not_of("0123456789", i), out.size());
      constexpr std::size_t kShortestPin = 4;  // TS 31.101; some modems take one without quotation marks
      if (end > i && (quoted || end - i >= kShortestPin))
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(i), end - i, '*');
      if (end > i) i = end - 1;
    }
    return out;
  }
  if (name == "+CUSD") return masked_ussd(line);
  if (is_one_of(kOfPeople, name) && name != "+CRSM") return masked_quoted(line);
  return masked_runs(line, name.starts_with("D") ? kShortestInText : kShortestNumber);
}

std::string TrafficMask::masked_answer(std::string_view line) {
  if (now_->in_ussd) {
    const std::size_t mark = line.rfind('"');
    now_->in_ussd = mark == std::string_view::npos;
    return now_->in_ussd ? blotted(line) : blotted(line.substr(0, mark)) + std::string(line.substr(mark));
  }
  if (line.starts_with("AT") || line.starts_with("at")) return masked_command(line);  // an echo
  if (parse_final(line)) return std::string(line);
  if (line.starts_with('>')) {
    const std::size_t echo = std::min(line.find_first_not_of("> "), line.size());
    return std::string(line.substr(0, echo)) + (echo < line.size() ? masked_answer(line.substr(echo)) : "");
  }
  const bool of_details = is_one_of(kOfDetails, name_of(now_->command));
  if (is_hex_line(line) && (line.size() >= kShortestPdu || !of_details)) return masked_hex(line);
  if (looks_like_urc(line)) return masked_named(line);
  if (of_details) return masked_runs(line, kShortestInDetails);
  return classify_urc(line, vendor_urcs_) ? masked_runs(line, kShortestNumber) : blotted(line);
}

// A whole line with its end, or what stands for one.
std::string TrafficMask::masked(std::string_view bytes) {
  constexpr std::string_view kEnds{"\r\n\x1a\x1b\0", 5};
  std::string out;
  while (!bytes.empty()) {
    const std::size_t begin = std::min(bytes.find_first_not_of(kEnds), bytes.size());
    out += bytes.substr(0, begin);
    bytes.remove_prefix(begin);
    const std::size_t end = std::min(bytes.find_first_of(kEnds), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    if (line.empty()) break;
    if (now_->pending.kind == Kind::from_modem) {
      out += masked_answer(line);
    } else if (now_->at_prompt) {
      out += is_hex_line(line) ? masked_hex(line) : blotted(line);
    } else {
      now_->command = line;
      out += masked_command(line);
    }
    bytes.remove_prefix(end);
  }
  return out;
}

void TrafficMask::hand_on(std::vector<TranscriptEntry>& out, std::size_t end) {
  if (end == 0) return;
  const std::string bytes = now_->pending.bytes.substr(0, end);
  now_->pending.bytes.erase(0, end);
  const bool prompts = now_->pending.kind == Kind::from_modem && is_prompt(bytes);
  out.push_back({now_->pending.at, now_->pending.kind, masked(bytes), now_->pending.port});
  if (prompts) now_->at_prompt = true;
  const bool ends_text =
      now_->pending.kind == Kind::to_modem && bytes.find_first_of("\x1a\x1b") != std::string::npos;
  if (ends_text) now_->at_prompt = false;
}

std::vector<TranscriptEntry> TrafficMask::take(const TranscriptEntry& entry) {
  std::vector<TranscriptEntry> out;
  now_ = &conversations_[entry.port];
  TranscriptEntry& pending = now_->pending;
  if (entry.kind != pending.kind) hand_on(out, pending.bytes.size());
  if (pending.bytes.empty()) pending.at = entry.at;
  pending.kind = entry.kind;
  pending.port = entry.port;
  pending.bytes += entry.bytes;
  constexpr std::size_t kMost = 4096;  // nobody's line is longer
  const std::size_t end = pending.bytes.find_last_of(entry.kind == Kind::to_modem ? "\r\x1a\x1b" : "\r\n");
  const std::string_view rest =
      std::string_view(pending.bytes).substr(end == std::string::npos ? 0 : end + 1);
  const bool whole = is_prompt(rest) || rest.size() > kMost;
  hand_on(out, whole ? pending.bytes.size() : end == std::string::npos ? 0 : end + 1);
  pending.at = entry.at;
  return out;
}

std::vector<TranscriptEntry> TrafficMask::finish() {
  std::vector<TranscriptEntry> out;
  for (auto& [port, conversation] : conversations_) {
    now_ = &conversation;
    hand_on(out, conversation.pending.bytes.size());
  }
  return out;
}

}  // namespace pigeon::modem
