// Tokens at rest: AES-256-GCM with a fresh 96-bit nonce (NIST SP 800-38D), bound to the row they belong to by
// the associated data, so that a sealed token copied into another row does not open.
//
//   sealed = [nonce 12][ciphertext …][tag 16]
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pigeon::store {

class SecretBox {
 public:
  static constexpr std::size_t kKeyOctets = 32;
  using Key = std::array<std::uint8_t, kKeyOctets>;

  // With the 64 hex digits in `key_file`; Errc::not_found when there is no such file.
  [[nodiscard]] static Result<SecretBox> open(const std::string& key_file);
  // With a random key, which is in `key_file` (mode 0600, on the disk) when it returns; Errc::conflict when
  // there is one already.
  [[nodiscard]] static Result<SecretBox> create(const std::string& key_file);
  // With a key at hand; wiped from memory at the end, as that of open() and create().
  explicit SecretBox(const Key& key) : key_(key) {}
  ~SecretBox();
  SecretBox(const SecretBox&) = default;
  SecretBox& operator=(const SecretBox&) = default;

  // `row` names the table, column and key of the place it is kept in; unseal() must be told the same.
  [[nodiscard]] std::vector<std::uint8_t> seal(std::string_view plaintext, std::string_view row) const;
  // Errc::denied when the key, the row or the octets are not those that were sealed.
  [[nodiscard]] Result<std::string> unseal(std::span<const std::uint8_t> sealed, std::string_view row) const;
  // A key of its own for one purpose: HKDF-Expand (RFC 5869 §2.3), one block long, with `purpose` as info. It
  // tells nothing about this key or those of other purposes, and is the same for as long as the key is.
  [[nodiscard]] Key subkey(std::string_view purpose) const;

 private:
  Key key_;
};

}  // namespace pigeon::store
