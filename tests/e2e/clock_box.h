// A box whose wall clock is changed once at a step of somebody's way, and set back for the next step: while
// it runs, with the kernel's word or without it, or while it is off.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "tests/e2e/box.h"

namespace pigeon::e2e {

struct ClockChange {
  const char* name;
  seconds before, after;    // pigeond's wall clock, from the real one
  bool heard = true;        // the kernel tells that it was set
  bool off = false;         // the box is without power meanwhile, and starts anew
  bool ends_links = false;  // more than a link's life has really passed
};

class ClockBox {
 public:
  explicit ClockBox(const ClockChange& change);
  ~ClockBox() { strike_->armed = false; }
  ClockBox(const ClockBox&) = delete;
  ClockBox& operator=(const ClockBox&) = delete;

  [[nodiscard]] const ClockChange& change() const { return change_; }

  // Starts the box and waits until it has listed what lies in the modem: by a clock that cannot be right,
  // what is found there is held until there is a better one.
  [[nodiscard]] bool start();
  // The change happens by itself before or behind the next command line, or request, that begins like this.
  void change_before_command(const std::string& what);
  void change_before_request(const std::string& what);
  void change_after_request(const std::string& what);
  void change_now();
  // Starts a box whose power an armed change has cut off; else nothing.
  void revive();
  // Waits until no reply is left to send, nor one that was cut off to send again.
  void wait_until_sent();
  [[nodiscard]] bool changed() const { return strike_->done; }
  // When the box was there with its new clock.
  [[nodiscard]] SteadyTime changed_at() const { return strike_->at; }
  // Forgets what was armed and sets the clock back: the next step can come.
  void rewind();

  Box box;

 private:
  // What the simulators' threads hold of it.
  struct Strike {
    std::atomic<bool> armed{true};
    std::atomic<bool> done{false};
    std::atomic<SteadyTime> at{SteadyTime{}};
  };
  bool strike(Strike& now);  // false: it has struck before
  void set_clock(seconds distance, bool tell);

  ClockChange change_;
  Fd events_;
  std::shared_ptr<Strike> strike_ = std::make_shared<Strike>();
  bool revived_ = false;
};

}  // namespace pigeon::e2e
