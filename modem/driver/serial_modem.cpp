// Opening a modem and its events; the rest of the driver is in modem_*.cpp. See serial_modem.h.
#include "modem/driver/serial_modem.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/finder.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {

SerialModem::SerialModem(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SerialModem::~SerialModem() = default;

Result<std::unique_ptr<SerialModem>> SerialModem::open(const ModemOptions& options) {
  const auto address = parse_port_url(options.url);
  if (!address) return tl::unexpected(address.error());
  auto found = find_modem(options, *address);
  if (!found) return tl::unexpected(found.error());
  auto impl = std::make_unique<Impl>(options, std::move(found->channel));
  impl->hold = std::move(found->hold);
  impl->identity.imei = std::move(found->imei);
  if (auto up = impl->bring_up(); !up) return tl::unexpected(up.error());
  impl->keep_stick();
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
Result<void> SerialModem::acknowledge() {
  return impl_->acknowledge();
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
Result<RawAnswer> SerialModem::ask_raw(const std::string& command, milliseconds timeout) {
  return modem::ask_raw(impl_->channel, command, timeout);
}
Result<void> SerialModem::request_ussd(const std::string& text) {
  return impl_->request_ussd(text);
}
Result<void> SerialModem::end_ussd() {
  return impl_->attempt("AT+CUSD=2");
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

void SerialModem::Impl::keep_stick() {
  if (!hold.usb_path || identity.imei.empty()) return;
  if (!hold.imei) hold.imei = claim_imei(identity.imei);
  remember_stick(options.name, {identity.imei, hold.path, hold.interface_number});
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
    case UrcKind::ussd:
      event.kind = Event::Kind::ussd;
      event.ussd = parse_ussd(urc.text);
      break;
    case UrcKind::ussd_refused:
      event.kind = Event::Kind::ussd;
      event.ussd = {UssdReply::Kind::refused, -1, urc.text};
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
  if (carries_pdu(urc.kind)) unacknowledged = settings.acknowledges;
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

Result<void> SerialModem::Impl::ensure(std::string_view question, std::string_view answer,
                                       std::string_view line) {
  Request request = patiently(std::string(question));
  request.only_reads = true;
  const auto current = channel.ask(request);
  if (!current) return tl::unexpected(current.error());
  std::string fields;
  for (const std::string& field : fields_of(current->text())) fields += field + ',';
  const bool is_so = current->ok() && !current->damaged && fields.starts_with(std::string(answer) + ',');
  return is_so ? Result<void>() : attempt(std::string(line));
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
