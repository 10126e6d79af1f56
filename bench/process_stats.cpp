// Reading proc(5); see process_stats.h.
#include "bench/process_stats.h"

#include <time.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace pigeon::bench {
namespace {

// The number behind "Name:" in a file of /proc, or 0.
long field(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(name + ":", 0) == 0) return std::stol(line.substr(name.size() + 1));
  }
  return 0;
}

// What all threads of `pid` have worked, in the kernel's own nanoseconds: utime and stime of proc(5) are
// ticks.
std::chrono::microseconds worked(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::microseconds(time.tv_sec * 1'000'000 + time.tv_nsec / 1000);
}

}  // namespace

ProcessStats stats_of(pid_t pid) {
  const std::filesystem::path proc = "/proc/" + std::to_string(pid);
  ProcessStats stats;
  stats.resident_mb = static_cast<double>(field(proc / "status", "VmRSS")) / 1024;
  stats.private_dirty_mb = static_cast<double>(field(proc / "smaps_rollup", "Private_Dirty")) / 1024;
  for (const auto& descriptor : std::filesystem::directory_iterator(proc / "fd")) {
    std::error_code gone;  // meanwhile
    const std::string what = std::filesystem::read_symlink(descriptor.path(), gone).string();
    if (gone) continue;
    ++(what.starts_with("socket:") ? stats.connections : stats.descriptors);
    ++stats.files[what.substr(0, what.find(":["))];
  }
  for (const auto& task : std::filesystem::directory_iterator(proc / "task")) {
    stats.wakeups += field(task.path() / "status", "voluntary_ctxt_switches");
  }
  stats.cpu = worked(pid);
  return stats;
}

}  // namespace pigeon::bench
