// The recovery ladder; see recovery.h.
#include "transport/recovery.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "modem/port/serial_port.h"

namespace pigeon::transport {
namespace {

constexpr milliseconds kLookPause{100};

// Whether a modem that says this may be brought to its senses; else it is not there, or a person must act.
bool may_help(Errc code) {
  switch (code) {
    case Errc::timeout:
    case Errc::unsupported:
    case Errc::busy:
    case Errc::io:
    case Errc::outcome_unknown:
      return true;
    case Errc::bad_input:
    case Errc::conflict:
    case Errc::denied:
    case Errc::disconnected:
    case Errc::not_found:
      return false;
  }
  return false;
}

// True once in `pause`, and then the pause begins.
bool may(std::optional<SteadyTime>& last, milliseconds pause, SteadyTime now) {
  if (last && now < *last + pause) return false;
  last = now;
  return true;
}

}  // namespace

std::string_view words_of(Remedy remedy) {
  switch (remedy) {
    case Remedy::reopen:
      return "it is opened again";
    case Remedy::radio:
      return "its radio is switched off and on (AT+CFUN=4, AT+CFUN=1)";
    case Remedy::reboot:
      return "it is rebooted (AT+CFUN=1,1)";
    case Remedy::reauthorise:
      return "its USB device is taken off and put back";
  }
  return "";
}

Remedy Ladder::failed(SteadyTime now) {
  ++failures_;
  if (failures_ >= 4 && may(reauthorise_, timing_.between_reauthorisations, now)) return Remedy::reauthorise;
  if (failures_ >= 3 && may(reboot_, timing_.between_reboots, now)) return Remedy::reboot;
  if (failures_ >= 2 && may(radio_, timing_.between_radio, now)) return Remedy::radio;
  return Remedy::reopen;
}

Recovery::Recovery(const modem::ModemOptions& modem, std::string request, store::Store& store,
                   const std::atomic<bool>& stopping, const RecoveryTiming& timing)
    : modem_(modem.name),
      tag_("modem/" + modem_),
      request_(std::move(request)),
      store_(store),
      stopping_(stopping),
      usb_(modem.usb),
      baud_(modem::parse_port_url(modem.url).value_or(modem::PortAddress()).baud),
      timing_(timing),
      ladder_(timing) {}

void Recovery::failed(const Error& error) {
  if (works_since_ && steady_now() >= *works_since_ + timing_.settled) ladder_.works();
  works_since_.reset();
  if (!may_help(error.code) || device_.empty()) return;
  const Remedy remedy = ladder_.failed(steady_now());
  if (remedy == Remedy::reopen) return;
  const std::string what(words_of(remedy));
  log::warning(tag_, "the modem does not work (" + error.message + "): " + what);
  const auto done = carry_out(remedy);
  if (!done) log::warning(tag_, what + ": not done: " + done.error().message);
  note(done ? what : what + " (not done: " + done.error().message + ")");
}

void Recovery::works(const std::string& device) {
  works_since_ = steady_now();
  device_ = device;
  stick_.reset();
  for (modem::UsbSerialPort& port : modem::list_usb_serial_ports(usb_)) {
    if (follow_links(port.device) == follow_links(device)) stick_ = std::move(port);
  }
}

void Recovery::look() {
  if (!is_noted_ || !works_since_ || steady_now() < *works_since_ + timing_.calm) return;
  auto transaction = store_.begin();
  store_.conditions.end(transaction, store::ConditionCode::modem_hangs, modem_);
  transaction.commit();
  is_noted_ = false;
}

Result<void> Recovery::carry_out(Remedy remedy) {
  if (remedy == Remedy::reauthorise) return ask_root();
  const auto port = port_now();
  if (!port) return tl::unexpected(port.error());
  const auto how = remedy == Remedy::radio ? modem::ModemReset::radio : modem::ModemReset::reboot;
  return modem::reset_modem(*port, baud_, how, stopping_, timing_.reset);
}

// A stick that went and came back has other names, and its old one may be somebody else's by now.
Result<std::string> Recovery::port_now() const {
  if (!stick_) return device_;
  for (const modem::UsbSerialPort& port : modem::list_usb_serial_ports(usb_)) {
    if (port.usb_path == stick_->usb_path && port.interface_number == stick_->interface_number &&
        port.vendor == stick_->vendor && port.product == stick_->product)
      return port.device;
  }
  return fail(Errc::not_found, "its port is gone");
}

// The unit takes the request away when it begins; what comes of it shows when the modem is opened. The file
// of another modem that waits there is not overwritten.
Result<void> Recovery::ask_root() {
  if (!stick_) return fail(Errc::unsupported, "it is no USB device");
  if (request_.empty()) return fail(Errc::unsupported, "nobody is there who may");
  if (const auto port = port_now(); !port) return tl::unexpected(port.error());
  const std::string draft = request_ + "." + modem_;  // PathExists sees whole files only
  ::unlink(draft.c_str());
  if (auto written = create_private_file(draft, stick_->usb_path + "\n"); !written) return written;
  const auto links = [&draft] {
    struct stat file {};
    return ::stat(draft.c_str(), &file) == 0 ? file.st_nlink : 0;
  };
  const SteadyTime deadline = steady_now() + timing_.unit;
  bool asked = false, taken = false;
  while (!taken && steady_now() < deadline && !stopping_) {
    if (!asked) asked = ::link(draft.c_str(), request_.c_str()) == 0;
    std::this_thread::sleep_for(kLookPause);
    taken = asked && links() < 2;
  }
  if (asked && !taken) ::unlink(request_.c_str());
  ::unlink(draft.c_str());
  if (taken) return {};
  return fail(Errc::unsupported,
              asked ? "carrier-pigeon-usb.path is not active" : "another modem waits for it");
}

void Recovery::note(const std::string& what) {
  auto transaction = store_.begin();
  store_.conditions.begin(transaction, store::ConditionCode::modem_hangs, modem_, what, store_.time.now());
  transaction.commit();
  is_noted_ = true;
}

}  // namespace pigeon::transport
