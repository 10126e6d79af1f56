// Columns and colours; see demo_transcript.h.
#include "sim/demo/demo_transcript.h"

#include <algorithm>
#include <ostream>

#include "base/text.h"

namespace pigeon::sim {
namespace {

constexpr std::string_view kPlain = "\033[0m";
constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::size_t kColumn = 7;   // the longest name
constexpr std::size_t kMargin = 23;  // where the words begin
constexpr std::size_t kWidth = 76;   // of the words

std::string_view name_of(Speaker speaker) {
  switch (speaker) {
    case Speaker::phone:
      return "phone";
    case Speaker::gateway:
      return "pigeon";
    case Speaker::browser:
      return "browser";
    case Speaker::x:
      return "X";
    case Speaker::world:
      return "world";
  }
  return {};
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()), ' ');
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) static_cast<void>(next_code_point(text, at));
  return count;
}

// `words` broken at spaces, each further line under the first.
std::string wrapped(std::string_view words) {
  std::string out;
  std::size_t used = 0;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    const std::size_t length = code_points(word);
    if (used > 0 && used + 1 + length > kWidth) {
      out += "\n" + std::string(kMargin, ' ');
      used = 0;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += length;
  }
  return out;
}

}  // namespace

void Transcript::scene(std::string_view title) {
  out_ << "\n" << paint(kBold) << title << paint(kPlain) << std::endl;
}

void Transcript::line(Speaker who, Speaker whom, std::string_view words) {
  const bool from_gateway = who == Speaker::gateway;
  out_ << "  " << paint(kDim) << padded(name_of(who), kColumn) << " → " << padded(name_of(whom), kColumn)
       << "    " << paint(kPlain) << paint(from_gateway ? kGreen : std::string_view())
       << wrapped(escape_controls(words)) << paint(kPlain) << std::endl;
}

void Transcript::done(std::string_view words) {
  out_ << "\n" << paint(kBold) << words << paint(kPlain) << std::endl;
}

bool Transcript::differs(std::string_view expected, std::string_view came) {
  out_ << "\n"
       << paint(kRed) << "  This differs." << paint(kPlain) << "\n  expected  "
       << wrapped(escape_controls(expected)) << "\n  came      " << wrapped(escape_controls(came))
       << std::endl;
  return false;
}

}  // namespace pigeon::sim
