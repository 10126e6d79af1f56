// The modem's thread and what lies in the modem: what is announced or found is read, committed, and its slot
// freed when it is on the disk; see modem_transport.h.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "transport/modem_transport.h"

namespace pigeon::transport {
namespace {

constexpr milliseconds kSyncPatience{5};  // for the intent to post; a slot that is freed later hurts nobody

}  // namespace

// Indications get lost, and some modems make none: whatever lies there is found by listing.
void ModemTransport::look_out() {
  const SteadyTime now = steady_now();
  if (self_tests_ && self_tests_->due(modem_options_.name, now) == SelfTests::Due::listing) next_scan_ = now;
  if (!scan_needed_) scan_is_timed_ = now >= next_scan_;
  scan_needed_ = scan_needed_ || scan_is_timed_ || now >= lookout_.next_doubt();
  const bool is_needed = lookout_.is_needed(modem_->settings().announces_messages);
  if (scan_needed_ || !is_needed || now < lookout_.next_count()) return;
  const auto count = modem_->count_messages();
  if (count)
    scan_needed_ = lookout_.counted(*count, now);
  else
    lost(count.error());
}

bool ModemTransport::texts_wait() const {
  const bool committed = unsynced_ || !to_free_.empty();
  return scan_needed_ || !direct_.empty() || !reports_.empty() || !pending_.empty() ||
         (committed && !sync_is_awaited());
}

bool ModemTransport::sync_is_awaited() const {
  return unsynced_ && !stopping_ && steady_now() < unsynced_->until && !store_.is_synced(unsynced_->commits);
}

void ModemTransport::sync() {
  store_.sync();
  unsynced_.reset();
}

bool ModemTransport::reading_is_due_to_end() const {
  return stopping_ || (reply_by_ && steady_now() >= *reply_by_);
}

void ModemTransport::read_texts() {
  if (scan_needed_) {  // which shows again what was not freed
    if (unsynced_) sync();
    free_slots();
    if (modem_) scan();
  }
  if (modem_ && (!direct_.empty() || !reports_.empty())) take_direct();
  if (modem_ && !pending_.empty()) read_pending();
  if (modem_) free_slots();
}

// The network sends again whatever is not acknowledged, so that comes last.
void ModemTransport::take_direct() {
  if (!direct_.empty()) take(direct_, Intake::Arrival::announced);
  direct_.clear();
  for (const modem::Octets& report : reports_) take_status_report(report);
  if (modem_->settings().acknowledges) sync();
  reports_.clear();
  acknowledge();
}

void ModemTransport::take_status_report(std::span<const std::uint8_t> octets) {
  // +CDS carries the SMSC address on some modems and the bare TPDU on others.
  const auto pdu = modem::decode_pdu_or_tpdu(octets, modem::Direction::to_mobile);
  const auto* report = pdu ? std::get_if<modem::StatusReport>(&pdu->tpdu) : nullptr;
  if (report != nullptr)
    intake_.take_status_report(*report);
  else
    log::debug(tag_, "a status report cannot be decoded");
}

void ModemTransport::acknowledge() {
  if (auto told = modem_->acknowledge(); !told) lost(told.error());
}

// An indication that comes twice is read once.
void ModemTransport::announce(const modem::Slot& slot) {
  if (std::find(pending_.begin(), pending_.end(), slot) == pending_.end()) pending_.push_back(slot);
}

void ModemTransport::scan() {
  scan_needed_ = false;
  next_scan_ = steady_now() + timing_.scan_every;
  auto stored = modem_->list_messages();
  if (!stored) {
    lost(stored.error());
    return;
  }
  to_free_.clear();  // the list shows them again
  lookout_.listed(static_cast<int>(stored->size()), steady_now());
  stuck_.keep_only(*stored);
  // The time stamps say which is older; those of one second stay in the order of their +CMTI.
  const auto place = [this](const modem::StoredMessage& message) {
    return std::find(pending_.begin(), pending_.end(), message.slot);
  };
  std::stable_sort(stored->begin(), stored->end(),
                   [&place](const auto& a, const auto& b) { return place(a) < place(b); });
  if (modem_->left_slots())
    lookout_.doubted(steady_now());
  else
    lookout_.all_read();
  const bool nothing_announced = std::exchange(scan_is_timed_, false) && was_listed_ && pending_.empty();
  pending_.clear();
  const bool is_news = take(*stored, was_listed_ ? Intake::Arrival::listed : Intake::Arrival::found_at_start);
  if (is_news && nothing_announced) lookout_.missed();
  was_listed_ = true;
}

// All that are announced by now, unless that takes too long for who waits for a reply.
void ModemTransport::read_pending() {
  std::vector<modem::StoredMessage> batch;
  do {
    const modem::Slot slot = pending_.front();
    pending_.pop_front();
    auto stored = modem_->read_message(slot);
    if (stored && *stored) batch.push_back(std::move(**stored));
    // Most often it was read already; but a bare ERROR, which also says that a slot is empty, may mean
    // anything.
    if (stored && !*stored) lookout_.doubted(steady_now());
    if (stored) continue;
    scan_needed_ = true;  // whatever it was, the list will show it
    if (stored.error().code == Errc::disconnected) {
      lost(stored.error());
      return;
    }
    log::warning(tag_, "slot " + std::to_string(slot.index) + " cannot be read: " + stored.error().message);
  } while (!pending_.empty() && !reading_is_due_to_end());
  if (!batch.empty()) take(batch, Intake::Arrival::announced);
}

// The others hear of what is committed before it is on the disk: what they commit about it stands behind it
// in the log, and their intent to post brings both there. The slots are freed only afterwards, and meanwhile
// the modem is listened to.
bool ModemTransport::take(std::span<const modem::StoredMessage> stored, Intake::Arrival arrival) {
  const Intake::Taken taken = intake_.take(stored, store_.time.now(), arrival);
  wake_others(taken);
  if (taken.messages == 0)
    sync();
  else
    unsynced_ = {store_.commits(), unsynced_ ? unsynced_->until : steady_now() + kSyncPatience};
  for (const modem::StoredMessage& message : stored) {
    const bool is_copy =
        std::find(taken.copies.begin(), taken.copies.end(), message.slot) != taken.copies.end();
    if (message.slot.index >= 0) free_later(message, arrival, is_copy);
  }
  return taken.copies.size() < stored.size();
}

// One wake-up for each message: each wakes one thread.
void ModemTransport::wake_others(const Intake::Taken& taken) {
  for (int i = 0; i < taken.messages; ++i) wakeups_.local.ring();
  if (taken.replies > 0) wakeup_.notify();
}

// A slot is freed once: the next AT+CMGD might hit a text that has come into it since.
void ModemTransport::free_later(const modem::StoredMessage& message, Intake::Arrival arrival, bool is_copy) {
  const auto same_slot = [&message](const Freeing& freeing) { return freeing.message.slot == message.slot; };
  if (std::any_of(to_free_.begin(), to_free_.end(), same_slot)) return;
  if (is_copy && arrival != Intake::Arrival::announced) {
    if (stuck_.tell(message)) {
      log::warning(tag_, "slot " + std::to_string(message.slot.index) +
                             " still holds a text that AT+CMGD was to delete: it is tried ever more rarely");
    }
    if (const SteadyTime next_try = stuck_.next_try(message); next_try > steady_now()) {
      next_scan_ = std::min(next_scan_, next_try);
      return;
    }
  }
  to_free_.push_back({message, is_copy});
}

void ModemTransport::free_slots() {
  if (sync_is_awaited()) return;
  if (unsynced_ && !store_.is_synced(unsynced_->commits)) store_.sync();
  unsynced_.reset();
  while (!to_free_.empty() && !stopping_) {
    const Freeing next = std::move(to_free_.front());
    to_free_.pop_front();
    if (!free_slot(next) || reading_is_due_to_end()) return;
  }
}

bool ModemTransport::free_slot(const Freeing& next) {
  const modem::Slot& slot = next.message.slot;
  if (next.read_first) {
    // Of two slots with one text one may be a second name of the other, and hold a new text by now.
    const auto now_there = modem_->read_message(slot);
    if (!now_there && now_there.error().code == Errc::disconnected) {
      lost(now_there.error());
      return false;
    }
    const bool same = now_there && *now_there && (*now_there)->pdu == next.message.pdu;
    if (now_there && *now_there && !same) announce(slot);
    if (!same) return true;
  }
  const SteadyTime next_try = stuck_.tried(next.message, steady_now());
  auto deleted = modem_->delete_message(slot);
  if (deleted) {
    lookout_.freed();
    return true;
  }
  if (deleted.error().code == Errc::disconnected) {
    lost(deleted.error());
    return false;
  }
  // Whether it was freed is not known, and a new text may lie there by now: only reading it again tells.
  if (stuck_.tell(next.message)) {
    log::warning(tag_, "slot " + std::to_string(slot.index) +
                           " cannot be freed, and is tried ever more rarely: " + deleted.error().message);
  }
  next_scan_ = std::min(next_scan_, next_try);
  return true;
}

}  // namespace pigeon::transport
