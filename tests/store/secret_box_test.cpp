// Sealing tokens: what opens, what must not, and that nothing repeats.
#include "store/secret_box.h"

#include <doctest/doctest.h>

#include <set>

#include "base/text.h"

using namespace pigeon;
using store::SecretBox;

namespace {

SecretBox::Key key_of(std::uint8_t fill) {
  SecretBox::Key key{};
  key.fill(fill);
  return key;
}

}  // namespace

TEST_CASE("secret box: opens only with its key, for its row, and unharmed") {
  const SecretBox box(key_of(1));
  const auto sealed = box.seal("token", "accounts/access_token/+1");
  CHECK(*box.unseal(sealed, "accounts/access_token/+1") == "token");
  CHECK(box.unseal(sealed, "accounts/access_token/+2").error().code == Errc::denied);
  CHECK_FALSE(box.unseal(sealed, "accounts/refresh_token/+1").has_value());
  CHECK_FALSE(SecretBox(key_of(2)).unseal(sealed, "accounts/access_token/+1").has_value());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto harmed = sealed;
    harmed[i] ^= 1;
    CHECK_FALSE(box.unseal(harmed, "accounts/access_token/+1").has_value());
  }
  CHECK_FALSE(box.unseal(std::vector<std::uint8_t>(10), "x").has_value());
  CHECK(*box.unseal(box.seal("", "r"), "r").value().c_str() == '\0');
}

TEST_CASE("secret box: opens what NIST's GCM vectors sealed") {
  // SP 800-38D test case 15 without associated data: key, nonce, ciphertext and tag as published.
  SecretBox::Key key{};
  const auto key_octets = *from_hex("FEFFE9928665731C6D6A8F9467308308FEFFE9928665731C6D6A8F9467308308");
  std::copy(key_octets.begin(), key_octets.end(), key.begin());
  const auto sealed = *from_hex(
      "CAFEBABEFACEDBADDECAF888"
      "522DC1F099567D07F47F37A32A84427D643A8CDCBFE5C0C97598A2BD2555D1AA"
      "8CB08E48590DBB3DA7B08B1056828838C5F61E6393BA7A0ABCC9F662898015AD"
      "B094DAC5D93471BDEC1A502270E3CC6C");
  const auto plain = SecretBox(key).unseal(sealed, "");
  REQUIRE(plain.has_value());
  CHECK(to_hex(std::vector<std::uint8_t>(plain->begin(), plain->end())) ==
        "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A72"
        "1C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B391AAFD255");
}

TEST_CASE("secret box: a subkey belongs to its key and its purpose") {
  // RFC 5869, test case 1, step 2: the pseudorandom key, info F0…F9, and the first block of its output.
  SecretBox::Key key{};
  const auto prk = *from_hex("077709362C2E32DF0DDC3F0DC47BBA6390B6C73BB50F9C3122EC844AD7C2B3E5");
  std::copy(prk.begin(), prk.end(), key.begin());
  const auto info = *from_hex("F0F1F2F3F4F5F6F7F8F9");
  const std::string purpose(info.begin(), info.end());
  CHECK(to_hex(SecretBox(key).subkey(purpose)) ==
        "3CB25F25FAACD57A90434F64D0362F2A2D2D0A90CF1A5A4C5DB02D56ECC4C5BF");
  CHECK(SecretBox(key).subkey("texts") != SecretBox(key).subkey("text"));
  CHECK(SecretBox(key_of(1)).subkey("texts") != SecretBox(key_of(2)).subkey("texts"));
}

TEST_CASE("secret box: nonces do not repeat") {
  const SecretBox box(key_of(3));
  std::set<std::string> sealed;
  for (int i = 0; i < 500; ++i) sealed.insert(to_hex(box.seal("same", "same")));
  CHECK(sealed.size() == 500);
}
