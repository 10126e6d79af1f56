// OpenSSL's digests and generator; see crypto.h.
#include "base/crypto.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

#include "base/text.h"

namespace pigeon {
namespace {

constexpr std::size_t kSha256Octets = 32;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("crypto library: ") + what + " failed");
}

// Looked up once; OpenSSL 3 searches its providers at each use of EVP_sha256().
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(algorithm != nullptr, "SHA-256");
  return algorithm;
}

}  // namespace

std::vector<std::uint8_t> sha256(std::string_view text) {
  std::vector<std::uint8_t> digest(kSha256Octets);
  require(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, sha256_algorithm(), nullptr) == 1,
          "SHA-256");
  return digest;
}

void HmacSha256::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(std::span<const std::uint8_t> key) {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(algorithm != nullptr, "HMAC");
  keyed_.reset(EVP_MAC_CTX_new(algorithm));
  std::string digest = "SHA256";
  const std::array parameters = {OSSL_PARAM_construct_utf8_string("digest", digest.data(), 0),
                                 OSSL_PARAM_construct_end()};
  require(keyed_ && EVP_MAC_init(keyed_.get(), key.data(), key.size(), parameters.data()) == 1, "HMAC");
}

std::vector<std::uint8_t> HmacSha256::operator()(std::span<const std::uint8_t> octets) const {
  const std::unique_ptr<evp_mac_ctx_st, Free> context(EVP_MAC_CTX_dup(keyed_.get()));
  std::vector<std::uint8_t> code(kSha256Octets);
  std::size_t size = 0;
  require(context && EVP_MAC_update(context.get(), octets.data(), octets.size()) == 1 &&
              EVP_MAC_final(context.get(), code.data(), &size, code.size()) == 1,
          "HMAC");
  return code;
}

std::vector<std::uint8_t> HmacSha256::operator()(std::string_view text) const {
  return (*this)(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::vector<std::uint8_t> hmac_sha1(std::string_view key, std::string_view text) {
  constexpr std::size_t kSha1Octets = 20;
  std::vector<std::uint8_t> code(kSha1Octets);
  std::size_t size = 0;
  require(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA1", nullptr, key.data(), key.size(),
                    reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(),
                    code.size(), &size) != nullptr,
          "HMAC");
  return code;
}

std::vector<std::uint8_t> random_octets(std::size_t count) {
  std::vector<std::uint8_t> octets(count);
  require(RAND_bytes(octets.data(), static_cast<int>(count)) == 1, "random number generator");
  return octets;
}

std::string random_token(std::size_t octets) {
  return base64url(random_octets(octets));
}

std::string random_code() {
  // Five bits of an octet choose; what falls outside is drawn again, so there is no bias. No 0 o, 1 l i, u.
  constexpr std::string_view kSymbols = "23456789abcdefghjkmnpqrstvwxyz";
  static_assert(kSymbols.size() == 30);  // 12 × log2(30) = 58.9 bits
  std::string code;
  while (code.size() < 12) {
    for (const std::uint8_t octet : random_octets(16)) {
      const std::size_t symbol = octet & 31U;
      if (symbol < kSymbols.size() && code.size() < 12) code += kSymbols[symbol];
    }
  }
  return code;
}

std::string random_digits6() {
  std::string digits;
  while (digits.size() < 6) {
    for (const std::uint8_t octet : random_octets(8)) {
      if (octet < 250 && digits.size() < 6) digits += static_cast<char>('0' + octet % 10);
    }
  }
  return digits;
}

}  // namespace pigeon
