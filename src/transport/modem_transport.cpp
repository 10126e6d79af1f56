// The modem's thread; see modem_transport.h.
#include "transport/modem_transport.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "transport/figures.h"

namespace pigeon::transport {
namespace {

constexpr milliseconds kFirstRetry{500};
constexpr milliseconds kLastRetry = seconds(30);
constexpr milliseconds kStoragePause = seconds(2);
constexpr milliseconds kReportPatience = seconds(2);  // the receipt comes before the report, on another port

}  // namespace

ModemTransport::ModemTransport(modem::ModemOptions modem, const IntakeSettings& intake, store::Store& store,
                               store::Wakeups& wakeups, const TransportTiming& timing,
                               std::string usb_request)
    : modem_options_(std::move(modem)),
      tag_("modem/" + modem_options_.name),
      store_(store),
      wakeups_(wakeups),
      wakeup_(wakeups.modems.at(modem_options_.name)),
      timing_(timing),
      intake_(modem_options_.name, intake, store),
      sender_(modem_options_.name, store),
      pin_memory_(modem_options_.name, store),
      self_tests_(intake.self_tests),
      recovery_(modem_options_, std::move(usb_request), store, stopping_, timing.recovery),
      lookout_({timing.count_every, timing.list_every, timing.doubt_after}) {
  modem_options_.pin_memory = &pin_memory_;
  modem_options_.traffic = &traffic_;
  modem_options_.two_ports = true;
}

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

void ModemTransport::try_again() {
  hurried_ = true;
  wakeup_.notify();
}

bool ModemTransport::ask(AnyErrand errand) {
  if (!errands_.add(std::move(errand))) return false;
  wakeup_.notify();
  return true;
}

void ModemTransport::run() {
  while (!stopping_ || is_sending()) {
    try {
      heartbeat_.back_by(steady_now() + timing_.longest_step);
      if (!modem_) {
        store_.sync();  // outcomes whose replies wait for the modem
        publish();
        open();
      } else if (!stopping_) {
        step();
      } else if (is_sending()) {  // a stop may have come since the loop looked
        if (auto done = finish_sending(modem_->finish_send()); !done) lost(done.error());
      }
    } catch (const store::StorageError& error) {
      // Nothing is lost: what was not committed is still in the modem, and what may have been sent is not
      // repeated.
      if (std::exchange(last_problem_, error.what()) != error.what()) {
        log::error(
            tag_, std::string("the database cannot be written, messages stay in the modem: ") + error.what());
      }
      // What waited for a sync is listed and committed anew: a sync that was refused proves nothing any more.
      to_free_.clear();
      unsynced_.reset();
      scan_needed_ = true;
      pause(kStoragePause);
    }
  }
  modem_.reset();
}

void ModemTransport::open() {
  sender_.settle_cut_off(store_.time.now());
  auto opened = modem::SerialModem::open(modem_options_);
  if (!opened) {
    lost(opened.error());
    if (opened.error().code == Errc::not_found)
      pin_memory_.is_gone(steady_now(), timing_.unplugged);
    else
      pin_memory_.is_there();
    retry_ = std::clamp(retry_ * 2, kFirstRetry, kLastRetry);
    pause(retry_);
    return;
  }
  modem_ = std::move(*opened);
  retry_ = milliseconds(0);
  last_problem_.clear();
  pending_.clear();
  held_reports_.clear();
  to_free_.clear();
  unsynced_.reset();
  was_listed_ = false;
  lookout_.start();
  const modem::ModemIdentity& identity = modem_->identity();
  log::notice(tag_, "ready: " + identity.manufacturer + " " + identity.model + " on " + identity.device);
  recovery_.works(identity.device);  // before the storage may refuse what follows
  publish_ready(true, "");
  next_health_ = steady_now();
  scan_needed_ = true;
}

// One turn: what waits in the modem first, then one part of a reply, then sleep until something happens.
void ModemTransport::step() {
  publish();
  if (!run_errand()) return;
  wake_others(intake_.release(store_.time.now()));
  if (steady_now() >= reports_held_until_) release_reports();
  look_out();
  if (!modem_) return;
  if (texts_wait()) {
    if (!reply_by_) reply_by_ = steady_now() + timing_.longest_reading;
    read_texts();
    if (!modem_ || stopping_ || !listen(SteadyTime{}, nullptr)) return;  // what came meanwhile goes first too
    if (texts_wait() && !reading_is_due_to_end()) return;
  }
  if (unsynced_ && !reading_is_due_to_end() && is_sending_due()) {
    sync();  // a SIM is full soon, and to send takes seconds: what was read is freed first
    return;
  }
  reply_by_.reset();
  send_or_wait();
}

bool ModemTransport::is_sending_due() {
  if (ussd_.deadline() || is_sending()) return false;
  const auto due = sender_.next_due();
  return texts_.any() || (due && *due <= store_.time.now());
}

bool ModemTransport::run_errand() {
  auto errand = errands_.next();
  auto done = errand ? std::visit([this](auto& each) { return carry_out(each); }, *errand)
                     : ussd_.expire(*modem_, steady_now());
  if (!done) lost(done.error());
  return done.has_value();
}

Result<void> ModemTransport::carry_out(Errand& errand) {
  heartbeat_.back_by(steady_now() + errand.timeout + timing_.longest_step);
  const auto answer = modem_->ask_raw(errand.command, errand.timeout);
  errand.done(answer);
  if (!answer && answer.error().code == Errc::disconnected) return tl::unexpected(answer.error());
  if (!errand.may_harm) return {};
  scan_needed_ = true;
  return modem_->bring_up();
}

Result<void> ModemTransport::carry_out(UssdErrand& errand) {
  heartbeat_.back_by(steady_now() + timing_.longest_step);
  return ussd_.begin(*modem_, std::move(errand), steady_now());
}

Result<void> ModemTransport::carry_out(SendErrand& errand) {
  texts_.begin(std::move(errand));
  return {};
}

void ModemTransport::refuse_errands() {
  while (const auto errand = errands_.next())
    refuse(*errand, {Errc::disconnected, "the modem is not ready: " + state_.detail, Retry::yes});
}

void ModemTransport::send_or_wait() {
  SteadyTime deadline{};  // the past: only look
  const bool may_send = !ussd_.deadline() && !is_sending();
  const auto due = may_send ? sender_.next_due() : std::nullopt;
  if (may_send && texts_.any()) {
    if (auto sent = texts_.send_one(*modem_); !sent) {
      lost(sent.error());
      return;
    }
  } else if (due && *due <= store_.time.now()) {
    if (auto sent = sender_.send_one(*modem_, store_.time.now()); !sent) {
      lost(sent.error());
      return;
    }
  } else if (!texts_wait() && !errands_.any()) {
    if (steady_now() >= next_health_) check_health(steady_now());
    if (!modem_) return;
    deadline = next_wake(due);
  }
  static_cast<void>(listen(deadline, &wakeup_));
}

bool ModemTransport::listen(SteadyTime deadline, Wakeup* wakeup) {
  heartbeat_.back_by(std::max(deadline, steady_now()) + timing_.longest_step);
  auto events = modem_->wait(deadline, wakeup);
  if (!events) {
    lost(events.error());
    return false;
  }
  for (const modem::Event& event : *events) {
    handle(event);
    if (!modem_) return false;
  }
  return true;
}

SteadyTime ModemTransport::next_wake(std::optional<UtcTime> reply_due) {
  SteadyTime wake = std::min({next_scan_, next_health_, lookout_.next_doubt()});
  if (unsynced_) wake = std::min(wake, unsynced_->until);
  if (lookout_.is_needed(modem_->settings().announces_messages)) wake = std::min(wake, lookout_.next_count());
  if (const auto ussd = ussd_.deadline()) wake = std::min(wake, *ussd);
  if (const auto test = self_tests_ ? self_tests_->deadline(modem_options_.name) : std::nullopt)
    wake = std::min(wake, *test);
  if (!held_reports_.empty()) wake = std::min(wake, reports_held_until_);
  if (reply_due) wake = std::min(wake, steady_now() + (*reply_due - store_.time.now()));
  return wake;
}

void ModemTransport::handle(const modem::Event& event) {
  switch (event.kind) {
    case modem::Event::Kind::message_stored:
      if (event.slot) lookout_.announced();
      if (event.slot)
        announce(*event.slot);
      else
        scan_needed_ = true;
      break;
    case modem::Event::Kind::status_report:
    case modem::Event::Kind::status_report_stored:
      if (held_reports_.empty()) reports_held_until_ = steady_now() + kReportPatience;
      if (is_sending())
        held_reports_.push_back(event);
      else
        take_report(event);
      break;
    case modem::Event::Kind::message_direct:
      // Not asked for, but there. It lies in no slot, so it is kept here until it is committed.
      direct_.push_back({modem::Slot{"", -1}, event.pdu});
      break;
    case modem::Event::Kind::storage_full:
      log::warning(tag_, "the modem says that its message storage is full");
      scan_needed_ = true;
      break;
    case modem::Event::Kind::ussd:
      ussd_.take(event.ussd);
      break;
    case modem::Event::Kind::sent:
      if (const auto receipt = modem_->take_receipt()) {
        if (auto done = finish_sending(*receipt); !done) lost(done.error());
      }
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

Result<void> ModemTransport::finish_sending(const Result<modem::SendReceipt>& receipt) {
  release_reports();
  if (texts_.is_sending()) return texts_.finish(receipt);
  if (auto done = sender_.finish(receipt); !done) return tl::unexpected(done.error());
  return {};
}

void ModemTransport::take_report(const modem::Event& event) {
  if (event.kind == modem::Event::Kind::status_report)
    reports_.push_back(event.pdu);
  else if (event.slot)
    announce(*event.slot);
  else
    scan_needed_ = true;
}

void ModemTransport::release_reports() {
  for (const modem::Event& event : std::exchange(held_reports_, {})) take_report(event);
}

void ModemTransport::check_health(SteadyTime now) {
  next_health_ = now + timing_.health_every;
  recovery_.look();
  auto health = modem_->health();
  if (!health) {
    if (health.error().code == Errc::disconnected || health.error().code == Errc::timeout)
      lost(health.error());
    return;
  }
  note_health(state_, *health);
  // A modem that has just started is still looking for its network.
  using modem::Registration;
  if (health->registration == Registration::searching || health->registration == Registration::not_registered)
    next_health_ = now + timing_.health_every / 10;
  state_.updated_at = {};  // a look counts, whatever it shows
  publish();
}

void ModemTransport::lost(const Error& error) {
  std::optional<Result<modem::SendReceipt>> cut_off;
  if (modem_ && is_sending()) cut_off = modem_->cancel_send();
  modem_.reset();
  if (texts_.is_sending()) static_cast<void>(texts_.finish(*cut_off));
  ussd_.give_up(error);
  texts_.give_up(error);
  if (self_tests_) self_tests_->lost(modem_options_.name, error);
  if (sender_.is_sending()) static_cast<void>(sender_.finish(*cut_off));
  if (std::exchange(last_problem_, error.message) != error.message) {
    log::error(tag_, error.message);
    publish_ready(false, error.message);
  }
  heartbeat_.back_by(steady_now() + timing_.longest_step);
  recovery_.failed(error);
}

void ModemTransport::publish_ready(bool ready, const std::string& detail) {
  state_.name = modem_options_.name;
  state_.ready = ready;
  state_.detail = detail;
  if (modem_) note_identity(state_, *modem_);
  publish();
}

// Committed only when something is news, as each look at the modem is. What the storage does not take now is
// published by a later turn.
void ModemTransport::publish() {
  if (state_.ready) pin_memory_.is_open();
  if (state_ == published_) return;
  store::ModemState state = state_;
  state.updated_at = store_.time.now();
  auto transaction = store_.begin();
  store_.modems.put(transaction, state);
  transaction.commit();
  state_ = published_ = std::move(state);
}

void ModemTransport::pause(milliseconds time) {
  const SteadyTime deadline = steady_now() + time;
  while (!stopping_ && steady_now() < deadline) {
    if (!modem_) refuse_errands();
    if (hurried_.exchange(false)) {
      retry_ = milliseconds(0);
      last_problem_.clear();
      return;
    }
    pollfd waiting{wakeup_.fd(), POLLIN, 0};
    ::poll(&waiting, 1, poll_timeout(deadline));
    wakeup_.clear();
  }
}

}  // namespace pigeon::transport
