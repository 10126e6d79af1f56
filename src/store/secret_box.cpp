// AES-256-GCM by OpenSSL; see secret_box.h.
#include "store/secret_box.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

namespace pigeon::store {
namespace {

constexpr std::size_t kNonceOctets = 12;
constexpr std::size_t kTagOctets = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const std::uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("crypto library: ") + what + " failed");
}

}  // namespace

Result<SecretBox> SecretBox::open(const std::string& key_file) {
  const auto text = read_secret_file(key_file);
  if (!text) return fail("read the database key", text.error());
  const auto octets = from_hex(*text);
  if (!octets || octets->size() != kKeyOctets) {
    return fail(Errc::bad_input, key_file + ": the database key must be 64 hexadecimal digits");
  }
  Key key{};
  std::copy(octets->begin(), octets->end(), key.begin());
  return SecretBox(key);
}

Result<SecretBox> SecretBox::create(const std::string& key_file) {
  auto created = create_private_file(key_file, to_hex(random_octets(kKeyOctets)) + "\n");
  if (!created) return fail("create the database key", created.error());
  return open(key_file);
}

SecretBox::~SecretBox() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::vector<std::uint8_t> SecretBox::seal(std::string_view plaintext, std::string_view row) const {
  std::vector<std::uint8_t> sealed = random_octets(kNonceOctets);
  sealed.resize(kNonceOctets + plaintext.size() + kTagOctets);
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  require(context != nullptr, "allocation");
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), sealed.data()) == 1,
          "key");
  require(EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(row), static_cast<int>(row.size())) == 1,
          "row");
  require(EVP_EncryptUpdate(context.get(), sealed.data() + kNonceOctets, &length, bytes(plaintext),
                            static_cast<int>(plaintext.size())) == 1,
          "encryption");
  require(EVP_EncryptFinal_ex(context.get(), sealed.data() + kNonceOctets + length, &length) == 1,
          "encryption");
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagOctets,
                              sealed.data() + kNonceOctets + plaintext.size()) == 1,
          "tag");
  return sealed;
}

Result<std::string> SecretBox::unseal(std::span<const std::uint8_t> sealed, std::string_view row) const {
  if (sealed.size() < kNonceOctets + kTagOctets) return fail(Errc::denied, "sealed secret: too short");
  const auto ciphertext = sealed.subspan(kNonceOctets, sealed.size() - kNonceOctets - kTagOctets);
  std::array<std::uint8_t, kTagOctets> tag{};
  std::copy_n(sealed.end() - kTagOctets, kTagOctets, tag.begin());
  std::string plaintext(ciphertext.size(), '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(plaintext.data());
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  require(context != nullptr, "allocation");
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), sealed.data()) == 1,
          "key");
  require(EVP_DecryptUpdate(context.get(), nullptr, &length, bytes(row), static_cast<int>(row.size())) == 1,
          "row");
  require(EVP_DecryptUpdate(context.get(), out, &length, ciphertext.data(),
                            static_cast<int>(ciphertext.size())) == 1,
          "decryption");
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagOctets, tag.data()) == 1, "tag");
  if (EVP_DecryptFinal_ex(context.get(), out + length, &length) != 1) {
    return fail(Errc::denied, "sealed secret: wrong key, wrong row or damaged (was the key file replaced?)");
  }
  return plaintext;
}

SecretBox::Key SecretBox::subkey(std::string_view purpose) const {
  std::vector<std::uint8_t> info(purpose.begin(), purpose.end());
  info.push_back(1);  // the first block; the key is random, so nothing has to be extracted from it before
  const auto block = HmacSha256(key_)(info);
  Key key{};
  static_assert(kKeyOctets == 32);
  std::copy(block.begin(), block.end(), key.begin());
  return key;
}

}  // namespace pigeon::store
