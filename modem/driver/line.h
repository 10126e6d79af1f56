// The line to a modem as the parts of the driver share it: the channel, how long the modem may take, and the
// usual ways to ask. Everything it refers to outlives it; used by the modem's one thread.
#pragma once

#include <string>
#include <string_view>

#include "modem/at/at_channel.h"
#include "modem/driver/serial_modem.h"

namespace pigeon::modem {

class Line {
 public:
  Line(AtChannel& channel, const ModemOptions& options);

  [[nodiscard]] AtChannel& channel() { return channel_; }
  [[nodiscard]] const ModemTimeouts& timeouts() const { return options_.timeouts; }
  [[nodiscard]] const std::string& tag() const { return tag_; }  // for logs: "modem/main"

  // AtChannel::ask().
  [[nodiscard]] Result<Answer> ask(const Request& request) { return channel_.ask(request); }
  // The ordinary time-out, and silence once is no error: what is asked while a modem comes up.
  [[nodiscard]] Request patiently(std::string line) const;
  // The same, asked again while the SIM is busy.
  [[nodiscard]] Request when_ready(std::string line) const;
  // Sends a setting whose refusal does not matter.
  [[nodiscard]] Result<void> attempt(std::string line);
  // The same, unless `question` is answered by fields that begin with `answer` ("0" of "+CSMS: 0,1,1,1").
  [[nodiscard]] Result<void> ensure(std::string_view question, std::string_view answer,
                                    std::string_view line);
  // Lets time pass and keeps what the modem says meanwhile. Errc::timeout when the owner gives up.
  [[nodiscard]] Result<void> pause(milliseconds time);

 private:
  AtChannel& channel_;
  const ModemOptions& options_;
  std::string tag_;
};

}  // namespace pigeon::modem
