// Plays a whole conversation with a running gateway without a person: an unknown phone links an account,
// posts, is refused, survives an expired access token and leaves again. Every step is printed as a line of a
// transcript and compared with what must come; behind `script/demo --check`.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace pigeon::sim {

struct PlayOptions {
  std::string gateway_url;             // of pigeond's pages, "http://127.0.0.1:8080"; empty: links by PIN
  std::string demo_url;                // of the demo's JSON interface, "http://127.0.0.1:8081"
  std::string phone = "+12025550123";  // unknown to the gateway so far
  bool colour = false;                 // ANSI colours
  milliseconds patience{20'000};       // for each reply
};

// True when every step went as it must; else the transcript ends with what was expected and what came.
[[nodiscard]] bool play_conversation(const PlayOptions& options, std::ostream& out);

}  // namespace pigeon::sim
