// How threads tell each other that rows were committed. A row is the message; a wake-up carries nothing.
#pragma once

#include <map>
#include <string>

#include "base/bell.h"
#include "base/wakeup.h"
#include "store/jobs.h"

namespace pigeon::store {

// Made before the threads start and never changed after.
struct Wakeups {
  Bell local;                            // a job of this lane was committed
  Bell network;                          // and of this one
  std::map<std::string, Wakeup> modems;  // by name: the outbox changed

  [[nodiscard]] Bell& lane(Lane lane) { return lane == Lane::local ? local : network; }
  // Everybody who waits for a time: the clock was set.
  void all() {
    local.ring_all();
    network.ring_all();
    for (auto& [name, modem] : modems) modem.notify();
  }
  // Any thread; a name that is not configured any more is nobody's.
  void notify_modem(const std::string& name) {
    const auto found = modems.find(name);
    if (found != modems.end()) found->second.notify();
  }
};

}  // namespace pigeon::store
