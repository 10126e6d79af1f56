// The command line's end of the control socket: asks `pigeond` to do something, and waits for the end of it.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "control/protocol.h"

namespace pigeon::control {

class Client {
 public:
  // Errors as connect_to's.
  [[nodiscard]] static Result<Client> open(const std::string& path);

  // The connection, for shutdown(2) by a signal handler: then ask() ends as if pigeond had.
  [[nodiscard]] int fd() const { return fd_.get(); }

  using Line = std::function<void(const Json& line)>;
  // `body` holds what the command needs beside its name. Calls `line` for each that comes before the end; the
  // result is the end's. The daemon's own error, or Errc::timeout when the end has not come by `deadline`, or
  // Errc::disconnected when pigeond has ended meanwhile: whether it is done is not known then.
  [[nodiscard]] Result<Json> ask(const std::string& command, const Json& body, SteadyTime deadline,
                                 const Line& line = {});

 private:
  explicit Client(Fd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] Result<void> send(std::string_view frame, SteadyTime deadline);
  [[nodiscard]] Result<std::string> receive(SteadyTime deadline);
  [[nodiscard]] Result<void> wait(short events, SteadyTime deadline);

  Fd fd_;
  std::string input_;
  std::int64_t last_id_ = 0;
};

}  // namespace pigeon::control
