// The modem's thread; see modem_transport.h.
#include "transport/modem_transport.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace pigeon::transport {
namespace {

constexpr milliseconds kFirstRetry{500};
constexpr milliseconds kLastRetry = seconds(30);
constexpr milliseconds kStoragePause = seconds(2);
constexpr milliseconds kDeletePause = seconds(2);  // before a slot that would not be freed is read again
constexpr std::size_t kBatch = 8;                  // slots read before the first of them is committed

store::NetworkRegistration as_stored(modem::Registration registration) {
  switch (registration) {
    case modem::Registration::unknown:
      return store::NetworkRegistration::unknown;
    case modem::Registration::not_registered:
      return store::NetworkRegistration::not_registered;
    case modem::Registration::searching:
      return store::NetworkRegistration::searching;
    case modem::Registration::denied:
      return store::NetworkRegistration::denied;
    case modem::Registration::home:
      return store::NetworkRegistration::home;
    case modem::Registration::roaming:
      return store::NetworkRegistration::roaming;
  }
  return store::NetworkRegistration::unknown;
}

}  // namespace

ModemTransport::ModemTransport(modem::ModemOptions modem, const IntakeSettings& intake, store::Store& store,
                               store::Wakeups& wakeups, const TransportTiming& timing)
    : modem_options_(std::move(modem)),
      tag_("modem/" + modem_options_.name),
      store_(store),
      wakeups_(wakeups),
      wakeup_(wakeups.modems.at(modem_options_.name)),
      timing_(timing),
      intake_(modem_options_.name, intake, store),
      sender_(modem_options_.name, store) {}

ModemTransport::~ModemTransport() {
  request_stop();
  if (thread_.joinable()) thread_.join();
}

void ModemTransport::start() {
  thread_ = std::thread(&ModemTransport::run, this);
}

void ModemTransport::request_stop() {
  stopping_ = true;
  wakeup_.notify();
}

void ModemTransport::run() {
  while (!stopping_) {
    try {
      heartbeat_.back_by(steady_now() + timing_.longest_step);
      if (!modem_)
        open();
      else
        step();
    } catch (const store::StorageError& error) {
      // Nothing is lost: what was not committed is still in the modem, and what was sent is repeated at most
      // once.
      if (std::exchange(last_problem_, error.what()) != error.what()) {
        log::error(
            tag_, std::string("the database cannot be written, messages stay in the modem: ") + error.what());
      }
      scan_needed_ = true;
      pause(kStoragePause);
    }
  }
  modem_.reset();
}

void ModemTransport::open() {
  auto opened = modem::SerialModem::open(modem_options_);
  if (!opened) {
    lost(opened.error());
    retry_ = std::clamp(retry_ * 2, kFirstRetry, kLastRetry);
    pause(retry_);
    return;
  }
  modem_ = std::move(*opened);
  retry_ = milliseconds(0);
  last_problem_.clear();
  pending_.clear();
  const modem::ModemIdentity& identity = modem_->identity();
  log::notice(tag_, "ready: " + identity.manufacturer + " " + identity.model + " on " + identity.device);
  publish_ready(true, "");
  next_health_ = steady_now();
  scan(true);
}

// One turn: what waits in the modem first, then one part of a reply, then sleep until something happens.
void ModemTransport::step() {
  if (scan_needed_ || steady_now() >= next_scan_) scan(false);
  if (!direct_.empty()) {
    take(direct_);
    direct_.clear();
  }
  if (modem_ && !pending_.empty()) read_pending();
  if (!modem_ || stopping_) return;
  SteadyTime deadline{};  // the past: only look
  auto more = sender_.send_one(*modem_, utc_now());
  if (!more) {
    lost(more.error());
    return;
  }
  if (!*more && pending_.empty() && !scan_needed_) {
    if (steady_now() >= next_health_) check_health(steady_now());
    if (!modem_) return;
    deadline = next_wake();
  }
  heartbeat_.back_by(std::max(deadline, steady_now()) + timing_.longest_step);
  auto events = modem_->wait(deadline, &wakeup_);
  if (!events) {
    lost(events.error());
    return;
  }
  for (const modem::Event& event : *events) handle(event);
}

SteadyTime ModemTransport::next_wake() {
  SteadyTime wake = std::min(next_scan_, next_health_);
  if (const auto due = sender_.next_due()) wake = std::min(wake, steady_now() + (*due - utc_now()));
  return wake;
}

void ModemTransport::handle(const modem::Event& event) {
  switch (event.kind) {
    case modem::Event::Kind::message_stored:
      if (event.slot)
        pending_.insert(*event.slot);
      else
        scan_needed_ = true;
      break;
    case modem::Event::Kind::status_report:
      take_status_report(event.pdu);
      break;
    case modem::Event::Kind::status_report_stored:
      if (event.slot) pending_.insert(*event.slot);
      break;
    case modem::Event::Kind::message_direct:
      // Not asked for, but there. It lies in no slot, so it is kept here until it is committed.
      direct_.push_back({modem::Slot{"", -1}, event.pdu});
      break;
    case modem::Event::Kind::storage_full:
      log::warning(tag_, "the modem says that its message storage is full");
      scan_needed_ = true;
      break;
    case modem::Event::Kind::woken:
      break;  // the next turn looks at the outbox
    case modem::Event::Kind::restarted:
      log::warning(tag_, "the modem restarted");
      if (auto up = modem_->bring_up(); !up) {
        lost(up.error());
        return;
      }
      scan_needed_ = true;
      break;
  }
}

