// A simulated modem with a client on its line, echo off: where most of the simulator's tests begin.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "base/text.h"
#include "sim/modem/sim_modem.h"
#include "tests/sim/serial_client.h"

namespace pigeon::sim {

struct Line {
  explicit Line(SimModemOptions options = {}) : modem(std::move(options)), client(modem.device()) {
    REQUIRE(client.ask("ATE0") == "ATE0\r\r\nOK\r\n");
  }
  SimModem modem;
  SerialClient client;
};

// "How are you?" from +31641600986, with the SMSC's address.
inline constexpr std::string_view kHowAreYou =
    "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";

inline modem::Octets octets(std::string_view hex) {
  return *from_hex(hex);
}

}  // namespace pigeon::sim
