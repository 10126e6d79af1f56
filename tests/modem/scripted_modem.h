// A modem made of a function: it gets each command line and returns the bytes that go back, framing and
// faults included. For exchanges of real modems that no well-behaved simulator would produce; SimModem is the
// one that behaves. It can also replay a recording (modem/port/transcript.h).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/wakeup.h"
#include "modem/port/transcript.h"

namespace pigeon::test {

// What the script says instead of bytes.
inline const std::string kHangUp = "<hang up>";

// Runs in its own thread from construction to destruction; thread-safe.
class ScriptedModem {
 public:
  // Called on the modem's thread with each line (without CR), with "ESC" for an escape, and with "PDU <hex>"
  // for what ends in Ctrl-Z. Returns what to write; empty: nothing.
  using Script = std::function<std::string(const std::string& line)>;
  explicit ScriptedModem(Script script);
  // Waits for each recorded chunk of the host and answers with the recorded chunks of the modem.
  explicit ScriptedModem(std::vector<modem::TranscriptEntry> recording);
  ~ScriptedModem();
  ScriptedModem(const ScriptedModem&) = delete;
  ScriptedModem& operator=(const ScriptedModem&) = delete;

  [[nodiscard]] const std::string& device() const { return device_; }
  void inject(std::string_view bytes);  // at once, from any thread
  void unplug();

  [[nodiscard]] std::vector<std::string> lines() const;  // heard so far
  [[nodiscard]] int count(std::string_view line) const;
  // True when the whole recording was played; else, after `timeout`, false. `problem` says what went
  // differently.
  [[nodiscard]] bool played(milliseconds timeout) const;
  [[nodiscard]] std::string problem() const;

 private:
  void open_line();
  void run();
  void hang_up();
  void hear(std::string_view bytes);
  void hear_line(const std::string& line);
  void play();
  void say(std::string_view bytes);

  Script script_;
  std::vector<modem::TranscriptEntry> recording_;
  Fd master_;
  Fd slave_;  // held, so that the line stays up between two hosts
  std::string device_;
  std::string partial_;
  std::size_t next_entry_ = 0;
  Wakeup stop_;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::string problem_;
  bool played_ = false;
  bool unplugged_ = false;
  std::thread thread_;
};

// A well-behaved modem that has just started, for everything that `special` does not name: exact lines to raw
// answers. In answers, "\n" stands for CR LF.
[[nodiscard]] ScriptedModem::Script modem_script(std::map<std::string, std::string> special);
// The same, but `line` gets one answer after the other, and the last one for ever.
[[nodiscard]] ScriptedModem::Script in_turn(const std::string& line, std::vector<std::string> answers);
// "\r\n" for every "\n".
[[nodiscard]] std::string framed(std::string_view text);

}  // namespace pigeon::test
