// Cutting texts into parts (modem/segmenter.h).
#include "modem/sms/segmenter.h"

#include <doctest/doctest.h>

#include <random>

#include "base/text.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/user_data.h"

using namespace pigeon;
using namespace pigeon::modem;

namespace {

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

const Address kRecipient = Address::from_number("+491512345678").value();

std::vector<Submit> parts_of(std::string_view text, SegmentOptions options = {}) {
  auto parts = segment(text, kRecipient, options);
  REQUIRE(parts.has_value());
  CHECK(count_segments(text).value() == parts->size());
  return *parts;
}

// The parts as they are when they have gone over the air.
std::vector<Submit> sent(const std::vector<Submit>& parts) {
  std::vector<Submit> received;
  for (const Submit& part : parts) {
    const auto octets = encode_tpdu(part);
    REQUIRE(octets.has_value());
    received.push_back(std::get<Submit>(decode_tpdu(*octets, Direction::from_mobile).value()));
  }
  return received;
}

std::string joined(const std::vector<Submit>& parts) {
  std::vector<const UserData*> user_data;
  for (const Submit& part : parts) user_data.push_back(&part.user_data);
  return decode_text(user_data).value();
}

}  // namespace

TEST_CASE("segmenter: how many parts") {
  struct Case {
    std::string name;
    std::string text;
    Alphabet alphabet;
    std::size_t parts;
  };
  const Case cases[] = {
      {"nothing", "", Alphabet::gsm7, 1},
      {"160 septets", repeat("a", 160), Alphabet::gsm7, 1},
      {"161 septets", repeat("a", 161), Alphabet::gsm7, 2},
      {"306 septets", repeat("a", 306), Alphabet::gsm7, 2},
      {"307 septets", repeat("a", 307), Alphabet::gsm7, 3},
      {"80 characters of two septets", repeat("€", 80), Alphabet::gsm7, 1},
      {"81 characters of two septets", repeat("€", 81), Alphabet::gsm7, 2},
      {"152 characters of two septets, 76 a part", repeat("€", 152), Alphabet::gsm7, 2},
      {"153 characters of two septets", repeat("€", 153), Alphabet::gsm7, 3},
      {"70 units", repeat("П", 70), Alphabet::ucs2, 1},
      {"71 units", repeat("П", 71), Alphabet::ucs2, 2},
      {"134 units", repeat("П", 134), Alphabet::ucs2, 2},
      {"135 units", repeat("П", 135), Alphabet::ucs2, 3},
      {"35 pairs", repeat("😁", 35), Alphabet::ucs2, 1},
      {"36 pairs, 33 a part", repeat("😁", 36), Alphabet::ucs2, 2},
      {"67 pairs", repeat("😁", 67), Alphabet::ucs2, 3},
      {"one character outside GSM 7-bit", repeat("a", 70) + "ç", Alphabet::ucs2, 2},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const auto parts = parts_of(c.text);
    CHECK(parts.size() == c.parts);
    CHECK(joined(sent(parts)) == c.text);
    for (const Submit& part : parts) CHECK(part.user_data.alphabet() == c.alphabet);
  }
}

TEST_CASE("segmenter: parts are numbered under one reference") {
  const auto parts = sent(parts_of(repeat("a", 400), {.reference = 0xAB, .request_status_report = true}));
  REQUIRE(parts.size() == 3);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    REQUIRE(parts[i].user_data.header.has_value());
    const Concatenation expected{
        .reference = 0xAB, .wide = false, .count = 3, .number = static_cast<std::uint8_t>(i + 1)};
    CHECK(parts[i].user_data.header->concatenation == expected);
    CHECK(parts[i].request_status_report);
    CHECK(parts[i].recipient == kRecipient);
  }
}

TEST_CASE("segmenter: one part has no header") {
  const auto parts = parts_of("hello");
  REQUIRE(parts.size() == 1);
  CHECK_FALSE(parts[0].user_data.header.has_value());
  CHECK_FALSE(parts[0].request_status_report);
}

TEST_CASE("segmenter: an escape sequence is never cut") {
  const auto parts = parts_of(repeat("a", 152) + "€" + repeat("b", 20));
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].user_data.data.size() == 152);
  CHECK(parts[1].user_data.data.front() == kEscapeSeptet);
}

TEST_CASE("segmenter: a surrogate pair is never cut") {
  const auto parts = parts_of(repeat("П", 66) + "😁" + repeat("Ж", 10));
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].user_data.data.size() == 132);
  CHECK(decode_text(parts[0].user_data).value() == repeat("П", 66));
}

TEST_CASE("segmenter: 255 parts are the most") {
  CHECK(parts_of(repeat("a", 255 * 153)).size() == 255);
  const auto too_long = segment(repeat("a", 255 * 153 + 1), kRecipient, {});
  REQUIRE_FALSE(too_long.has_value());
  CHECK(too_long.error().code == Errc::bad_input);
  CHECK_FALSE(count_segments(repeat("a", 255 * 153 + 1)).has_value());
}

TEST_CASE("segmenter: what cannot be sent is refused") {
  CHECK_FALSE(segment("\xFF", kRecipient, {}).has_value());
  CHECK_FALSE(segment("\xED\xA0\x80", kRecipient, {}).has_value());  // a surrogate in UTF-8
  CHECK_FALSE(segment("hello", Address{}, {}).has_value());
  Address impossible = kRecipient;
  impossible.value = "12 34";
  CHECK_FALSE(segment("hello", impossible, {}).has_value());
}

TEST_CASE("segmenter: any text arrives as it was") {
  static constexpr std::string_view kCharacters[] = {
      "a",      "@", "\r", "€", "[", "Ω", "ü", "é", "\n", " ", "ç", "П", "漢", "😁", "👩‍👩‍👧",
      "\u0301", "0"};
  std::mt19937 random(20240229);
  for (int round = 0; round < 600; ++round) {
    const std::size_t alphabet = round % 3 == 0 ? 10 : round % 3 == 1 ? 13 : std::size(kCharacters);
    const std::size_t length = random() % 700;
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += kCharacters[random() % alphabet];
    INFO(text);
    const auto parts = parts_of(text);
    CHECK(joined(sent(parts)) == text);
    for (const Submit& part : parts) CHECK(decode_text(part.user_data).has_value());  // whole characters only
  }
}
