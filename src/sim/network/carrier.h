// The phones and the network on the other side of the simulated modem: a text from a phone becomes the
// SMS-DELIVERs that a network would bring, and what the box sends is joined and decoded in the phone's inbox.
// Tests, the demo's web page and a person at the console talk to the box through it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sim/modem/sim_modem.h"

namespace pigeon::sim {

// How a phone and the way to it treat a long text.
struct TextShape {
  bool wide_reference = false;  // 16-bit concatenation references
  bool cut_anywhere = false;    // also within surrogate pairs and escape sequences, as some phones do
  std::optional<unsigned> shuffle = {};   // parts arrive in an order drawn with this seed
  bool duplicate = false;                 // each part arrives twice
  std::optional<int> message_class = {};  // 0 (flash) … 3
};

// A whole message that the box sent to a phone.
struct PhoneMessage {
  std::string text;  // UTF-8; "" when `error` says why it cannot be shown
  std::string error;
  std::size_t parts = 1;
  SteadyTime at{};  // of the part that completed it
};

struct CarrierOptions {
  std::chrono::minutes zone{0};    // of the service centre's time stamps, in quarter hours
  milliseconds part_gap{0};        // between two parts of one text on their way to the box
  milliseconds report_delay{0};    // between a part and the status report it asked for
  std::uint8_t report_status = 0;  // TP-ST, TS 23.040 §9.2.3.15: 0 delivered
  // A text to the SIM's own number comes back to the modem, from there.
  std::string own_number = SimModemOptions{}.number;  // empty: to nobody
  std::string own_sender{};                           // whom the network names as its sender; empty: the same
  milliseconds own_delay{0};                          // on its way back
};

// Thread-safe. Takes the modem's on_sent(); the modem must outlive it.
class Carrier {
 public:
  // Borrows `modem` and listens to what it sends from now on.
  explicit Carrier(SimModem& modem, CarrierOptions options = {});
  ~Carrier();
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;

  // For what happens from now on; reports under way keep their delay and status.
  void configure(const CarrierOptions& options);

  // A text on its way from a phone to the box: how many parts it took. `from` is a number ("+12025550123",
  // "12345") or, when it is none, an alphanumeric sender of at most 11 characters. Errc::bad_input: invalid
  // UTF-8, no such sender, too long. No two parts of one sender carry the same time stamp: where the second
  // is taken, the next one is.
  Result<std::size_t> text(std::string_view from, std::string_view text, const TextShape& shape = {});
  // The same TPDUs, in the order of arrival, without sending them.
  [[nodiscard]] Result<std::vector<modem::Octets>> make_parts(std::string_view from, std::string_view text,
                                                              const TextShape& shape = {});

  // Whole messages that the box sent to this phone, oldest first; `number` is E.164.
  [[nodiscard]] std::vector<PhoneMessage> inbox(const std::string& number) const;
  // The same once there are `count`, or when `timeout` has passed.
  [[nodiscard]] std::vector<PhoneMessage> wait_for(const std::string& number, std::size_t count,
                                                   milliseconds timeout) const;

 private:
  struct State;
  void bring_back(const SentPart& part);  // what the box texts itself
  SimModem& modem_;
  std::unique_ptr<State> state_;
};

}  // namespace pigeon::sim
