// Opening a modem and its events; what it is made of is in serial_modem_impl.h. See serial_modem.h.
#include "modem/driver/serial_modem.h"

#include <algorithm>
#include <utility>

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
  if (auto up = impl->session.bring_up(); !up) return tl::unexpected(up.error());
  impl->keep_stick();
  return std::unique_ptr<SerialModem>(new SerialModem(std::move(impl)));
}

Result<void> SerialModem::bring_up() {
  return impl_->session.resume();
}
Result<std::vector<Event>> SerialModem::wait(SteadyTime deadline, Wakeup* wakeup) {
  return impl_->wait(deadline, wakeup);
}
Result<std::vector<StoredMessage>> SerialModem::list_messages() {
  // Only what stores reports has something there, and looking costs two commands.
  const bool stores_reports = !impl_->indications.announces_reports() && impl_->storages.offers_reports();
  return impl_->storages.list(stores_reports || impl_->news.has_named_reports());
}
Result<std::optional<int>> SerialModem::count_messages() {
  return impl_->storages.count();
}
Result<std::optional<StoredMessage>> SerialModem::read_message(const Slot& slot) {
  return impl_->storages.read(slot);
}
Result<void> SerialModem::acknowledge() {
  return impl_->session.acknowledge();
}
Result<void> SerialModem::delete_message(const Slot& slot) {
  return impl_->storages.erase(slot);
}
Result<SendReceipt> SerialModem::send(const Submit& submit) {
  return impl_->sender.send(submit);
}
Result<ModemHealth> SerialModem::health() {
  return impl_->health.ask();
}
Result<RawAnswer> SerialModem::ask_raw(const std::string& command, milliseconds timeout) {
  return modem::ask_raw(impl_->channel, command, timeout);
}
Result<void> SerialModem::request_ussd(const std::string& text) {
  return impl_->ussd.request(text);
}
Result<void> SerialModem::end_ussd() {
  return impl_->ussd.end();
}
const ModemIdentity& SerialModem::identity() const {
  return impl_->identity;
}
const ModemSettings& SerialModem::settings() const {
  return impl_->told_settings();
}

SerialModem::Impl::Impl(const ModemOptions& modem_options, AtChannel at_channel)
    : options(modem_options), channel(std::move(at_channel)) {
  identity.device = channel.device();
}

void SerialModem::Impl::keep_stick() {
  if (!hold.usb_path || identity.imei.empty()) return;
  if (!hold.imei) hold.imei = claim_imei(identity.imei);
  remember_stick(options.name, {identity.imei, hold.path, hold.interface_number});
}

const ModemSettings& SerialModem::Impl::told_settings() {
  settings = {storages.receive_storage(),      indications.settled(),  indications.announces_messages(),
              indications.announces_reports(), session.acknowledges(), centre.number()};
  return settings;
}

Result<std::vector<Event>> SerialModem::Impl::wait(SteadyTime deadline, Wakeup* wakeup) {
  for (;;) {
    news.collect();
    if (!news.empty()) return news.take();
    if (auto kept = session.keep_up(); !kept) return tl::unexpected(kept.error());
    if (!news.empty() || channel.has_urcs()) continue;
    const auto ready = channel.wait(std::min(deadline, session.next_upkeep()), wakeup);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken) {
      wakeup->clear();
      news.collect();
      news.add(Event{});
    } else if (!ready->readable && steady_now() >= deadline) {
      return std::vector<Event>();
    }
  }
}

}  // namespace pigeon::modem
