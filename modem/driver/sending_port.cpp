// Jobs and their ends; see sending_port.h.
#include "modem/driver/sending_port.h"

#include <poll.h>

#include <array>
#include <utility>

#include "base/log.h"

namespace pigeon::modem {
namespace {

ModemOptions with_abort(ModemOptions options, const Wakeup* abort) {
  options.abort = abort;
  return options;
}

// After which the port has to show that it is still the modem's.
bool is_doubtful(const Error& error) {
  return error.code == Errc::timeout || error.code == Errc::outcome_unknown || error.code == Errc::io ||
         error.code == Errc::disconnected || error.code == Errc::bad_input;
}

}  // namespace

SendingPort::SendingPort(const AtChannel& first, SerialPort port, const ModemOptions& options,
                         const ModemIdentity& identity, const Profile& profile)
    : options_(with_abort(options, &closing_)),
      identity_(identity),
      profile_(profile),
      parts_(first.beside(std::move(port), &closing_), options_, identity_, profile_) {
  identity_.device = device();
  set_up();
}

SendingPort::~SendingPort() {
  closing_.notify();
  if (job_.valid()) job_.wait();
}

int SendingPort::fd() const {
  return job_.valid() ? done_.fd() : parts_.channel.fd();
}

void SendingPort::start(std::function<Result<SendReceipt>()> job) {
  done_.clear();
  job_ = std::async(std::launch::async, [this, job = std::move(job)] {
    auto result = job();
    done_.notify();
    return result;
  });
}

void SendingPort::set_up() {
  is_set_up_ = false;
  is_stale_ = job_.valid();
  if (is_stale_) return;
  start([this]() -> Result<SendReceipt> {
    if (auto joined = parts_.session.join(); !joined) return tl::unexpected(joined.error());
    return SendReceipt{};
  });
}

void SendingPort::send(const Submit& submit) {
  is_sending_ = true;
  start([this, submit] { return parts_.sender.send(submit); });
}

void SendingPort::end_job() {
  auto result = job_.get();
  const bool was_sending = std::exchange(is_sending_, false);
  if (was_sending) {
    is_stale_ = is_stale_ || (!result && is_doubtful(result.error()));
    receipt_ = std::move(result);
  } else if (result) {
    is_set_up_ = true;
    log::info(parts_.line.tag(), "texts are sent on " + device() + " while the first port is read");
  } else {
    has_failed_ = true;
    log::info(parts_.line.tag(), "texts are sent on the first port: " + result.error().message);
  }
  if (is_stale_ && !has_failed_) set_up();
}

std::vector<Event> SendingPort::look() {
  std::vector<Event> events;
  if (job_.valid()) {
    if (job_.wait_for(seconds(0)) != std::future_status::ready) return events;
    end_job();
    if (receipt_) {
      Event sent;
      sent.kind = Event::Kind::sent;
      events.push_back(std::move(sent));
    }
    if (job_.valid()) return events;
  }
  const auto ready = parts_.channel.wait(SteadyTime{}, nullptr);
  has_failed_ = has_failed_ || !ready;
  parts_.news.collect();
  for (Event& event : parts_.news.take()) {
    // Sessions are the first port's, and what belongs to them is said there.
    if (event.kind != Event::Kind::ussd) events.push_back(std::move(event));
  }
  return events;
}

void SendingPort::finish(const Wakeup* abort) {
  std::array<pollfd, 2> watched = {pollfd{done_.fd(), POLLIN, 0},
                                   pollfd{abort != nullptr ? abort->fd() : -1, POLLIN, 0}};
  while (is_sending_) {
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) give_up();
    if (watched[0].revents != 0 || watched[1].revents != 0) end_job();
  }
}

void SendingPort::acknowledge() {
  if (!is_free()) return;
  if (auto told = parts_.session.acknowledge(); !told) set_up();
}

}  // namespace pigeon::modem
