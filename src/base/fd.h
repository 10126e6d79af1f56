// One owner for a file descriptor: valid from construction to destruction.
#pragma once

#include <utility>

namespace pigeon {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}  // takes ownership; -1, what open(2) returns on error, is none
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}  // leaves `other` without a descriptor
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }  // borrowed; -1 when there is none
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  void reset();  // closes it now, errors of close(2) unseen

 private:
  int fd_ = -1;
};

}  // namespace pigeon
