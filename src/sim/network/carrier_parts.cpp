// Cutting and encoding a phone's text; see carrier_parts.h.
#include "sim/network/carrier_parts.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "base/text.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/ucs2.h"

namespace pigeon::sim {
namespace {

using modem::Octets;

constexpr std::size_t kMostParts = 255;
constexpr std::size_t kUserDataOctets = 140;  // TS 23.040 §9.2.3.16
constexpr std::uint8_t kDcsUcs2 = 0x08;
constexpr std::uint8_t kDcsHasClass = 0x10;  // with the class in the two lowest bits, TS 23.038 §4

// A text as the pieces that may not be cut: septets of the default alphabet, or octets of UTF-16.
struct Encoded {
  bool ucs2 = false;
  std::vector<Octets> pieces;
};

std::optional<Encoded> encode_gsm7_pieces(std::string_view text) {
  Encoded out;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    static_cast<void>(next_code_point(text, position));
    auto septets = modem::encode_gsm7(text.substr(start, position - start));
    if (!septets) return std::nullopt;
    out.pieces.push_back(*std::move(septets));
  }
  return out;
}

Encoded encode_ucs2_pieces(std::string_view text) {
  Encoded out{.ucs2 = true, .pieces = {}};
  for (std::size_t position = 0; position < text.size();) {
    Octets units;
    modem::encode_utf16(units, next_code_point(text, position));
    out.pieces.push_back(std::move(units));
  }
  return out;
}

// Pairs of two become two pieces: escape and extension, high and low surrogate.
void allow_cuts_anywhere(Encoded& encoded) {
  const std::size_t unit = encoded.ucs2 ? 2 : 1;
  std::vector<Octets> units;
  for (const Octets& piece : encoded.pieces) {
    for (std::size_t i = 0; i < piece.size(); i += unit) {
      const auto from = piece.begin() + static_cast<std::ptrdiff_t>(i);
      units.emplace_back(from, from + static_cast<std::ptrdiff_t>(unit));
    }
  }
  encoded.pieces = std::move(units);
}

// Septets or octets that fit behind a header of `header` octets, UDHL included.
std::size_t capacity(bool ucs2, std::size_t header) {
  const std::size_t octets = kUserDataOctets - header;
  return ucs2 ? octets / 2 * 2 : octets * 8 / 7;
}

std::vector<Octets> fill(const std::vector<Octets>& pieces, std::size_t room) {
  std::vector<Octets> parts(1);
  for (const Octets& piece : pieces) {
    if (parts.back().size() + piece.size() > room) parts.emplace_back();
    parts.back().insert(parts.back().end(), piece.begin(), piece.end());
  }
  return parts;
}

Result<modem::Address> sender_address(std::string_view from) {
  if (auto number = modem::Address::from_number(from)) return number;
  constexpr std::size_t kLongestName = 11;
  const auto septets = is_valid_utf8(from) ? modem::encode_gsm7(from) : std::nullopt;
  if (from.empty() || !septets || septets->size() > kLongestName) {
    return fail(Errc::bad_input, "sender: neither a number nor a name of up to 11 characters");
  }
  return modem::Address{modem::TypeOfNumber::alphanumeric, 0, std::string(from)};
}

modem::Deliver make_deliver(const modem::Address& sender, bool ucs2, const TextShape& shape, Octets data) {
  modem::Deliver deliver;
  deliver.sender = sender;
  std::uint8_t dcs = ucs2 ? kDcsUcs2 : std::uint8_t{0};
  if (shape.message_class) dcs = static_cast<std::uint8_t>(dcs | kDcsHasClass | *shape.message_class);
  deliver.user_data.dcs = dcs;
  deliver.user_data.data = std::move(data);
  return deliver;
}

// In the order of arrival. mt19937 and this shuffle give the same order everywhere.
void rearrange(std::vector<Octets>& parts, const TextShape& shape) {
  if (shape.duplicate) {
    const std::vector<Octets> again = parts;
    parts.insert(parts.end(), again.begin(), again.end());
  }
  if (!shape.shuffle) return;
  std::mt19937 draw(*shape.shuffle);
  for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[draw() % i]);
}

}  // namespace

Result<std::vector<Octets>> make_deliver_parts(std::string_view from, std::string_view text,
                                               const TextShape& shape, std::uint16_t reference,
                                               const std::function<modem::Timestamp()>& stamp) {
  if (!is_valid_utf8(text)) return fail(Errc::bad_input, "text: not valid UTF-8");
  const auto sender = sender_address(from);
  if (!sender) return tl::unexpected(sender.error());
  auto gsm7 = encode_gsm7_pieces(text);
  Encoded encoded = gsm7 ? *std::move(gsm7) : encode_ucs2_pieces(text);
  if (shape.cut_anywhere) allow_cuts_anywhere(encoded);
  std::vector<Octets> contents = fill(encoded.pieces, capacity(encoded.ucs2, 0));
  constexpr std::size_t kHeader = 6, kWideHeader = 7;
  const std::size_t header = shape.wide_reference ? kWideHeader : kHeader;
  if (contents.size() > 1) contents = fill(encoded.pieces, capacity(encoded.ucs2, header));
  if (contents.size() > kMostParts) return fail(Errc::bad_input, "text: longer than 255 parts");

  std::vector<Octets> parts;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    modem::Deliver deliver = make_deliver(*sender, encoded.ucs2, shape, std::move(contents[i]));
    deliver.timestamp = stamp();
    if (contents.size() > 1) {
      deliver.user_data.header.emplace().concatenation = modem::Concatenation{
          .reference = static_cast<std::uint16_t>(shape.wide_reference ? reference : reference & 0xFF),
          .wide = shape.wide_reference,
          .count = static_cast<std::uint8_t>(contents.size()),
          .number = static_cast<std::uint8_t>(i + 1)};
    }
    auto tpdu = modem::encode_tpdu(deliver);
    if (!tpdu) return tl::unexpected(tpdu.error());
    parts.push_back(*std::move(tpdu));
  }
  rearrange(parts, shape);
  return parts;
}

Result<Octets> make_status_report(const SentPart& part, std::uint8_t status, std::chrono::minutes zone) {
  const modem::Timestamp now{.utc = std::chrono::floor<seconds>(utc_now()), .offset = zone};
  modem::StatusReport report;
  report.reference = part.reference;
  report.recipient = part.submit.recipient;
  report.timestamp = report.discharge = now;
  report.status = status;
  return modem::encode_tpdu(report);
}

}  // namespace pigeon::sim
