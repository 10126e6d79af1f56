// What was taken from modems already. A text is known by itself, by a digest of who sent it, when, and what
// it says (the caller's octets), and so by whatever way it turns up again: another slot, another storage, the
// network's repetition, a start after a crash. The digest is an HMAC under a key that only this box has, so
// that the table tells nobody who texted what after number and text are gone.
//
//   seen   digest → until when it identifies
//   slots  slot → digest of what was taken from it, until a listing shows the slot empty or it holds
//          something else: as long as that is so, the same octets in the same slot are the same text
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "store/secret_box.h"
#include "store/slot_key.h"
#include "store/sqlite.h"

namespace pigeon::store {

class Seen {
 public:
  // Prepares the statements, so the tables must be there (StorageError). `db` is borrowed, the key is not.
  Seen(Database& db, const SecretBox::Key& key);

  using Digest = std::vector<std::uint8_t>;  // 32 octets
  // Of everything that makes a text this text; `identity` must say where each of its fields ends.
  [[nodiscard]] Digest digest(std::span<const std::uint8_t> identity) const;
  // Whether it was taken before: its time has not run out at `now`, or it still lies in `slot`.
  [[nodiscard]] bool known(const Digest& digest, const SlotKey& slot, UtcTime now);
  // Taken from `slot` now; whatever lay in the slot before is not there any more.
  void add(Transaction& transaction, const Digest& digest, const SlotKey& slot, UtcTime expires_at);
  // A copy of something known lies in `slot`.
  void lies_in(Transaction& transaction, const Digest& digest, const SlotKey& slot);
  // After a listing of all the modem's storages: whatever is not in `occupied` was seen empty.
  void only_occupied(Transaction& transaction, std::string_view modem, std::span<const SlotKey> occupied);
  // Forgets those of the oldest 200 digests whose time had run out at `now`; those of `slots` stay known by
  // their slot. True: it did, so there may be more.
  bool purge(Transaction& transaction, UtcTime now);

 private:
  Database& db_;
  HmacSha256 key_;
  Statement known_, add_, lies_in_, slots_, seen_empty_, purge_;
};

}  // namespace pigeon::store
