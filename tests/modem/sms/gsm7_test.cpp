// The GSM 7-bit alphabets and the packing of septets (modem/gsm7.h). The tables themselves are held against
// public vectors in vectors_test.cpp.
#include "modem/sms/gsm7.h"

#include <doctest/doctest.h>

#include <numeric>

#include "base/text.h"

using namespace pigeon;
using namespace pigeon::modem;

namespace {

Octets ascending_septets(std::size_t count) {
  Octets septets(count);
  std::iota(septets.begin(), septets.end(), std::uint8_t{1});
  for (std::uint8_t& septet : septets) septet &= 0x7F;
  return septets;
}

std::string decode(const Octets& septets, Gsm7Tables tables = {}) {
  std::string text;
  bool escaped = false;
  append_gsm7(text, septets, tables, escaped);
  finish_gsm7(text, escaped);
  return text;
}

Octets encode(std::string_view text) {
  const auto septets = encode_gsm7(text);
  REQUIRE(septets.has_value());
  return *septets;
}

}  // namespace

TEST_CASE("gsm7: septets pack from the lowest bit on") {
  Octets packed;
  pack_septets(packed, encode("hellohello"));
  CHECK(to_hex(packed) == "E8329BFD4697D9EC37");
  CHECK(decode(unpack_septets(packed, 10)) == "hellohello");
}

TEST_CASE("gsm7: packing and unpacking agree at every length behind every fill") {
  for (unsigned fill_bits = 0; fill_bits < 7; ++fill_bits) {
    for (std::size_t count = 0; count <= 160; ++count) {
      INFO("fill ", fill_bits, ", septets ", count);
      const Octets septets = ascending_septets(count);
      Octets packed;
      pack_septets(packed, septets, fill_bits);
      CHECK(packed.size() == (fill_bits + count * 7 + 7) / 8);
      CHECK(unpack_septets(packed, count, fill_bits) == septets);
    }
  }
}

TEST_CASE("gsm7: packing appends behind what is there") {
  Octets out{0xAA};
  pack_septets(out, Octets{0x7F}, 1);
  CHECK(to_hex(out) == "AAFE");
}

TEST_CASE("gsm7: septets are told from octets wherever the high bit is") {
  for (std::size_t length = 0; length < 20; ++length) {
    Octets octets(length, 0x7F);
    CHECK(are_septets(octets));
    for (std::uint8_t& octet : octets) {
      octet = 0x80;
      CHECK_FALSE(are_septets(octets));
      octet = 0x7F;
    }
  }
}

TEST_CASE("gsm7: an @ that ends at an octet border is kept, and none appears from spare bits") {
  for (const std::string text :
       {"1234567", "1234567@", "123456@", "@", "@@@@@@@@", "1234567@1234567", "1234567\r"}) {
    INFO(text);
    Octets packed;
    pack_septets(packed, encode(text));
    CHECK(decode(unpack_septets(packed, text.size())) == text);
  }
}

TEST_CASE("gsm7: every character of the default alphabet and its extension comes back") {
  const std::string basic =
      "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
      "abcdefghijklmnopqrstuvwxyzäöñüà";
  const Octets basic_septets = encode(basic);
  CHECK(basic_septets.size() == 127);  // all positions but the escape
  CHECK(decode(basic_septets) == basic);
  const std::string extension = "\f^{}\\[~]|€";
  const Octets extension_septets = encode(extension);
  CHECK(extension_septets.size() == 20);
  CHECK(decode(extension_septets) == extension);
}

TEST_CASE("gsm7: one septet, two with the extension, or no place in the alphabet") {
  for (const char* one : {"a", "Ω"}) CHECK(encode_gsm7(one)->size() == 1);
  for (const char* two : {"€", "["}) CHECK(encode_gsm7(two)->size() == 2);
  // Only the capital of ç is in the alphabet.
  for (const char* none : {"ç", "`", "\t", "\x1B", "ÿ", "😁"}) CHECK_FALSE(encode_gsm7(none).has_value());
}

TEST_CASE("gsm7: a character outside the alphabet encodes to nothing") {
  CHECK_FALSE(encode_gsm7("naïve").has_value());
  CHECK_FALSE(encode_gsm7("\t").has_value());
  CHECK_FALSE(encode_gsm7("a\u001B").has_value());
}

TEST_CASE("gsm7: what an escape shows") {
  struct Case {
    std::string name;
    Octets septets;
    Gsm7Tables tables;
    std::string expected;
  };
  const Case cases[] = {
      {"extension", {0x1B, 0x65}, {}, "€"},
      {"no such extension: the basic character", {0x1B, 0x41}, {}, "A"},
      {"no such extension: the locking table's character",
       {0x1B, 0x03},
       {.locking_shift = 13, .single_shift = 0},
       "ٻ"},
      {"escape behind an escape", {0x1B, 0x1B, 0x65}, {}, " e"},
      {"escape at the end", {0x41, 0x1B}, {}, "A "},
      {"page break", {0x1B, 0x0A}, {}, "\f"},
      {"single shift", {0x1B, 0x41}, {.locking_shift = 0, .single_shift = 2}, "Á"},
      {"single shift, not locking", {0x41}, {.locking_shift = 0, .single_shift = 2}, "A"},
      {"locking", {0x1D, 0x07}, {.locking_shift = 1, .single_shift = 0}, "şı"},
      {"locking and single together", {0x1D, 0x1B, 0x67}, {.locking_shift = 1, .single_shift = 1}, "şğ"},
      {"unassigned position", {0x0C}, {.locking_shift = 4, .single_shift = 0}, " "},
      {"reserved languages are ignored",
       {0x03, 0x1B, 0x65},
       {.locking_shift = 14, .single_shift = 255},
       "¥€"},
      {"Spanish has no locking table", {0x09}, {.locking_shift = 2, .single_shift = 0}, "Ç"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(decode(c.septets, c.tables) == c.expected);
  }
}

TEST_CASE("gsm7: an escape and its character may come in two calls") {
  std::string text;
  bool escaped = false;
  append_gsm7(text, Octets{0x41, 0x1B}, {}, escaped);
  append_gsm7(text, Octets{0x65, 0x42}, {}, escaped);
  finish_gsm7(text, escaped);
  CHECK(text == "A€B");
}

TEST_CASE("gsm7: which languages have tables") {
  for (std::uint8_t language = 0; language <= 13; ++language) {
    INFO("language ", int{language});
    CHECK(has_locking_table(language) == (language != 2));
    CHECK(has_single_shift_table(language));
  }
  CHECK_FALSE(has_locking_table(14));
  CHECK_FALSE(has_single_shift_table(14));
  CHECK_FALSE(locking_character(14, 0x41).has_value());
  CHECK_FALSE(locking_character(0, 0x80).has_value());
  CHECK_FALSE(single_shift_character(0, 0x41).has_value());
}
