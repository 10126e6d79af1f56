// A few threads that take due messages from the inbox. One person's texts are handled in order and one at a
// time; people do not wait for each other.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/heartbeat.h"
#include "pairing/settings.h"
#include "pairing/tokens.h"
#include "relay/settings.h"
#include "store/store.h"
#include "store/wakeups.h"

namespace pigeon::relay {

class Dispatcher {
 public:
  // Everything is borrowed and outlives the dispatcher.
  Dispatcher(const RelaySettings& settings, const pairing::PairingSettings& pairing, store::Store& store,
             store::Wakeups& wakeups, pairing::Tokens& tokens, int threads = 2);
  ~Dispatcher();  // stops and joins
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void start();         // once
  void request_stop();  // any thread; a request under way is finished first
  // Some thread is not back when it promised to be; any thread may ask.
  [[nodiscard]] bool overdue(SteadyTime now) const;

 private:
  // A phone in one thread's hands, until the end of scope.
  class Claim {
   public:
    Claim(Dispatcher& dispatcher, std::string phone) : dispatcher_(dispatcher), phone_(std::move(phone)) {}
    ~Claim() { dispatcher_.release(phone_); }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    Dispatcher& dispatcher_;
    std::string phone_;
  };
  void run(Heartbeat& heartbeat);
  [[nodiscard]] std::optional<store::Message> claim();
  void release(const std::string& phone);
  void sleep(Heartbeat& heartbeat);
  void keep_house();

  const RelaySettings& settings_;
  const pairing::PairingSettings& pairing_;
  store::Store& store_;
  store::Wakeups& wakeups_;
  pairing::Tokens& tokens_;
  std::vector<Heartbeat> heartbeats_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;            // guards what follows
  std::set<std::string> busy_;  // phones whose message is in some thread's hands
  SteadyTime next_housekeeping_{};
};

}  // namespace pigeon::relay
