// Formatting and writing log lines; see log.h.
#include "base/log.h"

#include <unistd.h>

#include <atomic>

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

}  // namespace

void configure(const Options& options) {
  g_level = options.level;
  g_personal_info = options.personal_info;
  g_journald_prefix = options.journald_prefix;
}

void write(Level level, std::string_view tag, std::string_view message) {
  if (level > g_level) return;
  std::string line;
  line.reserve(tag.size() + message.size() + 16);
  if (g_journald_prefix) {
    line += '<';
    line += priority(level);
    line += '>';
  }
  line.append(tag).append(": ").append(name(level)).append(escape_controls(message)).append("\n");
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
