// Which word was meant.
#include "config/nearest.h"

#include <doctest/doctest.h>

#include <vector>

using namespace pigeon;

TEST_CASE("nearest: how far words are from each other") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("listen", "listen") == 0);
  CHECK(edit_distance("lisen", "listen") == 1);    // left out
  CHECK(edit_distance("listten", "listen") == 1);  // put in
  CHECK(edit_distance("lizten", "listen") == 1);   // changed
  CHECK(edit_distance("lsiten", "listen") == 1);   // swapped
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ca", "abc") == 3);  // a swap is not taken apart again
}

TEST_CASE("nearest: the word that was meant, or none") {
  const std::vector<std::string> known = {"number", "public_url", "country", "oldest"};
  CHECK(nearest("nubmer", known) == "number");
  CHECK(nearest("Public-URL", known) == "public_url");
  CHECK(nearest("publik_ur", known) == "public_url");
  CHECK(nearest("contry", known) == "country");
  const std::vector<std::string> alike = {"unlinked_per_hour", "linked_per_hour", "linked_per_day"};
  CHECK(nearest("linked_per_huor", alike) == "linked_per_hour");
  CHECK_FALSE(nearest("colour", known));
  CHECK_FALSE(nearest("x", known));
  CHECK_FALSE(nearest(std::string(100'000, 'n'), known));
  CHECK_FALSE(nearest("number", {}));
}