void ModemTransport::take_status_report(std::span<const std::uint8_t> octets) {
  // +CDS carries the SMSC address on some modems and the bare TPDU on others.
  auto with_smsc = modem::decode_pdu(octets, modem::Direction::to_mobile);
  auto tpdu = with_smsc ? Result<modem::Tpdu>(std::move(with_smsc->tpdu))
                        : modem::decode_tpdu(octets, modem::Direction::to_mobile);
  const auto* report = tpdu ? std::get_if<modem::StatusReport>(&*tpdu) : nullptr;
  if (report != nullptr)
    intake_.take_status_report(*report);
  else
    log::debug(tag_, "a status report cannot be decoded");
}

void ModemTransport::scan(bool first) {
  scan_needed_ = false;
  next_scan_ = steady_now() + timing_.scan_every;
  auto stored = modem_->list_messages();
  if (!stored) {
    lost(stored.error());
    return;
  }
  pending_.clear();
  if (first) intake_.reconcile(*stored);
  if (!stored->empty()) take(*stored);
}

void ModemTransport::read_pending() {
  std::vector<modem::StoredMessage> batch;
  while (!pending_.empty() && batch.size() < kBatch) {
    const modem::Slot slot = *pending_.begin();
    auto stored = modem_->read_message(slot);
    if (!stored) {
      scan_needed_ = true;  // whatever it was, the list will show it
      pending_.erase(slot);
      if (stored.error().code == Errc::disconnected) {
        lost(stored.error());
        return;
      }
      log::warning(tag_, "slot " + std::to_string(slot.index) + " cannot be read: " + stored.error().message);
      continue;
    }
    pending_.erase(slot);
    if (*stored) batch.push_back(std::move(**stored));
  }
  if (!batch.empty()) take(batch);
}

// Commits first; only then are the slots freed and the others woken.
void ModemTransport::take(std::span<const modem::StoredMessage> stored) {
  const Intake::Taken taken = intake_.take(stored, utc_now());
  for (int i = 0; i < taken.messages; ++i) wakeups_.local.ring();
  if (taken.replies > 0) wakeup_.notify();
  free_slots(stored);
}

void ModemTransport::free_slots(std::span<const modem::StoredMessage> stored) {
  for (const modem::StoredMessage& message : stored) {
    if (message.slot.index < 0) continue;
    auto deleted = modem_->delete_message(message.slot);
    if (deleted) {
      intake_.freed(message.slot);
      continue;
    }
    if (deleted.error().code == Errc::disconnected) {
      lost(deleted.error());
      return;
    }
    // Whether it was freed is not known, and a new text may lie there by now: only reading it again tells.
    std::string problem =
        "slot " + std::to_string(message.slot.index) + " cannot be freed: " + deleted.error().message;
    if (problem != last_problem_) log::warning(tag_, problem);
    last_problem_ = std::move(problem);
    next_scan_ = std::min(next_scan_, steady_now() + kDeletePause);
  }
}

void ModemTransport::check_health(SteadyTime now) {
  next_health_ = now + timing_.health_every;
  auto health = modem_->health();
  if (!health) {
    if (health.error().code == Errc::disconnected || health.error().code == Errc::timeout)
      lost(health.error());
    return;
  }
  store::ModemState state = published_;
  state.registration = as_stored(health->registration);
  state.signal_dbm = health->signal_dbm;
  state.network = health->network;
  publish(std::move(state));
}

void ModemTransport::lost(const Error& error) {
  modem_.reset();
  if (std::exchange(last_problem_, error.message) != error.message) {
    log::error(tag_, error.message);
    publish_ready(false, error.message);
  }
}

void ModemTransport::publish_ready(bool ready, const std::string& detail) {
  store::ModemState state = published_;
  state.name = modem_options_.name;
  state.ready = ready;
  state.detail = detail;
  if (modem_) {
    state.device = modem_->identity().device;
    state.model = modem_->identity().model;
    state.imei = modem_->identity().imei;
  }
  publish(std::move(state));
}

// Committed only when something is news: an idle box writes nothing.
void ModemTransport::publish(store::ModemState state) {
  if (state == published_) return;
  state.updated_at = utc_now();
  store_.modems.put(state);
  published_ = std::move(state);
}

void ModemTransport::pause(milliseconds time) {
  const SteadyTime deadline = steady_now() + time;
  while (!stopping_ && steady_now() < deadline) {
    pollfd waiting{wakeup_.fd(), POLLIN, 0};
    ::poll(&waiting, 1, poll_timeout(deadline));
    wakeup_.clear();
  }
}

}  // namespace pigeon::transport
