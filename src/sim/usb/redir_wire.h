// The packets of usbredir, by which QEMU's usb-redir device reaches a USB device that is elsewhere (the
// public document usb-redir-protocol.txt). Only what the device's end needs, and only with the capabilities
// that QEMU's xhci asks for; so after the hello every header is
//
//     | type 4 | length 4 | id 8 | body of `length` octets
//
// with numbers low octet first. In the hello itself the id has four octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeon::sim {

enum class RedirType : std::uint32_t {
  hello = 0,
  device_connect = 1,
  device_disconnect = 2,
  reset = 3,
  interface_info = 4,
  ep_info = 5,
  set_configuration = 6,
  get_configuration = 7,
  configuration_status = 8,
  set_alt_setting = 9,
  get_alt_setting = 10,
  alt_setting_status = 11,
  start_interrupt_receiving = 15,
  stop_interrupt_receiving = 16,
  interrupt_receiving_status = 17,
  cancel_data_packet = 21,
  control_packet = 100,
  bulk_packet = 101,
};

enum class RedirStatus : std::uint8_t { success = 0, cancelled = 1, invalid = 2, stall = 4 };

struct RedirPacket {
  RedirType type{};  // may be one that is not named above
  std::uint64_t id = 0;
  std::string body{};
};

// What a number looks like on the wire, in `octets` octets.
[[nodiscard]] std::string wire_number(std::uint64_t number, std::size_t octets);
// The number of `octets` octets at `at`; 0 for what lies behind the end.
[[nodiscard]] std::uint64_t number_at(std::string_view body, std::size_t at, std::size_t octets);

// Our hello, with the capabilities above; goes out first.
[[nodiscard]] std::string redir_hello();
// Every other packet.
[[nodiscard]] std::string encode(const RedirPacket& packet);

// Cuts what a host sends into packets, its hello first.
class RedirReader {
 public:
  void add(std::string_view octets) { pending_ += octets; }
  // The next whole packet; nothing: it is still to come. Errc::bad_input: a packet too long to be one, or a
  // host without the capabilities; nothing can be read after that.
  [[nodiscard]] Result<std::optional<RedirPacket>> next();

 private:
  std::string pending_;
  bool greeted_ = false;
};

}  // namespace pigeon::sim
