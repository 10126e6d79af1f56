// The poll(2) loop of connections.h.
#include "web/connections.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "web/request_head.h"

namespace pigeon::web {
namespace {

constexpr milliseconds kAcceptPause(100);
constexpr std::size_t kWakeup = 0;  // places in the poll set
constexpr std::size_t kListener = 1;
constexpr std::size_t kFirst = 2;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

Connections::Connections(Listener listener, ConnectionLimits limits, Answer answer)
    : listener_(std::move(listener)),
      port_(listener_.port()),
      limits_(limits),
      answer_(std::move(answer)),
      workers_(limits.workers) {
  connections_.reserve(limits_.connections);
  polled_.reserve(limits_.connections + kFirst);
  thread_ = std::thread([this] { run(); });
}

void Connections::stop(milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    if (!stop_by_) stop_by_ = steady_now() + grace;
  }
  wakeup_.notify();
  std::call_once(joined_, [this] { thread_.join(); });
}

void Connections::run() {
  ::pthread_setname_np(::pthread_self(), "web/loop");
  for (;;) {
    wait();
    const SteadyTime now = steady_now();
    if (polled_[kWakeup].revents != 0) take_answers(now);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (polled_[kFirst + i].revents != 0) progress(connections_[i], now);
      if (connections_[i].fd && connections_[i].deadline <= now) expire(connections_[i], now);
    }
    std::erase_if(connections_, [](const Connection& connection) { return !connection.fd; });
    if (polled_[kListener].revents != 0) accept_all(now);
    if (finished(now)) return;
  }
}

void Connections::wait() {
  const bool full = connections_.size() >= limits_.connections && slowest() == connections_.end();
  const bool accepting = !full && accept_after_ <= steady_now();
  polled_.clear();
  polled_.push_back({.fd = wakeup_.fd(), .events = POLLIN, .revents = 0});
  polled_.push_back({.fd = accepting ? listener_.fd() : -1, .events = POLLIN, .revents = 0});
  for (const Connection& connection : connections_) {
    const bool working = connection.phase == Phase::working;
    const short events = connection.phase == Phase::writing ? POLLOUT : POLLIN;
    polled_.push_back({.fd = working ? -1 : connection.fd.get(), .events = events, .revents = 0});
  }
  const SteadyTime deadline = next_deadline();
  const int timeout = deadline == SteadyTime::max() ? -1 : poll_timeout(deadline);
  if (::poll(polled_.data(), polled_.size(), timeout) >= 0) return;
  for (pollfd& entry : polled_)
    entry.revents = 0;  // interrupted, or no memory: look at the deadlines and come again
}

SteadyTime Connections::next_deadline() const {
  SteadyTime deadline = SteadyTime::max();
  for (const Connection& connection : connections_) deadline = std::min(deadline, connection.deadline);
  if (accept_after_ > steady_now()) deadline = std::min(deadline, accept_after_);
  return deadline;
}

void Connections::take_answers(SteadyTime now) {
  wakeup_.clear();
  std::vector<std::pair<std::uint64_t, std::string>> answers;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(answers_);
  }
  for (auto& [id, answer] : answers) {
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [id = id](const Connection& connection) { return connection.id == id; });
    if (found != connections_.end()) respond(*found, std::move(answer), now);
  }
}

void Connections::accept_all(SteadyTime now) {
  for (std::size_t taken = 0; taken < limits_.connections; ++taken) {
    const bool full = connections_.size() >= limits_.connections;
    if (full && slowest() == connections_.end()) return;
    Fd fd(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      if (errno == ECONNABORTED || errno == EINTR) continue;
      if (!would_block()) accept_after_ = now + kAcceptPause;  // EMFILE, ENFILE, ENOMEM, …
      return;
    }
    if (full) connections_.erase(slowest());
    Connection connection;
    connection.fd = std::move(fd);
    connection.id = ++last_id_;
    connection.deadline = now + limits_.read;
    connections_.push_back(std::move(connection));
    read(connections_.back(), now);  // the request is mostly there already
    if (!connections_.back().fd) connections_.pop_back();
  }
}

