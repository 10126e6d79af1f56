// A scripted modem with a line to it, for tests of one part of the driver alone.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "modem/driver/line.h"
#include "modem/driver/profile.h"
#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

namespace pigeon::test {

struct PartOnALine {
  explicit PartOnALine(ScriptedModem::Script script)
      : modem(std::move(script)), options(options_for(modem.device())), channel(open_channel()) {}
  PartOnALine(const PartOnALine&) = delete;
  PartOnALine& operator=(const PartOnALine&) = delete;

  // What the modem heard since the last call.
  std::vector<std::string> heard() {
    auto lines = modem.lines();
    const auto new_ones = lines.begin() + static_cast<std::ptrdiff_t>(told_);
    std::vector<std::string> since(new_ones, lines.end());
    told_ = lines.size();
    return since;
  }

  ScriptedModem modem;
  modem::ModemOptions options;
  modem::AtChannel channel;
  modem::Line line{channel, options};
  modem::Profile profile = modem::generic_profile();

 private:
  modem::AtChannel open_channel() const {
    auto port = modem::SerialPort::open({modem::PortAddress::Kind::pty, modem.device(), 115200});
    REQUIRE(port);
    modem::ChannelTimeouts timeouts;
    timeouts.prompt = options.timeouts.prompt;
    timeouts.retry = options.timeouts.retry;
    timeouts.quiet = options.timeouts.quiet;
    timeouts.unfinished = options.timeouts.unfinished;
    auto opened = modem::AtChannel::create(std::move(*port), timeouts, {}, nullptr);
    REQUIRE(opened);
    opened->expect_urcs(modem::urcs_of_all());
    return std::move(*opened);
  }

  std::size_t told_ = 0;
};

using Lines = std::vector<std::string>;

}  // namespace pigeon::test
