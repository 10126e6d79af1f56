// Decoding and encoding TPDUs in tests: hex in, hex out, and a failed step fails the test.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "modem/sms/pdu.h"

namespace pigeon::test {

using namespace pigeon::modem;

inline Result<Tpdu> decode(std::string_view hex, Direction direction = Direction::to_mobile) {
  return decode_tpdu(from_hex(hex).value(), direction);
}

template <typename Type>
Type decode_as(std::string_view hex, Direction direction = Direction::to_mobile) {
  INFO(hex);
  auto tpdu = decode(hex, direction);
  REQUIRE_MESSAGE(tpdu.has_value(), (tpdu ? "" : tpdu.error().message));
  REQUIRE(std::holds_alternative<Type>(*tpdu));
  return std::get<Type>(*tpdu);
}

inline std::string encode(const Tpdu& tpdu) {
  const auto octets = encode_tpdu(tpdu);
  REQUIRE_MESSAGE(octets.has_value(), (octets ? "" : octets.error().message));
  return to_hex(*octets);
}

inline Submit submit_to(std::string_view number) {
  Submit submit;
  submit.recipient = Address::from_number(number).value();
  return submit;
}

}  // namespace pigeon::test
