// A tmpfs for one test; see small_disk.h.
#include "tests/e2e/small_disk.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

#include "base/fd.h"

namespace pigeon::e2e {
namespace {

// Room for 64 KiB more of a file, however full the disk gets.
void reserve(const std::string& path) {
  constexpr off_t kRoom = 65536;
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || ::fallocate(fd.get(), FALLOC_FL_KEEP_SIZE, ::lseek(fd.get(), 0, SEEK_END), kRoom) != 0)
    throw std::runtime_error("no room for the log");
}

}  // namespace

SmallDisk::SmallDisk(const std::string& size) {
  std::string name = (std::filesystem::temp_directory_path() / "pigeon-disk-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  mounted_ = ::mount("tmpfs", name.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  if (!mounted_) MESSAGE("a small file system cannot be mounted here; run as root");
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount(folder_.c_str());
  ::rmdir(folder_.c_str());
}

void SmallDisk::fill() const {
  reserve(folder_ + "/log");
  const Fd fd(::open((folder_ + "/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::array<char, 512> block{'x'};
  while (::write(fd.get(), block.data(), block.size()) > 0) {
  }
}

void SmallDisk::make_room() const {
  if (::unlink((folder_ + "/ballast").c_str()) != 0) throw std::runtime_error("no ballast to throw off");
}

}  // namespace pigeon::e2e
