// Setting the clock of a box; see clock_box.h.
#include "tests/e2e/clock_box.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace pigeon::e2e {
namespace {

std::string distance_of(seconds distance) {
  return (distance.count() < 0 ? "" : "+") + std::to_string(distance.count());
}

BoxOptions options_of(const ClockChange& change) {
  BoxOptions options;
  options.clock = distance_of(change.before);
  return options;
}

}  // namespace

ClockBox::ClockBox(const ClockChange& change) : box(options_of(change)), change_(change) {
  const std::string fifo = (box.folder() / "clock-events").string();
  if (::mkfifo(fifo.c_str(), 0600) != 0) throw std::runtime_error("no FIFO");
  events_ = Fd(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  box.set_environment({"PIGEON_CLOCK_EVENTS=" + fifo});
  box.set_preload(CLOCK_EVENTS);
}

bool ClockBox::start() {
  const auto listed = [&] { return box.query("SELECT registration FROM modems") == "home"; };
  return box.start() && eventually(listed);
}

void ClockBox::set_clock(seconds distance, bool tell) {
  box.set_clock(distance_of(distance));
  constexpr std::array<char, 8> kWord{};
  if (tell && ::write(events_.get(), kWord.data(), kWord.size()) != static_cast<ssize_t>(kWord.size()))
    throw std::runtime_error("the FIFO is full");
}

bool ClockBox::strike(Strike& now) {
  if (!now.armed.exchange(false)) return false;
  if (change_.off)
    ::kill(box.pid(), SIGKILL);
  else
    set_clock(change_.after, change_.heard);
  now.at = steady_now();
  now.done = true;
  return true;
}

void ClockBox::change_before_command(const std::string& what) {
  box.modem.before_command([this, what, strike = strike_](std::string_view line) {
    const bool struck = line.starts_with(what) && this->strike(*strike);
    return struck && change_.off ? sim::Intervention{sim::Intervention::Kind::silence, {}}
                                 : sim::Intervention{};
  });
}

void ClockBox::change_before_request(const std::string& what) {
  box.x.before_request([this, what, strike = strike_](const std::string& request) {
    if (request.starts_with(what)) static_cast<void>(this->strike(*strike));
  });
}

void ClockBox::change_after_request(const std::string& what) {
  box.x.after_request([this, what, strike = strike_](const std::string& request) {
    if (request.starts_with(what)) static_cast<void>(this->strike(*strike));
  });
}

void ClockBox::change_now() {
  static_cast<void>(strike(*strike_));
  revive();
}

void ClockBox::revive() {
  if (!change_.off || !strike_->done || revived_) return;
  revived_ = true;
  box.kill9();  // waits until it is really gone
  // The machine has started anew, as its clock's row must find out.
  static_cast<void>(box.query("UPDATE clock SET boot_id = 'an earlier start'"));
  box.set_clock(distance_of(change_.after));
  if (!start()) throw std::runtime_error("it does not start:\n" + box.log());
  strike_->at = steady_now();
}

void ClockBox::wait_until_sent() {
  static_cast<void>(eventually([&] {
    revive();
    return box.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending')") == "0";
  }));
}

void ClockBox::rewind() {
  wait_until_sent();
  box.modem.before_command({});
  box.x.before_request({});
  box.x.after_request({});
  box.x.clear_injected();
  strike_->armed = false;
  strike_ = std::make_shared<Strike>();
  revived_ = false;
  set_clock(change_.before, true);
}

}  // namespace pigeon::e2e
