// Behind one lock, because libphonenumber promises nothing about threads and is asked rarely; see
// number_plan.h.
#include "numbers/number_plan.h"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <memory>
#include <mutex>
#include <set>

namespace pigeon::numbers {
namespace {

using Library = i18n::phonenumbers::PhoneNumberUtil;
using Parsed = i18n::phonenumbers::PhoneNumber;

struct Asked {
  std::unique_lock<std::mutex> lock;
  Library& library;
};

Asked ask() {
  static std::mutex mutex;
  static Library* library = nullptr;
  std::unique_lock lock(mutex);
  if (library == nullptr) {
    library = Library::GetInstance();
    // It writes to stdout otherwise, what strangers send included. It is given the logger for good.
    library->SetLogger(std::make_unique<i18n::phonenumbers::NullLogger>().release());
  }
  return {std::move(lock), *library};
}

std::string e164_of(const Library& library, const Parsed& parsed) {
  std::string e164;
  library.Format(parsed, Library::E164, &e164);
  return e164;
}

Fit fit_of(const Library& library, const Parsed& parsed) {
  const Library::PhoneNumberType type = library.GetNumberType(parsed);
  if (type == Library::MOBILE || type == Library::FIXED_LINE_OR_MOBILE) return Fit::mobile;
  if (library.IsValidNumber(parsed)) return Fit::valid;
  return library.IsPossibleNumber(parsed) ? Fit::by_length : Fit::badly;
}

}  // namespace

std::optional<Reading> read_number(const std::string& number, const std::string& region) {
  const Asked asked = ask();
  Parsed parsed;
  if (asked.library.Parse(number, region, &parsed) != Library::NO_PARSING_ERROR) return std::nullopt;
  return Reading{.e164 = e164_of(asked.library, parsed),
                 .fit = fit_of(asked.library, parsed),
                 .of_region = parsed.country_code() == asked.library.GetCountryCodeForRegion(region)};
}

std::string region_of(const std::string& e164) {
  const Asked asked = ask();
  Parsed parsed;
  if (asked.library.Parse(e164, "", &parsed) != Library::NO_PARSING_ERROR) return {};
  std::string region;
  asked.library.GetRegionCodeForNumber(parsed, &region);
  // Not given out: the first of those that share its calling code.
  if (region == "ZZ") asked.library.GetRegionCodeForCountryCode(parsed.country_code(), &region);
  return region == "ZZ" || region == "001" ? std::string() : region;
}

std::vector<std::string> regions() {
  std::set<std::string> regions;
  ask().library.GetSupportedRegions(&regions);
  return {regions.begin(), regions.end()};
}

std::optional<Example> mobile_example(const std::string& region) {
  const Asked asked = ask();
  Parsed parsed;
  if (!asked.library.GetExampleNumberForType(region, Library::MOBILE, &parsed)) return std::nullopt;
  Example example;
  example.e164 = e164_of(asked.library, parsed);
  asked.library.GetNationalSignificantNumber(parsed, &example.national);
  asked.library.GetNddPrefixForRegion(region, true, &example.trunk_prefix);
  return example;
}

}  // namespace pigeon::numbers
