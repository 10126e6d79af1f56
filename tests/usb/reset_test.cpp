// Root's part of the recovery ladder: it resets what has a serial port, and believes no request.
#include "usb/reset.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/fd.h"
#include "tests/modem/made_up_usb.h"
#include "tests/temp_folder.h"

using namespace pigeon;

namespace {

struct Request {
  test::TempFolder folder;
  std::string path = folder.file("usb-reset");

  Result<std::string> take(const std::string& content) {
    std::ofstream(path) << content;
    return usb::take_request(path);
  }
};

// A device's `authorized` that remembers all that is written to it: a pipe.
class Switch {
 public:
  Switch(const test::MadeUpUsb& usb, const std::string& device) {
    const std::string path = usb.tree().sys + "/bus/usb/devices/" + device + "/authorized";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    pipe_ = Fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  [[nodiscard]] std::string heard() const {
    std::array<char, 16> buffer{};
    const ssize_t size = ::read(pipe_.get(), buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  Fd pipe_;
};

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("usb: a request names a device, and is taken away") {
  Request request;
  for (const char* device : {"1-1", "1-1.4", "2-10.4.12"}) {
    const auto taken = request.take(std::string(device) + "\n");
    REQUIRE(taken.has_value());
    CHECK(*taken == device);
    CHECK_FALSE(std::filesystem::exists(request.path));
  }
}

TEST_CASE("usb: whatever else stands in a request is refused, and taken away, too") {
  Request request;
  for (const char* content : {"", "1-1", "\n", "../1-1\n", "1-1\n2-1\n", "1-1.4/../..\n", "usb1\n", "1-1.\n",
                              "1-1:1.0\n", "1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1\n"}) {
    CAPTURE(content);
    const auto taken = request.take(content);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().code == Errc::bad_input);
    CHECK_FALSE(std::filesystem::exists(request.path));
  }
}

TEST_CASE("usb: a request that is no plain file is refused") {
  Request request;
  SUBCASE("a link to somebody else's file") {
    const std::string other = request.folder.file("other");
    std::ofstream(other) << "1-1\n";
    std::filesystem::create_symlink(other, request.path);
    CHECK_FALSE(usb::take_request(request.path).has_value());
    CHECK(content_of(other) == "1-1\n");
  }
  SUBCASE("a pipe that nobody writes to") {
    REQUIRE(::mkfifo(request.path.c_str(), 0600) == 0);
    CHECK_FALSE(usb::take_request(request.path).has_value());
  }
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(request.path)));
}

TEST_CASE("usb: a stick is de-authorised and authorised again; what has no serial port is not touched") {
  test::MadeUpUsb made_up;
  made_up.plug_in("1-1.4", "12d1", "1506");
  made_up.add_port("1-1.4", 2, "ttyUSB2");
  made_up.plug_in("1-1.2", "0781", "5567");
  made_up.add_interface("1-1.2", 0, "080650");
  const Switch stick(made_up, "1-1.4"), disk(made_up, "1-1.2");
  CHECK(usb::reset_device("1-1.4", made_up.tree(), milliseconds(1)).has_value());
  CHECK(stick.heard() == "01");
  const auto refused = usb::reset_device("1-1.2", made_up.tree(), milliseconds(1));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(disk.heard().empty());
  CHECK(usb::reset_device("9-9", made_up.tree(), milliseconds(1)).error().code == Errc::not_found);
}
