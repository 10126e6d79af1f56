// One number in E.164, however a network writes it: "4915112345678" and "+49151…", "0151…" and "15112345678"
// are one person where the box stands in Germany. Whatever a network delivers goes through here before it
// becomes a key or is compared with one.
#pragma once

#include <string>
#include <string_view>

#include "base/phone_number.h"
#include "base/result.h"

namespace pigeon::numbers {

// Completes a number as it stands in an SMS address. `international`: its type of number says so. `country`:
// where the box's network is, ISO 3166-1 alpha-2, or empty. The same again for what it returned. Any thread.
// Errc::unsupported: a name or a short code, which nobody can answer; Errc::not_found: it is in national form
// and there is no `country`; Errc::bad_input: no number.
[[nodiscard]] Result<PhoneNumber> complete(std::string_view digits, bool international,
                                           std::string_view country);

// The same of a number as a person types it: "+1 (202) 555-0123", "0151 1234567" where `country` is Germany.
// Errc::bad_input: no number, a short code, or one in national form where there is no `country`.
[[nodiscard]] Result<PhoneNumber> typed(std::string_view number, std::string_view country);

// Where a number in E.164 belongs, ISO 3166-1 alpha-2; empty: to no country that has a plan. Any thread.
[[nodiscard]] std::string country_of(const std::string& e164);

}  // namespace pigeon::numbers
