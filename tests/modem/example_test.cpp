// The example of modem/README.md as a program of its own, against the simulated modem.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"

using namespace pigeon;

namespace {

struct Ran {
  int status = -1;
  std::string out;
};

// Until it ends; ctest's time limit is the last resort.
Ran read_and_answer(const std::string& device) {
  Ran ran;
  FILE* output = ::popen((std::string(PIGEON_EXAMPLE " pty:") + device).c_str(), "r");
  REQUIRE(output != nullptr);
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) ran.out += static_cast<char>(c);
  const int status = ::pclose(output);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

}  // namespace

TEST_CASE("modem example: a text that lies in the modem is answered and its slot is free") {
  sim::SimModem modem;
  sim::Carrier carrier(modem);
  REQUIRE(carrier.text("+12025550123", "Grüße 👋"));

  const Ran ran = read_and_answer(modem.device());

  CHECK(ran.status == 0);
  CHECK(ran.out == "+12025550123: Grüße 👋\n");
  const auto answers = carrier.wait_for("+12025550123", 1, seconds(10));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].text == "You wrote: Grüße 👋");
  CHECK(modem.messages_stored() == 0);
}

TEST_CASE("modem example: it waits for a text that comes later") {
  sim::SimModem modem;
  sim::Carrier carrier(modem);
  std::atomic<int> lists = 0;
  modem.after_command([&](std::string_view line) {
    // Both storages have been listed by then, and were empty.
    if (line == "AT+CMGL=4" && ++lists == 2) CHECK(carrier.text("+12025550123", "now"));
    return sim::Intervention{};
  });

  const Ran ran = read_and_answer(modem.device());
  modem.after_command(nullptr);

  CHECK(ran.status == 0);
  CHECK(ran.out == "+12025550123: now\n");
  CHECK(lists > 2);
  const auto answers = carrier.wait_for("+12025550123", 1, seconds(10));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].text == "You wrote: now");
}

TEST_CASE("modem example: what cannot work ends with the reason") {
  const Ran ran = read_and_answer("/dev/null 2>&1");
  CHECK(ran.status == 1);
  CHECK(ran.out.find("/dev/null") != std::string::npos);
}
