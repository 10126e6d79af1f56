// pigeon-sim: a dongle, its network, the phones around it and a sandbox of X for a desk without hardware.
// Prints where each is to be found ("device /dev/pts/3", "x http://…", "web http://…"), then obeys the
// console's commands on standard input (sim_console.h), or waits for SIGTERM. With --play-check it is the
// other side: it plays a conversation with a gateway and a simulator that run already.
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <unistd.h>

#include "base/file.h"
#include "sim/demo/demo_player.h"
#include "sim/demo/demo_server.h"
#include "sim/modem/emulated_family.h"
#include "sim/modem/replay.h"
#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "sim/sim_console.h"
#include "sim/usb/redir_socket.h"
#include "sim/usb/usb_stick.h"
#include "sim/x/x_sandbox.h"

namespace {

namespace sim = pigeon::sim;

struct Arguments {
  sim::SimModemOptions modem;
  sim::XSandboxOptions x;
  sim::PlayOptions play;
  std::string client_secret_file, consumer_secret_file;
  std::string family;  // of dongles, in whose manner the modem behaves; empty: none
  std::string replay;  // a recording that answers for the modem; empty: none
  std::string web;     // "127.0.0.1:8081"; empty: no page
  std::string usb;     // a row of usb_sticks(); empty: no USB
  std::string usb_socket;
  bool play_check = false;
  int answer_delay_ms = 0;
  int send_delay_ms = 0;
  int part_gap_ms = 0;
  bool modem_only = false;
  bool console = true;
};

void describe_x(CLI::App& app, Arguments& arguments) {
  sim::XSandboxOptions& x = arguments.x;
  app.add_option("--x-port", x.port, "Port of the sandbox of X on 127.0.0.1; 0: any free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--redirect-uri", x.redirect_uris,
                 "Where X may send a browser back to; may come several times");
  app.add_option("--client-id", x.client_id, "The app's id at X")->capture_default_str();
  app.add_option("--client-secret-file", arguments.client_secret_file,
                 "File that holds the app's secret at X")
      ->check(CLI::ExistingFile);
  app.add_option("--consumer-key", x.consumer_key, "The app's key for OAuth 1.0a")->capture_default_str();
  app.add_option("--consumer-secret-file", arguments.consumer_secret_file,
                 "File that holds that key's secret")
      ->check(CLI::ExistingFile);
  app.add_option("--x-user", x.username, "Who is signed in at X in this browser")->capture_default_str();
  app.add_option("--other-x-user", x.other_usernames, "Whom X offers beside; may come several times");
  app.add_option("--web", arguments.web, "Serve the demo's page on this address, 127.0.0.1:PORT");
}

void describe_play(CLI::App& app, Arguments& arguments) {
  CLI::Option* check = app.add_flag("--play-check", arguments.play_check,
                                    "Play a conversation with a running gateway; exit 1 if a step differs");
  app.add_option("--gateway", arguments.play.gateway_url,
                 "URL of the gateway's pages; without it the gateway links by PIN")
      ->needs(check);
  app.add_option("--demo", arguments.play.demo_url, "URL that another pigeon-sim printed as 'web'")
      ->needs(check);
}

void describe(CLI::App& app, Arguments& arguments) {
  sim::SimModemOptions& modem = arguments.modem;
  app.add_flag("--modem-only", arguments.modem_only, "The modem and its network, without a sandbox of X");
  app.add_option("--link", modem.link, "Symlink to the modem's device; replaced when it is one already");
  app.add_option("--number,--gateway-number", modem.number, "The SIM's own number")->capture_default_str();
  app.add_option("--manufacturer", modem.manufacturer, "What AT+CGMI answers")->capture_default_str();
  app.add_option("--model", modem.model, "What AT+CGMM answers")->capture_default_str();
  app.add_option("--imei", modem.imei, "What AT+CGSN answers")->capture_default_str();
  app.add_option("--pin", modem.pin, "The SIM asks for this PIN");
  std::vector<std::string> families;
  for (const sim::FamilyManner& manner : sim::family_manners()) families.emplace_back(manner.name);
  CLI::Option* family =
      app.add_option("--family", arguments.family, "The modem behaves as this family of dongles does")
          ->check(CLI::IsMember(families));
  app.add_option("--replay", arguments.replay, "A recording (pigeon modem record) that answers for the modem")
      ->check(CLI::ExistingFile)
      ->excludes(family);
  app.add_option("--slots", modem.sim_slots, "Message slots on the SIM")
      ->capture_default_str()
      ->check(CLI::Range(0, 255));
  app.add_option("--answer-delay", arguments.answer_delay_ms, "Milliseconds before each answer")
      ->check(CLI::Range(0, 60'000));
  app.add_option("--send-delay", arguments.send_delay_ms, "Milliseconds that the network takes for each part")
      ->check(CLI::Range(0, 600'000));
  app.add_option("--part-gap", arguments.part_gap_ms, "Milliseconds between two parts of a text from a phone")
      ->check(CLI::Range(0, 60'000));
  app.add_flag("!--no-console", arguments.console, "Do not read commands; run until SIGTERM or SIGINT");
}

void describe_usb(CLI::App& app, Arguments& arguments) {
  std::vector<std::string> names;
  for (const sim::UsbStick& stick : sim::usb_sticks()) names.emplace_back(stick.name);
  CLI::Option* usb =
      app.add_option("--usb", arguments.usb, "Be this USB stick to a virtual machine (QEMU's usb-redir)")
          ->check(CLI::IsMember(names));
  CLI::Option* socket =
      app.add_option("--usb-socket", arguments.usb_socket, "Where the machine's chardev finds the stick");
  usb->needs(socket);
  socket->needs(usb);
}

void wait_for_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  int received = 0;
  sigwait(&signals, &received);
}

void take_secret(const std::string& file, std::string& into) {
  if (file.empty()) return;
  const pigeon::Result<std::string> secret = pigeon::read_secret_file(file);
  if (!secret) throw std::runtime_error(secret.error().message);
  into = *secret;
}

sim::XSandboxOptions x_options(const Arguments& arguments) {
  sim::XSandboxOptions options = arguments.x;
  take_secret(arguments.client_secret_file, options.client_secret);
  take_secret(arguments.consumer_secret_file, options.consumer_secret);
  return options;
}

sim::DemoOptions demo_options(const Arguments& arguments) {
  sim::DemoOptions options;
  options.gateway_number = arguments.modem.number;
  const std::size_t colon = arguments.web.rfind(':');
  try {
    options.port = std::stoi(arguments.web.substr(colon + 1));
  } catch (const std::exception&) {
    throw std::runtime_error("--web " + arguments.web + ": not an address like 127.0.0.1:8081");
  }
  if (colon != std::string::npos) options.host = arguments.web.substr(0, colon);
  if (options.host != "127.0.0.1")
    throw std::runtime_error("--web " + arguments.web + ": only 127.0.0.1 is served");
  return options;
}

int play(const Arguments& arguments) {
  sim::PlayOptions options = arguments.play;
  options.colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  return sim::play_conversation(options, std::cout) ? 0 : 1;
}

std::optional<sim::Replay> recording(const Arguments& arguments) {
  if (arguments.replay.empty()) return std::nullopt;
  const pigeon::Result<std::string> text = pigeon::read_file(arguments.replay);
  if (!text) throw std::runtime_error(text.error().message);
  auto replay = sim::Replay::parse(*text);
  if (!replay) throw std::runtime_error(arguments.replay + ": " + replay.error().message);
  return std::optional<sim::Replay>(std::move(*replay));
}

// What the modem says of itself is what its stick says, unless somebody has said otherwise.
void name_as(sim::SimModemOptions& options, const sim::UsbStick& stick) {
  const sim::SimModemOptions usual;
  if (options.manufacturer == usual.manufacturer) options.manufacturer = stick.maker;
  if (options.model == usual.model) options.model = stick.model;
}

int run(const Arguments& arguments) {
  sim::SimModemOptions options = arguments.modem;
  options.answer_delay = pigeon::milliseconds(arguments.answer_delay_ms);
  options.send_delay = pigeon::milliseconds(arguments.send_delay_ms);
  const sim::FamilyManner* manner = sim::find_manner(arguments.family);
  if (manner != nullptr) options = sim::EmulatedFamily::options(*manner, options);
  std::optional<sim::Replay> replay = recording(arguments);
  options.echoes = !replay;
  const sim::UsbStick* stick = sim::find_usb_stick(arguments.usb);
  if (stick != nullptr) name_as(options, *stick);
  sim::SimModem modem(options);
  std::optional<sim::SimModem> second;  // the stick's other AT port
  if (stick != nullptr && sim::most_at_ports(*stick) > 1) second.emplace(modem);
  if (replay) replay->answer_for(modem);
  std::optional<sim::EmulatedFamily> family, on_second;
  if (manner != nullptr) family.emplace(*manner, modem);
  if (manner != nullptr && second) on_second.emplace(*manner, *second);
  sim::Carrier carrier(
      modem, {.part_gap = pigeon::milliseconds(arguments.part_gap_ms), .own_number = arguments.modem.number});
  std::optional<sim::RedirSocket> usb;
  std::vector<sim::SimModem*> ports = {&modem};
  if (second) ports.push_back(&*second);
  if (stick != nullptr) usb.emplace(ports, *stick, arguments.usb_socket);
  std::optional<sim::XSandbox> x;
  std::optional<sim::DemoServer> demo;
  if (!arguments.modem_only) x.emplace(x_options(arguments));
  if (x && !arguments.web.empty()) demo.emplace(demo_options(arguments), carrier, *x);
  std::cout << "device " << modem.device() << std::endl;
  if (usb) std::cout << "usb " << arguments.usb_socket << std::endl;
  if (x) std::cout << "x " << x->url() << std::endl;
  if (demo) std::cout << "web " << demo->url() << std::endl;
  if (arguments.console) {
    sim::SimConsole console(modem, carrier);
    if (usb) console.on_plug([&](bool in) { in ? usb->plug_in() : usb->unplug(); });
    console.run(std::cin, std::cout);
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
  CLI::App app("pigeon-sim: a simulated GSM modem with its network and phones, and a sandbox of X");
  Arguments arguments;
  describe(app, arguments);
  describe_x(app, arguments);
  describe_usb(app, arguments);
  describe_play(app, arguments);
  constexpr int kUsage = 2;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  try {
    if (arguments.play_check) return play(arguments);
    if (!arguments.console) block_signals();
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "pigeon-sim: " << error.what() << "\n";
    return 1;
  }
}
