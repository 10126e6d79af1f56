// The table of causes: every row says what it means, and where the documents say more.
#include "modem/causes/cause.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/headings.h"

using namespace pigeon;

TEST_CASE("causes: each has words of its own, and a section that the documents have") {
  std::set<std::string_view> words, meanings;
  for (const modem::CauseWords& row : modem::all_causes()) {
    CAPTURE(row.word);
    CHECK(words.insert(row.word).second);
    CHECK(meanings.insert(row.means).second);
    CHECK_FALSE(row.means.ends_with('.'));
    CHECK(test::is_section(PIGEON_TEST_DATA "/../..", std::string(row.section)));
  }
  CHECK_FALSE(test::is_section(PIGEON_TEST_DATA "/../..", "docs/modems.md#no-such-heading"));
}
