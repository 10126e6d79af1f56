// The control socket's poll loop; see server.h.
#include "control/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "base/log.h"

namespace pigeon::control {
namespace {

constexpr const char* kTag = "control";
constexpr milliseconds kDescriptorsReturn = seconds(1);
constexpr std::int64_t kNobody = 0;  // the id in an answer to what has none

}  // namespace

struct Outgoing {
  struct Said {
    std::uint64_t client;
    std::string frame;
    bool last;
  };
  void add(Said said) {
    {
      const std::lock_guard lock(mutex);
      if (closed) return;
      all.push_back(std::move(said));
    }
    wakeup.notify();
  }

  std::mutex mutex;
  std::vector<Said> all;               // guarded by mutex
  std::vector<std::uint64_t> clients;  // the same: that are there
  bool closed = false;                 // the same
  Wakeup wakeup;
};

Answer::Answer(std::shared_ptr<Outgoing> outgoing, std::uint64_t client, std::int64_t id)
    : outgoing_(std::move(outgoing)), client_(client), id_(id) {}

Answer::~Answer() {
  if (ended_) return;
  error({Errc::outcome_unknown, "pigeond has ended before this was done", Retry::no});
}

void Answer::line(const Json& content) {
  if (!ended_) say(line_frame(id_, content), false);
}

void Answer::ok(const Json& result) {
  if (!ended_.exchange(true)) say(ok_frame(id_, result), true);
}

void Answer::error(const Error& error) {
  if (!ended_.exchange(true)) say(error_frame(id_, error), true);
}

bool Answer::is_wanted() const {
  const std::lock_guard lock(outgoing_->mutex);
  const auto& clients = outgoing_->clients;
  return !ended_ && !outgoing_->closed && std::find(clients.begin(), clients.end(), client_) != clients.end();
}

void Answer::say(std::string frame, bool last) {
  outgoing_->add({client_, std::move(frame), last});
}

Result<std::unique_ptr<Server>> Server::open(const std::string& path, Handlers handlers,
                                             const ServerLimits& limits) {
  auto listener = listen_at(path);
  if (!listener) return tl::unexpected(listener.error());
  return std::unique_ptr<Server>(new Server(std::move(*listener), path, std::move(handlers), limits));
}

Server::Server(Fd listener, std::string path, Handlers handlers, const ServerLimits& limits)
    : listener_(std::move(listener)),
      path_(std::move(path)),
      handlers_(std::move(handlers)),
      limits_(limits),
      user_(::geteuid()),
      group_(::getegid()),
      outgoing_(std::make_shared<Outgoing>()) {
  struct stat file {};
  if (::stat(path_.c_str(), &file) == 0) group_ = file.st_gid;
  thread_ = std::thread(&Server::run, this);
}

void Server::stop() {
  stopping_ = true;
  outgoing_->wakeup.notify();
  if (thread_.joinable()) thread_.join();
}

void Server::run() {
  while (!stopping_) {
    try {
      wait();
    } catch (const std::exception& error) {
      // Memory that is short for once: whoever speaks now is dropped, and the socket goes on.
      log::error(kTag, error.what());
      clients_.clear();
    }
  }
  {
    const std::lock_guard lock(outgoing_->mutex);
    outgoing_->closed = true;
  }
  clients_.clear();
  listener_.reset();
  ::unlink(path_.c_str());
}

// One turn: sleeps until something can be done, and does it.
void Server::wait() {
  const bool has_room = clients_.size() < limits_.clients && steady_now() >= accept_after_;
  polled_.assign({{outgoing_->wakeup.fd(), POLLIN, 0}, {has_room ? listener_.get() : -1, POLLIN, 0}});
  for (const Client& client : clients_) {
    const bool reads = !client.in_hand && !client.ends;
    const int events = (reads ? POLLIN : 0) | (client.output.empty() ? 0 : POLLOUT);
    polled_.push_back({client.fd.get(), static_cast<short>(events), 0});
  }
  const SteadyTime deadline = next_deadline();
  ::poll(polled_.data(), polled_.size(), deadline == SteadyTime::max() ? -1 : poll_timeout(deadline));
  // Before anything is carried out: what takes long must not cost others their time.
  const SteadyTime now = steady_now();
  if (polled_[0].revents != 0) outgoing_->wakeup.clear();
  for (std::size_t i = 0; i < clients_.size() && !stopping_; ++i)
    progress(clients_[i], polled_[i + 2].revents);
  take_answers();
  for (Client& client : clients_) expire(client, now);
  forget_gone();
  if (polled_[1].revents != 0) accept_all();
}

void Server::forget_gone() {
  if (std::erase_if(clients_, [](const Client& client) { return !client.fd; }) == 0) return;
  const std::lock_guard lock(outgoing_->mutex);
  std::erase_if(outgoing_->clients, [this](std::uint64_t number) {
    return std::none_of(clients_.begin(), clients_.end(),
                        [number](const Client& client) { return client.number == number; });
  });
}

SteadyTime Server::next_deadline() const {
  SteadyTime next = SteadyTime::max();
  if (clients_.size() < limits_.clients && steady_now() < accept_after_) next = accept_after_;
  for (const Client& client : clients_) {
    if (!client.output.empty()) next = std::min(next, client.write_by);
    if (!client.in_hand && !client.ends) next = std::min(next, client.read_by);
  }
  return next;
}

void Server::accept_all() {
  while (clients_.size() < limits_.clients) {
    Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection) {
      admit(std::move(connection));
    } else {
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        accept_after_ = steady_now() + kDescriptorsReturn;
      if (errno != ECONNABORTED && errno != EINTR) return;
    }
  }
}

