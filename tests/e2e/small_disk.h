// A file system of its own for a box, small enough to be filled up.
#pragma once

#include <string>

namespace pigeon::e2e {

class SmallDisk {
 public:
  // Mounts `size` ("1m"); needs root.
  explicit SmallDisk(const std::string& size);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // False: it cannot be mounted here, which the test's output says.
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  // Nothing can grow any more, but the log, by 64 KiB.
  void fill() const;
  void make_room() const;

 private:
  std::string folder_;
  bool mounted_ = false;
};

}  // namespace pigeon::e2e
