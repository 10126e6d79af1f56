// What is plugged in, sorted into what could be a modem and what is none, on made-up trees.
#include "modem/driver/candidates.h"

#include <doctest/doctest.h>

#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "tests/modem/made_up_usb.h"

using namespace pigeon::modem;

TEST_CASE("candidates: each device is told with what stands in its way") {
  pigeon::test::MadeUpUsb usb;
  struct Case {
    const char* usb_path;
    const char* vendor;
    const char* product;
    const char* triple;  // of interface 0
    bool has_port;
    const char* family;
    std::optional<Cause> obstacle;
  };
  const Case cases[] = {
      {"1-1", "12d1", "1506", "ff0201", true, "huawei", std::nullopt},
      {"1-2", "1546", "01a7", "020201", true, "", Cause::unknown_device},  // a GPS receiver
      {"1-3", "12d1", "14dc", "020600", false, "huawei", Cause::hilink},
      {"1-4", "12d1", "1f01", "080650", false, "huawei", Cause::storage_mode},
      {"1-5", "19d2", "1234", "020600", false, "zte", Cause::network_mode},
      {"1-6", "2c7c", "0125", "080650", false, "quectel", Cause::storage_mode},
      {"1-7", "2c7c", "0125", "ffffff", false, "quectel", Cause::no_driver},
      {"1-8", "2c7c", "0125", "ffffff", true, "quectel", Cause::other_port},  // interface 0: diagnostics
  };
  int number = 0;
  for (const Case& c : cases) {
    usb.plug_in(c.usb_path, c.vendor, c.product);
    if (c.has_port)
      usb.add_port(c.usb_path, 0, "ttyUSB" + std::to_string(number++), "/dev/null", c.triple);
    else
      usb.add_interface(c.usb_path, 0, c.triple);
  }
  usb.plug_in("1-9", "046d", "c31c");  // a keyboard
  const auto found = list_candidates(usb.tree());
  REQUIRE(found.size() == std::size(cases));
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(found[i].usb_path);
    CHECK(found[i].usb_path == cases[i].usb_path);
    CHECK(found[i].family == cases[i].family);
    CHECK((found[i].obstacle == cases[i].obstacle));
    CHECK(found[i].device.empty() != cases[i].has_port);
  }
}

TEST_CASE("candidates: of one stick the best AT port stands first and the others behind it") {
  pigeon::test::MadeUpUsb usb;
  usb.plug_in("1-1", "2c7c", "0125");
  for (int number = 0; number < 4; ++number) usb.add_port("1-1", number, "ttyUSB" + std::to_string(number));
  const auto found = list_candidates(usb.tree());
  REQUIRE(found.size() == 4);
  CHECK(found[0].interface_number == 2);
  CHECK(found[1].interface_number == 3);
  CHECK_FALSE(found[0].obstacle);
  CHECK_FALSE(found[1].obstacle);
  CHECK((found[2].obstacle == Cause::other_port));
  CHECK((found[3].obstacle == Cause::other_port));
  CHECK(list_candidates({"/nonexistent", "/nonexistent"}).empty());
}

TEST_CASE("causes: every cause has a row in its place with a word of its own") {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < all_causes().size(); ++i) {
    const CauseWords& row = all_causes()[i];
    CAPTURE(row.word);
    CHECK(static_cast<std::size_t>(row.cause) == i);
    CHECK(&words_of(row.cause) == &row);
    CHECK(words.insert(row.word).second);
    CHECK_FALSE(row.means.empty());
    CHECK_FALSE(row.means.ends_with('.'));
    CHECK_FALSE(row.cure.ends_with('.'));
  }
}
