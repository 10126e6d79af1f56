// Completing any sender in any country: what comes of it is E.164, comes of itself again, and is written as
// its plan writes it. The first octet says international or not, digits or whatever comes; the second the
// country.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "numbers/completion.h"
#include "numbers/number_plan.h"

namespace {

using namespace pigeon;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const std::vector<std::string> regions = numbers::regions();
  const bool international = (data[0] & 1U) != 0;
  const std::string country = data[1] == 0 ? std::string() : regions[data[1] % regions.size()];
  std::string sender(reinterpret_cast<const char*>(data) + 2, size - 2);
  if ((data[0] & 2U) != 0)
    for (char& c : sender) c = static_cast<char>('0' + static_cast<std::uint8_t>(c) % 10);
  const auto phone = numbers::complete(sender, international, country);
  if (!phone) return 0;
  require(PhoneNumber::parse(phone->e164()).has_value(), "a completed number is E.164");
  const auto again = numbers::complete(phone->e164(), false, country);
  require(again && *again == *phone, "what is complete stays as it is");
  const auto bare = numbers::complete(std::string_view(phone->e164()).substr(1), true, "");
  require(bare && *bare == *phone, "a plus says no more than the type of number");
  const auto plan = numbers::read_number(phone->e164(), "");
  if (plan && plan->fit >= numbers::Fit::valid)
    require(plan->e164 == phone->e164(), "a valid number is written as its plan writes it");
  return 0;
}
