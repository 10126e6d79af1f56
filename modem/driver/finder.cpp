// Looking for a modem; see finder.h.
#include "modem/driver/finder.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/file.h"
#include "modem/at/at_values.h"
#include "modem/driver/profile.h"

namespace pigeon::modem {
namespace {

constexpr milliseconds kUdevPause{100};
constexpr seconds kLongestSearch{90};  // behind it no further port is tried in this round

ChannelTimeouts channel_timeouts(const ModemTimeouts& all) {
  ChannelTimeouts timeouts;
  timeouts.prompt = all.prompt;
  timeouts.probe = all.probe;
  timeouts.quiet = all.quiet;
  timeouts.retry = all.retry;
  timeouts.resync = all.resync;
  timeouts.unfinished = all.unfinished;
  return timeouts;
}

// False when the owner gives up.
bool pause(milliseconds time, const Wakeup* abort) {
  pollfd watched{abort != nullptr ? abort->fd() : -1, POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(time.count())) <= 0;
}

// Errc::busy is a node that udev has not given to its group yet, and ends with the node's youth.
Result<SerialPort> open_when_ready(const PortAddress& address, const Wakeup* abort) {
  for (;;) {
    auto port = SerialPort::open(address);
    if (port || port.error().code != Errc::busy || !pause(kUdevPause, abort)) return port;
  }
}

// A channel on which a modem has answered AT.
Result<AtChannel> open_channel(const PortAddress& address, const ModemOptions& options,
                               milliseconds patience) {
  auto port = open_when_ready(address, options.abort);
  if (!port) return tl::unexpected(port.error());
  auto channel = AtChannel::create(std::move(*port), channel_timeouts(options.timeouts), options.transcript,
                                   options.abort, options.traffic);
  if (!channel) return channel;
  channel->expect_urcs(urcs_of_all());
  const auto in_step = channel->synchronise(steady_now() + patience);
  if (in_step) return channel;
  if (in_step.error().code != Errc::timeout) return tl::unexpected(in_step.error());
  return fail(Errc::unsupported,
              "not a modem: " + channel->device() + ": no answer to AT (is this a modem's AT port?)",
              Retry::yes);
}

// A made-up tree has pseudo-terminals in it.
PortAddress::Kind kind_of(const UsbSerialPort& port) {
  return follow_links(port.device).starts_with("/dev/pts/") ? PortAddress::Kind::pty
                                                            : PortAddress::Kind::serial;
}

// The one search that a round of serial:auto or serial:imei=… is.
class Search {
 public:
  Search(const ModemOptions& options, std::string wanted_imei)
      : options_(options), wanted_(std::move(wanted_imei)), known_(remembered_stick(options.name)) {
    sought_ = wanted_.empty() && known_ ? known_->imei : wanted_;
  }

  Result<FoundModem> run() {
    const auto ports = list_usb_serial_ports(options_.usb);
    auto candidates = in_order_of_trial(at_ports(ports));
    while (!candidates.empty() && !is_done_ && steady_now() < give_up_) {
      const std::string path = candidates.front().usb_path;
      const auto rest =
          std::stable_partition(candidates.begin(), candidates.end(),
                                [&](const UsbSerialPort& port) { return port.usb_path == path; });
      const std::vector<UsbSerialPort> stick(candidates.begin(), rest);
      candidates.erase(candidates.begin(), rest);
      try_stick(stick);
    }
    if (found_) return std::move(*found_);
    return fail(is_silent_ ? Errc::unsupported : Errc::not_found, nothing_found(ports.size()), Retry::yes);
  }

