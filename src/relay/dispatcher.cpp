// The dispatcher's threads; see dispatcher.h.
#include "relay/dispatcher.h"

#include <poll.h>

#include <algorithm>

#include "base/log.h"
#include "relay/conversation.h"
#include "relay/poster.h"
#include "x/x_client.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "dispatcher";
constexpr milliseconds kStoragePause = seconds(2);

}  // namespace

Dispatcher::Dispatcher(const RelaySettings& settings, const pairing::PairingSettings& pairing,
                       store::Store& store, store::Wakeups& wakeups, pairing::Tokens& tokens, int threads)
    : settings_(settings),
      pairing_(pairing),
      store_(store),
      wakeups_(wakeups),
      tokens_(tokens),
      heartbeats_(static_cast<std::size_t>(threads)) {}

Dispatcher::~Dispatcher() {
  request_stop();
  for (std::thread& thread : threads_) thread.join();
}

void Dispatcher::start() {
  for (Heartbeat& heartbeat : heartbeats_) threads_.emplace_back([this, &heartbeat] { run(heartbeat); });
}

void Dispatcher::request_stop() {
  stopping_ = true;
  wakeups_.dispatcher.notify();
}

bool Dispatcher::overdue(SteadyTime now) const {
  return std::any_of(heartbeats_.begin(), heartbeats_.end(),
                     [now](const Heartbeat& heartbeat) { return heartbeat.overdue(now); });
}

void Dispatcher::run(Heartbeat& heartbeat) {
  x::XClient x(pairing_.api_url);
  Poster poster(store_, tokens_, x);
  Conversation conversation(settings_, pairing_, store_, x, poster);
  while (!stopping_) {
    heartbeat.back_by(steady_now() + settings_.timing.longest_step);
    try {
      const auto message = claim();
      if (message) {
        const Claim claim_of_phone(*this, message->phone);
        conversation.handle(*message);
      }
      const bool announced = conversation.announce_pairings(utc_now());
      if (message) wakeups_.notify_modem(message->modem);
      if (announced) {
        for (auto& [name, wakeup] : wakeups_.modems) wakeup.notify();
      }
      keep_house();
      if (!message) sleep(heartbeat);
    } catch (const store::StorageError& error) {
      log::error(kTag, std::string("the database cannot be written, trying again: ") + error.what());
      pollfd none{-1, 0, 0};
      ::poll(&none, 1, static_cast<int>(kStoragePause.count()));
    }
  }
  wakeups_.dispatcher.notify();  // the next thread must see it too
}

// The oldest due message whose sender no other thread is working on.
std::optional<store::Message> Dispatcher::claim() {
  const std::lock_guard lock(mutex_);
  for (store::Message& message : store_.inbox.due(utc_now(), static_cast<int>(busy_.size()) + 1)) {
    if (busy_.insert(message.phone).second) return std::move(message);
  }
  return std::nullopt;
}

void Dispatcher::release(const std::string& phone) {
  const std::lock_guard lock(mutex_);
  busy_.erase(phone);
}

void Dispatcher::sleep(Heartbeat& heartbeat) {
  const UtcTime now = utc_now();
  milliseconds wait = settings_.timing.housekeeping;
  if (const auto due = store_.inbox.next_due(now)) wait = std::min(wait, *due - now);
  heartbeat.back_by(steady_now() + wait + settings_.timing.longest_step);
  pollfd waiting{wakeups_.dispatcher.fd(), POLLIN, 0};
  ::poll(&waiting, 1, static_cast<int>(wait.count()));
  if (!stopping_) wakeups_.dispatcher.clear();
}

// Whichever thread comes first when it is time, however busy the box is.
void Dispatcher::keep_house() {
  const SteadyTime now = steady_now();
  {
    const std::lock_guard lock(mutex_);
    if (now < next_housekeeping_) return;
    next_housekeeping_ = now + settings_.timing.housekeeping;
  }
  store_.pairings.purge(utc_now() - settings_.timing.keep_pairings);
}

}  // namespace pigeon::relay
