// Reading forms and comparing secrets, as the sandbox of X does.
#include "sim/x/form.h"

#include <doctest/doctest.h>

using namespace pigeon::sim;

TEST_CASE("form: percent-decoding, and malformed escapes are refused") {
  CHECK(percent_decode("a%20b+c") == "a b+c");
  CHECK(percent_decode("a%20b+c", true) == "a b c");
  for (const char* bad : {"%", "%2", "%2g", "x%"}) CHECK_FALSE(percent_decode(bad).has_value());
}

TEST_CASE("form: secrets are equal or not") {
  CHECK(constant_time_equals("abc", "abc"));
  CHECK_FALSE(constant_time_equals("abc", "abd"));
  CHECK_FALSE(constant_time_equals("abc", "ab"));
}
