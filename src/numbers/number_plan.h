// The world's numbering plans, as Debian's libphonenumber knows them: the one file pair that sees it. Its
// metadata, two megabytes of private memory, is read at the first question, so that a box whose network
// writes every number in international form never pays for it. Any thread may ask.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pigeon::numbers {

// How well a number fits its plan, the best last.
enum class Fit {
  badly,      // by nothing but its calling code
  by_length,  // of a range that is not given out
  valid,      // of one that is
  mobile,     // of one of mobile phones, or one where the plan does not tell them from others
};

// A number as its plan understands it.
struct Reading {
  std::string e164;  // "+" and digits, without trunk prefix and the like
  Fit fit = Fit::badly;
  bool of_region = false;  // has the calling code of the region that it was read in
};

// Reads `number`, digits with or without "+", as it is dialled in `region` (ISO 3166-1 alpha-2); nothing: it
// is none at all. Without "+" that is a national number, or one behind the region's international prefix.
[[nodiscard]] std::optional<Reading> read_number(const std::string& number, const std::string& region);

// The region that `e164` belongs to; empty: none, or more than one country's together ("+800…").
[[nodiscard]] std::string region_of(const std::string& e164);

// For tests: every region that has a plan, and a mobile number that the plan gives as an example, if it does.
[[nodiscard]] std::vector<std::string> regions();
struct Example {
  std::string e164;
  std::string national;      // without calling code and trunk prefix
  std::string trunk_prefix;  // "0", or empty: none is dialled
};
[[nodiscard]] std::optional<Example> mobile_example(const std::string& region);

}  // namespace pigeon::numbers
