// A TCP port on loopback for a program that has to be told its port before it listens.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <random>
#include <stdexcept>

#include "base/fd.h"

namespace pigeon::test {

// Below those that the kernel gives to whoever connects somewhere (ip_local_port_range), so that nobody has
// it by the time that program listens. Throws std::runtime_error.
inline int free_port() {
  constexpr int kLowest = 20000;
  constexpr int kCount = 12000;
  std::random_device random;
  for (int tries = 0; tries < 100; ++tries) {
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int port = kLowest + static_cast<int>(random() % kCount);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return port;
  }
  throw std::runtime_error("no free port");
}

}  // namespace pigeon::test
