// One line an event on stderr, with the priorities that journald reads (sd-daemon(3)).
// Phone numbers and message texts pass through masked() / quoted() so that a log can be shown to a stranger;
// tokens and secrets are never logged at all. A warning or an error in the same words is written three times
// a minute, and counted beyond that. Thread-safe; one write(2) a line.
#pragma once

#include <string>
#include <string_view>

namespace pigeon::log {

enum class Level { error, warning, notice, info, debug };

struct Options {
  Level level = Level::info;     // less important lines are dropped
  bool personal_info = false;    // --log-personal-info: numbers and texts in clear
  bool journald_prefix = false;  // "<6>…"; set when stderr is the journal ($JOURNAL_STREAM)
};

// In main before threads start, and again when the configuration is reloaded; any thread.
void configure(const Options& options);

// `tag` names the room and the thing: "modem/main", "dispatcher", "web". Control characters are escaped.
void write(Level level, std::string_view tag, std::string_view message);
// The same with the level in the name.
void error(std::string_view tag, std::string_view message);
void warning(std::string_view tag, std::string_view message);
void notice(std::string_view tag, std::string_view message);
void info(std::string_view tag, std::string_view message);
void debug(std::string_view tag, std::string_view message);

// "+4915123456789" → "+4915…789" unless personal information is allowed.
[[nodiscard]] std::string masked(std::string_view phone_number);
// A text as "(42 bytes)", or in quotes when personal information is allowed.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace pigeon::log
