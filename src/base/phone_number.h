// A phone number as the house knows it: E.164, "+" and 4 to 15 digits. What a network delivers is completed
// with the box's country here, and nowhere else.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeon {

class PhoneNumber {
 public:
  // Accepts exactly "+<4 to 15 digits>", the first not 0 (ITU-T E.164).
  [[nodiscard]] static Result<PhoneNumber> parse(std::string_view e164);

  // Completes a number as it stands in an SMS address. `international`: its type of number says so.
  // "015123456789" with country "DE" → "+4915123456789"; "0049151…" is understood too.
  // Errc::unsupported: an alphanumeric sender or a short code, which nobody can answer.
  [[nodiscard]] static Result<PhoneNumber> complete(std::string_view digits, bool international,
                                                    std::string_view country);

  // "+" and digits, for the store and the network; masked in logs.
  [[nodiscard]] const std::string& e164() const { return e164_; }
  auto operator<=>(const PhoneNumber&) const = default;

 private:
  explicit PhoneNumber(std::string e164) : e164_(std::move(e164)) {}
  std::string e164_;
};

// Whether `country` is an ISO 3166-1 alpha-2 code that complete() knows.
[[nodiscard]] bool is_known_country(std::string_view country);

}  // namespace pigeon
