// Pure text helpers: every one with what must pass and what must not.
#include "base/text.h"

#include <doctest/doctest.h>

using namespace pigeon;

TEST_CASE("text: trim, case and comparison are ASCII only") {
  CHECK(trim(" \t\r\n a b \v\f") == "a b");
  CHECK(trim("   ").empty());
  CHECK(ascii_lower("ÄBC") == "Äbc");
  CHECK(ascii_iequals("StOp", "sTOP"));
  CHECK_FALSE(ascii_iequals("stop", "stops"));
}

TEST_CASE("text: foreign control characters cannot reach a log or a terminal raw") {
  CHECK(escape_controls("a\r\nb\t\x1b[31m\x7f") == "a\\r\\nb\\t\\x1b[31m\\x7f");
  CHECK(escape_controls("päper 😀") == "päper 😀");
  CHECK(escape_controls("\xc2\x80\xc2\x9b\xc2\x9f") == "\\x80\\x9b\\x9f");  // U+009B: CSI
  CHECK(escape_controls("\xc2\xa0\xc2") == "\xc2\xa0\xc2");
}

TEST_CASE("text: HTML is escaped for text and attributes") {
  CHECK(escape_html("<a href=\"x\" onclick='y'>&") ==
        "&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;");
}

TEST_CASE("text: percent-encoding is RFC 3986's") {
  CHECK(percent_encode("a-Z_0.~ /+ü") == "a-Z_0.~%20%2F%2B%C3%BC");
}

TEST_CASE("text: hex and base64") {
  const std::vector<std::uint8_t> octets{0x00, 0x1F, 0xAB, 0xFF};
  CHECK(to_hex(octets) == "001FABFF");
  CHECK(from_hex("001fABff") == octets);
  CHECK_FALSE(from_hex("123").has_value());
  CHECK_FALSE(from_hex("0x").has_value());
  const auto bytes = [](std::string_view text) {
    return std::vector<std::uint8_t>(text.begin(), text.end());
  };
  // RFC 4648 §10.
  CHECK(base64(bytes("")).empty());
  CHECK(base64(bytes("f")) == "Zg==");
  CHECK(base64(bytes("fo")) == "Zm8=");
  CHECK(base64(bytes("foobar")) == "Zm9vYmFy");
  CHECK(base64url(std::vector<std::uint8_t>{0xFB, 0xFF}) == "-_8");
}

TEST_CASE("text: UTF-8 validity is RFC 3629's") {
  for (const char* good : {"", "plain", "\xC2\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(is_valid_utf8(good));
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF"}) {
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("text: code points survive the way out and back") {
  for (const char32_t code_point : {U'a', U'\u00E9', U'\u20AC', U'\U0001F600', U'\U0010FFFF'}) {
    std::string text;
    append_utf8(text, code_point);
    CHECK(is_valid_utf8(text));
    std::size_t position = 0;
    CHECK(next_code_point(text, position) == code_point);
    CHECK(position == text.size());
  }
}

TEST_CASE("text: shorten cuts between code points, masks hide the middle") {
  CHECK(shorten("short", 10) == "short");
  CHECK(shorten("h\xC3\xA9llo", 2) == "h…");
  CHECK(mask_number("+4915123456789") == "+4915…789");
  CHECK(mask_number("12345") == "…");
}
