// What disk_meter.c, loaded into a pigeond, has counted so far; and the environment that loads it with what
// it needs.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/e2e/box.h"

namespace pigeon::e2e {

struct DiskCounts {
  std::uint64_t log_syncs = 0, log_octets = 0;    // of the write-ahead log
  std::uint64_t file_syncs = 0, file_octets = 0;  // of the database file: checkpoints
};

// Before the box starts. Every sync takes `sync_takes` longer than the disk of this machine takes.
inline void attach_disk_meter(Box& box, const std::string& library, milliseconds sync_takes = {}) {
  box.set_preload(library);
  box.set_environment({"PIGEON_DISK_METER=" + (box.folder() / "disk-meter").string(),
                       "PIGEON_SYNC_MS=" + std::to_string(sync_takes.count())});
}

[[nodiscard]] inline DiskCounts disk_counts(const Box& box) {
  DiskCounts counts;
  std::ifstream file(box.folder() / "disk-meter", std::ios::binary);
  file.read(reinterpret_cast<char*>(&counts), sizeof counts);
  return counts;
}

}  // namespace pigeon::e2e
