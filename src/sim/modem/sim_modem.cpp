// What callers do to the simulated modem; its thread is in sim_modem_thread.cpp. See sim_modem.h.
#include "sim/modem/sim_modem.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sim/modem/sim_modem_impl.h"

namespace pigeon::sim {
namespace {

// An SMSC address as it stands in front of a TPDU (TS 27.005 §3.1, <pdu>).
modem::Octets with_smsc_address(const std::string& smsc, const modem::Octets& tpdu) {
  modem::Octets out;
  const bool international = smsc.starts_with('+');
  std::string digits = international ? smsc.substr(1) : smsc;
  if (!digits.empty()) {
    if (digits.size() % 2 != 0) digits += 'F';
    out = {static_cast<std::uint8_t>(1 + digits.size() / 2),
           static_cast<std::uint8_t>(international ? 0x91 : 0x81)};
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      const auto octet = from_hex(std::string{digits[i + 1], digits[i]});
      if (octet) out.push_back(octet->front());
    }
  } else {
    out = {0};
  }
  out.insert(out.end(), tpdu.begin(), tpdu.end());
  return out;
}

}  // namespace

SimModem::Impl::Impl(SimModemOptions options, std::shared_ptr<Common> common)
    : options_(std::move(options)),
      common_(common ? std::move(common) : std::make_shared<Common>(options_)),
      mutex_(common_->mutex),
      adapter_(options_, common_->equipment,
               [this](std::string urc) {
                 urcs_.push_back(std::move(urc));
                 wakeup_.notify();  // it may be another port's thread
               }),
      pty_(std::make_shared<Pty>(options_.link)),
      device_(pty_->device()) {
  common_->ports.push_back(this);
}

void SimModem::Impl::start() {
  thread_ = std::thread([this] { run(); });
}

SimModem::Impl::~Impl() {
  with_lock([](Impl& modem) {
    modem.stopping_ = true;
    modem.adapter_.messages().leave();
    std::erase(modem.common_->ports, &modem);
  });
  thread_.join();
}

void SimModem::Impl::deliver(const modem::Octets& pdu, bool with_smsc) {
  network_.push_back(with_smsc ? pdu : with_smsc_address(options_.smsc, pdu));
  admit_from_network();
}

void SimModem::Impl::deliver_after(milliseconds delay, modem::Octets pdu, bool with_smsc) {
  const SteadyTime due = steady_now() + delay;
  const auto later = std::find_if(timed_.begin(), timed_.end(), [&](const Timed& t) { return t.due > due; });
  timed_.insert(later, {due, std::move(pdu), with_smsc, {}});
}

void SimModem::Impl::inject_after(milliseconds delay, std::string bytes) {
  const SteadyTime due = steady_now() + delay;
  const auto later = std::find_if(timed_.begin(), timed_.end(), [&](const Timed& t) { return t.due > due; });
  timed_.insert(later, {due, {}, false, std::move(bytes)});
}

void SimModem::Impl::admit_from_network() {
  while (!network_.empty() && pty_ && adapter_.can_receive() &&
         adapter_.messages().receive(network_.front())) {
    network_.pop_front();
  }
}

void SimModem::Impl::inject(std::string_view bytes) {
  if (!pty_) return;
  if (pty_->update_clients()) output_.clear();
  if (pty_->has_client()) output_ += bytes;
}

void SimModem::Impl::set_registration(int stat) {
  adapter_.set_registration(stat);
  admit_from_network();
}

void SimModem::Impl::unplug() {
  for (Impl* const port : common_->ports) port->unplug_port();
}

void SimModem::Impl::unplug_port() {
  // Who still has the old path must not find another program's port behind it.
  constexpr std::size_t kNumbersKept = 32;
  if (pty_) numbers_.push_back(pty_->keep_number());
  if (numbers_.size() > kNumbersKept) numbers_.pop_front();
  pty_.reset();
  silent_until_.reset();
  said_at_start_.reset();
  forget_line();
  wakeup_.notify();
}

