// What a piece of code says in the log.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>

#include "base/fd.h"

namespace pigeon::test {

// What `write` puts on stderr; at most a pipe's worth.
inline std::string logged(const std::function<void()>& write) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const Fd reader(ends[0]);
  {
    const Fd writer(ends[1]);
    const Fd real(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    REQUIRE(::dup2(writer.get(), STDERR_FILENO) == STDERR_FILENO);
    write();
    REQUIRE(::dup2(real.get(), STDERR_FILENO) == STDERR_FILENO);
  }
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(reader.get(), buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace pigeon::test
