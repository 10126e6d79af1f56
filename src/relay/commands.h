// What a whole message can mean beside being a post. Only the whole text counts ("Stop the war" is a post),
// in any case, with or without one leading "\", "/" or ".". A wish to stop is understood with whatever
// punctuation, quotes and blanks stand around it, too; the other commands are not, because they may as well
// be posts.
#pragma once

#include <string>
#include <string_view>

namespace pigeon::relay {

enum class CommandKind {
  post,     // no command: `text` goes out
  stop,     // STOP, STOPALL, END, CANCEL, UNSUBSCRIBE, QUIT, REVOKE, OPT OUT
  help,     // HELP, INFO
  start,    // START, UNSTOP: come back
  code,     // looks like a code, and `text` is its digits: never posted
  unknown,  // "\word" that means nothing, and words kept for later: gets help, is never posted
};

struct Command {
  CommandKind kind = CommandKind::post;
  std::string text{};  // what to post; "\\text" posts "\text"
};

// `message` is a whole text in UTF-8, its parts joined. Pure.
[[nodiscard]] Command parse_command(std::string_view message);

}  // namespace pigeon::relay
