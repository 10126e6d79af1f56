// Cutting a text into parts; see segmenter.h.
#include "modem/sms/segmenter.h"

#include <utility>

#include "base/text.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/pdu_fields.h"
#include "modem/sms/ucs2.h"

namespace pigeon::modem {
namespace {

// What one short message holds, alone and behind the 6 octets of an 8-bit concatenation header (TS 23.040
// §9.2.3.24.1), in units of TP-UDL.
struct Capacity {
  std::size_t alone = 0;
  std::size_t as_part = 0;
};

constexpr Capacity kSeptets{.alone = 160, .as_part = 153};
constexpr Capacity kUcs2Octets{.alone = 140, .as_part = 134};
constexpr std::size_t kMaxParts = 255;
constexpr std::uint8_t kDcsUcs2 = 0x08;

// A whole text as TP-UD has it, however long.
struct Encoded {
  bool ucs2 = false;
  Octets data;

  [[nodiscard]] const Capacity& capacity() const { return ucs2 ? kUcs2Octets : kSeptets; }
};

Result<Encoded> encode_text(std::string_view text) {
  if (!is_valid_utf8(text)) return fail(Errc::bad_input, "text: not valid UTF-8");
  if (auto septets = encode_gsm7(text)) return Encoded{.ucs2 = false, .data = std::move(*septets)};
  Encoded encoded{.ucs2 = true, .data = {}};
  encoded.data.reserve(text.size() * 2);
  for (std::size_t position = 0; position < text.size();)
    encode_utf16(encoded.data, next_code_point(text, position));
  return encoded;
}

// Whether the unit before `position` belongs to the one at it: an escape, or the first half of a surrogate
// pair.
bool is_inside_character(const Encoded& text, std::size_t position) {
  if (text.ucs2) return (text.data[position - 2] & 0xFC) == 0xD8;
  return text.data[position - 1] == kEscapeSeptet;
}

// Where each part ends.
Result<std::vector<std::size_t>> plan(const Encoded& text) {
  const std::size_t size = text.data.size();
  if (size <= text.capacity().alone) return std::vector{size};
  std::vector<std::size_t> ends;
  for (std::size_t end = text.capacity().as_part; end < size; end += text.capacity().as_part) {
    if (is_inside_character(text, end)) end -= text.ucs2 ? 2 : 1;
    ends.push_back(end);
  }
  ends.push_back(size);
  if (ends.size() > kMaxParts) {
    return fail(Errc::bad_input,
                "text: " + std::to_string(ends.size()) + " parts, at most 255 make a message");
  }
  return ends;
}

}  // namespace

Result<std::vector<UserData>> segment_text(std::string_view text, std::uint8_t reference) {
  Result<Encoded> encoded = encode_text(text);
  if (!encoded) return tl::unexpected(std::move(encoded.error()));
  const Result<std::vector<std::size_t>> ends = plan(*encoded);
  if (!ends) return tl::unexpected(ends.error());
  std::vector<UserData> parts(ends->size());
  std::size_t start = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto at = [&](std::size_t position) {
      return encoded->data.begin() + static_cast<std::ptrdiff_t>(position);
    };
    const std::size_t end = (*ends)[i];
    parts[i].dcs = encoded->ucs2 ? kDcsUcs2 : std::uint8_t{0};
    parts[i].data.assign(at(start), at(end));
    start = end;
    if (parts.size() == 1) break;
    parts[i].header.emplace().concatenation = Concatenation{.reference = reference,
                                                            .wide = false,
                                                            .count = static_cast<std::uint8_t>(parts.size()),
                                                            .number = static_cast<std::uint8_t>(i + 1)};
  }
  return parts;
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
  const Result<Encoded> encoded = encode_text(text);
  if (!encoded) return tl::unexpected(encoded.error());
  const Result<std::vector<std::size_t>> ends = plan(*encoded);
  if (!ends) return tl::unexpected(ends.error());
  return ends->size();
}

}  // namespace pigeon::modem
