// SHA-256, HMACs and randomness, for codes that are stored as hashes and for words that nobody may guess.
// Any thread. Everything throws std::runtime_error when the crypto library fails, which it does not.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_mac_ctx_st;  // OpenSSL's

namespace pigeon {

// FIPS 180-4.
[[nodiscard]] std::vector<std::uint8_t> sha256(std::string_view text);
// RFC 2104 with SHA-256: 32 octets that only who has the key can make of `octets`. The key is prepared once;
// looking the algorithm up and preparing costs five times as much as a short text.
class HmacSha256 {
 public:
  explicit HmacSha256(std::span<const std::uint8_t> key);
  [[nodiscard]] std::vector<std::uint8_t> operator()(std::span<const std::uint8_t> octets) const;
  [[nodiscard]] std::vector<std::uint8_t> operator()(std::string_view text) const;

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> keyed_;  // copied for each use, never changed
};
// RFC 2104 with SHA-1, which OAuth 1.0a signs with (RFC 5849 §3.4.2); for nothing new.
[[nodiscard]] std::vector<std::uint8_t> hmac_sha1(std::string_view key, std::string_view text);
// `count` octets from the system's generator.
[[nodiscard]] std::vector<std::uint8_t> random_octets(std::size_t count);
// `octets` random octets as base64url.
[[nodiscard]] std::string random_token(std::size_t octets);
// 12 lower-case letters and digits without look-alikes (58 random bits): short enough for an SMS, not
// guessable.
[[nodiscard]] std::string random_code();
// Six decimal digits, "000000"–"999999".
[[nodiscard]] std::string random_digits6();

}  // namespace pigeon
