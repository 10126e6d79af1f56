// As little of SCSI as a kernel needs to see an empty drive, and what makers take for the order to switch:
// Huawei's own command, or the drive's ejection; see mode_switch.h.
//
//     | "USBC" | tag 4 | length 4 | flags 1 | lun 1 | size 1 | command 16      to the stick
//     | "USBS" | tag 4 | residue 4 | status 1                                 its answer, behind the data
#include "sim/usb/mode_switch.h"

#include <cstddef>

#include "sim/usb/redir_wire.h"

namespace pigeon::sim {
namespace {

constexpr std::size_t kCommandSize = 31, kCommandAt = 15;

std::string inquiry() {
  std::string data = {5, static_cast<char>(0x80), 2, 2, 31, 0, 0, 0};  // a CD drive, its medium removable
  return data + "Pigeon  Mass Storage    1.00";
}

std::string not_ready() {
  constexpr char kNotReady = 2, kNoMedium = 0x3a;
  std::string data(18, '\0');
  data[0] = 0x70;
  data[2] = kNotReady;
  data[7] = 10;
  data[12] = kNoMedium;
  return data;
}

}  // namespace

StorageAnswer answer_storage(std::string_view command) {
  constexpr std::size_t kMostData = 4096;  // the host says how much it wants, in 32 bits
  constexpr char kInquiry = 0x12, kRequestSense = 0x03, kStartStop = 0x1b, kHuawei = 0x11;
  if (command.size() != kCommandSize || !command.starts_with("USBC")) return {};
  const char operation = command[kCommandAt];
  const char first = command[kCommandAt + 1], fourth = command[kCommandAt + 4];
  constexpr char kSwitch = 0x06, kEject = 0x02;
  if ((operation == kHuawei && first == kSwitch) || (operation == kStartStop && fourth == kEject))
    return {{}, true};
  std::string data;
  if (operation == kInquiry) data = inquiry();
  if (operation == kRequestSense) data = not_ready();
  const char failed = data.empty() ? 1 : 0;
  const std::size_t wanted = number_at(command, 8, 4);
  const bool towards_host = (number_at(command, 12, 1) & 0x80) != 0;
  if (towards_host) data.resize(std::min(wanted, kMostData));
  const std::string status = "USBS" + std::string(command.substr(4, 4)) + wire_number(0, 4) + failed;
  return {data + status, false};
}

}  // namespace pigeon::sim
