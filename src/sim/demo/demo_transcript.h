// The transcript that `script/demo --check` prints: who says what to whom, in columns, coloured on a terminal
// only.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace pigeon::sim {

enum class Speaker { phone, gateway, browser, x, world };

// One thread. `out` must outlive it.
class Transcript {
 public:
  // `colour`: ANSI sequences, for a terminal.
  Transcript(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

  // A headline with an empty line above it.
  void scene(std::string_view title);
  // `words` may have line breaks; control characters are escaped.
  void line(Speaker who, Speaker whom, std::string_view words);
  // The last line of a conversation that went well.
  void done(std::string_view words);
  // Prints what was expected and what came, and returns false.
  bool differs(std::string_view expected, std::string_view came);

 private:
  [[nodiscard]] std::string_view paint(std::string_view code) const {
    return colour_ ? code : std::string_view();
  }

  std::ostream& out_;
  bool colour_;
};

}  // namespace pigeon::sim
