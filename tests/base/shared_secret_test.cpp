// A secret that changes under threads that use it.
#include "base/shared_secret.h"

#include <doctest/doctest.h>

using namespace pigeon;

TEST_CASE("shared secret: copies see a new value, and others do not") {
  SharedSecret first("old");
  const SharedSecret copy = first;
  const SharedSecret other("old");
  first.set("new");
  CHECK(first.get() == "new");
  CHECK(copy.get() == "new");
  CHECK(other.get() == "old");
  CHECK(SharedSecret().get().empty());
}
