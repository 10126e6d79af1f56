// One person, however a network writes the number: the readings of digits without a plus, and every plan of
// libphonenumber.
#include "numbers/completion.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "numbers/number_plan.h"

using namespace pigeon;

namespace {

constexpr bool kInternational = true;
constexpr bool kUnsaid = false;

// "" when it cannot be answered.
std::string completed(std::string_view digits, bool international, std::string_view country) {
  const auto phone = numbers::complete(digits, international, country);
  return phone ? phone->e164() : std::string();
}

struct Row {
  const char* digits;
  const char* country;
  const char* expected;  // "": cannot be answered
};

void check(const std::vector<Row>& rows, bool international = kUnsaid) {
  for (const Row& row : rows) {
    CAPTURE(row.digits);
    CAPTURE(row.country);
    CHECK(completed(row.digits, international, row.country) == row.expected);
  }
}

}  // namespace

TEST_CASE("completion: a number in national form is of the box's country") {
  check({{"015123456789", "DE", "+4915123456789"},
         {"15123456789", "DE", "+4915123456789"},
         {"07400123456", "GB", "+447400123456"},
         {"2025550123", "US", "+12025550123"},
         {"12025550123", "US", "+12025550123"},
         {"0612345678", "FR", "+33612345678"},
         {"612345678", "ES", "+34612345678"},
         {"3331234567", "IT", "+393331234567"},
         {"3931234567", "IT", "+393931234567"},  // begins with Italy's own calling code
         {"0612345678", "IT", "+390612345678"},  // a landline of Rome: the 0 belongs to it
         {"06301234567", "HU", "+36301234567"},
         {"011961234567", "BR", "+5511961234567"},
         {"01511961234567", "BR", "+5511961234567"},  // with the code of a carrier
         {"5512345678", "MX", "+525512345678"},
         {"0111523456789", "AR", "+5491123456789"},
         {"1123456789", "AR", "+541123456789"},  // nobody can tell a mobile without its 9 or 15
         {"89161234567", "RU", "+79161234567"},
         {"87011234567", "KZ", "+77011234567"},
         {"0412345678", "AU", "+61412345678"},
         {"09012345678", "JP", "+819012345678"},
         {"211234", "FO", "+298211234"}});  // six digits, and a person's mobile
}

TEST_CASE("completion: what networks leave out of an international number is added") {
  check({{"67222345", "", "+672322345"},        // Norfolk Island
         {"378886123", "", "+3780549886123"}},  // San Marino
        kInternational);
}

TEST_CASE("completion: digits without their plus are read both ways") {
  check({{"4915112345678", "DE", "+4915112345678"},  // +49 49… is valid too, and no mobile
         {"447400123456", "GB", "+447400123456"},
         {"33612345678", "FR", "+33612345678"},
         {"393331234567", "IT", "+393331234567"},
         {"5511961234567", "BR", "+5511961234567"},
         {"5215512345678", "MX", "+525512345678"},
         {"525512345678", "MX", "+525512345678"},
         {"5491123456789", "AR", "+5491123456789"},
         {"79161234567", "RU", "+79161234567"},
         {"77011234567", "KZ", "+77011234567"},
         {"61412345678", "AU", "+61412345678"},
         // of another country: only where it cannot be a number of the box's own
         {"4915112345678", "US", "+4915112345678"},
         {"493012345678", "US", "+493012345678"},
         {"12025550123", "FR", "+12025550123"},
         {"447400123456", "DE", "+49447400123456"},
         {"07400123456", "DE", "+497400123456"}});
}

TEST_CASE("completion: what is dialled before a foreign number is the box's country's") {
  check({{"004915123456789", "DE", "+4915123456789"},
         {"004366412345678", "DE", "+4366412345678"},
         {"0114915123456789", "US", "+4915123456789"},
         {"00114915123456789", "AU", "+4915123456789"},
         {"8104915123456789", "RU", "+4915123456789"},
         {"0094915123456789", "NG", "+4915123456789"},
         {"0104915123456789", "JP", "+4915123456789"},
         {"0041791234567", "CH", "+41791234567"},
         {"004915123456789", "US", "+4915123456789"}});  // 00 is no number of any country
}

TEST_CASE("completion: an international number has no plus or two zeros too many") {
  check({{"4915123456789", "", "+4915123456789"},
         {"+4915123456789", "", "+4915123456789"},
         {"4915123456789", "US", "+4915123456789"},
         {"49015123456789", "", "+4915123456789"},  // "+49(0)151…"
         {"49015123456789", "US", "+4915123456789"},
         {"390612345678", "DE", "+390612345678"},
         {"2250712345678", "CI", "+2250712345678"},  // the 0 belongs to it
         {"5215512345678", "", "+525512345678"},
         {"5491123456789", "", "+5491123456789"},
         {"789161234567", "", "+79161234567"},
         {"015123456789", "DE", "+4915123456789"},  // national, whatever its type of number says
         {"004915123456789", "DE", "+4915123456789"},
         {"12345", "", "+12345"},  // the types of number are believed where nothing speaks against them
         {"+", "DE", ""},
         {"++4915123456789", "DE", ""},
         {"1234567890123456", "", ""}},
        kInternational);
  CHECK(completed("+49015123456789", kUnsaid, "") == "+4915123456789");
}

