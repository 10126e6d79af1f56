// The watchdog is fed while all is well, and only then.
#include "daemon/watchdog.h"

#include <doctest/doctest.h>

#include <string>

#include "base/wakeup.h"

using namespace pigeon;
using daemon::keep_watch;

namespace {

// What keep_watch() does while each of `answers` is given in turn to "are you healthy?".
std::string fed_during(const std::string& answers) {
  Wakeup stop;
  std::string fed;
  std::size_t asked = 0;
  keep_watch({.until_fd = stop.fd(),
              .interval = milliseconds(1),
              .stuck =
                  [&] {
                    fed += '.';
                    const bool healthy = answers.at(asked) == 'y';
                    if (++asked == answers.size()) stop.notify();
                    return std::string(healthy ? "" : "modem/main");
                  },
              .feed = [&] { fed.back() = 'f'; }});
  return fed;
}

}  // namespace

TEST_CASE("watchdog: fed each time that all threads are well") {
  CHECK(fed_during("yyyyy") == "fffff");
}

TEST_CASE("watchdog: not fed while a thread hangs, and again when it is back") {
  CHECK(fed_during("yynnnyny") == "ff...f.f");
  CHECK(fed_during("nnn") == "...");
}

TEST_CASE("watchdog: without one nobody is asked or fed") {
  Wakeup stop;
  stop.notify();
  bool called = false;
  keep_watch(
      {.until_fd = stop.fd(), .stuck = [&] { return called = true, ""; }, .feed = [&] { called = true; }});
  CHECK_FALSE(called);
}

TEST_CASE("watchdog: a clock that was set is told at once") {
  Wakeup stop;
  Wakeup clock;
  clock.notify();
  keep_watch({.until_fd = stop.fd(), .clock_fd = clock.fd(), .clock_set = [&] {
                clock.clear();
                stop.notify();
              }});
  CHECK(true);  // it came back
}

TEST_CASE("watchdog: a wish for a reload is told at once, and the watch goes on") {
  Wakeup stop;
  Wakeup wish;
  wish.notify();
  int told = 0;
  keep_watch({.until_fd = stop.fd(), .reload_fd = wish.fd(), .reload = [&] {
                wish.clear();
                if (++told < 3)
                  wish.notify();
                else
                  stop.notify();
              }});
  CHECK(told == 3);
}
