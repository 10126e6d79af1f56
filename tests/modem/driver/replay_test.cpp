// A session with a modem that fails, recorded without what is private, and played to another driver: it fails
// in the same way, and the recording names nobody.
#include "sim/modem/replay.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "modem/at/traffic_mask.h"
#include "modem/driver/profile.h"
#include "modem/port/traffic.h"
#include "sim/network/carrier.h"
#include "tests/modem/modem_helpers.h"

using namespace pigeon;
using namespace pigeon::test;
using modem::TranscriptEntry;
using sim::Intervention;

namespace {

// What a session came to, in words that hold nothing private.
std::string outcome_of(const modem::ModemOptions& options) {
  const auto opened = modem::SerialModem::open(options);
  if (!opened) return "open: " + opened.error().message;
  const auto health = (*opened)->health();
  if (!health) return "health: " + health.error().message;
  const auto messages = (*opened)->list_messages();
  if (!messages) return "list: " + messages.error().message;
  const auto sent = (*opened)->send(submit_to("+12025550123"));
  return "registration " + std::to_string(static_cast<int>(health->registration)) + ", " +
         std::to_string(messages->size()) + " messages, " + (sent ? "sent" : sent.error().message);
}

// The device's name differs, and is no outcome.
std::string without_device(std::string words, const std::string& device) {
  for (std::size_t at = words.find(device); at != std::string::npos; at = words.find(device))
    words.replace(at, device.size(), "DEVICE");
  return words;
}

struct Recorded {
  std::string outcome, transcript, bytes;  // the last without the times, which are digits, too
};

Recorded record(sim::SimModem& modem, const std::string& pin) {
  modem::Traffic traffic;
  modem::TrafficMask mask(modem::urcs_of_all());
  Recorded recorded;
  const auto keep = [&recorded](const std::vector<TranscriptEntry>& entries) {
    for (const TranscriptEntry& entry : entries) {
      recorded.transcript += modem::format_entry(entry) + "\n";
      recorded.bytes += entry.bytes;
    }
  };
  REQUIRE(traffic.listen([&](const TranscriptEntry& entry) {
    keep(mask.take(entry));
    return true;
  }));
  auto options = options_for(modem.device());
  options.pin = pin;
  options.traffic = &traffic;
  recorded.outcome = without_device(outcome_of(options), modem.device());
  keep(mask.finish());
  return recorded;
}

std::string replayed(const std::string& transcript, const std::string& pin) {
  auto replay = sim::Replay::parse(transcript);
  REQUIRE(replay);
  sim::SimModemOptions options;
  options.echoes = false;
  options.imei = "350000000000017";
  sim::SimModem modem(options);
  replay->answer_for(modem);
  auto driver = options_for(modem.device());
  driver.pin = pin;
  const std::string outcome = without_device(outcome_of(driver), modem.device());
  modem.before_command({});
  return outcome;
}

struct Case {
  const char* name;
  std::function<void(sim::SimModemOptions&)> options;
  std::function<void(sim::SimModem&)> habits;
  std::string pin = {};
};

Intervention says(std::string_view line, std::string_view command, const std::string& answer) {
  if (line.starts_with(command)) return {Intervention::Kind::answer, answer};
  return {};
}

}  // namespace

TEST_CASE("replay: a session fails as it failed when it was recorded, and its recording names nobody") {
  const std::vector<Case> cases = {
      {"all is well", {}, {}},
      {"no SIM", [](auto& o) { o.sim_inserted = false; }, {}},
      {"a PIN and none is known", [](auto& o) { o.pin = "7391"; }, {}},
      {"the wrong PIN", [](auto& o) { o.pin = "7391"; }, {}, "7392"},
      {"registration denied", {}, [](auto& m) { m.set_registration(3); }},
      {"no PDU mode",
       {},
       [](auto& m) {
         m.before_command([](std::string_view line) { return says(line, "AT+CMGF=", "\r\nERROR\r\n"); });
       }},
      {"the network refuses texts",
       {},
       [](auto& m) {
         m.before_command(
             [](std::string_view line) { return says(line, "PDU ", "\r\n+CMS ERROR: 500\r\n"); });
       }},
      {"no result of a send",
       {},
       [](auto& m) {
         m.before_command([](std::string_view line) {
           return line.starts_with("PDU ") ? Intervention{Intervention::Kind::silence} : Intervention{};
         });
       }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    sim::SimModemOptions options;
    options.number = "+12025550107";
    if (c.options) c.options(options);
    sim::SimModem modem(options);
    sim::Carrier carrier(modem);
    if (c.habits) c.habits(modem);
    REQUIRE(carrier.text("+12025550177", "Meet me at the pier").has_value());
    const Recorded recorded = record(modem, c.pin);
    modem.before_command({});
    CHECK(replayed(recorded.transcript, c.pin) == recorded.outcome);
    for (const char* secret :
         {"0154203237518", "1234567890", "010000000000123", "2025550123", "2025550177", "2025550107",
          "2025550199", "7391", "7392", "Meet", "pier", "2120550591", "2120550571"}) {
      CAPTURE(secret);
      CHECK(recorded.bytes.find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("replay: what comes later in the recording comes later, and a line that is none is named") {
  auto replay = sim::Replay::parse(
      "0.000000 > AT+CSQ\\r\n0.001000 < \\r\\n+CSQ: 7,99\\r\\n\\r\\nOK\\r\\n\n"
      "0.200000 < \\r\\nRDY\\r\\n\n");
  REQUIRE(replay);
  CHECK(replay->commands() == 1);
  CHECK_FALSE(sim::Replay::parse("nonsense\n").has_value());
}
