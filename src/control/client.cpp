// Asking and waiting; see client.h.
#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "control/socket.h"

namespace pigeon::control {
namespace {

tl::unexpected<Error> gone() {
  return fail(Errc::disconnected, "pigeond ended before it answered; look whether it is done");
}

}  // namespace

Result<Client> Client::open(const std::string& path) {
  auto fd = connect_to(path);
  if (!fd) return tl::unexpected(fd.error());
  return Client(std::move(*fd));
}

Result<Json> Client::ask(const std::string& command, const Json& body, SteadyTime deadline,
                         const Line& line) {
  const std::int64_t id = ++last_id_;
  if (auto sent = send(request_frame({id, command, body}), deadline); !sent)
    return tl::unexpected(sent.error());
  while (true) {
    const auto received = receive(deadline);
    if (!received) return tl::unexpected(received.error());
    auto reply = parse_reply(*received);
    if (!reply) return fail("pigeond's answer", reply.error());
    if (reply->error) return tl::unexpected(*reply->error);  // also one to nobody: it was refused as a whole
    if (reply->id != id) continue;
    if (reply->ok) return std::move(*reply->ok);
    if (line) line(*reply->line);
  }
}

Result<void> Client::send(std::string_view frame, SteadyTime deadline) {
  while (!frame.empty()) {
    const ssize_t sent = ::send(fd_.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      frame.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (auto ready = wait(POLLOUT, deadline); !ready) return ready;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      break;  // it may have said why
    } else if (errno != EINTR) {
      return fail_errno("control socket", errno);
    }
  }
  return {};
}

Result<std::string> Client::receive(SteadyTime deadline) {
  char buffer[4096];
  while (true) {
    if (const std::size_t end = input_.find('\n'); end != std::string::npos) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      return line;
    }
    if (input_.size() > kMostFrame) return fail(Errc::bad_input, "pigeond's answer does not end");
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got > 0) {
      input_.append(buffer, static_cast<std::size_t>(got));
    } else if (got == 0 || errno == ECONNRESET) {
      return gone();
    } else if (errno == EAGAIN) {
      if (auto ready = wait(POLLIN, deadline); !ready) return tl::unexpected(ready.error());
    } else if (errno != EINTR) {
      return fail_errno("control socket", errno);
    }
  }
}

Result<void> Client::wait(short events, SteadyTime deadline) {
  pollfd waiting{fd_.get(), events, 0};
  if (::poll(&waiting, 1, poll_timeout(deadline)) == 0 && steady_now() >= deadline)
    return fail(Errc::timeout, "pigeond has not answered in time; look whether it is done");
  return {};
}

}  // namespace pigeon::control
