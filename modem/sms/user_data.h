// The text inside user data: GSM 7-bit with national shift tables, UCS-2/UTF-16 and 8-bit (3GPP TS 23.038).
#pragma once

#include <span>
#include <string>

#include "modem/sms/pdu.h"

namespace pigeon::modem {

// Joins the user data of one message's parts, in order, and decodes it to UTF-8. Surrogate pairs and escape
// sequences may straddle parts, so the joining comes first. One part is a span of one.
// gsm7: an unknown extension character falls back as TS 23.038 §6.2.1.1 says (shown as in the basic table).
// ucs2: read as UTF-16, big-endian unless a byte order mark says otherwise, and without such marks; an
// odd length is Errc::bad_input, a lone surrogate U+FFFD.
// octets: valid UTF-8 is taken as such, otherwise ISO 8859-1.
// Compressed text (TS 23.042) is Errc::unsupported.
[[nodiscard]] Result<std::string> decode_text(std::span<const UserData* const> parts);
// A message of one part.
[[nodiscard]] Result<std::string> decode_text(const UserData& only_part);

}  // namespace pigeon::modem
