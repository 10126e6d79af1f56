// Edit distance; see nearest.h.
#include "config/nearest.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace pigeon {
namespace {

constexpr std::size_t kMostLetters = 64;  // no key is longer, and the work grows with the square

std::string plain(std::string_view word) {
  std::string text = ascii_lower(word);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: the one in hand, the one before, and the one before that for swaps.
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kMostLetters) return std::nullopt;
  const std::string meant = plain(word);
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(meant, candidate);
    const std::size_t enough = std::max<std::size_t>(2, candidate.size() / 3);
    if (distance > enough || distance >= candidate.size()) continue;
    if (best && distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace pigeon
