// Recognising commands; see commands.h.
#include "relay/commands.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "relay/codes.h"
#include "relay/folding.h"

namespace pigeon::relay {
namespace {

enum class Match { exact, forgiving };

struct Word {
  std::string_view word;  // lower case; a blank stands for blanks and a hyphen, too
  CommandKind kind;
  Match match;
};

// Every word that is no post when it is the whole text. The stop words are those that carriers and regulators
// expect. WHO, UNDO and STATUS are promised in the design; until they are there they must not turn up as
// posts.
constexpr auto kWords = std::to_array<Word>({
    {"stop", CommandKind::stop, Match::forgiving},
    {"stopall", CommandKind::stop, Match::forgiving},
    {"stop all", CommandKind::stop, Match::forgiving},
    {"end", CommandKind::stop, Match::forgiving},
    {"cancel", CommandKind::stop, Match::forgiving},
    {"unsubscribe", CommandKind::stop, Match::forgiving},
    {"quit", CommandKind::stop, Match::forgiving},
    {"revoke", CommandKind::stop, Match::forgiving},
    {"opt out", CommandKind::stop, Match::forgiving},
    {"optout", CommandKind::stop, Match::forgiving},
    {"help", CommandKind::help, Match::exact},
    {"info", CommandKind::help, Match::exact},
    {"start", CommandKind::start, Match::exact},
    {"unstop", CommandKind::start, Match::exact},
    {"who", CommandKind::unknown, Match::exact},
    {"undo", CommandKind::unknown, Match::exact},
    {"status", CommandKind::unknown, Match::exact},
});

std::optional<CommandKind> find_word(std::string_view text, Match match) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& word) {
    return word.match == match && ascii_iequals(word.word, text);
  });
  if (found == kWords.end()) return std::nullopt;
  return found->kind;
}

}  // namespace

Command parse_command(std::string_view message) {
  const std::string_view text = trim(message);
  if (text.starts_with("\\\\")) return {CommandKind::post, std::string(text.substr(1))};
  const bool prefixed = text.starts_with('\\') || text.starts_with('/') || text.starts_with('.');
  const std::string_view word = prefixed ? trim(text.substr(1)) : text;
  if (const auto kind = find_word(word, Match::exact)) return {*kind, {}};
  if (const auto kind = find_word(bare_words(text), Match::forgiving)) return {*kind, {}};
  if (auto code = code_in(text)) return {CommandKind::code, std::move(*code)};
  // A backslash asks for a command; "/" and "." also begin ordinary sentences.
  if (text.starts_with('\\')) return {CommandKind::unknown, {}};
  return {CommandKind::post, std::string(text)};
}

}  // namespace pigeon::relay
