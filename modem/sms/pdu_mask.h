// A PDU without what is private in it: numbers and words are replaced where they stand, so that its length,
// its headers and whatever is odd about it stay. For recordings that are shown to others. Pure.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "modem/sms/octets.h"

namespace pigeon::modem {

// Digits for the digits of a number: as many.
using NumberMask = std::function<std::string(const std::string& digits)>;

// With the service centre's address in front or without it; what does not decode is cut off from being read
// where it breaks: 0xFF from there on.
[[nodiscard]] Octets masked_pdu(std::span<const std::uint8_t> pdu, const NumberMask& number);

}  // namespace pigeon::modem
