// A phone number as the house knows it: E.164, "+" and 4 to 15 digits, of a range that is given out or not.
// What a network delivers is completed to it in numbers/completion, and nowhere else.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeon {

class PhoneNumber {
 public:
  // Accepts exactly "+<4 to 15 digits>", the first not 0 (ITU-T E.164).
  [[nodiscard]] static Result<PhoneNumber> parse(std::string_view e164);

  // "+" and digits, for the store and the network; masked in logs.
  [[nodiscard]] const std::string& e164() const { return e164_; }
  auto operator<=>(const PhoneNumber&) const = default;

 private:
  explicit PhoneNumber(std::string e164) : e164_(std::move(e164)) {}
  std::string e164_;
};

// How many of these digits, the "+" left out, are the calling code.
[[nodiscard]] std::size_t calling_code_length(std::string_view digits);

// Whether `country` is an ISO 3166-1 alpha-2 code with a numbering plan.
[[nodiscard]] bool is_known_country(std::string_view country);

}  // namespace pigeon
