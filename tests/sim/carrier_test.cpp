// The network around the simulated modem: texts of phones as the PDUs that a network brings, inboxes, status
// reports.
#include "sim/network/carrier.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "modem/sms/segmenter.h"
#include "modem/sms/user_data.h"
#include "tests/sim/serial_client.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

constexpr std::string_view kPhone = "+12025550123";

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Network {
  explicit Network(SimModemOptions modem_options = {}, CarrierOptions options = {})
      : modem(std::move(modem_options)), carrier(modem, options) {}
  SimModem modem;
  Carrier carrier;
};

std::vector<modem::Deliver> decoded(const std::vector<modem::Octets>& tpdus) {
  std::vector<modem::Deliver> out;
  for (const modem::Octets& tpdu : tpdus) {
    const auto read = modem::decode_tpdu(tpdu, modem::Direction::to_mobile);
    REQUIRE(read);
    out.push_back(std::get<modem::Deliver>(*read));
  }
  return out;
}

// The parts sorted by number and without duplicates, joined.
std::string joined(std::vector<modem::Deliver> parts) {
  const auto number = [](const modem::Deliver& part) {
    const auto& header = part.user_data.header;
    return header && header->concatenation ? int{header->concatenation->number} : 0;
  };
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const auto& a, const auto& b) { return number(a) < number(b); });
  std::vector<const modem::UserData*> in_order;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == 0 || number(parts[i]) != number(parts[i - 1])) in_order.push_back(&parts[i].user_data);
  }
  const auto text = modem::decode_text(in_order);
  REQUIRE(text);
  return *text;
}

