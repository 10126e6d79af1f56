// pigeon-sim: a dongle, its network and the phones around it for a desk without hardware. Prints where the
// modem is to be found, then obeys the console's commands on standard input (sim_console.h), or waits for
// SIGTERM.
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/sim/carrier.h"
#include "tests/sim/sim_console.h"
#include "tests/sim/sim_modem.h"

namespace {

struct Arguments {
  pigeon::sim::SimModemOptions modem;
  int answer_delay_ms = 0;
  int send_delay_ms = 0;
  bool modem_only = false;
  bool console = true;
};

void describe(CLI::App& app, Arguments& arguments) {
  pigeon::sim::SimModemOptions& modem = arguments.modem;
  app.add_flag("--modem-only", arguments.modem_only, "The modem and its network, without a sandbox of X");
  app.add_option("--link", modem.link, "Symlink to the modem's device; replaced when it is one already");
  app.add_option("--number", modem.number, "The SIM's own number")->capture_default_str();
  app.add_option("--manufacturer", modem.manufacturer, "What AT+CGMI answers")->capture_default_str();
  app.add_option("--model", modem.model, "What AT+CGMM answers")->capture_default_str();
  app.add_option("--pin", modem.pin, "The SIM asks for this PIN");
  app.add_option("--slots", modem.sim_slots, "Message slots on the SIM")
      ->capture_default_str()
      ->check(CLI::Range(0, 255));
  app.add_option("--answer-delay", arguments.answer_delay_ms, "Milliseconds before each answer")
      ->check(CLI::Range(0, 60'000));
  app.add_option("--send-delay", arguments.send_delay_ms, "Milliseconds that the network takes for each part")
      ->check(CLI::Range(0, 600'000));
  app.add_flag("!--no-console", arguments.console, "Do not read commands; run until SIGTERM or SIGINT");
}

void wait_for_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  int received = 0;
  sigwait(&signals, &received);
}

int run(const Arguments& arguments) {
  pigeon::sim::SimModemOptions options = arguments.modem;
  options.answer_delay = pigeon::milliseconds(arguments.answer_delay_ms);
  options.send_delay = pigeon::milliseconds(arguments.send_delay_ms);
  pigeon::sim::SimModem modem(options);
  pigeon::sim::Carrier carrier(modem);
  std::cout << "device " << modem.device() << std::endl;
  if (arguments.console) {
    pigeon::sim::SimConsole(modem, carrier).run(std::cin, std::cout);
  } else {
    wait_for_signal();
  }
  return 0;
}

// Before any thread starts: only wait_for_signal() takes these, so that the symlink is removed on the way
// out.
void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("pigeon-sim: a simulated GSM modem with its network and phones");
  Arguments arguments;
  describe(app, arguments);
  constexpr int kUsage = 2;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  try {
    if (!arguments.console) block_signals();
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "pigeon-sim: " << error.what() << "\n";
    return 1;
  }
}