// The file's mode keeps strangers out; this is for a file whose mode or folder somebody has changed.
void Server::admit(Fd connection) {
  const auto peer = peer_of(connection);
  Client client;
  client.fd = std::move(connection);
  client.number = ++last_number_;
  client.read_by = steady_now() + limits_.read;
  if (!peer || !may_command(*peer, user_, group_)) {
    log::warning(kTag, "refused a user who is not in the socket's group");
    say(client, error_frame(kNobody, {Errc::denied, "not for this user", Retry::no}));
    client.ends = true;
  }
  {
    const std::lock_guard lock(outgoing_->mutex);
    outgoing_->clients.push_back(client.number);
  }
  clients_.push_back(std::move(client));
}

void Server::progress(Client& client, short events) {
  const bool reads = !client.in_hand && !client.ends;
  if ((events & (POLLERR | POLLNVAL)) != 0 || ((events & POLLHUP) != 0 && !reads)) {
    client.fd.reset();  // what it asked for is done all the same
    return;
  }
  if (reads && (events & (POLLIN | POLLHUP)) != 0) read(client);
  if (client.fd && (events & POLLOUT) != 0) write(client);
}

void Server::read(Client& client) {
  char buffer[4096];
  while (client.input.size() <= kMostFrame) {
    const ssize_t got = ::recv(client.fd.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      client.ends = true;
      break;
    }
    client.input.append(buffer, static_cast<std::size_t>(got));
  }
  take_requests(client);
}

// What stands in its input, one after the other: the next one when this one has its answer.
void Server::take_requests(Client& client) {
  while (client.fd && !client.in_hand) {
    const std::size_t end = client.input.find('\n');
    if (std::min(end, client.input.size()) > kMostFrame) {
      say(client, error_frame(kNobody, {Errc::bad_input, "a line of more than 64 KiB", Retry::no}));
      client.ends = true;
      client.input.clear();
    }
    if (end == std::string::npos || client.input.empty()) break;
    const std::string line = client.input.substr(0, end);
    client.input.erase(0, end + 1);
    handle(client, line);
  }
  if (client.ends && !client.in_hand && client.output.empty()) client.fd.reset();
}

void Server::handle(Client& client, const std::string& line) {
  const auto request = parse_request(line);
  if (!request) {
    say(client, error_frame(kNobody, request.error()));
    return;
  }
  client.in_hand = true;
  const auto answer = std::make_shared<Answer>(outgoing_, client.number, request->id);
  const auto handler = handlers_.find(request->command);
  if (handler == handlers_.end()) {
    answer->error({Errc::unsupported,
                   "pigeond does not know \"" + request->command + "\": is it older than pigeon?",
                   Retry::no});
    return;
  }
  try {
    handler->second(*request, answer);
  } catch (const std::exception& error) {
    answer->error({Errc::io, error.what(), Retry::no});
  }
}

void Server::take_answers() {
  std::vector<Outgoing::Said> all;
  {
    const std::lock_guard lock(outgoing_->mutex);
    all.swap(outgoing_->all);
  }
  for (const Outgoing::Said& said : all) {
    const auto client = std::find_if(clients_.begin(), clients_.end(), [&said](const Client& each) {
      return each.fd && each.number == said.client;
    });
    if (client == clients_.end()) continue;  // it has gone
    say(*client, said.frame);
    if (!said.last) continue;
    client->in_hand = false;
    client->read_by = steady_now() + limits_.read;
    take_requests(*client);
  }
  for (Client& client : clients_) {
    if (client.fd && !client.output.empty()) write(client);
  }
}

void Server::say(Client& client, const std::string& frame) const {
  if (!client.fd) return;
  if (client.output.empty()) client.write_by = steady_now() + limits_.write;
  if (client.output.size() + frame.size() > limits_.unread)
    client.fd.reset();  // it does not read
  else
    client.output += frame;
}

void Server::write(Client& client) {
  while (!client.output.empty()) {
    const ssize_t sent = ::send(client.fd.get(), client.output.data(), client.output.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) {
      client.fd.reset();
      return;
    }
    client.output.erase(0, static_cast<std::size_t>(sent));
  }
  if (client.ends && !client.in_hand) client.fd.reset();
}

void Server::expire(Client& client, SteadyTime now) {
  const bool never_reads = !client.output.empty() && now >= client.write_by;
  const bool never_asks = !client.in_hand && !client.ends && now >= client.read_by;
  if (never_reads || never_asks) client.fd.reset();
}

}  // namespace pigeon::control
