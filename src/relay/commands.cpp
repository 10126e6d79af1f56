// Recognising commands; see commands.h.
#include "relay/commands.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "relay/codes.h"

namespace pigeon::relay {
namespace {

struct Word {
  std::string_view word;
  CommandKind kind;
};

// The stop words are those that carriers and regulators expect. WHO, UNDO and STATUS are promised in the
// design; until they are there they must not turn up as posts.
constexpr auto kWords = std::to_array<Word>({
    {"stop", CommandKind::stop},
    {"end", CommandKind::stop},
    {"cancel", CommandKind::stop},
    {"unsubscribe", CommandKind::stop},
    {"quit", CommandKind::stop},
    {"revoke", CommandKind::stop},
    {"opt out", CommandKind::stop},
    {"optout", CommandKind::stop},
    {"help", CommandKind::help},
    {"info", CommandKind::help},
    {"start", CommandKind::start},
    {"unstop", CommandKind::start},
    {"who", CommandKind::unknown},
    {"undo", CommandKind::unknown},
    {"status", CommandKind::unknown},
});

std::optional<CommandKind> find_word(std::string_view text) {
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [text](const Word& word) { return ascii_iequals(word.word, text); });
  if (found == kWords.end()) return std::nullopt;
  return found->kind;
}

}  // namespace

Command parse_command(std::string_view message) {
  const std::string_view text = trim(message);
  if (text.starts_with("\\\\")) return {CommandKind::post, std::string(text.substr(1))};
  const bool prefixed = text.starts_with('\\') || text.starts_with('/') || text.starts_with('.');
  const std::string_view word = prefixed ? trim(text.substr(1)) : text;
  if (const auto kind = find_word(word)) return {*kind, {}};
  if (auto code = code_in(text)) return {CommandKind::code, std::move(*code)};
  // A backslash asks for a command; "/" and "." also begin ordinary sentences.
  if (text.starts_with('\\')) return {CommandKind::unknown, {}};
  return {CommandKind::post, std::string(text)};
}

}  // namespace pigeon::relay
