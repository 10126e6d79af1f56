// Which reading of a number is meant; see completion.h. What number_plan knows is asked for as rarely as can
// be: a network almost always delivers a sender in its one international form.
#include "numbers/completion.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "numbers/number_plan.h"

namespace pigeon::numbers {
namespace {

constexpr std::size_t kMostDigits = 20;       // of an address, TS 23.040 §9.1.2.5
constexpr std::size_t kLongestShortCode = 6;  // "12345": an application, unless it is somebody's mobile

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Calling codes behind which something else than a trunk 0 may stand that does not belong to the number.
struct Oddity {
  std::string_view calling_code;
  std::string_view prefix;
};
constexpr auto kOddities = std::to_array<Oddity>({
    {"1", "1"},    // the trunk prefix of North America
    {"7", "8"},    // of Russia and Kazakhstan
    {"370", "8"},  // of Lithuania, until 2024
    {"375", "8"},  // of Belarus
    {"993", "8"},  // of Turkmenistan
    {"998", "8"},  // of Uzbekistan
    {"692", "1"},  // of the Marshall Islands
    {"52", "1"},   // Mexico's mobiles until 2019
    {"54", ""},    // Argentina's: +54 9 11 2345-6789 is dialled 011 15 2345-6789 there
    // Madagascar, San Marino, Norfolk Island: numbers without the digits that all of theirs begin with.
    {"261", ""},
    {"378", ""},
    {"672", ""},
    // Codes of carriers: Brazil, Australia, China, Luxembourg, Costa Rica.
    {"55", "90"},
    {"61", "183"},
    {"86", "11"},
    {"86", "12"},
    {"86", "179"},
    {"352", "15"},
    {"506", "19"},
});

// Whether there may be another way to write this number behind a "+".
bool may_be_odd(std::string_view digits) {
  const std::size_t length = calling_code_length(digits);
  if (digits.size() <= length) return false;
  if (digits[length] == '0') return true;
  return std::any_of(kOddities.begin(), kOddities.end(), [digits, length](const Oddity& oddity) {
    return digits.substr(0, length) == oddity.calling_code &&
           digits.substr(length).starts_with(oddity.prefix);
  });
}

// Digits that begin with a calling code. What no plan has given out stays as it is: test networks, new
// ranges.
Result<PhoneNumber> complete_international(std::string_view digits) {
  std::string e164 = "+" + std::string(digits);
  if (may_be_odd(digits)) {
    if (auto reading = read_number(e164, ""); reading && reading->fit >= Fit::valid)
      e164 = std::move(reading->e164);
  }
  return PhoneNumber::parse(e164);
}

bool fits(const std::optional<Reading>& reading, Fit at_least) {
  return reading && reading->fit >= at_least;
}

// What digits without "+" stand for in `country`: the plans call +49 4915112345678 valid too, so they are
// read both ways. Nothing: they are no number either way.
std::optional<Reading> meant(const std::string& digits, const std::string& country) {
  std::optional<Reading> national = read_number(digits, country);
  if (fits(national, Fit::mobile) || digits.size() <= kLongestShortCode) return national;
  const bool prefixed =
      digits.starts_with("00");  // no number begins so, where another prefix is dialled either
  const std::string foreign = prefixed ? digits.substr(2) : digits;
  if (foreign.starts_with('0')) return national;
  std::optional<Reading> international = read_number("+" + foreign, country);
  if (!international || !national) return international ? international : national;
  const bool wins = fits(international, Fit::mobile) && international->of_region;
  if (wins || (prefixed && national->fit < Fit::valid)) return international;
  return national->fit >= std::min(international->fit, Fit::valid) ? national : international;
}

// Of a country that has a plan; what belongs to none may be a test network's.
bool has_impossible_length(const std::string& e164) {
  const auto reading = read_number(e164, "");
  return reading && reading->fit == Fit::badly;
}

}  // namespace

std::string country_of(const std::string& e164) {
  return region_of(e164);
}

Result<PhoneNumber> complete(std::string_view digits, bool international, std::string_view country) {
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    international = true;
  }
  if (!all_digits(digits)) return fail(Errc::unsupported, "the sender is not a number");
  if (digits.size() > kMostDigits) return fail(Errc::bad_input, "a number of too many digits");
  // No calling code begins with 0, whatever the type of number says.
  if (international && digits[0] != '0') return complete_international(digits);
  const bool short_code = digits.size() <= kLongestShortCode;
  const auto reading = country.empty() ? std::nullopt : meant(std::string(digits), std::string(country));
  if (short_code && !fits(reading, Fit::mobile)) return fail(Errc::unsupported, "the sender is a short code");
  if (country.empty()) {
    return fail(Errc::not_found, "the sender is a national number and gateway.country is not set");
  }
  if (!reading) return fail(Errc::bad_input, "the sender is not a number of any plan");
  return complete_international(std::string_view(reading->e164).substr(1));
}

Result<PhoneNumber> typed(std::string_view number, std::string_view country) {
  constexpr std::string_view kBetween = " -./()";
  std::string digits;
  for (const char c : number)
    if (kBetween.find(c) == std::string_view::npos) digits += c;
  const bool international = digits.starts_with('+');
  if (digits.starts_with("+0") || !all_digits(std::string_view(digits).substr(international ? 1 : 0)))
    return fail(Errc::bad_input, "this is no phone number");
  auto phone = complete(digits, international, country);
  if (phone && has_impossible_length(phone->e164()))
    return fail(Errc::bad_input, "this is no phone number: its country has none of this length");
  if (phone) return phone;
  switch (phone.error().code) {
    case Errc::not_found:
      return fail(Errc::bad_input, "this is a number in national form, and gateway.country is not set");
    case Errc::unsupported:
      return fail(Errc::bad_input, "this is a short code, which may cost money");
    default:
      return fail(Errc::bad_input, "this is no phone number of any plan");
  }
}

}  // namespace pigeon::numbers
