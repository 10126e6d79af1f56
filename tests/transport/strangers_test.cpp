// Senders that nobody can answer: kept, and never written to.
#include <doctest/doctest.h>

#include "tests/store/temp_store.h"
#include "transport/intake.h"

using namespace pigeon;

namespace {

modem::Address named(const std::string& name) {
  return {.type_of_number = modem::TypeOfNumber::alphanumeric, .numbering_plan = 0, .value = name};
}

}  // namespace

TEST_CASE("intake: names, short codes and the box itself have no phone to answer") {
  struct Row {
    const char* name;
    modem::Address sender;
    const char* phone;
  };
  const Row rows[] = {
      {"a person", *modem::Address::from_number("+12025550123"), "+12025550123"},
      {"the box itself", *modem::Address::from_number("+12025550100"), ""},
      {"a name", named("Bank"), ""},
      {"a name of digits only", named("12025550123"), ""},
      {"a short code", *modem::Address::from_number("12345"), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    test::TempStore store;
    const transport::IntakeSettings settings{"+12025550100", "US", "It could not be read."};
    transport::Intake intake{"main", settings, *store};
    modem::Deliver deliver;
    deliver.sender = row.sender;
    deliver.user_data.data = {'h', 'i'};
    const auto pdu = modem::encode_pdu({"", deliver});
    REQUIRE(pdu.has_value());
    const modem::StoredMessage stored{{"SM", 1}, *pdu};
    CHECK(intake.take(std::vector{stored}, utc_now(), transport::Intake::Arrival::announced).messages == 1);
    REQUIRE(store->inbox.find(1).has_value());
    CHECK(store->inbox.find(1)->phone == row.phone);
  }
}