// Of those that wait for their peer, the one that has done so for longest; end() when all are being answered.
std::vector<Connections::Connection>::iterator Connections::slowest() {
  const auto rank = [](const Connection& connection) {
    return connection.phase == Phase::working ? SteadyTime::max() : connection.deadline;
  };
  const auto found = std::min_element(connections_.begin(), connections_.end(),
                                      [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return found != connections_.end() && found->phase != Phase::working ? found : connections_.end();
}

void Connections::progress(Connection& connection, SteadyTime now) {
  switch (connection.phase) {
    case Phase::reading:
      return read(connection, now);
    case Phase::working:
      return;
    case Phase::writing:
      return write(connection, now);
    case Phase::draining:
      return drain(connection);
  }
}

void Connections::read(Connection& connection, SteadyTime now) {
  std::array<char, 4096> buffer;
  const ssize_t got = ::recv(connection.fd.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && would_block()) return;
  if (got <= 0) return connection.fd.reset();
  connection.bytes.append(buffer.data(), static_cast<std::size_t>(got));
  check(connection, now);
}

void Connections::check(Connection& connection, SteadyTime now) {
  const HeadCheck head = check_head(connection.bytes);
  switch (head.verdict) {
    case HeadCheck::Verdict::incomplete:
      return;
    case HeadCheck::Verdict::refused:
      return respond(connection, plain_response(head.status), now);
    case HeadCheck::Verdict::complete:
      break;
  }
  connection.bytes.resize(head.length);
  connection.phase = Phase::working;
  connection.deadline = SteadyTime::max();
  const bool accepted =
      workers_.submit([this, id = connection.id, request = std::exchange(connection.bytes, {})] {
        std::string answer = answer_(request);
        {
          const std::lock_guard lock(mutex_);
          answers_.emplace_back(id, std::move(answer));
        }
        wakeup_.notify();
      });
  if (!accepted) respond(connection, plain_response(503), now);
}

void Connections::respond(Connection& connection, std::string answer, SteadyTime now) {
  connection.phase = Phase::writing;
  connection.bytes = std::move(answer);
  connection.done = 0;
  connection.deadline = now + limits_.write;
  write(connection, now);
}

void Connections::write(Connection& connection, SteadyTime now) {
  while (connection.done < connection.bytes.size()) {
    const ssize_t sent = ::send(connection.fd.get(), connection.bytes.data() + connection.done,
                                connection.bytes.size() - connection.done, MSG_NOSIGNAL);
    if (sent < 0 && would_block()) return;
    if (sent <= 0) return connection.fd.reset();
    connection.done += static_cast<std::size_t>(sent);
  }
  // Closing with octets unread would reset the connection and could take the answer away from the peer.
  ::shutdown(connection.fd.get(), SHUT_WR);
  connection.phase = Phase::draining;
  connection.bytes = {};
  connection.done = 0;
  connection.deadline = now + limits_.drain;
}

void Connections::drain(Connection& connection) {
  std::array<char, 4096> buffer;
  const ssize_t got = ::recv(connection.fd.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && would_block()) return;
  if (got > 0) connection.done += static_cast<std::size_t>(got);
  if (got <= 0 || connection.done > limits_.drain_octets) connection.fd.reset();
}

void Connections::expire(Connection& connection, SteadyTime now) {
  const bool half_a_request = connection.phase == Phase::reading && !connection.bytes.empty();
  if (!half_a_request) return connection.fd.reset();
  respond(connection, plain_response(408), now);
}

// Whether the thread may end; makes the connections ready for it once a stop was asked for.
bool Connections::finished(SteadyTime now) {
  std::optional<SteadyTime> stop_by;
  {
    const std::lock_guard lock(mutex_);
    stop_by = stop_by_;
  }
  if (!stop_by) return false;
  listener_.close();
  std::erase_if(connections_, [&](const Connection& connection) {
    return connection.phase == Phase::reading || connection.phase == Phase::draining || *stop_by <= now;
  });
  for (Connection& connection : connections_) connection.deadline = std::min(connection.deadline, *stop_by);
  return connections_.empty();
}

}  // namespace pigeon::web
