// The one table by which an enumeration is written into a column and read back.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace pigeon::store {

template <typename Enum>
struct Word {
  Enum value;
  std::string_view word;
};

// The word of `value`; empty for a value that `table` does not name.
template <typename Enum, std::size_t N>
[[nodiscard]] constexpr std::string_view word_of(const std::array<Word<Enum>, N>& table, Enum value) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& word) { return word.value == value; });
  return row == table.end() ? std::string_view() : row->word;
}

// The value of `word`; `otherwise` for a word that `table` does not know.
template <typename Enum, std::size_t N>
[[nodiscard]] constexpr Enum value_of(const std::array<Word<Enum>, N>& table, std::string_view word,
                                      Enum otherwise) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.word == word; });
  return row == table.end() ? otherwise : row->value;
}

}  // namespace pigeon::store
