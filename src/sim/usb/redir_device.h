// A stick at the other end of QEMU's usb-redir: answers what a host asks of a USB device, and carries octets
// between its AT interfaces and a modem's ports. Octets in, octets out; redir_socket.h has the descriptors
// and the thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/usb/descriptors.h"
#include "sim/usb/redir_wire.h"
#include "sim/usb/usb_stick.h"

namespace pigeon::sim {

// One connection's worth; not thread-safe.
class RedirDevice {
 public:
  RedirDevice();

  // Into the socket and out of it, with any stick. What the host has not heard of yet waits for its hello.
  void plug_in(const UsbStick& stick);
  void unplug();

  // What the host sent. Errc::bad_input: it speaks something else; the connection is of no use any more.
  [[nodiscard]] Result<void> receive(std::string_view octets);
  // What the modem said on its AT port `port`, counted from 0. It waits until the host asks, as in a stick;
  // what does not fit any more is lost, and so is what comes from a port that the stick does not have.
  void from_modem(std::size_t port, std::string_view octets);

  // Taken once: for the host; for the modem's AT port `port`.
  [[nodiscard]] std::string take_output();
  [[nodiscard]] std::string take_for_modem(std::size_t port);
  // The host has told a stick in storage mode to become what it can be; cleared by plug_in().
  [[nodiscard]] bool switch_asked() const { return switch_asked_; }

 private:
  struct Waiting {  // a bulk packet towards the host, not filled yet
    std::uint64_t id;
    std::uint32_t stream;
    std::size_t size;
  };
  // What the stick has for the host at one end point.
  struct Queue {
    std::deque<Waiting> waiting;
    std::string octets;
  };

  void introduce();
  void send(RedirType type, std::uint64_t id, std::string body);
  void send_end_points();
  void handle(const RedirPacket& packet);
  void control(const RedirPacket& packet);
  [[nodiscard]] std::string answer_to_control(std::string_view header, RedirStatus& status) const;
  void bulk(const RedirPacket& packet);
  void bulk_out(const EndPoint& point, std::string_view data);
  void queue(int interface_number, std::string_view data);
  void fill(std::uint8_t address);
  void send_bulk(std::uint8_t address, const Waiting& waiting, RedirStatus status, std::string_view data);
  void cancel(std::uint64_t id);
  void forget();

  const UsbStick* stick_ = nullptr;  // in the socket
  std::vector<EndPoint> points_;
  RedirReader reader_;
  bool greeted_ = false;
  bool switch_asked_ = false;
  std::uint8_t configuration_ = 1;
  std::map<int, std::uint8_t> alternates_;
  std::map<std::uint8_t, Queue> queues_;
  std::string output_;
  std::map<std::size_t, std::string> for_modem_;  // by port
};

}  // namespace pigeon::sim