void SimModem::Impl::plug_in() {
  unplug();
  for (Impl* const port : common_->ports) {
    port->pty_ = std::make_shared<Pty>(port->options_.link);
    port->device_ = port->pty_->device();
  }
  power_up();
  admit_from_network();
}

void SimModem::Impl::power_up() {
  for (Impl* const port : common_->ports) port->adapter_.power_up();
}

std::vector<SentPart> SimModem::Impl::wait_for_sent(std::size_t count, milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  common_->sent_changed.wait_for(lock, timeout, [&] { return common_->sent.size() >= count; });
  return common_->sent;
}

SimModem::SimModem(SimModemOptions options) : impl_(std::make_unique<Impl>(std::move(options), nullptr)) {
  impl_->start();
}

SimModem::SimModem(SimModem& first, std::string link) {
  {
    const std::lock_guard lock(first.impl_->mutex_);
    SimModemOptions options = first.impl_->options_;
    options.link = std::move(link);
    impl_ = std::make_unique<Impl>(std::move(options), first.impl_->common_);
  }
  impl_->start();
}

SimModem::~SimModem() = default;

std::string SimModem::device() const {
  return impl_->look([](const Impl& modem) { return modem.device_; });
}

void SimModem::deliver(const modem::Octets& pdu, bool with_smsc) {
  impl_->with_lock([&](Impl& modem) { modem.deliver(pdu, with_smsc); });
}

void SimModem::deliver_after(milliseconds delay, modem::Octets pdu, bool with_smsc) {
  impl_->with_lock([&](Impl& modem) { modem.deliver_after(delay, std::move(pdu), with_smsc); });
}

bool SimModem::put_in_slot(int index, const modem::Octets& pdu) {
  bool done = false;
  impl_->with_lock([&](Impl& modem) { done = modem.adapter_.messages().put_in_slot(index, pdu); });
  return done;
}

void SimModem::set_habits(ModemHabits habits) {
  impl_->with_lock([&](Impl& modem) { modem.adapter_.messages().habits() = std::move(habits); });
}

ModemHabits SimModem::habits() const {
  return impl_->look([](const Impl& modem) { return modem.adapter_.messages().habits(); });
}

void SimModem::inject(std::string_view bytes) {
  impl_->with_lock([&](Impl& modem) { modem.inject(bytes); });
}

void SimModem::inject_after(milliseconds delay, std::string bytes) {
  impl_->with_lock([&](Impl& modem) { modem.inject_after(delay, std::move(bytes)); });
}

std::vector<SentPart> SimModem::sent() const {
  return impl_->look([](const Impl& modem) { return modem.common_->sent; });
}

std::vector<SentPart> SimModem::wait_for_sent(std::size_t count, milliseconds timeout) const {
  return impl_->wait_for_sent(count, timeout);
}

void SimModem::on_sent(std::function<void(const SentPart&)> listener) {
  impl_->replace(impl_->common_->listener, std::move(listener));
}

void SimModem::before_command(Hook hook) {
  impl_->replace(impl_->before_, std::move(hook));
}

void SimModem::after_command(Hook hook) {
  impl_->replace(impl_->after_, std::move(hook));
}

std::size_t SimModem::messages_stored() const {
  return impl_->look([](const Impl& modem) { return modem.adapter_.messages().stored(); });
}

std::size_t SimModem::messages_waiting() const {
  return impl_->look([](const Impl& modem) { return modem.network_.size(); });
}

void SimModem::set_registration(int stat) {
  impl_->with_lock([&](Impl& modem) { modem.set_registration(stat); });
}

void SimModem::set_signal(int rssi) {
  impl_->with_lock([&](Impl& modem) { modem.adapter_.set_signal(rssi); });
}

void SimModem::unplug() {
  impl_->with_lock([](Impl& modem) { modem.unplug(); });
}

void SimModem::plug_in() {
  impl_->with_lock([](Impl& modem) { modem.plug_in(); });
}

}  // namespace pigeon::sim
