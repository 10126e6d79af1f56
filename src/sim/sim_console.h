// The simulated modem's console: one command a line, each answered by its output and a last line "ok …" or
// "error: …". A person types it and a script drives it, to play the phones and the network around the box.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"

namespace pigeon::sim {

// One thread at a time. Modem and carrier must outlive it.
class SimConsole {
 public:
  // Both are borrowed.
  SimConsole(SimModem& modem, Carrier& carrier);

  // What else is plugged in (true) and pulled out with the modem.
  void on_plug(std::function<void(bool)> listener) { plugged_ = std::move(listener); }

  // Carries out one line; "" for an empty one. Line breaks in texts are written \n and a backslash \\.
  [[nodiscard]] std::string execute(std::string_view line);
  // Until `quit` or the end of `in`.
  void run(std::istream& in, std::ostream& out);

 private:
  using Reply = Result<std::string>;  // the output; its last line stands behind "ok"
  struct Command {
    std::string_view usage;
    Reply (SimConsole::*run)(std::string_view arguments);
  };
  static const std::map<std::string_view, Command>& commands();

  Reply text(std::string_view arguments);
  Reply inbox(std::string_view arguments);
  Reply wait(std::string_view arguments);
  Reply state(std::string_view arguments);
  Reply signal(std::string_view arguments);
  Reply registration(std::string_view arguments);
  Reply ussd(std::string_view arguments);
  Reply inject(std::string_view arguments);
  Reply unplug(std::string_view arguments);
  Reply plug(std::string_view arguments);
  Reply help(std::string_view arguments);
  Reply quit(std::string_view arguments);

  SimModem& modem_;
  Carrier& carrier_;
  std::function<void(bool)> plugged_ = [](bool) {};
  bool done_ = false;
};

}  // namespace pigeon::sim
