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

SimModem::Impl::Impl(SimModemOptions options)
    : options_(std::move(options)),
      adapter_(options_, [this](std::string urc) { urcs_.push_back(std::move(urc)); }),
      pty_(std::make_shared<Pty>(options_.link)),
      device_(pty_->device()),
      thread_([this] { run(); }) {}

SimModem::Impl::~Impl() {
  with_lock([](Impl& modem) { modem.stopping_ = true; });
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
  // Who still has the old path must not find another program's port behind it.
  constexpr std::size_t kNumbersKept = 32;
  if (pty_) numbers_.push_back(pty_->keep_number());
  if (numbers_.size() > kNumbersKept) numbers_.pop_front();
  pty_.reset();
  silent_until_.reset();
  said_at_start_.reset();
  forget_line();
}

void SimModem::Impl::plug_in() {
  unplug();
  pty_ = std::make_shared<Pty>(options_.link);
  device_ = pty_->device();
  adapter_.power_up();
  admit_from_network();
}

std::vector<SentPart> SimModem::Impl::wait_for_sent(std::size_t count, milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  sent_changed_.wait_for(lock, timeout, [&] { return sent_.size() >= count; });
  return sent_;
}

SimModem::SimModem(SimModemOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
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
  return impl_->look([](const Impl& modem) { return modem.sent_; });
}

std::vector<SentPart> SimModem::wait_for_sent(std::size_t count, milliseconds timeout) const {
  return impl_->wait_for_sent(count, timeout);
}

void SimModem::on_sent(std::function<void(const SentPart&)> listener) {
  impl_->replace(&Impl::listener_, std::move(listener));
}

void SimModem::before_command(Hook hook) {
  impl_->replace(&Impl::before_, std::move(hook));
}

void SimModem::after_command(Hook hook) {
  impl_->replace(&Impl::after_, std::move(hook));
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
