// A recording of everything said on an AT port, for bug reports and for tests that replay it as a scripted
// modem. It holds numbers and texts in clear, so nothing is recorded unless somebody asks for it.
//
//   # carrier-pigeon transcript 1
//   0.000000 > AT+CSQ\r                    seconds since the start, > to the modem, < from it, escaped bytes
//   0.003120 < \r\n+CSQ: 20,99\r\n\r\nOK\r\n
//   0.104000 2> AT+CMGS=18\r               the same modem's second port
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"

namespace pigeon::modem {

struct TranscriptEntry {
  enum class Kind { to_modem, from_modem };
  std::chrono::microseconds at{0};  // since the recording began
  Kind kind = Kind::to_modem;
  std::string bytes;
  int port = 1;  // of the modem: 1, or 2 where it sends on a second one
  bool operator==(const TranscriptEntry&) const = default;
};

// One line, without its end.
[[nodiscard]] std::string format_entry(const TranscriptEntry& entry);
// Errc::bad_input says what of the line is not as format_entry() writes it.
[[nodiscard]] Result<TranscriptEntry> parse_entry(std::string_view line);

// A whole recording; blank lines and lines that begin with # are skipped. Errc::bad_input names the line.
[[nodiscard]] Result<std::vector<TranscriptEntry>> parse_transcript(std::string_view text);

// Writes a recording as it happens: each chunk is in the file before the next one moves.
class TranscriptWriter {
 public:
  // Creates `path` with mode 0600, or continues an existing recording.
  [[nodiscard]] static Result<TranscriptWriter> open(const std::string& path);

  // One line, with the time since open(). A file that takes no more ends the recording, with one warning: the
  // modem goes on.
  // From one thread a port.
  void record(TranscriptEntry::Kind kind, std::string_view bytes, int port);

 private:
  explicit TranscriptWriter(Fd fd) : fd_(std::move(fd)), start_(steady_now()) {}
  void write_line(std::string line);

  Fd fd_;
  SteadyTime start_;
};

}  // namespace pigeon::modem
