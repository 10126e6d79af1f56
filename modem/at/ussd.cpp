// Reading +CUSD in every shape that was seen; see ussd.h.
#include "modem/at/ussd.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

#include "base/text.h"
#include "modem/at/at_parser.h"
#include "modem/at/at_values.h"
#include "modem/sms/dcs.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/octets.h"
#include "modem/sms/ucs2.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kMostCharacters = 182;  // 160 octets of packed septets (TS 23.038 §6.1.2.3)
constexpr std::uint8_t kCarriageReturn = 0x0D;

// +CUSD: <m>[,<str>[,<dcs>]]
struct Fields {
  std::optional<int> status;
  std::string text;
  std::optional<int> dcs;
};

// The text may hold commas, quotation marks and line breaks of its own: it ends at the last mark.
Fields fields_of_line(std::string_view line) {
  Fields fields;
  line = trim(line.substr(std::min(line.find(':') + 1, line.size())));
  const std::size_t comma = line.find(',');
  const std::string_view status = trim(line.substr(0, comma));
  fields.status = to_int(status.substr(0, status.find(' ')));  // "4 not supported"
  if (comma == std::string_view::npos) return fields;
  line = trim(line.substr(comma + 1));
  std::string_view behind;
  if (line.starts_with('"')) {
    line.remove_prefix(1);
    const std::size_t end = line.rfind('"');
    fields.text = line.substr(0, end);
    if (end != std::string_view::npos) behind = line.substr(end + 1);
  } else {
    const std::size_t end = line.rfind(',');
    const bool has_dcs = end != std::string_view::npos && to_int(trim(line.substr(end + 1)));
    fields.text = has_dcs ? line.substr(0, end) : line;
    if (has_dcs) behind = line.substr(end);
  }
  if (const std::size_t at = behind.find(','); at != std::string_view::npos)
    fields.dcs = to_int(trim(behind.substr(at + 1)));
  return fields;
}

bool is_ascii_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// What the positions of ASCII's brackets are in the default alphabet.
std::string_view national(char c) {
  switch (c) {
    case '[':
      return "Ä";
    case '\\':
      return "Ö";
    case ']':
      return "Ñ";
    case '^':
      return "Ü";
    case '{':
      return "ä";
    case '|':
      return "ö";
    case '}':
      return "ñ";
    case '~':
      return "ü";
    default:
      return {};
  }
}

// "w{hlen" is "wählen" in the default alphabet, and "[1]" is what it looks like, since not every modem keeps
// to it: within a word, and without its partner, a bracket is a letter.
std::string from_terminal(std::string_view text) {
  if (!is_valid_utf8(text)) {
    std::string out;
    for (const char c : text) append_utf8(out, static_cast<std::uint8_t>(c));  // ISO 8859-1
    return out;
  }
  const auto has = [&](char c) { return text.find(c) != std::string_view::npos; };
  const bool brackets = has('[') && has(']');
  const bool braces = has('{') && has('}');
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view letter = national(c);
    const bool in_word =
        (i > 0 && is_ascii_letter(text[i - 1])) || (i + 1 < text.size() && is_ascii_letter(text[i + 1]));
    const bool has_partner = ((c == '[' || c == ']') && brackets) || ((c == '{' || c == '}') && braces);
    if (letter.empty() || !in_word || has_partner)
      out += c;
    else
      out += letter;
  }
  return out;
}

// Up to the end that some modems write into the text, with what lay in their memory behind it.
std::string from_ucs2(std::span<const std::uint8_t> octets) {
  std::size_t end = 0;
  while (end + 1 < octets.size() && (octets[end] != 0 || octets[end + 1] != 0)) end += 2;
  return decode_utf16(octets.first(end)).value_or("");
}

// Characters of one or two scripts, with ASCII and punctuation between them: what chance does not make.
bool is_likely_ucs2(std::span<const std::uint8_t> octets) {
  if (octets.size() % 2 != 0 || octets.empty()) return false;
  std::set<std::uint8_t> rows;
  for (std::size_t i = 0; i + 1 < octets.size(); i += 2) {
    if (octets[i] == 0 && octets[i + 1] == 0) break;
    const bool is_control = octets[i] == 0 && octets[i + 1] < 0x20 && octets[i + 1] != '\n' &&
                            octets[i + 1] != '\r' && octets[i + 1] != '\t';
    if (is_control) return false;
    constexpr std::uint8_t kPunctuation = 0x20;
    if (octets[i] != kPunctuation) rows.insert(octets[i]);
  }
  const bool has_ascii = rows.contains(0);
  return rows.size() <= 1 || (has_ascii && rows.size() <= 2);
}

// One character an octet: packed text has octets above 0x7F soon.
bool is_likely_unpacked(std::span<const std::uint8_t> octets) {
  constexpr std::size_t kFewest = 4;
  return octets.size() >= kFewest && std::all_of(octets.begin(), octets.end(), [](std::uint8_t octet) {
           return (octet >= 0x20 && octet < 0x7F) || octet == '\n' || octet == '\r';
         });
}

