// The moments that X writes: in headers, and in its JSON.
#include "x/x_times.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace pigeon;
using namespace pigeon::x;

TEST_CASE("times of X: RFC 3339") {
  struct Row {
    const char* text;
    std::optional<std::int64_t> unix_ms;
  };
  const Row rows[] = {
      {"2027-01-15T08:00:00.000Z", 1'800'000'000'000},
      {"2027-01-15T08:00:00Z", 1'800'000'000'000},
      {"2027-01-15t08:00:00z", 1'800'000'000'000},
      {"2027-01-15T08:00:00.5Z", 1'800'000'000'500},
      {"2027-01-15T08:00:00.123999Z", 1'800'000'000'123},
      {"2027-01-15T09:30:00+01:30", 1'800'000'000'000},
      {"2027-01-15T03:00:00-05:00", 1'800'000'000'000},
      {"2028-02-29T00:00:00Z", 1'835'395'200'000},
      {"2016-12-31T23:59:60Z", 1'483'228'799'000},
      {"1970-01-01T00:00:00Z", 0},
      {"2027-02-29T00:00:00Z", std::nullopt},
      {"2027-13-01T00:00:00Z", std::nullopt},
      {"2027-00-01T00:00:00Z", std::nullopt},
      {"2027-01-15T24:00:00Z", std::nullopt},
      {"2027-01-15T08:60:00Z", std::nullopt},
      {"2027-01-15T08:00:61Z", std::nullopt},
      {"2027-01-15T08:00:00", std::nullopt},
      {"2027-01-15T08:00:00.Z", std::nullopt},
      {"2027-01-15T08:00:00+0100", std::nullopt},
      {"2027-01-15T08:00:00Zx", std::nullopt},
      {"2027-01-15T08:00:0xZ", std::nullopt},
      {"2027-01-15T08:00:-1Z", std::nullopt},
      {"2027-1-15T08:00:00Z", std::nullopt},
      {"2027-01-15", std::nullopt},
      {"yesterday", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const auto time = rfc3339(row.text);
    REQUIRE(time.has_value() == row.unix_ms.has_value());
    if (time) CHECK(to_unix_ms(*time) == *row.unix_ms);
  }
}

TEST_CASE("times of X: the dates of HTTP") {
  CHECK(http_date("Fri, 15 Jan 2027 08:00:00 GMT") == from_unix_ms(1'800'000'000'000));
  CHECK(http_date("Friday, 15-Jan-27 08:00:00 GMT") == from_unix_ms(1'800'000'000'000));
  CHECK(http_date("Fri Jan 15 08:00:00 2027") == from_unix_ms(1'800'000'000'000));
  CHECK(http_date("Fri, 15 Jan 9999 08:00:00 GMT") == from_unix_ms(100'000'000'000'000));
  CHECK_FALSE(http_date("yesterday"));
  CHECK_FALSE(http_date(""));
}
