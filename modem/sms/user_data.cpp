// From user data to UTF-8; see user_data.h.
#include "modem/sms/user_data.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "modem/sms/dcs.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/ucs2.h"

namespace pigeon::modem {
namespace {

using Parts = std::span<const UserData* const>;

Gsm7Tables tables_of(const UserData& part) {
  if (!part.header) return {};
  return {.locking_shift = part.header->locking_shift, .single_shift = part.header->single_shift};
}

std::string decode_gsm7(Parts parts) {
  std::string text;
  std::size_t septets = 0;
  for (const UserData* part : parts) septets += part->data.size();
  text.reserve(septets + septets / 8);  // mostly ASCII
  bool escaped = false;
  for (const UserData* part : parts) append_gsm7(text, part->data, tables_of(*part), escaped);
  finish_gsm7(text, escaped);
  return text;
}

Octets join(Parts parts) {
  Octets joined;
  for (const UserData* part : parts) joined.insert(joined.end(), part->data.begin(), part->data.end());
  return joined;
}

enum class ByteOrder { big, little };

// The order that a byte order mark at the front tells; nothing when there is no mark.
std::optional<ByteOrder> mark_of(std::span<const std::uint8_t> octets) {
  if (octets.size() < 2) return std::nullopt;
  if (octets[0] == 0xFE && octets[1] == 0xFF) return ByteOrder::big;
  if (octets[0] == 0xFF && octets[1] == 0xFE) return ByteOrder::little;
  return std::nullopt;
}

// SMS is big-endian and wants no mark (TS 23.038 §6.2.3), but some programs send what their memory holds.
// The order that a mark tells holds for all that follows, over the parts' borders; a program that cuts first
// and encodes then begins each part with its own mark, which is no text there either.
Octets join_ucs2(Parts parts) {
  Octets joined;
  ByteOrder order = ByteOrder::big;
  std::size_t run = 0;  // where the octets of the present order begin
  const auto turn_round = [&] {
    for (std::size_t i = run; order == ByteOrder::little && i + 1 < joined.size(); i += 2)
      std::swap(joined[i], joined[i + 1]);
    run = joined.size();
  };
  for (const UserData* part : parts) {
    std::span<const std::uint8_t> octets = part->data;
    const bool between_units = joined.size() % 2 == 0;
    if (const auto mark = between_units ? mark_of(octets) : std::nullopt) {
      turn_round();
      order = *mark;
      octets = octets.subspan(2);
    }
    joined.insert(joined.end(), octets.begin(), octets.end());
  }
  turn_round();
  return joined;
}

Result<std::string> decode_ucs2(Parts parts) {
  if (parts.size() == 1 && !mark_of(parts.front()->data)) return decode_utf16(parts.front()->data);
  return decode_utf16(join_ucs2(parts));
}

std::string decode_octets(Parts parts) {
  const Octets joined = join(parts);
  std::string bytes(joined.begin(), joined.end());
  if (is_valid_utf8(bytes)) return bytes;
  std::string text;
  for (const std::uint8_t octet : joined) append_utf8(text, octet);
  return text;
}

// Parts of one alphabet, decoded as one text.
Result<std::string> decode_run(Parts run) {
  switch (run.front()->alphabet()) {
    case Alphabet::gsm7:
      return decode_gsm7(run);
    case Alphabet::octets:
      return decode_octets(run);
    case Alphabet::ucs2:
      return decode_ucs2(run);
  }
  return std::string();
}

}  // namespace

Alphabet UserData::alphabet() const {
  const DataCodingScheme scheme = parse_dcs(dcs);
  return scheme.compressed ? Alphabet::octets : scheme.alphabet;
}

std::optional<int> UserData::message_class() const {
  return parse_dcs(dcs).message_class;
}

Result<std::string> decode_text(std::span<const UserData* const> parts) {
  for (const UserData* part : parts) {
    if (parse_dcs(part->dcs).compressed) {
      return fail(Errc::unsupported, "TP-DCS " + to_hex({&part->dcs, 1}) + ": compressed text");
    }
  }
  std::string text;
  for (std::size_t start = 0; start < parts.size();) {
    std::size_t end = start + 1;
    while (end < parts.size() && parts[end]->alphabet() == parts[start]->alphabet()) ++end;
    Result<std::string> run = decode_run(parts.subspan(start, end - start));
    if (!run || end - start == parts.size()) return run;
    text += *run;
    start = end;
  }
  return text;
}

Result<std::string> decode_text(const UserData& only_part) {
  const UserData* parts[] = {&only_part};
  return decode_text(parts);
}

}  // namespace pigeon::modem
