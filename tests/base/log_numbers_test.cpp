// What a log may show of a phone number.
#include <doctest/doctest.h>

#include "base/log.h"

using namespace pigeon;

TEST_CASE("log: numbers are masked unless personal information is asked for") {
  log::configure({});
  CHECK(log::masked("+4915123456789") == "+4915…789");
  CHECK(log::masked("+15550123").find("550") == std::string::npos);
  log::configure({.level = log::Level::info, .personal_info = true, .journald_prefix = false});
  CHECK(log::masked("+4915123456789") == "+4915123456789");
  log::configure({});
}
