// Reading /proc; see port_holder.h.
#include "modem/port/port_holder.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace pigeon::modem {
namespace {

namespace fs = std::filesystem;

std::optional<int> number_of(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

PortHolder named(int pid, const std::string& proc) {
  const auto name = read_file(proc + "/" + std::to_string(pid) + "/comm", 64);
  return {pid, name ? escape_controls(trim(*name)) : std::string()};
}

// A line of /proc/locks: "2: FLOCK  ADVISORY  WRITE 812 00:06:471 0 EOF", the file as major:minor:inode.
std::optional<int> owner_of_lock(const struct stat& node, const std::string& proc) {
  char file[64];
  std::snprintf(file, sizeof file, "%02x:%02x:%llu", major(node.st_dev), minor(node.st_dev),
                static_cast<unsigned long long>(node.st_ino));
  const auto locks = read_file(proc + "/locks");
  if (!locks) return std::nullopt;
  std::istringstream lines(*locks);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, pid, place;
    if (!(words >> number >> kind >> advisory >> mode >> pid >> place)) continue;
    if (kind == "FLOCK" && place == file) return number_of(pid);
  }
  return std::nullopt;
}

bool has_open(const fs::path& process, const std::string& device) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end; fd.increment(error)) {
    std::error_code unreadable;
    if (fs::read_symlink(fd->path(), unreadable) == device) return true;
  }
  return false;
}

}  // namespace

std::optional<PortHolder> holder_of(const std::string& device, const std::string& proc) {
  const std::string resolved = follow_links(device);
  struct stat node {};
  if (::stat(resolved.c_str(), &node) != 0) return std::nullopt;
  if (const auto owner = owner_of_lock(node, proc); owner && *owner > 0) return named(*owner, proc);
  if (resolved.starts_with("/dev/pts/")) return std::nullopt;  // its maker keeps both of its ends open
  std::error_code error;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end; entry.increment(error)) {
    const auto pid = number_of(entry->path().filename().string());
    if (pid && *pid != ::getpid() && has_open(entry->path(), resolved)) return named(*pid, proc);
  }
  return std::nullopt;
}

}  // namespace pigeon::modem
