// The keys under which digests are made: of numbers that said STOP, of texts that were seen, of PINs, of
// codes. What was digested is not there any more, so these keys must outlive the box's own: they are sealed
// like tokens, in the table `digest_keys`, and a rotation seals them anew and leaves them the same.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

class DigestKeys {
 public:
  using Key = SecretBox::Key;
  static constexpr std::string_view kSeen = "seen";
  static constexpr std::string_view kOptOuts = "opt-outs";
  static constexpr std::string_view kPins = "pin";
  static constexpr std::string_view kCodes = "text-back codes";

  // Reads and unseals all; Errc::denied when one does not open. Throws StorageError.
  [[nodiscard]] static Result<DigestKeys> open(Database& db, const SecretBox& box);
  // For a reader, who has no key and makes no digest that is worth anything.
  [[nodiscard]] static DigestKeys worthless() { return {}; }

  // Each as SecretBox::subkey() makes it, which is what they were before they were kept. Throws StorageError.
  [[nodiscard]] static bool are_missing(Database& db);
  static void keep_missing(Database& db, const SecretBox& box);

  Key seen{}, opt_outs{}, pins{}, codes{};
};

}  // namespace pigeon::store
