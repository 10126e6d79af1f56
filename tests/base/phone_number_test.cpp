// What is a phone number to the house, and which countries a box can be in.
#include "base/phone_number.h"

#include <doctest/doctest.h>

using namespace pigeon;

TEST_CASE("phone number: only international form is accepted as E.164") {
  CHECK(PhoneNumber::parse("+4915123456789")->e164() == "+4915123456789");
  for (const char* bad : {"", "+", "4915123456789", "+0151234567", "+49 151 2345", "+49a1512345",
                          "+1234567890123456", "+123"}) {
    CAPTURE(bad);
    CHECK_FALSE(PhoneNumber::parse(bad).has_value());
  }
}

TEST_CASE("phone number: a number of no plan is one all the same") {
  for (const char* good : {"+1234", "+123456789012345", "+99912345", "+490151234567"}) {
    CAPTURE(good);
    CHECK(PhoneNumber::parse(good)->e164() == good);
  }
}

TEST_CASE("phone number: a country is two capitals with a numbering plan") {
  for (const char* country : {"AC", "DE", "US", "ZW"}) CHECK(is_known_country(country));
  for (const char* no : {"", "D", "de", "XX", "E ", "C ", " A", "DEU", "AC AD"}) {
    CAPTURE(no);
    CHECK_FALSE(is_known_country(no));
  }
}
