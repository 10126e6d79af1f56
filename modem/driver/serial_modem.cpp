// Opening a modem and its events; what it is made of is in serial_modem_impl.h. See serial_modem.h.
#include "modem/driver/serial_modem.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
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
  if (auto up = impl->first.session.bring_up(); !up) return tl::unexpected(up.error());
  impl->keep_stick();
  impl->open_second();
  return std::unique_ptr<SerialModem>(new SerialModem(std::move(impl)));
}

Result<void> SerialModem::bring_up() {
  if (auto up = impl_->first.session.resume(); !up) return up;
  if (impl_->second) impl_->second->set_up();
  return {};
}
Result<std::vector<Event>> SerialModem::wait(SteadyTime deadline, Wakeup* wakeup) {
  return impl_->wait(deadline, wakeup);
}
Result<std::vector<StoredMessage>> SerialModem::list_messages() {
  // Only what stores reports has something there, and looking costs two commands.
  const bool stores_reports =
      !impl_->first.indications.announces_reports() && impl_->first.storages.offers_reports();
  return impl_->first.storages.list(stores_reports || impl_->first.news.has_named_reports());
}
bool SerialModem::left_slots() const {
  return impl_->first.storages.left_slots();
}
Result<std::optional<int>> SerialModem::count_messages() {
  return impl_->first.storages.count();
}
Result<std::optional<StoredMessage>> SerialModem::read_message(const Slot& slot) {
  return impl_->first.storages.read(slot);
}
Result<void> SerialModem::acknowledge() {
  if (impl_->second) impl_->second->acknowledge();
  return impl_->first.session.acknowledge();
}
Result<void> SerialModem::delete_message(const Slot& slot) {
  return impl_->first.storages.erase(slot);
}
Result<SendReceipt> SerialModem::send(const Submit& submit) {
  start_send(submit);
  return finish_send();
}
void SerialModem::start_send(const Submit& submit) {
  if (impl_->second && impl_->second->is_free())
    impl_->second->send(submit);
  else
    impl_->receipt = impl_->first.sender.send(submit);
}
bool SerialModem::is_sending() const {
  return impl_->second && impl_->second->is_sending();
}
std::optional<Result<SendReceipt>> SerialModem::take_receipt() {
  if (!impl_->receipt && impl_->second) return impl_->second->take_receipt();
  return std::exchange(impl_->receipt, std::nullopt);
}
Result<SendReceipt> SerialModem::finish_send() {
  if (impl_->second) impl_->second->finish(impl_->options.abort);
  return *take_receipt();
}
Result<SendReceipt> SerialModem::cancel_send() {
  if (impl_->second) impl_->second->give_up();
  return finish_send();
}
Result<ModemHealth> SerialModem::health() {
  return impl_->first.health.ask();
}
Result<RawAnswer> SerialModem::ask_raw(const std::string& command, milliseconds timeout) {
  return modem::ask_raw(impl_->first.channel, command, timeout);
}
Result<void> SerialModem::request_ussd(const std::string& text) {
  return impl_->first.ussd.request(text);
}
Result<void> SerialModem::end_ussd() {
  return impl_->first.ussd.end();
}
const ModemIdentity& SerialModem::identity() const {
  return impl_->identity;
}
const ModemSettings& SerialModem::settings() const {
  return impl_->told_settings();
}

SerialModem::Impl::Impl(const ModemOptions& modem_options, AtChannel at_channel)
    : options(modem_options), first(std::move(at_channel), options, identity, profile) {
  identity.device = first.channel.device();
}

void SerialModem::Impl::keep_stick() {
  if (!hold.usb_path || identity.imei.empty()) return;
  if (!hold.imei) hold.imei = claim_imei(identity.imei);
  remember_stick(options.name, {identity.imei, hold.path, hold.interface_number});
}

void SerialModem::Impl::open_second() {
  if (!options.two_ports || !hold.usb_path) return;
  auto port = open_second_port(options, hold);
  if (!port) return;
  if (*port)
    second = std::make_unique<SendingPort>(first.channel, std::move(**port), options, identity, profile);
  else
    log::info(first.line.tag(), "texts are sent on the first port: " + port->error().message);
}

void SerialModem::Impl::look_at_second() {
  if (!second) return;
  for (Event& event : second->look()) {
    if (event.kind == Event::Kind::message_stored) event.slot = first.storages.known_slot(event.slot);
    first.news.add(std::move(event));
  }
  if (!second->has_failed()) return;
  if (auto last = second->take_receipt()) receipt = std::move(last);
  second.reset();
}

const ModemSettings& SerialModem::Impl::told_settings() {
  settings = {first.storages.receive_storage(),       first.indications.settled(),
              first.indications.announces_messages(), first.indications.announces_reports(),
              first.session.acknowledges(),           first.centre.number()};
  return settings;
}

Result<std::vector<Event>> SerialModem::Impl::wait(SteadyTime deadline, Wakeup* wakeup) {
  News& news = first.news;
  for (;;) {
    news.collect();
    look_at_second();
    if (!news.empty()) return news.take();
    if (auto kept = first.session.keep_up(); !kept) return tl::unexpected(kept.error());
    if (!news.empty() || first.channel.has_urcs()) continue;
    const auto ready = first.channel.wait(std::min(deadline, first.session.next_upkeep()), wakeup,
                                          second ? second->fd() : -1);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken) {
      wakeup->clear();
      news.collect();
      news.add(Event{});
    } else if (!ready->readable && !ready->other && steady_now() >= deadline) {
      return std::vector<Event>();
    }
  }
}

}  // namespace pigeon::modem
