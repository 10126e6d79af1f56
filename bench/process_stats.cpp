// Reading proc(5); see process_stats.h.
#include "bench/process_stats.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
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

// utime and stime (fields 14 and 15); the name in field 2 may hold spaces.
long cpu_ticks(const std::filesystem::path& stat) {
  std::ifstream in(stat);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return user + system;
}

}  // namespace

ProcessStats stats_of(pid_t pid) {
  const std::filesystem::path proc = "/proc/" + std::to_string(pid);
  ProcessStats stats;
  stats.resident_mb = static_cast<double>(field(proc / "status", "VmRSS")) / 1024;
  stats.private_dirty_mb = static_cast<double>(field(proc / "smaps_rollup", "Private_Dirty")) / 1024;
  for (const auto& task : std::filesystem::directory_iterator(proc / "task")) {
    stats.wakeups += field(task.path() / "status", "voluntary_ctxt_switches");
  }
  stats.cpu = std::chrono::milliseconds(cpu_ticks(proc / "stat") * 1000 / ::sysconf(_SC_CLK_TCK));
  return stats;
}

}  // namespace pigeon::bench
