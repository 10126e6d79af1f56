// The storage that many sticks show first, with the driver for another system on it: a CD drive without a
// disc, which turns the stick into a modem when it is told to. usb_modeswitch does that on Linux.
#pragma once

#include <string>
#include <string_view>

namespace pigeon::sim {

struct StorageAnswer {
  std::string towards_host;  // data and status of USB's mass storage, bulk-only
  bool switches = false;     // it was the maker's message: the stick leaves and comes back as another
};

// `command`: what came on the storage's bulk end point. Empty answers for what is no command.
[[nodiscard]] StorageAnswer answer_storage(std::string_view command);

}  // namespace pigeon::sim
