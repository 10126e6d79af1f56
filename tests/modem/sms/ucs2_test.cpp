// UTF-16 as SMS carries it (modem/ucs2.h).
#include "modem/sms/ucs2.h"

#include <doctest/doctest.h>

#include "base/text.h"

using namespace pigeon;
using namespace pigeon::modem;

namespace {

Result<std::string> decode(std::string_view hex) {
  return decode_utf16(from_hex(hex).value());
}

std::string encode(std::string_view utf8) {
  Octets octets;
  for (std::size_t position = 0; position < utf8.size();)
    encode_utf16(octets, next_code_point(utf8, position));
  return to_hex(octets);
}

}  // namespace

TEST_CASE("ucs2: both ways") {
  struct Case {
    std::string text;
    std::string hex;
  };
  const Case cases[] = {
      {"", ""},
      {"A", "0041"},
      {"Привет", "041F04400438043204350442"},
      {"\u07FF\u0800\uFFFD", "07FF0800FFFD"},
      {"😁", "D83DDE01"},
      {"\U00010000\U0010FFFF", "D800DC00DBFFDFFF"},
      {"a😁b", "0061D83DDE010062"},
  };
  for (const Case& c : cases) {
    INFO(c.hex);
    CHECK(encode(c.text) == c.hex);
    CHECK(decode(c.hex).value() == c.text);
  }
}

TEST_CASE("ucs2: what is not UTF-16 is refused with its place") {
  struct Case {
    std::string hex;
    std::string message;
  };
  const Case cases[] = {
      {"00410042D8", "UCS-2 text: odd length of 5 octets"},
  };
  for (const Case& c : cases) {
    INFO(c.hex);
    const auto text = decode(c.hex);
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().code == Errc::bad_input);
    CHECK(text.error().message == c.message);
  }
}

TEST_CASE("ucs2: half a surrogate pair costs one character and not the text") {
  CHECK(decode("0041D83D").value() == "A\uFFFD");
  CHECK(decode("D83D0041").value() == "\uFFFDA");
  CHECK(decode("DE01D83D").value() == "\uFFFD\uFFFD");
  CHECK(decode("D83DD83DDE01").value() == "\uFFFD😁");
}

TEST_CASE("ucs2: lengths in octets") {
  CHECK(utf16_length(U'A') == 2);
  CHECK(utf16_length(U'\uFFFF') == 2);
  CHECK(utf16_length(U'😁') == 4);
}
