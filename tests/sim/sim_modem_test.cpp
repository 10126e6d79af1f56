// The simulated modem as a line and as a piece of equipment, over its pty: command lines, echo, errors,
// registration, hooks, timing, clients that come and go. Messages are in sim_messages_test.cpp, the PIN in
// sim_card_test.cpp.
#include "sim/modem/sim_modem.h"

#include <doctest/doctest.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "sim/modem/pty.h"
#include "tests/eventually.h"
#include "tests/sim/serial_client.h"
#include "tests/sim/sim_line.h"

using namespace pigeon;
using namespace pigeon::sim;

namespace {

struct TemporaryFolder {
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sim-modem-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("sim modem: echoes what is typed, each character as it comes") {
  SimModem modem;
  SerialClient client(modem.device());
  for (const char c : std::string("AT+CSQ")) {
    client.write({&c, 1});
    CHECK(client.read_until({&c, 1}) == std::string(1, c));
  }
  client.write("\r");
  CHECK(client.read_until("OK\r\n") == "\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
}

TEST_CASE("sim modem: command lines in every shape that V.250 allows") {
  struct Case {
    const char* name;
    const char* line;
    const char* answer;
  };
  const Case cases[] = {
      {"nothing but the attention", "AT", "OK"},
      {"lower case", "at+csq", "+CSQ: 20,99|OK"},
      {"spaces", "AT + CSQ", "ERROR"},
      {"spaces between commands", "AT E0 V1 ; +CSQ", "+CSQ: 20,99|OK"},
      {"basic commands in a row", "ATE0V1Q0&F0E0", "OK"},
      {"two extended commands", "AT+CMEE=1;+CREG=2", "OK"},
      {"two answers on one line", "AT+CSQ;+CPAS", "+CSQ: 20,99|+CPAS: 0|OK"},
      {"the first failure ends the line", "AT+CSQ;+NOSUCH;+CPAS", "+CSQ: 20,99|ERROR"},
      {"an unknown command", "AT+MODE=2", "ERROR"},
      {"a broken line", "AT=", "ERROR"},
      {"noise in front", "\x1b\x01 xxAT+CPAS", "+CPAS: 0|OK"},
      {"a semicolon in quotes", "AT+CMEE=0;+CSCS=\"a;b\"", "ERROR"},
      {"corrected while typing", "AT+CSW\bQ", "+CSQ: 20,99|OK"},
      {"an S register", "ATS0=3;S0?", "003|OK"},
      {"dialling", "ATD+12025550123;", "NO CARRIER"},
      {"a line feed from the line before", "\nAT", "OK"},
  };
  Line line;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(line.client.answer(c.line) == c.answer);
    CHECK(line.client.answer("ATE0") == "OK");  // some of them reset the echo
  }
}

TEST_CASE("sim modem: a line without AT is not answered") {
  Line line;
  line.client.write("\x1b\r\r\nhello\r");
  CHECK(line.client.unasked() == "");
}

TEST_CASE("sim modem: A/ repeats the last line at once") {
  Line line;
  CHECK(line.client.answer("AT+CPAS") == "+CPAS: 0|OK");
  line.client.write("A/");
  CHECK(joined_lines(line.client.read_until("OK\r\n")) == "+CPAS: 0|OK");
}

TEST_CASE("sim modem: ATV0 answers in numbers and ATQ1 not at all") {
  Line line;
  line.client.write("ATV0\r");
  CHECK(line.client.read_until("0\r") == "0\r");
  line.client.write("AT+NOSUCH\r");
  CHECK(line.client.read_until("4\r") == "4\r");
  line.client.write("ATV1Q1\rAT+CSQ\rATQ0\r");
  CHECK(line.client.read_until("OK\r\n") == "\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
}

TEST_CASE("sim modem: errors are worded as +CMEE asks") {
  Line line;
  CHECK(line.client.answer("AT+CSCS=\"EBCDIC\"") == "ERROR");
  CHECK(line.client.answer("AT+CMGR=1") == "+CMS ERROR: 321");
  CHECK(line.client.answer("AT+CMEE=1;+CSCS=\"EBCDIC\"") == "+CME ERROR: 50");
  CHECK(line.client.answer("AT+CMEE?") == "+CMEE: 1|OK");
  CHECK(line.client.answer("AT+CMEE=2;+CSCS=\"EBCDIC\"") == "+CME ERROR: incorrect parameters");
  CHECK(line.client.answer("AT+CMGR=1") == "+CMS ERROR: invalid memory index");
  CHECK(line.client.answer("AT+CMEE=3") == "+CME ERROR: incorrect parameters");
  CHECK(line.client.answer("AT+NOSUCH") == "ERROR");
}

TEST_CASE("sim modem: says who it is by either name of the command") {
  Line line(SimModemOptions{.manufacturer = "huawei", .model = "E3372", .revision = "22.300"});
  for (const std::string prefix : {"AT+C", "AT+"}) {
    CHECK(line.client.answer(prefix + "GMI") == "huawei|OK");
    CHECK(line.client.answer(prefix + "GMM") == "E3372|OK");
    CHECK(line.client.answer(prefix + "GMR") == "22.300|OK");
    CHECK(line.client.answer(prefix + "GSN") == "490154203237518|OK");
  }
  CHECK(line.client.answer("AT+CIMI") == "262011234567890|OK");
  CHECK(line.client.answer("ATI").starts_with("Manufacturer: huawei|Model: E3372|Revision: 22.300|IMEI: "));
  CHECK(line.client.answer("AT+CNUM") == "+CNUM: ,\"+12025550100\",145|OK");
  CHECK(line.client.answer("AT^CURC=0") == "OK");
  Line other;
  CHECK(other.client.answer("AT^CURC=0") == "ERROR");
}

TEST_CASE("sim modem: echo that stays on whatever ATE0 says") {
  SimModem modem(SimModemOptions{.echo_stays_on = true});
  SerialClient client(modem.device());
  CHECK(client.ask("ATE0") == "ATE0\r\r\nOK\r\n");
  CHECK(client.ask("AT") == "AT\r\r\nOK\r\n");
}

TEST_CASE("sim modem: strings follow +CSCS") {
  Line line;
  CHECK(line.client.answer("AT+COPS?") == "+COPS: 0,0,\"Pigeonet\",7|OK");
  CHECK(line.client.answer("AT+CSCS=\"UCS2\";+CSCA?") ==
        "+CSCA: \"002B00310032003000320035003500350030003100390039\",145|OK");
  CHECK(line.client.answer("AT+COPS=3,2;+COPS?") == "+COPS: 0,2,\"00300030003100300031\",7|OK");
  CHECK(line.client.answer("AT+CSCA=\"002B0031003200330034\",145;+CSCS=\"IRA\";+CSCA?") ==
        "+CSCA: \"+1234\",145|OK");
}

TEST_CASE("sim modem: registration is reported as +CREG, +CGREG and +CEREG ask") {
  Line line;
  CHECK(line.client.answer("AT+CREG=1;+CEREG=2") == "OK");
  CHECK(line.client.answer("AT+CREG?;+CGREG?;+CEREG?") ==
        "+CREG: 1,1|+CGREG: 0,1|+CEREG: 2,1,\"00C3\",\"0128A74D\",7|OK");
  line.modem.set_registration(3);
  CHECK(line.client.read_until("+CEREG: 3\r\n") == "\r\n+CREG: 3\r\n\r\n+CEREG: 3\r\n");
  CHECK(line.client.answer("AT+COPS?;+CGATT?") == "+COPS: 0|+CGATT: 0|OK");
  line.modem.set_registration(5);
  CHECK(line.client.read_until(",7\r\n") == "\r\n+CREG: 5\r\n\r\n+CEREG: 5,\"00C3\",\"0128A74D\",7\r\n");
  line.modem.set_signal(99);
  CHECK(line.client.answer("AT+CSQ") == "+CSQ: 99,99|OK");
  CHECK(line.client.ask("AT+CFUN=4").ends_with("\r\nOK\r\n"));
  CHECK(line.client.read_until("+CEREG: 0\r\n") == "\r\n+CREG: 0\r\n\r\n+CEREG: 0\r\n");
  CHECK(line.client.answer("AT+CFUN?") == "+CFUN: 4|OK");
}

TEST_CASE("sim modem: a hook answers, keeps silent, hangs up or lets pass") {
  std::vector<std::string> seen;
  Line line;
  line.modem.before_command([&](std::string_view command) -> Intervention {
    seen.emplace_back(command);
    if (command == "AT+CSQ") return {Intervention::Kind::answer, "\r\nCOMMAND NOT SUPPORT\r\n"};
    if (command == "AT+CPAS") return {Intervention::Kind::silence, {}};
    if (command == "ATZ") return {Intervention::Kind::hang_up, {}};
    return {};
  });
  line.client.write("AT+CSQ\rAT+CPAS\r");
  CHECK(line.client.read_until("SUPPORT\r\n") == "\r\nCOMMAND NOT SUPPORT\r\n");
  CHECK(line.client.unasked() == "");
  CHECK_FALSE(line.client.hung_up(milliseconds(0)));
  line.client.write("ATZ\r");
  CHECK(line.client.hung_up());
  line.modem.before_command({});
  CHECK(seen == std::vector<std::string>{"AT+CSQ", "AT+CPAS", "AT", "ATZ"});
}

TEST_CASE("sim modem: the second hook runs when all is done but nothing is answered") {
  Line line;
  line.modem.deliver(octets(kHowAreYou));
  std::atomic<std::size_t> stored_at_hook = 99;
  line.modem.after_command([&](std::string_view command) -> Intervention {
    if (command == "AT+CMGD=1") stored_at_hook = line.modem.messages_stored();
    return {command == "AT+CMGD=1" ? Intervention::Kind::silence : Intervention::Kind::proceed, {}};
  });
  line.client.write("AT+CMGD=1\r");
  CHECK(line.client.unasked() == "");
  CHECK(stored_at_hook == 0);
}

TEST_CASE("sim modem: delays keep the order of what was typed ahead") {
  Line line(SimModemOptions{.answer_delay = milliseconds(30)});
  const SteadyTime start = steady_now();
  line.client.write("AT+CSQ\rAT+CPAS\r");
  CHECK(joined_lines(line.client.read_until("+CPAS: 0\r\n\r\nOK\r\n")) == "+CSQ: 20,99|OK|+CPAS: 0|OK");
  CHECK(steady_now() - start >= milliseconds(60));
}

TEST_CASE("sim modem: answers take some time within their spread, not the same each time") {
  constexpr int kAnswers = 30;
  const milliseconds spread(20);
  Line line(SimModemOptions{.answer_spread = spread});
  const SteadyTime start = steady_now();
  milliseconds shortest = spread;
  for (int i = 0; i < kAnswers; ++i) {
    const SteadyTime asked = steady_now();
    CHECK(line.client.answer("AT+CPAS") == "+CPAS: 0|OK");
    shortest = std::min(shortest, std::chrono::floor<milliseconds>(steady_now() - asked));
  }
  CHECK(steady_now() - start >= kAnswers * spread / 4);  // half of it is what chance brings
  CHECK(shortest < spread);
}

TEST_CASE("sim modem: answers in pieces arrive in pieces") {
  SimModem modem(SimModemOptions{.chunk = 3});
  SerialClient client(modem.device());
  client.write("ATE0\rAT+CGSN\r");
  std::string all;
  std::size_t reads = 0;
  char buffer[256];
  while (!all.ends_with("518\r\n\r\nOK\r\n")) {
    const ssize_t got = ::read(client.fd(), buffer, sizeof buffer);
    REQUIRE(got > 0);
    all.append(buffer, static_cast<std::size_t>(got));
    ++reads;
  }
  CHECK(all == "ATE0\r\r\nOK\r\n\r\n490154203237518\r\n\r\nOK\r\n");
  CHECK(reads > 3);  // the scheduler may join a few of the 13 pieces, never all
}

TEST_CASE("sim modem: raw bytes are put on the line at any moment") {
  Line line(SimModemOptions{.answer_delay = milliseconds(30)});
  line.client.write("AT\r");
  line.modem.inject(std::string_view("\0\xff^RSSI:14\r\n", 12));
  CHECK(line.client.read_until("OK\r\n") == std::string("\0\xff^RSSI:14\r\n\r\nOK\r\n", 18));
}

TEST_CASE("sim modem: clients come and go, each finds the modem as the last one left it") {
  SimModem modem;
  {
    SerialClient first(modem.device());
    CHECK(first.answer("ATE0") == "OK");
    CHECK(first.answer("AT+CMGS=20") == "> ");
    first.write("0011");  // and gone, in the middle of a PDU
  }
  SerialClient second(modem.device());
  second.write("\x1b");
  CHECK(second.read_until("OK\r\n") == "\r\nOK\r\n");
  CHECK(second.answer("AT+CSQ") == "+CSQ: 20,99|OK");
}

TEST_CASE("sim modem: what nobody read or could hear is gone when the next client comes") {
  SimModem modem;
  {
    SerialClient first(modem.device());
    first.write("AT+CSQ\r");
    CHECK(first.read_until("99\r\n").ends_with("+CSQ: 20,99\r\n"));  // and leaves its OK behind
  }
  modem.inject("nobody listens\r\n");
  SerialClient second(modem.device());
  CHECK(second.nothing_to_read());
  CHECK(second.ask("AT") == "AT\r\r\nOK\r\n");
}

TEST_CASE("sim modem: an exclusive lock ends with its client") {
  SimModem modem;
  {
    SerialClient first(modem.device());
    first.set_exclusive();
    CHECK(first.is_exclusive());
    CHECK(first.ask("AT") == "AT\r\r\nOK\r\n");
  }
  const auto is_locked = [&] {
    try {
      return SerialClient(modem.device()).is_exclusive();
    } catch (const std::system_error& error) {  // only root may open a locked line
      REQUIRE(error.code() == std::errc::device_or_resource_busy);
      return true;
    }
  };
  const SteadyTime deadline = steady_now() + seconds(5);
  while (is_locked() && steady_now() < deadline) ::poll(nullptr, 0, 1);
  CHECK_FALSE(is_locked());
}

TEST_CASE("sim modem: unplugged it hangs up, plugged in it is back under its link with its messages") {
  const TemporaryFolder folder;
  const std::string link = folder.path / "modem";
  {
    SimModem modem(SimModemOptions{.link = link});
    CHECK(std::filesystem::read_symlink(link) == modem.device());
    modem.deliver(octets(kHowAreYou));
    SerialClient before(link);
    CHECK(before.answer("ATE0") == "OK");
    modem.unplug();
    CHECK(before.hung_up());
    modem.deliver(octets(kHowAreYou));
    CHECK(modem.messages_waiting() == 1);
    modem.plug_in();
    CHECK(std::filesystem::read_symlink(link) == modem.device());
    SerialClient after(link);
    CHECK(after.ask("AT") == "AT\r\r\nOK\r\n");
    CHECK(modem.messages_stored() == 2);
  }
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(link)));
}

TEST_CASE("sim modem: who has the path of an unplugged one does not find somebody else's port behind it") {
  SimModem modem;
  const std::string old_path = modem.device();
  modem.unplug();
  const sim::Pty other;
  CHECK(other.device() != old_path);
  // The path goes with the master, which the modem's thread may have in hand for a moment yet.
  CHECK(pigeon::test::eventually([&] { return !std::filesystem::exists(old_path); }));
}

TEST_CASE("sim modem: many threads play the network while a host is at work") {
  constexpr int kThreads = 4, kEach = 50;
  Line line(SimModemOptions{.sim_slots = 255});
  CHECK(line.client.answer("AT+CNMI=2,1") == "OK");
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        line.modem.deliver(octets(kHowAreYou));
        line.modem.set_signal(n % 32);
        line.modem.before_command([](std::string_view) { return Intervention{}; });
      }
    });
  }
  std::string heard;
  for (int n = 0; n < kEach; ++n) heard += line.client.ask("AT+CSQ");
  for (std::thread& thread : threads) thread.join();
  heard += line.client.unasked();
  for (int index = 1; index <= kThreads * kEach; ++index) {
    CAPTURE(index);
    const std::string indication = "\r\n+CMTI: \"SM\"," + std::to_string(index) + "\r\n";
    CHECK(heard.find(indication) != std::string::npos);
  }
  CHECK(line.modem.messages_stored() == kThreads * kEach);
}

TEST_CASE("sim modem: a link does not replace what is no link") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(SimModem(SimModemOptions{.link = folder.path}), std::runtime_error);
}
