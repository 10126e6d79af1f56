// A simulated modem as a USB stick in a virtual machine: listens on a Unix socket for QEMU's usb-redir device
//
//     qemu-system-x86_64 … -device qemu-xhci -chardev socket,id=stick,path=SOCKET -device
//     usb-redir,chardev=stick
//
// and carries octets between the stick's AT interfaces and the pseudo-terminals of the modem's ports.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/wakeup.h"
#include "sim/modem/sim_modem.h"
#include "sim/usb/redir_device.h"
#include "sim/usb/usb_stick.h"

namespace pigeon::sim {

// Thread-safe. One host at a time; the next one is taken when it has gone.
class RedirSocket {
 public:
  // Listens and starts the thread, the stick plugged in; `ports` are the modem's, the first one first, and
  // outlive it. AT interfaces that are left over are silent. An old socket at `path` is replaced.
  // std::system_error when the system refuses; std::runtime_error for a path that is something else.
  RedirSocket(const std::vector<SimModem*>& ports, const UsbStick& stick, std::string path);
  ~RedirSocket();  // removes the socket
  RedirSocket(const RedirSocket&) = delete;
  RedirSocket& operator=(const RedirSocket&) = delete;

  // Together with the modem's own: what is plugged in has a terminal that can be opened.
  void unplug();
  // Always as the stick that it was made as, whatever it has switched to.
  void plug_in();

 private:
  // One of the modem's AT ports; without a terminal while it is unplugged.
  struct Port {
    SimModem* modem;
    Fd terminal{};
    std::string to_modem{};
  };

  void run();
  void serve_host();
  void accept_host();
  void read_modem(std::size_t port);
  void show(const UsbStick& stick);
  void drop_host();
  void flush();

  const UsbStick& stick_;
  std::string path_;
  Fd listener_;
  Wakeup wakeup_;
  std::mutex mutex_;
  bool stopping_ = false;
  bool plugged_ = true;
  bool changed_ = true;  // the thread has yet to act on plugged_

  // The thread's own.
  const UsbStick* shown_ = nullptr;  // null: unplugged
  Fd host_;
  std::vector<Port> ports_;
  std::optional<RedirDevice> device_;
  std::string to_host_;
  std::thread thread_;
};

}  // namespace pigeon::sim
