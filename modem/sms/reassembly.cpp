// Choosing the parts of a message; see reassembly.h.
#include "modem/sms/reassembly.h"

namespace pigeon::modem {
namespace {

std::chrono::seconds distance(const PartKey& a, const PartKey& b) {
  return a.timestamp < b.timestamp ? b.timestamp - a.timestamp : a.timestamp - b.timestamp;
}

bool may_belong_together(const PartKey& a, const PartKey& b) {
  return a.concatenation.reference == b.concatenation.reference &&
         a.concatenation.wide == b.concatenation.wide && a.concatenation.count == b.concatenation.count &&
         distance(a, b) <= kPartWindow;
}

bool is_possible(const Concatenation& concatenation) {
  return concatenation.number >= 1 && concatenation.number <= concatenation.count;
}

}  // namespace

std::optional<std::vector<std::int64_t>> complete_message(std::span<const PartKey> candidates,
                                                          const PartKey& newest) {
  if (!is_possible(newest.concatenation)) return std::nullopt;
  std::vector<const PartKey*> chosen(newest.concatenation.count, nullptr);
  for (const PartKey& candidate : candidates) {
    if (!is_possible(candidate.concatenation) || !may_belong_together(candidate, newest)) continue;
    const PartKey*& best = chosen[candidate.concatenation.number - 1u];
    if (best == nullptr || distance(candidate, newest) < distance(*best, newest)) best = &candidate;
  }
  chosen[newest.concatenation.number - 1u] = &newest;
  std::vector<std::int64_t> ids;
  ids.reserve(chosen.size());
  for (const PartKey* part : chosen) {
    if (part == nullptr) return std::nullopt;
    ids.push_back(part->id);
  }
  return ids;
}

}  // namespace pigeon::modem
