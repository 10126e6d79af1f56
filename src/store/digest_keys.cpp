// SQL of the digest_keys table; see digest_keys.h.
#include "store/digest_keys.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pigeon::store {
namespace {

struct Purpose {
  std::string_view name;
  SecretBox::Key DigestKeys::*key;
};
constexpr std::array kPurposes = {
    Purpose{DigestKeys::kSeen, &DigestKeys::seen}, Purpose{DigestKeys::kOptOuts, &DigestKeys::opt_outs},
    Purpose{DigestKeys::kPins, &DigestKeys::pins}, Purpose{DigestKeys::kCodes, &DigestKeys::codes}};

std::string row(std::string_view purpose) {
  return "digest_keys/sealed/" + std::string(purpose);
}

}  // namespace

bool DigestKeys::are_missing(Database& db) {
  Statement count(db, "SELECT count(*) FROM digest_keys");
  Query query = count.bind();
  return !query.next() || query.integer(0) < std::int64_t{kPurposes.size()};
}

void DigestKeys::keep_missing(Database& db, const SecretBox& box) {
  Statement write(db, "INSERT OR IGNORE INTO digest_keys (purpose, sealed) VALUES (?1, ?2)");
  for (const Purpose& purpose : kPurposes) {
    const SecretBox::Key key = box.subkey(purpose.name);
    const std::string_view octets(reinterpret_cast<const char*>(key.data()), key.size());
    write.bind(purpose.name, box.seal(octets, row(purpose.name))).run();
  }
}

Result<DigestKeys> DigestKeys::open(Database& db, const SecretBox& box) {
  const auto lock = db.lock();
  DigestKeys keys;
  Statement read(db, "SELECT sealed FROM digest_keys WHERE purpose = ?1");
  for (const Purpose& purpose : kPurposes) {
    Query query = read.bind(purpose.name);
    static_cast<void>(query.next());
    const auto octets = box.unseal(query.blob(0), row(purpose.name));
    if (!octets || octets->size() != SecretBox::kKeyOctets)
      return fail(Errc::denied, "the key of digests \"" + std::string(purpose.name) + "\" does not open");
    std::copy(octets->begin(), octets->end(), (keys.*purpose.key).begin());
  }
  return keys;
}

}  // namespace pigeon::store
