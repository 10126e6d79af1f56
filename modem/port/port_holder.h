// Who holds a port, without opening it: opening moves the lines of a modem that another program talks to.
#pragma once

#include <optional>
#include <string>

namespace pigeon::modem {

struct PortHolder {
  int pid = 0;
  std::string program;  // "pigeond"; empty where that cannot be seen
};

// The process that has a lock on `device` (links are followed), as every SerialPort does, or else one that
// has it open (but for a pseudo-terminal), as far as this user may look into others. Nothing: nobody, or it
// cannot be seen. `proc` is the
// kernel's /proc.
[[nodiscard]] std::optional<PortHolder> holder_of(const std::string& device,
                                                  const std::string& proc = "/proc");

}  // namespace pigeon::modem