// The box sends a text by hand, part by part.
void send_from_box(SimModem& modem, std::string_view to, std::string_view text, bool report = false) {
  SerialClient client(modem.device());
  REQUIRE(client.answer("ATE0").ends_with("OK"));
  const auto address = modem::Address::from_number(to);
  REQUIRE(address);
  const auto parts = modem::segment(text, *address, {.reference = 7, .request_status_report = report});
  REQUIRE(parts);
  for (const modem::Submit& part : *parts) {
    const auto tpdu = modem::encode_tpdu(part);
    REQUIRE(tpdu);
    REQUIRE(client.answer("AT+CMGS=" + std::to_string(tpdu->size())) == "> ");
    client.write("00" + to_hex(*tpdu) + "\x1a");
    REQUIRE(client.read_until("OK\r\n").find("+CMGS: ") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("carrier: a text becomes the octets that a network brings") {
  SimModem modem(SimModemOptions{.smsc = "+31624000000"});
  Carrier carrier(modem);
  CHECK(carrier.text("+31641600986", "How are you?") == 1);
  SerialClient client(modem.device());
  const std::string listed = client.answer("AT+CMGL=4");
  CHECK(listed.starts_with("+CMGL: 1,0,,30|07911326040000F0040B911346610089F60000"));
  CHECK(listed.ends_with("0CC8F71D14969741F977FD07|OK"));
}

TEST_CASE("carrier: texts of every shape arrive whole") {
  struct Case {
    const char* name;
    std::string text;
    TextShape shape;
    std::size_t parts;
  };
  const std::string emoji = "🐦";
  const Case cases[] = {
      {"nothing", "", {}, 1},
      {"160 septets", repeated("x", 160), {}, 1},
      {"161 septets", repeated("x", 161), {}, 2},
      {"306 septets, 8-bit reference", repeated("x", 306), {}, 2},
      {"306 septets, 16-bit reference", repeated("x", 306), {.wide_reference = true}, 3},
      {"extension characters", repeated("€", 80), {}, 1},
      {"extension characters across parts", "x" + repeated("€", 80), {.cut_anywhere = true}, 2},
      {"70 UTF-16 units", repeated(emoji, 35), {}, 1},
      {"72 UTF-16 units", repeated(emoji, 36), {}, 2},
      {"surrogates across parts", "ñ" + repeated(emoji, 100), {.cut_anywhere = true}, 3},
      {"an emoji that must not be cut", "ñ" + repeated(emoji, 67), {}, 3},
      {"the same, cut", "ñ" + repeated(emoji, 66), {.cut_anywhere = true}, 2},
      {"ten parts, shuffled", repeated("0123456789", 150), {.shuffle = 5}, 10},
      {"ten parts, shuffled and doubled", repeated("0123456789", 150), {.shuffle = 5, .duplicate = true}, 20},
      {"flash", "boo", {.message_class = 0}, 1},
  };
  Network network;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto tpdus = network.carrier.make_parts(kPhone, c.text, c.shape);
    REQUIRE(tpdus);
    CHECK(tpdus->size() == c.parts);
    const auto parts = decoded(*tpdus);
    CHECK(joined(parts) == c.text);
    CHECK(parts[0].sender.to_string() == kPhone);
    CHECK(parts[0].user_data.message_class() == c.shape.message_class);
    for (const modem::Deliver& part : parts) {
      if (c.parts > 1) CHECK(part.user_data.header->concatenation->wide == c.shape.wide_reference);
    }
  }
}

TEST_CASE("carrier: a shuffle changes the order and a seed fixes it") {
  const std::string text = repeated("0123456789", 150);
  const auto order = [&](std::optional<unsigned> seed) {
    Network network;
    std::vector<int> numbers;
    for (const auto& part : decoded(*network.carrier.make_parts(kPhone, text, {.shuffle = seed}))) {
      numbers.push_back(part.user_data.header->concatenation->number);
    }
    return numbers;
  };
  CHECK(order({}) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(order(3) != order({}));
  CHECK(order(3) == order(3));
}

TEST_CASE("carrier: every part of a sender has a time stamp of its own, in the centre's zone") {
  Network network({}, {.zone = std::chrono::minutes(-210)});
  std::set<std::chrono::sys_seconds> stamps;
  for (int i = 0; i < 3; ++i) {
    for (const auto& part : decoded(*network.carrier.make_parts(kPhone, "again"))) {
      stamps.insert(part.timestamp.utc);
      CHECK(part.timestamp.offset == std::chrono::minutes(-210));
    }
  }
  CHECK(stamps.size() == 3);
  CHECK(*stamps.begin() <= utc_now());
  CHECK(utc_now() - *stamps.begin() < seconds(30));
}

TEST_CASE("carrier: senders that are names, short codes, or nothing a network knows") {
  Network network;
  CHECK(decoded(*network.carrier.make_parts("Bank of X", "hi"))[0].sender ==
        modem::Address{modem::TypeOfNumber::alphanumeric, 0, "Bank of X"});
  CHECK(decoded(*network.carrier.make_parts("12345", "hi"))[0].sender.to_string() == "12345");
  for (const char* sender : {"", "twelve chars", "Bänk ☎", "\xff"}) {
    CAPTURE(sender);
    const auto refused = network.carrier.text(sender, "hi");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_input);
  }
  CHECK_FALSE(network.carrier.text(kPhone, "\xc3"));
  CHECK_FALSE(network.carrier.text(kPhone, repeated("x", 256 * 153)));
  CHECK(network.modem.messages_stored() == 0);
}

TEST_CASE("carrier: what the box sends is whole in the phone's inbox") {
  Network network;
  const std::string long_text = repeated("Grüße 🐦 ", 60);
  send_from_box(network.modem, "+12025550123", "one");
  send_from_box(network.modem, "+12025550124", long_text);
  send_from_box(network.modem, "+12025550123", "two €");
  const auto first = network.carrier.wait_for("+12025550123", 2, seconds(5));
  REQUIRE(first.size() == 2);
  CHECK(first[0].text == "one");
  CHECK(first[1].text == "two €");
  const auto second = network.carrier.inbox("+12025550124");
  REQUIRE(second.size() == 1);
  CHECK(second[0].text == long_text);
  CHECK(second[0].parts > 5);
  CHECK(network.carrier.inbox("+12025550125").empty());
  CHECK(network.carrier.wait_for("+12025550125", 1, milliseconds(1)).empty());
}

TEST_CASE("carrier: a part that asks for it gets a status report, late and with any status") {
  Network network({}, {.report_delay = milliseconds(20), .report_status = 0x46});
  SerialClient client(network.modem.device());
  CHECK(client.answer("ATE0;+CNMI=2,1,0,1") == "OK");
  const SteadyTime start = steady_now();
  send_from_box(network.modem, "+12025550123", "silent");
  send_from_box(network.modem, "+12025550123", "with report", true);
  const std::string header = client.read_until("\r\n+CDS: ");
  CHECK(header == "\r\n+CDS: ");
  const std::string report = joined_lines(client.read_until("46\r\n"));
  CHECK(steady_now() - start >= milliseconds(20));
  const auto pdu = from_hex(report.substr(report.find('|') + 1));
  REQUIRE(pdu);
  const auto read = modem::decode_pdu(*pdu, modem::Direction::to_mobile);
  REQUIRE(read);
  const auto& status = std::get<modem::StatusReport>(read->tpdu);
  CHECK(status.reference == 2);
  CHECK(status.recipient.to_string() == "+12025550123");
  CHECK(status.status == 0x46);
  CHECK(client.unasked() == "");
}

TEST_CASE("carrier: parts of a text come one after the other when they take their time") {
  Network network({}, {.part_gap = milliseconds(40)});
  const SteadyTime start = steady_now();
  REQUIRE(network.carrier.text("+12025550123", std::string(400, 'x')).value() == 3);
  const SteadyTime give_up = start + seconds(10);
  while (network.modem.messages_stored() < 3 && steady_now() < give_up) std::this_thread::yield();
  CHECK(network.modem.messages_stored() == 3);
  CHECK(steady_now() - start >= milliseconds(80));
}
