// What is a text from a person to us, now, and what is not.
#include "transport/admission.h"

#include <doctest/doctest.h>

#include <string>

using namespace pigeon;
using store::PartReason;
using transport::not_for_us;

namespace {

constexpr std::chrono::sys_seconds kSent =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);

modem::Deliver deliver(std::uint8_t pid, std::uint8_t dcs) {
  modem::Deliver deliver;
  deliver.sender = *modem::Address::from_number("+12025550123");
  deliver.timestamp.utc = kSent;
  deliver.pid = pid;
  deliver.user_data.dcs = dcs;
  deliver.user_data.data = {'h', 'i'};
  return deliver;
}

}  // namespace

TEST_CASE("admission: by TP-PID and TP-DCS") {
  struct Row {
    const char* name;
    std::uint8_t pid, dcs;
    PartReason expected;
  };
  const Row rows[] = {
      {"a text", 0x00, 0x00, PartReason::none},
      {"a text in UCS-2", 0x00, 0x08, PartReason::none},
      {"a flash text", 0x00, 0x10, PartReason::none},
      {"a flash text, data coding and class", 0x00, 0xF0, PartReason::none},
      {"8-bit data without a class", 0x00, 0x04, PartReason::none},
      {"a text that is kept on the SIM", 0x00, 0x12, PartReason::none},
      {"a text that replaces another", 0x41, 0x00, PartReason::none},
      {"by way of e-mail", 0x32, 0x00, PartReason::none},
      {"type 0", 0x40, 0x00, PartReason::type_0},
      {"voicemail, discard", 0x00, 0xC8, PartReason::message_waiting},
      {"voicemail, cleared", 0x00, 0xC0, PartReason::message_waiting},
      {"fax, store", 0x00, 0xD9, PartReason::message_waiting},
      {"e-mail, store in UCS-2", 0x00, 0xEA, PartReason::message_waiting},
      {"the last of these groups", 0x00, 0xEF, PartReason::message_waiting},
      {"SIM download", 0x7F, 0xF6, PartReason::sim_download},
      {"SIM download, whatever its coding", 0x7F, 0x00, PartReason::sim_download},
      {"to the modem itself", 0x7D, 0x00, PartReason::sim_download},
      {"octets of class 2", 0x00, 0xF6, PartReason::sim_download},
      {"octets of class 2, general coding", 0x00, 0x16, PartReason::sim_download},
      {"octets of class 1", 0x00, 0xF5, PartReason::none},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(not_for_us(deliver(row.pid, row.dcs), std::nullopt) == row.expected);
  }
}

TEST_CASE("admission: by the user data's header") {
  modem::Deliver plain = deliver(0, 0);
  plain.user_data.header.emplace().concatenation =
      modem::Concatenation{.reference = 1, .wide = false, .count = 2, .number = 1};
  CHECK(not_for_us(plain, std::nullopt) == PartReason::none);
  modem::Deliver waiting = plain;
  waiting.user_data.header->message_waiting = true;
  CHECK(not_for_us(waiting, std::nullopt) == PartReason::message_waiting);
  modem::Deliver port = plain;
  port.user_data.header->ports = modem::Ports{2948, 9200};
  CHECK(not_for_us(port, std::nullopt) == PartReason::application_port);
}

TEST_CASE("admission: by its age") {
  const modem::Deliver text = deliver(0, 0);
  CHECK(not_for_us(text, kSent) == PartReason::none);
  CHECK(not_for_us(text, kSent + milliseconds(1)) == PartReason::too_old);
  CHECK(not_for_us(text, std::nullopt) == PartReason::none);
  modem::Deliver undated = text;
  undated.timestamp = {};
  CHECK(not_for_us(undated, kSent) == PartReason::none);
}

TEST_CASE("admission: what is no DELIVER is no text") {
  CHECK(not_for_us(modem::Tpdu(modem::StatusReport()), std::nullopt) == PartReason::not_a_deliver);
  CHECK(not_for_us(modem::Tpdu(modem::Submit()), std::nullopt) == PartReason::not_a_deliver);
  CHECK(not_for_us(modem::Tpdu(deliver(0, 0)), std::nullopt) == PartReason::none);
}
