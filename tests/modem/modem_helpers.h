// What tests of SerialModem share: short timeouts, opening, and PDUs.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "modem/driver/serial_modem.h"

namespace pigeon::test {

// A device as the modem's url, with waits that only a hung test feels and short ones where the modem is
// silent on purpose: a loaded machine must not turn an answer into a timeout.
inline modem::ModemOptions options_for(const std::string& device) {
  modem::ModemOptions options;
  options.name = "test";
  options.url = "pty:" + device;
  options.timeouts.prompt = milliseconds(500);
  options.timeouts.send = milliseconds(500);
  options.timeouts.sim_missing = milliseconds(100);
  options.timeouts.retry = milliseconds(5);
  options.timeouts.quiet = milliseconds(10);
  options.timeouts.unfinished = milliseconds(40);
  return options;
}

// For modems that do not answer at all.
inline modem::ModemOptions impatient(modem::ModemOptions options) {
  options.timeouts.open = milliseconds(400);
  options.timeouts.answer = milliseconds(300);
  options.timeouts.probe = milliseconds(100);
  options.timeouts.resync = milliseconds(500);
  options.timeouts.sim_ready = milliseconds(200);
  return options;
}

inline std::unique_ptr<modem::SerialModem> open_modem(const modem::ModemOptions& options) {
  auto modem = modem::SerialModem::open(options);
  if (!modem) FAIL(modem.error().message);
  return std::move(*modem);
}

// Until something happens, or for as long as a failing test may take.
inline std::vector<modem::Event> wait_for_event(modem::SerialModem& modem) {
  auto events = modem.wait(steady_now() + seconds(3));
  REQUIRE(events);
  return std::move(*events);
}

// An SMS-DELIVER with its SMSC in front, and its hex; `number` makes it different from others.
inline modem::Octets deliver_pdu(unsigned number = 0) {
  auto octets = *from_hex("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07");
  octets.back() = static_cast<std::uint8_t>(octets.back() ^ (number & 0x07));
  octets[12] = static_cast<std::uint8_t>(number >> 3);
  return octets;
}

inline modem::Submit submit_to(const std::string& number) {
  modem::Submit submit;
  submit.recipient = *modem::Address::from_number(number);
  submit.user_data.data = {'H', 'i'};
  return submit;
}

}  // namespace pigeon::test