std::string from_packed(std::span<const std::uint8_t> octets) {
  constexpr std::size_t kBits = 8, kSeptetBits = 7;
  Octets septets = unpack_septets(octets, octets.size() * kBits / kSeptetBits);
  // Seven spare bits are filled with a carriage return, so that they are no "@" (TS 23.038 §6.1.2.3.1); not
  // every network does.
  const bool may_be_spare = !septets.empty() && septets.size() % kBits == 0;
  if (may_be_spare && (septets.back() == kCarriageReturn || septets.back() == 0)) septets.pop_back();
  std::string text;
  bool escaped = false;
  append_gsm7(text, septets, {}, escaped);
  finish_gsm7(text, escaped);
  return text;
}

// The cell broadcast coding of <dcs> (TS 23.038 §5): 0x48 and 0x11 are UCS-2.
bool says_ucs2(int dcs) {
  constexpr int kUcs2WithLanguage = 0x11;
  const bool general = dcs >= 0x40 && dcs < 0x80;
  return dcs == kUcs2WithLanguage ||
         (general && parse_dcs(static_cast<std::uint8_t>(dcs)).alphabet == Alphabet::ucs2);
}

// A balance of "20241130" is hex, too: digits alone are a number, unless they are ASCII in UCS-2 or go on for
// long.
bool is_number(const std::string& text, std::span<const std::uint8_t> octets) {
  constexpr std::size_t kLong = 8;
  if (text.find_first_not_of("0123456789") != std::string::npos) return false;
  const bool is_ascii = octets.size() > 2 && octets.front() == 0 && is_likely_ucs2(octets);
  return !is_ascii && (octets.size() < kLong || !is_likely_unpacked(octets));
}

std::string decoded(const std::string& text, std::optional<int> dcs) {
  const auto octets = from_hex(text);
  if (!octets || octets->empty()) return from_terminal(text);
  if (dcs && says_ucs2(*dcs) && octets->size() % 2 == 0) return from_ucs2(*octets);
  if (is_number(text, *octets)) return text;
  if (is_likely_ucs2(*octets)) return from_ucs2(*octets);
  if (is_likely_unpacked(*octets)) return from_terminal(std::string(octets->begin(), octets->end()));
  return from_packed(*octets);
}

UssdReply::Kind kind_of(int status) {
  using Kind = UssdReply::Kind;
  constexpr Kind kKinds[] = {Kind::finished, Kind::answer_wanted, Kind::ended,
                             Kind::taken,    Kind::not_supported, Kind::timed_out};
  const bool known = status >= 0 && status < static_cast<int>(std::size(kKinds));
  return known ? kKinds[status] : Kind::undocumented;
}

}  // namespace

std::string_view word_of(UssdReply::Kind kind) {
  using Kind = UssdReply::Kind;
  switch (kind) {
    case Kind::finished:
      return "finished";
    case Kind::answer_wanted:
      return "answer wanted";
    case Kind::ended:
      return "ended";
    case Kind::taken:
      return "taken";
    case Kind::not_supported:
      return "not supported";
    case Kind::timed_out:
      return "timed out";
    case Kind::undocumented:
      return "undocumented";
    case Kind::refused:
      return "refused";
  }
  return "undocumented";
}

bool is_answer(const UssdReply& reply) {
  using Kind = UssdReply::Kind;
  if (reply.kind == Kind::finished || reply.kind == Kind::answer_wanted) return true;
  const bool may_be = reply.kind == Kind::ended || reply.kind == Kind::undocumented;
  return may_be && !reply.text.empty();
}

UssdReply parse_ussd(std::string_view urc) {
  const Fields fields = fields_of_line(urc);
  UssdReply reply;
  reply.status = fields.status.value_or(-1);
  reply.kind = kind_of(reply.status);
  reply.text = decoded(fields.text, fields.dcs);
  std::replace(reply.text.begin(), reply.text.end(), '\r', '\n');
  reply.text = trim(reply.text);
  return reply;
}

std::optional<std::string> ussd_request(std::string_view text, UssdForm form) {
  if (form == UssdForm::plain) {
    // What is another character in the default alphabet, which AT+CSCS has set, is left to the other form.
    constexpr std::string_view kElsewhere = "\"$@_`[\\]^{|}~";
    const bool fits = std::all_of(text.begin(), text.end(), [&](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F &&
             kElsewhere.find(c) == std::string_view::npos;
    });
    if (!fits) return std::nullopt;
    return "AT+CUSD=1,\"" + std::string(text) + "\",15";
  }
  auto septets = encode_gsm7(text);
  if (!septets) return std::nullopt;
  constexpr std::size_t kSeptetsInBlock = 8;
  if (septets->size() % kSeptetsInBlock == kSeptetsInBlock - 1) septets->push_back(kCarriageReturn);
  Octets packed;
  pack_septets(packed, *septets);
  return "AT+CUSD=1,\"" + to_hex(packed) + "\",15";
}

bool is_ussd_text(std::string_view text) {
  const bool has_control = std::any_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (text.empty() || has_control || !is_valid_utf8(text)) return false;
  const auto septets = encode_gsm7(text);
  return septets && septets->size() <= kMostCharacters;
}

}  // namespace pigeon::modem
