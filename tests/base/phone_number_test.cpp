// Completing what a network delivers to E.164.
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

TEST_CASE("phone number: national senders are completed with the box's country") {
  struct Row {
    const char* digits;
    bool international;
    const char* country;
    const char* expected;  // nullptr: cannot be answered
  };
  const Row rows[] = {
      {"4915123456789", true, "", "+4915123456789"},
      {"+4915123456789", false, "DE", "+4915123456789"},
      {"015123456789", false, "DE", "+4915123456789"},
      {"004915123456789", false, "DE", "+4915123456789"},
      {"004366412345", false, "DE", "+4366412345"},
      {"2025550123", false, "US", "+12025550123"},
      {"12025550123", false, "US", "+12025550123"},
      {"0114915123456789", false, "US", "+4915123456789"},
      {"612345678", false, "ES", "+34612345678"},
      {"3331234567", false, "IT", "+393331234567"},
      {"0612345678", false, "FR", "+33612345678"},
      {"89161234567", false, "RU", "+79161234567"},
      {"06301234567", false, "HU", "+36301234567"},
      {"0041791234567", false, "CH", "+41791234567"},
      {"015123456789", false, "", nullptr},
      {"015123456789", false, "ZZ", nullptr},
      {"12345", false, "DE", nullptr},
      {"Telfort", false, "NL", nullptr},
      {"*100#", false, "DE", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.digits);
    const auto phone = PhoneNumber::complete(row.digits, row.international, row.country);
    if (row.expected == nullptr)
      CHECK_FALSE(phone.has_value());
    else {
      REQUIRE(phone.has_value());
      CHECK(phone->e164() == row.expected);
    }
  }
  CHECK(is_known_country("DE"));
  CHECK_FALSE(is_known_country("de"));
  CHECK_FALSE(is_known_country("XX"));
}
