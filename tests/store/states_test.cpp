// Every state has one word, every word one state, and what is read back is what was written.
#include "store/states.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace pigeon::store;

namespace {

// `count`: how many values the enumeration has, from 0 on.
template <typename Enum>
void check_words(std::size_t count) {
  std::set<std::string_view> words;
  for (std::size_t number = 0; number < count; ++number) {
    CAPTURE(number);
    const auto value = static_cast<Enum>(number);
    const auto other = static_cast<Enum>((number + 1) % count);
    const std::string_view word = state_word(value);
    CHECK(words.insert(word).second);
    CHECK(state_of(word, other) == value);
    CHECK(state_of("of a newer version", other) == other);
  }
  CHECK(kWords<Enum>.size() == count);
}

}  // namespace

TEST_CASE("states: a word each, and the way back") {
  check_words<Lane>(2);
  check_words<JobKind>(9);
  check_words<Gate>(5);
  check_words<Ending>(5);
  check_words<PostState>(6);
  check_words<PinState>(4);
  check_words<Doubt>(4);
  check_words<ReplyState>(8);
  check_words<ReplyKind>(6);
  check_words<PairingState>(6);
  check_words<PairingFailure>(6);
  check_words<PartState>(5);
  check_words<PartReason>(13);
  check_words<Budget>(5);
  check_words<NetworkRegistration>(6);
}
