// Data coding schemes and the text of one or several parts (modem/user_data.h, modem/dcs.h).
#include "modem/sms/user_data.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "modem/sms/dcs.h"
#include "modem/sms/gsm7.h"

using namespace pigeon;
using namespace pigeon::modem;

namespace {

UserData part(std::uint8_t dcs, std::string_view hex) {
  return {.dcs = dcs, .header = std::nullopt, .data = from_hex(hex).value()};
}

UserData gsm7_part(Octets septets, std::uint8_t locking_shift = 0) {
  UserData user_data{.dcs = 0, .header = std::nullopt, .data = std::move(septets)};
  if (locking_shift != 0) user_data.header.emplace().locking_shift = locking_shift;
  return user_data;
}

Result<std::string> decode(const std::vector<UserData>& parts) {
  std::vector<const UserData*> pointers;
  for (const UserData& one : parts) pointers.push_back(&one);
  return decode_text(pointers);
}

}  // namespace

TEST_CASE("dcs: every coding group of TS 23.038 §4") {
  struct Case {
    std::string name;
    std::uint8_t dcs;
    Alphabet alphabet;
    std::optional<int> message_class;
  };
  const Case cases[] = {
      {"general", 0x00, Alphabet::gsm7, {}},
      {"general, class bits without meaning", 0x03, Alphabet::gsm7, {}},
      {"general, 8-bit", 0x04, Alphabet::octets, {}},
      {"general, UCS-2", 0x08, Alphabet::ucs2, {}},
      {"general, reserved alphabet", 0x0C, Alphabet::gsm7, {}},
      {"general, flash", 0x10, Alphabet::gsm7, 0},
      {"general, flash in UCS-2", 0x18, Alphabet::ucs2, 0},
      {"general, 8-bit for the SIM", 0x16, Alphabet::octets, 2},
      {"general, class 3", 0x13, Alphabet::gsm7, 3},
      {"automatic deletion", 0x40, Alphabet::gsm7, {}},
      {"automatic deletion, UCS-2", 0x48, Alphabet::ucs2, {}},
      {"automatic deletion, 8-bit, class 1", 0x55, Alphabet::octets, 1},
      {"reserved group 1000", 0x84, Alphabet::gsm7, {}},
      {"reserved group 1011", 0xBF, Alphabet::gsm7, {}},
      {"message waiting, discard", 0xC8, Alphabet::gsm7, {}},
      {"message waiting, store", 0xD0, Alphabet::gsm7, {}},
      {"message waiting, store, UCS-2", 0xE0, Alphabet::ucs2, {}},
      {"data coding and class", 0xF0, Alphabet::gsm7, 0},
      {"data coding and class, 8-bit", 0xF5, Alphabet::octets, 1},
      {"data coding and class, reserved bit set", 0xFB, Alphabet::gsm7, 3},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const UserData user_data{.dcs = c.dcs, .header = std::nullopt, .data = {}};
    CHECK(user_data.alphabet() == c.alphabet);
    CHECK(user_data.message_class() == c.message_class);
    CHECK_FALSE(parse_dcs(c.dcs).compressed);
  }
}

TEST_CASE("user data: compressed text is octets to the decoder and refused as text") {
  for (const std::uint8_t dcs : Octets{0x20, 0x28, 0x60, 0x38}) {
    INFO(int{dcs});
    const UserData compressed = part(dcs, "010203");
    CHECK(compressed.alphabet() == Alphabet::octets);
    const auto text = decode_text(compressed);
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().code == Errc::unsupported);
  }
}

TEST_CASE("user data: a surrogate pair split between parts is one character") {
  CHECK(decode({part(8, "0041D83D"), part(8, "DE010042")}).value() == "A😁B");
  CHECK(decode({part(8, "D83D"), part(8, ""), part(8, "DE01")}).value() == "😁");
}

TEST_CASE("user data: a character split between its octets is whole again") {
  CHECK(decode({part(8, "004104"), part(8, "1F0042")}).value() == "AПB");
}

TEST_CASE("user data: a byte order mark tells the order and is no text") {
  struct Row {
    const char* name;
    std::vector<UserData> parts;
    const char* text;
  };
  const Row rows[] = {
      {"big-endian", {part(8, "FEFF00480069")}, "Hi"},
      {"little-endian", {part(8, "FFFE48006900")}, "Hi"},
      {"one mark for all parts", {part(8, "FFFE48006900"), part(8, "21002100")}, "Hi!!"},
      {"a mark in each part", {part(8, "FFFE4800"), part(8, "FFFE6900")}, "Hi"},
      {"big-endian marks in each part", {part(8, "FEFF0048"), part(8, "FEFF0069")}, "Hi"},
      {"the parts disagree", {part(8, "FFFE4800"), part(8, "FEFF0069")}, "Hi"},
      {"a pair split between parts", {part(8, "FFFE3DD8"), part(8, "01DE")}, "😁"},
      {"a unit split between parts", {part(8, "FFFE48"), part(8, "006900")}, "Hi"},
      {"what looks like a mark within a unit", {part(8, "0048FF"), part(8, "FE0069")}, "H￾i"},
      {"only a mark", {part(8, "FFFE")}, ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(decode(row.parts).value() == row.text);
  }
}

TEST_CASE("user data: half a surrogate pair is one unknown character, half a unit is refused") {
  CHECK(decode({part(8, "0041D83D"), part(8, "0042")}).value() == "A\uFFFDB");
  const auto text = decode({part(8, "004100")});
  REQUIRE_FALSE(text.has_value());
  CHECK(text.error().code == Errc::bad_input);
}

TEST_CASE("user data: an escape split between parts is one character") {
  CHECK(decode({gsm7_part({0x41, 0x1B}), gsm7_part({0x65})}).value() == "A€");
}

TEST_CASE("user data: each part has its own shift tables") {
  CHECK(decode({gsm7_part({0x03}, 13), gsm7_part({0x03})}).value() == "ٻ¥");
}

TEST_CASE("user data: 8-bit data is UTF-8, or else ISO 8859-1") {
  CHECK(decode_text(part(4, "68C3A9")).value() == "hé");
  CHECK(decode_text(part(4, "68E9")).value() == "hé");
  CHECK(decode({part(4, "68C3"), part(4, "A9")}).value() == "hé");
  CHECK(decode_text(part(4, "")).value().empty());
}

TEST_CASE("user data: parts in different alphabets follow each other") {
  CHECK(decode({gsm7_part({0x41}), part(8, "041F"), gsm7_part({0x42}), part(4, "43")}).value() == "AПBC");
  // The halves do not meet over another alphabet.
  CHECK(decode({part(8, "D83D"), gsm7_part({0x41}), part(8, "DE01")}).value() == "\uFFFDA\uFFFD");
}

TEST_CASE("user data: no parts, no text") {
  CHECK(decode({}).value().empty());
}
