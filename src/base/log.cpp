// Formatting and writing log lines; see log.h.
#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

#include "base/clock.h"
#include "base/text.h"

namespace pigeon::log {
namespace {

// Changed by a reload while every thread writes.
std::atomic<Level> g_level{Options{}.level};
std::atomic<bool> g_personal_info{false};
std::atomic<bool> g_journald_prefix{false};

// Syslog severities (RFC 5424 §6.2.1) as sd-daemon prefixes.
char priority(Level level) {
  switch (level) {
    case Level::error:
      return '3';
    case Level::warning:
      return '4';
    case Level::notice:
      return '5';
    case Level::info:
      return '6';
    case Level::debug:
      return '7';
  }
  return '6';
}

std::string_view name(Level level) {
  switch (level) {
    case Level::error:
      return "error: ";
    case Level::warning:
      return "warning: ";
    case Level::notice:
    case Level::info:
    case Level::debug:
      return "";
  }
  return "";
}

// A warning that comes again and again: this often a minute it is written, then counted.
constexpr int kMostAlike = 3;
constexpr seconds kAlikeWithin{60};
constexpr std::size_t kMostKept = 32;  // different lines

class Repetitions {
 public:
  // Whether `line` is to be written; `more` is how often it was not since it last was.
  bool allow(const std::string& line, int& more) {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = steady_now();
    auto known =
        std::find_if(lines_.begin(), lines_.end(), [&](const Line& each) { return each.text == line; });
    if (known == lines_.end()) {
      if (lines_.size() == kMostKept) lines_.pop_front();
      lines_.push_back({line, now, 1, 0});
      return true;
    }
    if (now - known->since >= kAlikeWithin) {
      more = known->held_back;
      *known = {line, now, 1, 0};
      return true;
    }
    if (known->written < kMostAlike) {
      ++known->written;
      return true;
    }
    ++known->held_back;
    return false;
  }

 private:
  struct Line {
    std::string text;
    SteadyTime since;
    int written, held_back;
  };
  std::mutex mutex_;
  std::deque<Line> lines_;
};

Repetitions& repetitions() {
  static Repetitions all;
  return all;
}

}  // namespace

void configure(const Options& options) {
  g_level = options.level;
  g_personal_info = options.personal_info;
  g_journald_prefix = options.journald_prefix;
}

void write(Level level, std::string_view tag, std::string_view message) {
  if (level > g_level) return;
  std::string said = std::string(tag) + ": " + std::string(name(level)) + escape_controls(message);
  if (level <= Level::notice) {
    int more = 0;
    if (!repetitions().allow(said, more)) return;
    if (more > 0) said += " (and " + std::to_string(more) + " times more, which were not written)";
  }
  std::string line;
  line.reserve(said.size() + 4);
  if (g_journald_prefix) {
    line += '<';
    line += priority(level);
    line += '>';
  }
  line.append(said).append("\n");
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

void error(std::string_view tag, std::string_view message) {
  write(Level::error, tag, message);
}
void warning(std::string_view tag, std::string_view message) {
  write(Level::warning, tag, message);
}
void notice(std::string_view tag, std::string_view message) {
  write(Level::notice, tag, message);
}
void info(std::string_view tag, std::string_view message) {
  write(Level::info, tag, message);
}
void debug(std::string_view tag, std::string_view message) {
  write(Level::debug, tag, message);
}

std::string masked(std::string_view phone_number) {
  return g_personal_info ? std::string(phone_number) : mask_number(phone_number);
}

std::string quoted(std::string_view text) {
  if (g_personal_info) return "\"" + std::string(text) + "\"";
  return "(" + std::to_string(text.size()) + " bytes)";
}

}  // namespace pigeon::log