TEST_CASE("completion: a number that no plan has given out is a number all the same") {
  check({{"19990100", "US", "+19990100"}, {"99912345678", "GB", "+4499912345678"}});
  check({{"19990100", "", "+19990100"}, {"999012345", "", "+999012345"}, {"490123", "", "+490123"}},
        kInternational);
}

TEST_CASE("completion: names and short codes are nobody who can be answered") {
  for (const char* sender : {"", "12345", "123456", "Telfort", "*100#", "4915112345678 ", "49151123a5678"}) {
    CAPTURE(sender);
    for (const char* country : {"DE", ""}) {
      const auto phone = numbers::complete(sender, kUnsaid, country);
      REQUIRE_FALSE(phone);
      CHECK(phone.error().code == Errc::unsupported);
    }
  }
}

TEST_CASE("completion: a national number without a country is told apart from all else") {
  for (const char* sender : {"015123456789", "4915112345678", "0114915123456789"}) {
    CAPTURE(sender);
    const auto phone = numbers::complete(sender, kUnsaid, "");
    REQUIRE_FALSE(phone);
    CHECK(phone.error().code == Errc::not_found);
  }
  CHECK(numbers::complete("015123456789", kInternational, "").error().code == Errc::not_found);
  CHECK(numbers::complete("015123456789", kUnsaid, "ZZ").error().code == Errc::bad_input);
}

TEST_CASE("completion: a number that is typed has a form and a length that its country knows") {
  const Row rows[] = {
      {"+1 (202) 555-0123", "", "+12025550123"},
      {"0151 23456789", "DE", "+4915123456789"},
      {"+999 123", "", "+999123"},  // of no plan: a test network's
      {"+19990100123", "", "+19990100123"},
      {"+1202", "", ""},
      {"+1202555012345", "", ""},
      {"12345", "US", ""},
      {"2025550123", "", ""},
      {"Ada", "US", ""},
      {"+0123456789", "US", ""},
      {"", "US", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.digits);
    const auto phone = numbers::typed(row.digits, row.country);
    CHECK((phone ? phone->e164() : "") == row.expected);
    if (!phone) CHECK((phone.error().code == Errc::bad_input));
  }
}

TEST_CASE("completion: every plan's mobile is one number in each of its writings") {
  int examples = 0;
  for (const std::string& region : numbers::regions()) {
    const auto example = numbers::mobile_example(region);
    if (!example) continue;
    ++examples;
    CAPTURE(region);
    CAPTURE(example->e164);
    const std::string digits = example->e164.substr(1);
    const std::string calling_code = digits.substr(0, digits.size() - example->national.size());
    CHECK(completed(digits, kInternational, "") == example->e164);
    CHECK(completed(digits, kUnsaid, region) == example->e164);
    CHECK(completed(example->national, kUnsaid, region) == example->e164);
    CHECK(completed(example->trunk_prefix + example->national, kUnsaid, region) == example->e164);
    // "+49(0)151…"
    CHECK(completed(calling_code + example->trunk_prefix + example->national, kInternational, "") ==
          example->e164);
  }
  CHECK(examples > 200);
}

TEST_CASE("completion: the countries of the configuration are those that have a plan") {
  for (const std::string& region : numbers::regions()) {
    CAPTURE(region);
    CHECK(is_known_country(region));
  }
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const std::string country{first, second};
      CAPTURE(country);
      const auto regions = numbers::regions();
      CHECK(is_known_country(country) ==
            (std::find(regions.begin(), regions.end(), country) != regions.end()));
    }
  }
}

TEST_CASE("completion: what is complete stays as it is") {
  std::mt19937 random(20260101);
  const std::vector<std::string> regions = numbers::regions();
  int numbers_made = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string digits = i % 3 == 0 ? "0" : "";
    const std::size_t length = 1 + random() % 20;
    while (digits.size() < length) digits += static_cast<char>('0' + random() % 10);
    const std::string& country = regions[random() % regions.size()];
    const std::string once = completed(digits, i % 2 == 0, country);
    if (once.empty()) continue;
    ++numbers_made;
    CAPTURE(digits);
    CAPTURE(country);
    CHECK(PhoneNumber::parse(once).has_value());
    CHECK(completed(once, kUnsaid, country) == once);
    CHECK(completed(once.substr(1), kInternational, "") == once);
  }
  CHECK(numbers_made > 5'000);
}
