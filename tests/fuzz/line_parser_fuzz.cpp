// The bytes of a port as lines: however they are cut, the lines are the same; none is longer than it may be
// or has a control character in it; and each is read by whoever reads lines. The first byte chooses the cuts.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "modem/at/at_parser.h"

using namespace pigeon::modem;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

struct Lines {
  std::vector<std::string> whole;
  std::string partial;
  std::uint64_t overlong = 0;
  bool operator==(const Lines&) const = default;
};

Lines lines_of(std::string_view bytes, std::size_t piece) {
  LineSplitter splitter;
  Lines lines;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view input = bytes.substr(at, piece);
    while (const auto line = splitter.next(input)) lines.whole.emplace_back(*line);
    require(input.empty(), "all is taken");
  }
  lines.partial = splitter.partial();
  lines.overlong = splitter.overlong_lines();
  return lines;
}

void check_line(const std::string& line) {
  require(!line.empty(), "blank lines do not exist");
  for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20, "no control characters");
  const auto final_result = parse_final(line);
  if (final_result) require(final_result->text == line, "the line as it came");
  if (final_result) require(final_result->kind != FinalResult::Kind::missing, "it is there");
  if (is_hex_line(line)) require(!looks_like_urc(line) && !is_prompt(line), "hex is nothing else");
  const AnswerShape shape = answer_shape("AT" + line);
  if (!shape.prefix.empty()) require(has_prefix(shape.prefix + ": 1", shape.prefix), "its own answer");
  if (is_prompt(line)) require(!final_result, "a prompt ends nothing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Lines lines = lines_of(bytes, bytes.size() + 1);
  require(lines == lines_of(bytes, 1), "the same, byte for byte");
  require(lines == lines_of(bytes, 1 + data[0] % 31U), "the same, in pieces");
  std::size_t kept = lines.partial.size();
  for (const std::string& line : lines.whole) {
    kept += line.size();
    check_line(line);
  }
  require(kept <= bytes.size(), "nothing is added");
  return 0;
}
