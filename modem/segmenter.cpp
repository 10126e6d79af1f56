// Cutting a text into parts; see segmenter.h.
#include "modem/segmenter.h"

#include "base/text.h"
#include "modem/gsm7.h"
#include "modem/pdu_fields.h"
#include "modem/ucs2.h"

namespace pigeon::modem {
namespace {

// What one short message holds, alone and behind the 6 octets of an 8-bit concatenation header (TS 23.040
// §9.2.3.24.1), counted in the alphabet's own units.
struct Capacity {
  std::size_t alone = 0;
  std::size_t as_part = 0;
};

constexpr Capacity kSeptets{.alone = 160, .as_part = 153};
constexpr Capacity kUcs2Octets{.alone = 140, .as_part = 134};
constexpr std::size_t kMaxParts = 255;
constexpr std::uint8_t kDcsUcs2 = 0x08;

struct Plan {
  bool ucs2 = false;
  std::vector<std::string_view> parts;
};

std::size_t length_in(bool ucs2, char32_t code_point) {
  return ucs2 ? utf16_length(code_point) : gsm7_length(code_point);
}

bool fits_gsm7(std::string_view text) {
  for (std::size_t position = 0; position < text.size();) {
    if (gsm7_length(next_code_point(text, position)) == 0) return false;
  }
  return true;
}

// `text` in as few pieces of up to `capacity` as whole code points allow.
std::vector<std::string_view> cut(std::string_view text, bool ucs2, std::size_t capacity) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  std::size_t used = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t before = position;
    const std::size_t length = length_in(ucs2, next_code_point(text, position));
    if (used + length > capacity) {
      pieces.push_back(text.substr(start, before - start));
      start = before;
      used = 0;
    }
    used += length;
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

Result<Plan> plan(std::string_view text) {
  if (!is_valid_utf8(text)) return fail(Errc::bad_input, "text: not valid UTF-8");
  Plan plan{.ucs2 = !fits_gsm7(text), .parts = {}};
  const Capacity& capacity = plan.ucs2 ? kUcs2Octets : kSeptets;
  plan.parts = cut(text, plan.ucs2, capacity.alone);
  if (plan.parts.size() > 1) plan.parts = cut(text, plan.ucs2, capacity.as_part);
  if (plan.parts.size() > kMaxParts) {
    return fail(Errc::bad_input,
                "text: " + std::to_string(plan.parts.size()) + " parts, at most 255 make a message");
  }
  return plan;
}

UserData encode_part(std::string_view part, bool ucs2) {
  UserData user_data;
  user_data.dcs = ucs2 ? kDcsUcs2 : std::uint8_t{0};
  user_data.data.reserve(kSeptets.alone);
  for (std::size_t position = 0; position < part.size();) {
    const char32_t code_point = next_code_point(part, position);
    if (ucs2)
      encode_utf16(user_data.data, code_point);
    else
      encode_gsm7(user_data.data, code_point);
  }
  return user_data;
}

}  // namespace

Result<std::vector<UserData>> segment_text(std::string_view text, std::uint8_t reference) {
  const Result<Plan> parts = plan(text);
  if (!parts) return tl::unexpected(parts.error());
  const std::size_t count = parts->parts.size();
  std::vector<UserData> user_data;
  user_data.reserve(count);
  for (const std::string_view part : parts->parts) {
    user_data.push_back(encode_part(part, parts->ucs2));
    if (count == 1) break;
    user_data.back().header.emplace().concatenation =
        Concatenation{.reference = reference,
                      .wide = false,
                      .count = static_cast<std::uint8_t>(count),
                      .number = static_cast<std::uint8_t>(user_data.size())};
  }
  return user_data;
}

Result<std::vector<Submit>> segment(std::string_view text, const Address& recipient,
                                    const SegmentOptions& options) {
  Octets address;
  if (auto valid = append_address(address, recipient, "TP-DA"); !valid) {
    return tl::unexpected(std::move(valid.error()));
  }
  if (recipient.value.empty()) return fail(Errc::bad_input, "TP-DA: no recipient");
  Result<std::vector<UserData>> parts = segment_text(text, options.reference);
  if (!parts) return tl::unexpected(std::move(parts.error()));
  std::vector<Submit> submits(parts->size());
  for (std::size_t i = 0; i < submits.size(); ++i) {
    submits[i].recipient = recipient;
    submits[i].request_status_report = options.request_status_report;
    submits[i].user_data = std::move((*parts)[i]);
  }
  return submits;
}

Result<std::size_t> count_segments(std::string_view text) {
  const Result<Plan> parts = plan(text);
  if (!parts) return tl::unexpected(parts.error());
  return parts->parts.size();
}

}  // namespace pigeon::modem
