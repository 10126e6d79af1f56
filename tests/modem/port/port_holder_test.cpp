// Who holds a port, as the kernel tells it.
#include "modem/port/port_holder.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/fd.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using modem::holder_of;

TEST_CASE("port holder: a lock names its process and what nobody holds has none") {
  const test::TempFolder folder;
  const std::string device = folder.file("port");
  const Fd fd(::open(device.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(fd);
  CHECK_FALSE(holder_of(device));
  REQUIRE(::flock(fd.get(), LOCK_EX) == 0);
  std::filesystem::create_symlink(device, folder.file("link"));
  for (const std::string& name : {device, folder.file("link")}) {
    const auto holder = holder_of(name);
    REQUIRE(holder);
    CHECK(holder->pid == ::getpid());
    CHECK_FALSE(holder->program.empty());
  }
  CHECK_FALSE(holder_of(folder.file("gone")));
}

TEST_CASE("port holder: a program without a lock is found by what it has open") {
  const test::TempFolder folder;
  const std::string device = folder.file("port");
  std::ofstream(device) << "x";
  std::filesystem::create_directories(folder.file("proc/812/fd"));
  std::filesystem::create_directories(folder.file("proc/sys"));
  std::ofstream(folder.file("proc/812/comm")) << "ModemManager\n";
  CHECK_FALSE(holder_of(device, folder.file("proc")));
  std::filesystem::create_symlink(device, folder.file("proc/812/fd/7"));
  const auto holder = holder_of(device, folder.file("proc"));
  REQUIRE(holder);
  CHECK(holder->pid == 812);
  CHECK(holder->program == "ModemManager");
}
