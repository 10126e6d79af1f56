// Opening a modem and its events; the rest of the driver is in modem_*.cpp. See serial_modem.h.
#include "modem/driver/serial_modem.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"
#include "modem/port/usb_ports.h"

namespace pigeon::modem {
namespace {

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

// A channel on which a modem has answered AT.
Result<AtChannel> open_channel(const PortAddress& address, const ModemOptions& options,
                               milliseconds patience) {
  auto port = SerialPort::open(address);
  if (!port) return tl::unexpected(port.error());
  auto channel = AtChannel::create(std::move(*port), channel_timeouts(options.timeouts), options.transcript,
                                   options.abort);
  if (!channel) return channel;
  const auto in_step = channel->synchronise(steady_now() + patience);
  if (in_step) return channel;
  if (in_step.error().code != Errc::timeout) return tl::unexpected(in_step.error());
  return fail(Errc::unsupported,
              "not a modem: " + channel->device() + ": no answer to AT (is this a modem's AT port?)",
              Retry::yes);
}

std::string nothing_found(const std::vector<std::string>& refusals, std::size_t serial_ports) {
  std::string message = "no modem found on USB";
  for (const std::string& refusal : refusals) message += "; " + refusal;
  for (const std::string& advice : usb_stick_advice(list_usb_devices())) message += "; " + advice;
  if (refusals.empty() && serial_ports > 0) {
    message += "; " + std::to_string(serial_ports) +
               " USB serial port(s) belong to no known modem: name one in the modem's url if it is one";
  }
  return message;
}

// serial:auto: the first port of a known family that answers.
Result<AtChannel> find_channel(const ModemOptions& options) {
  const auto ports = list_usb_serial_ports();
  std::vector<std::string> refusals;
  for (const UsbSerialPort& port : at_ports(ports)) {
    const PortAddress address{PortAddress::Kind::serial, port.device, PortAddress().baud};
    const auto patience = std::max<milliseconds>(options.timeouts.open, boot_time(port.vendor, port.product));
    auto channel = open_channel(address, options, patience);
    if (channel) return channel;
    refusals.push_back(channel.error().message);
  }
  return fail(Errc::not_found, nothing_found(refusals, ports.size()), Retry::yes);
}

}  // namespace

SerialModem::SerialModem(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SerialModem::~SerialModem() = default;

Result<std::unique_ptr<SerialModem>> SerialModem::open(const ModemOptions& options) {
  const auto address = parse_port_url(options.url);
  if (!address) return tl::unexpected(address.error());
  auto channel = address->kind == PortAddress::Kind::automatic
                     ? find_channel(options)
                     : open_channel(*address, options, options.timeouts.open);
  if (!channel) return tl::unexpected(channel.error());
  auto impl = std::make_unique<Impl>(options, std::move(*channel));
  if (auto up = impl->bring_up(); !up) return tl::unexpected(up.error());
  return std::unique_ptr<SerialModem>(new SerialModem(std::move(impl)));
}

Result<void> SerialModem::bring_up() {
  return impl_->resume();
}
Result<std::vector<Event>> SerialModem::wait(SteadyTime deadline, Wakeup* wakeup) {
  return impl_->wait(deadline, wakeup);
}
Result<std::vector<StoredMessage>> SerialModem::list_messages() {
  return impl_->list_messages();
}
Result<std::optional<int>> SerialModem::count_messages() {
  return impl_->count_messages();
}
Result<std::optional<StoredMessage>> SerialModem::read_message(const Slot& slot) {
  return impl_->read_message(slot);
}
Result<void> SerialModem::delete_message(const Slot& slot) {
  return impl_->delete_message(slot);
}
Result<SendReceipt> SerialModem::send(const Submit& submit) {
  return impl_->send(submit);
}
Result<ModemHealth> SerialModem::health() {
  return impl_->health();
}
const ModemIdentity& SerialModem::identity() const {
  return impl_->identity;
}
const ModemSettings& SerialModem::settings() const {
  return impl_->settings;
}

SerialModem::Impl::Impl(const ModemOptions& modem_options, AtChannel at_channel)
    : options(modem_options),
      tag("modem/" + (modem_options.name.empty() ? std::string("unnamed") : modem_options.name)),
      channel(std::move(at_channel)) {
  identity.device = channel.device();
}

Result<std::vector<Event>> SerialModem::Impl::wait(SteadyTime deadline, Wakeup* wakeup) {
  for (;;) {
    collect_events();
    if (!events.empty()) return std::exchange(events, {});
    if (auto kept = keep_up(); !kept) return tl::unexpected(kept.error());
    if (!events.empty() || channel.has_urcs()) continue;
    const auto ready = channel.wait(std::min(deadline, next_upkeep()), wakeup);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken) {
      wakeup->clear();
      collect_events();
      events.push_back(Event{});
    } else if (!ready->readable && steady_now() >= deadline) {
      return std::vector<Event>();
    }
  }
}

void SerialModem::Impl::collect_events() {
  if (channel.has_urcs()) {
    for (const Urc& urc : channel.take_urcs()) add_event(urc);
  }
  // Whatever was dropped in a flood may have been a message: listing finds it.
  if (channel.take_urcs_lost()) events.push_back(Event{Event::Kind::message_stored, std::nullopt, {}});
}

void SerialModem::Impl::add_event(const Urc& urc) {
  Event event;
  switch (urc.kind) {
    case UrcKind::message_stored:
      event.kind = Event::Kind::message_stored;
      event.slot = known_slot(parse_indicated_slot(urc.text));
      break;
    case UrcKind::status_report_stored:
      event.kind = Event::Kind::status_report_stored;
      event.slot = parse_indicated_slot(urc.text);
      break;
    case UrcKind::message_direct:
      event.kind = Event::Kind::message_direct;
      doubts_indications = settings.announces_messages;
      break;
    case UrcKind::status_report:
      event.kind = Event::Kind::status_report;
      break;
    case UrcKind::storage_full:
      event.kind = Event::Kind::storage_full;
      break;
    case UrcKind::started:
      if (channel.expects_start()) return;  // the end of the start that is known
      [[fallthrough]];
    case UrcKind::restarted:
      event.kind = Event::Kind::restarted;
      log::notice(tag, "the modem restarts: " + shorten(urc.text, 60));
      break;
    case UrcKind::noise:
    case UrcKind::cell_broadcast:
      return;
  }
  if (carries_pdu(urc.kind)) event.pdu = from_hex(urc.pdu).value_or(Octets());
  const auto is_restart = [](const Event& known) { return known.kind == Event::Kind::restarted; };
  if (is_restart(event) && std::any_of(events.begin(), events.end(), is_restart)) return;
  events.push_back(std::move(event));
}

void SerialModem::Impl::forget_restarts() {
  collect_events();
  std::erase_if(events, [](const Event& event) { return event.kind == Event::Kind::restarted; });
}

Request SerialModem::Impl::patiently(std::string line) const {
  Request request{std::move(line), options.timeouts.answer};
  request.only_reads = request.line.ends_with('?');
  request.silence = Silence::may_happen_once;
  return request;
}

Request SerialModem::Impl::when_ready(std::string line) const {
  Request request = patiently(std::move(line));
  request.while_busy = options.timeouts.sim_ready;
  return request;
}

Result<void> SerialModem::Impl::attempt(std::string line) {
  const Request request = patiently(std::move(line));
  const auto answer = channel.ask(request);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->ok()) log::debug(tag, to_error(command_name(request.line), answer->result).message);
  return {};
}

Result<void> SerialModem::Impl::pause(milliseconds time) {
  const auto until = steady_now() + time;
  while (steady_now() < until) {
    const auto ready = channel.wait(until, options.abort);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken) return fail(Errc::timeout, identity.device + ": stopped", Retry::yes);
  }
  return {};
}

}  // namespace pigeon::modem
