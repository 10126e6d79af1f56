// Hashes and random words.
#include "base/crypto.h"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>

#include "base/text.h"

using namespace pigeon;

TEST_CASE("crypto: codes and digits do not repeat or lean") {
  std::set<std::string> codes;
  std::set<char> symbols;
  std::array<int, 10> digits{};
  for (int i = 0; i < 500; ++i) {
    const std::string code = random_code();
    CHECK(code.size() == 12);
    CHECK(code.find_first_not_of("23456789abcdefghjkmnpqrstvwxyz") == std::string::npos);
    codes.insert(code);
    symbols.insert(code.begin(), code.end());
    const std::string six = random_digits6();
    CHECK(six.size() == 6);
    for (const char digit : six) ++digits.at(static_cast<std::size_t>(digit - '0'));
  }
  CHECK(codes.size() == 500);
  CHECK(symbols.size() == 30);
  for (const int times : digits) CHECK(times > 180);  // 300 expected; below 180 is beyond seven sigma
  CHECK(to_hex(sha256("abc")) == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

TEST_CASE("crypto: HMAC-SHA-256 as RFC 4231 has it") {
  const std::vector<std::uint8_t> key(20, 0x0B);
  CHECK(to_hex(HmacSha256(key)(*from_hex("4869205468657265"))) ==  // "Hi There"
        "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7");
  const std::vector<std::uint8_t> longer_than_a_block(131, 0xAA);
  const std::string_view text = "Test Using Larger Than Block-Size Key - Hash Key First";
  const HmacSha256 hmac(longer_than_a_block);
  for (int use = 1; use <= 2; ++use)
    CHECK(to_hex(hmac(text)) == "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54");
}

TEST_CASE("crypto: tokens are base64url of so many octets") {
  CHECK(random_token(16).size() == 22);
  CHECK(random_token(0).empty());
}
