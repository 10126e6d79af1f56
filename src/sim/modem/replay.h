// A recording of a modem (modem/port/transcript.h) that answers for it: each command line gets what was said
// behind it, as late as it was, and when it is given once more what was said the next time; the last one for
// ever. Answers go by command and not by place, because another program, or a later one, may ask in another
// order. What is not in the recording the simulated modem answers itself.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/modem/sim_modem.h"

namespace pigeon::sim {

class Replay {
 public:
  // Errc::bad_input names the line that is none of a transcript.
  [[nodiscard]] static Result<Replay> parse(std::string_view transcript);
  Replay(Replay&& other) noexcept : scripts_(std::move(other.scripts_)) {}

  // Answers for `modem`, which has SimModemOptions::echoes off: echoes are in the recording. Outlives the
  // modem, or its next before_command().
  void answer_for(SimModem& modem);
  [[nodiscard]] std::size_t commands() const { return scripts_.size(); }  // that it knows

 private:
  struct Said {
    milliseconds after;  // the command
    std::string bytes;
  };
  struct Script {
    std::vector<std::vector<Said>> answers;
    std::size_t next = 0;
  };
  explicit Replay(std::map<std::string, Script> scripts) : scripts_(std::move(scripts)) {}
  [[nodiscard]] Intervention answer(SimModem& modem, std::string_view line);

  std::mutex mutex_;
  std::map<std::string, Script> scripts_;  // guarded by mutex_
};

}  // namespace pigeon::sim
