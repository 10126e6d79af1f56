// The console's commands; see sim_console.h.
#include "sim/sim_console.h"

#include <charconv>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sim/modem/sim_ussd.h"

namespace pigeon::sim {
namespace {

// The first word, taken off the front.
std::string_view take_word(std::string_view& line) {
  line = trim(line);
  const std::string_view word = line.substr(0, line.find(' '));
  line = trim(line.substr(word.size()));
  return word;
}

std::optional<int> to_number(std::string_view text) {
  int value = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
  return value;
}

// \n, \r and \\ as the characters they stand for.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n')
      out += '\n';
    else if (next == 'r')
      out += '\r';
    else if (next == '\\')
      out += '\\';
    else {
      out += text[i];
      continue;
    }
    ++i;
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\\')
      out += "\\\\";
    else
      out += c;
  }
  return out;
}

std::string listed(const std::vector<PhoneMessage>& messages) {
  std::string out;
  for (const PhoneMessage& message : messages) {
    out += message.error.empty() ? "message " + escape(message.text) : "unreadable " + message.error;
    out += "\n";
  }
  return out + std::to_string(messages.size());
}

tl::unexpected<Error> usage_error(std::string_view usage) {
  return fail(Errc::bad_input, "usage: " + std::string(usage));
}

constexpr std::string_view kTextUsage = "text FROM WORDS…";
constexpr std::string_view kInboxUsage = "inbox NUMBER";
constexpr std::string_view kWaitUsage = "wait NUMBER COUNT [SECONDS]";
constexpr std::string_view kSignalUsage = "signal 0…31|99";
constexpr std::string_view kUssdUsage = "ussd FORM STATUS WORDS…";
constexpr std::string_view kRegistrationUsage = "registration 0…7";

}  // namespace

SimConsole::SimConsole(SimModem& modem, Carrier& carrier) : modem_(modem), carrier_(carrier) {}

const std::map<std::string_view, SimConsole::Command>& SimConsole::commands() {
  static const std::map<std::string_view, Command> known = {
      {"text", {kTextUsage, &SimConsole::text}},
      {"inbox", {kInboxUsage, &SimConsole::inbox}},
      {"wait", {kWaitUsage, &SimConsole::wait}},
      {"stored", {"stored", &SimConsole::state}},
      {"signal", {kSignalUsage, &SimConsole::signal}},
      {"registration", {kRegistrationUsage, &SimConsole::registration}},
      {"ussd", {kUssdUsage, &SimConsole::ussd}},
      {"inject", {"inject BYTES", &SimConsole::inject}},
      {"unplug", {"unplug", &SimConsole::unplug}},
      {"plug", {"plug", &SimConsole::plug}},
      {"help", {"help", &SimConsole::help}},
      {"quit", {"quit", &SimConsole::quit}},
  };
  return known;
}

std::string SimConsole::execute(std::string_view line) {
  std::string_view arguments = line;
  const std::string_view name = take_word(arguments);
  if (name.empty()) return {};
  const auto command = commands().find(name);
  if (command == commands().end()) return "error: unknown command; try help\n";
  const Reply reply = (this->*command->second.run)(arguments);
  if (!reply) return "error: " + escape(reply.error().message) + "\n";
  const std::size_t last_line = reply->rfind('\n');
  const std::size_t split = last_line == std::string::npos ? 0 : last_line + 1;
  const std::string words = reply->substr(split);
  return reply->substr(0, split) + (words.empty() ? "ok" : "ok " + words) + "\n";
}

void SimConsole::run(std::istream& in, std::ostream& out) {
  for (std::string line; !done_ && std::getline(in, line);) out << execute(line) << std::flush;
}

SimConsole::Reply SimConsole::text(std::string_view arguments) {
  const std::string_view from = take_word(arguments);
  if (arguments.empty()) return usage_error(kTextUsage);
  const auto parts = carrier_.text(from, unescape(arguments));
  if (!parts) return tl::unexpected(parts.error());
  return *parts == 1 ? "1 part" : std::to_string(*parts) + " parts";
}

SimConsole::Reply SimConsole::inbox(std::string_view arguments) {
  if (arguments.empty()) return usage_error(kInboxUsage);
  return listed(carrier_.inbox(std::string(arguments)));
}

SimConsole::Reply SimConsole::wait(std::string_view arguments) {
  const std::string number(take_word(arguments));
  const auto count = to_number(take_word(arguments));
  const auto patience = arguments.empty() ? std::optional(30) : to_number(arguments);
  if (!count || *count < 1 || !patience || *patience < 0) return usage_error(kWaitUsage);
  const auto wanted = static_cast<std::size_t>(*count);
  const auto messages = carrier_.wait_for(number, wanted, seconds(*patience));
  if (messages.size() < wanted) {
    return fail(Errc::timeout, std::to_string(messages.size()) + " of " + std::to_string(wanted) +
                                   " messages after " + std::to_string(*patience) + " s");
  }
  return listed(messages);
}

SimConsole::Reply SimConsole::state(std::string_view) {
  return std::to_string(modem_.messages_stored()) + " stored, " + std::to_string(modem_.messages_waiting()) +
         " waiting, " + std::to_string(modem_.sent().size()) + " sent";
}

SimConsole::Reply SimConsole::signal(std::string_view arguments) {
  const auto rssi = to_number(arguments);
  if (!rssi || *rssi < 0 || (*rssi > 31 && *rssi != 99)) return usage_error(kSignalUsage);
  modem_.set_signal(*rssi);
  return "";
}

SimConsole::Reply SimConsole::registration(std::string_view arguments) {
  const auto stat = to_number(arguments);
  if (!stat || *stat < 0 || *stat > 7) return usage_error(kRegistrationUsage);
  modem_.set_registration(*stat);
  return "";
}

// What the network is to say to the next code that has no answer yet.
SimConsole::Reply SimConsole::ussd(std::string_view arguments) {
  const auto form = ussd_form(take_word(arguments));
  const auto status = to_number(take_word(arguments));
  if (!form || !status) return usage_error(kUssdUsage);
  ModemHabits habits = modem_.habits();
  habits.ussd.push_back({*status, unescape(arguments), *form});
  modem_.set_habits(std::move(habits));
  return "";
}

SimConsole::Reply SimConsole::inject(std::string_view arguments) {
  modem_.inject(unescape(arguments));
  return "";
}

SimConsole::Reply SimConsole::unplug(std::string_view) {
  modem_.unplug();
  plugged_(false);
  return "";
}

SimConsole::Reply SimConsole::plug(std::string_view) {
  modem_.plug_in();
  plugged_(true);
  return modem_.device();
}

SimConsole::Reply SimConsole::help(std::string_view) {
  std::string out;
  for (const auto& [name, command] : commands()) out += std::string(command.usage) + "\n";
  return out;
}

SimConsole::Reply SimConsole::quit(std::string_view) {
  done_ = true;
  return "";
}

}  // namespace pigeon::sim
