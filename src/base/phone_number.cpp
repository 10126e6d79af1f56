// E.164 as the house stores it, and the countries that a box can be in; see phone_number.h.
#include "base/phone_number.h"

#include <algorithm>
#include <array>

namespace pigeon {
namespace {

// Those that have a numbering plan, as libphonenumber knows them (tests/numbers compares): a list, so that
// the check of a configuration need not load it.
constexpr std::string_view kCountries =
    "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS "
    "BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG "
    "EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT "
    "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR "
    "LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF "
    "NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD "
    "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ "
    "UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";

constexpr std::size_t kFewestDigits = 4;  // E.164 sets no minimum; test networks use short ones
constexpr std::size_t kMostDigits = 15;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<PhoneNumber> PhoneNumber::parse(std::string_view e164) {
  const std::string_view digits = e164.substr(e164.empty() ? 0 : 1);
  if (!e164.starts_with('+') || !all_digits(digits) || digits.size() < kFewestDigits ||
      digits.size() > kMostDigits || digits[0] == '0') {
    return fail(Errc::bad_input, "not a phone number in international form (+ and 4 to 15 digits)");
  }
  return PhoneNumber(std::string(e164));
}

std::size_t calling_code_length(std::string_view digits) {
  // ITU-T E.164: one digit (zones 1 and 7), two, or three; these are those with two.
  constexpr auto kTwoDigits = std::to_array<std::string_view>(
      {"20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
       "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
       "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"});
  if (digits.starts_with('1') || digits.starts_with('7')) return 1;
  return std::find(kTwoDigits.begin(), kTwoDigits.end(), digits.substr(0, 2)) != kTwoDigits.end() ? 2 : 3;
}

bool is_known_country(std::string_view country) {
  constexpr std::size_t kStride = 3;  // two letters and a blank
  for (std::size_t at = 0; at < kCountries.size(); at += kStride)
    if (kCountries.substr(at, 2) == country) return true;
  return false;
}

}  // namespace pigeon