 private:
  // The stick that this modem was last goes first, and on it the interface that answered.
  std::vector<UsbSerialPort> in_order_of_trial(std::vector<UsbSerialPort> ports) const {
    const auto distance = [&](const UsbSerialPort& port) {
      if (is_known(port)) return 0;
      return known_ && port.usb_path == known_->usb_path ? 1 : 2;
    };
    std::stable_sort(ports.begin(), ports.end(),
                     [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
    return ports;
  }

  // The port on which this modem answered last.
  bool is_known(const UsbSerialPort& port) const {
    return known_ && port.usb_path == known_->usb_path && port.interface_number == known_->interface_number;
  }

  // A stick is asked by one at a time, and through one of its ports only.
  void try_stick(const std::vector<UsbSerialPort>& ports) {
    StickHold hold;
    hold.path = ports.front().usb_path;
    hold.usb_path = claim("usb " + hold.path);
    if (!hold.usb_path) {
      refusals_.push_back(ports.front().device + " and its stick belong to another modem of this box");
      return;
    }
    for (const UsbSerialPort& port : ports) {
      auto channel =
          open_channel({kind_of(port), port.device, PortAddress().baud}, options_,
                       std::max<milliseconds>(options_.timeouts.open, boot_time(port.vendor, port.product)));
      if (!channel) {
        is_silent_ = is_silent_ || (channel.error().code == Errc::unsupported && is_known(port));
        refusals_.push_back(channel.error().message);
        continue;
      }
      hold.interface_number = port.interface_number;
      consider(std::move(*channel), std::move(hold));
      return;
    }
  }

  // The modem that answers becomes what is found, unless it is another's or not the one that is looked for.
  void consider(AtChannel channel, StickHold hold) {
    const auto refuse = [&](const std::string& why) { refusals_.push_back(channel.device() + ": " + why); };
    Request question{"AT+CGSN", options_.timeouts.answer};
    question.silence = Silence::may_happen_once;
    const auto answer = channel.ask(question);
    if (!answer) return refuse(answer.error().message);
    const std::string imei = answer->ok() ? parse_imei(*answer) : std::string();
    const bool is_sought = is_same_imei(imei, sought_);
    if (!wanted_.empty() && !is_sought) return refuse(told(imei));
    if (found_ && !is_sought) return;
    const auto owner = other_owner(imei, options_.name);
    if (owner && wanted_.empty()) return refuse("was modem '" + *owner + "' and is kept for it");
    hold.imei = claim_imei(imei);
    if (!imei.empty() && !hold.imei) return refuse("another stick with the same IMEI is in use");
    is_done_ = is_sought || sought_.empty();
    found_.emplace(FoundModem{std::move(channel), std::move(hold), imei});
  }

  static std::string told(const std::string& imei) {
    if (imei.empty()) return "a modem that tells no IMEI";
    return "a modem with another IMEI (…" + imei.substr(imei.size() - 4) + ")";
  }

  std::string nothing_found(std::size_t serial_ports) const {
    std::string message = "no modem found on USB";
    if (!wanted_.empty()) message = "no modem with IMEI " + wanted_ + " found on USB";
    for (const std::string& refusal : refusals_) message += "; " + refusal;
    for (const std::string& advice : usb_stick_advice(list_usb_devices(options_.usb)))
      message += "; " + advice;
    if (refusals_.empty() && serial_ports > 0) {
      message += "; " + std::to_string(serial_ports) +
                 " USB serial port(s) belong to no known modem: name one in the modem's url if it is one";
    }
    return message;
  }

  const ModemOptions& options_;
  const std::string wanted_;               // the url's IMEI; empty: any
  const std::optional<KnownStick> known_;  // what this modem was before
  std::string sought_;                     // the IMEI that ends the search; empty: any does
  const SteadyTime give_up_ = steady_now() + kLongestSearch;
  std::vector<std::string> refusals_;
  std::optional<FoundModem> found_;
  bool is_done_ = false;
  bool is_silent_ = false;  // the port on which this modem was last is there, and nothing answers
};

// A named port of a stick takes the stick as well, so that no other modem of this process gets its second AT
// port.
Result<FoundModem> open_named(const ModemOptions& options, const PortAddress& address) {
  StickHold hold;
  const std::string device = follow_links(address.path);
  for (const UsbSerialPort& port : list_usb_serial_ports(options.usb)) {
    if (follow_links(port.device) != device) continue;
    hold.path = port.usb_path;
    hold.interface_number = port.interface_number;
    hold.usb_path = claim("usb " + hold.path);
    if (!hold.usb_path)
      return fail(Errc::conflict, device + ": its stick is in use by another modem of this box", Retry::yes);
  }
  auto channel = open_channel(address, options, options.timeouts.open);
  if (!channel) return tl::unexpected(channel.error());
  return FoundModem{std::move(*channel), std::move(hold), {}};
}

}  // namespace

Result<FoundModem> find_modem(const ModemOptions& options, const PortAddress& address) {
  if (address.kind != PortAddress::Kind::automatic) return open_named(options, address);
  return Search(options, address.imei).run();
}

std::optional<Result<SerialPort>> open_second_port(const ModemOptions& options, const StickHold& stick) {
  for (const UsbSerialPort& port : at_ports(list_usb_serial_ports(options.usb))) {
    if (port.usb_path != stick.path || port.interface_number == stick.interface_number) continue;
    return open_when_ready({kind_of(port), port.device, PortAddress().baud}, options.abort);
  }
  return std::nullopt;
}

}  // namespace pigeon::modem
