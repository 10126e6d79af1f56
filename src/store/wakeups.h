// How threads tell each other that rows were committed. A row is the message; a wake-up carries nothing and
// may be lost.
#pragma once

#include <map>
#include <string>

#include "base/wakeup.h"

namespace pigeon::store {

// Made before the threads start and never changed after.
struct Wakeups {
  Wakeup dispatcher;                     // the inbox or a pairing changed
  std::map<std::string, Wakeup> modems;  // by name: the outbox changed

  // Any thread; a name that is not configured any more is nobody's.
  void notify_modem(const std::string& name) {
    const auto found = modems.find(name);
    if (found != modems.end()) found->second.notify();
  }
};

}  // namespace pigeon::store
