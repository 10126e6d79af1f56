// The other end of the simulated modem's line for its own tests: raw bytes in and out of the pty, without any
// of the gateway's code in between.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fd.h"

namespace pigeon::sim {

class SerialClient {
 public:
  explicit SerialClient(const std::string& device);  // std::system_error when it cannot be opened

  void write(std::string_view bytes) const;
  // What came until `end` stood at its end; what came so far when `patience` passes first or the line hangs
  // up.
  [[nodiscard]] std::string read_until(std::string_view end, milliseconds patience = milliseconds(5000));
  // `command` and CR, and what came up to a final result or a prompt.
  [[nodiscard]] std::string ask(std::string_view command);
  // The same without echo and framing: "+CSQ: 20,99|OK".
  [[nodiscard]] std::string answer(std::string_view command);
  // What has come before the answer to an AT of its own; "" when nothing has. The echo must be off.
  [[nodiscard]] std::string unasked();
  [[nodiscard]] bool hung_up(milliseconds patience = milliseconds(5000)) const;

  // Whether the line becomes empty within `patience` although nobody reads it.
  [[nodiscard]] bool nothing_to_read(milliseconds patience = milliseconds(5000)) const;

  void set_exclusive() const;  // TIOCEXCL
  [[nodiscard]] bool is_exclusive() const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

// Lines of an answer joined by "|", without empty ones.
[[nodiscard]] std::string joined_lines(std::string_view bytes);

}  // namespace pigeon::sim
