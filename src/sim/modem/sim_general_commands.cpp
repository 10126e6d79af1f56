// The commands of V.250 and TS 27.007 that the simulated modem knows; see sim_at_commands.h.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sim/modem/sim_at_commands.h"
#include "sim/modem/sim_pdu.h"
#include "sim/modem/sim_ussd.h"

namespace pigeon::sim {
namespace {

// The number of a basic command, 0 when left out (V.250 §5.3.1).
int parameter(const AtCommand& command) {
  return AtArguments(command.arguments).number(0, 0).value_or(-1);
}

}  // namespace

FinalResult TerminalAdapter::basic(const AtCommand& command, Lines& lines) {
  const int value = parameter(command);
  if (command.name == "Z" || command.name == "&F") {
    reset_settings();
  } else if (command.name.size() == 1 &&
             (command.name[0] == 'E' || command.name[0] == 'V' || command.name[0] == 'Q')) {
    if (value != 0 && value != 1) return error();
    if (command.name == "E") echo_ = options_.echoes && (value == 1 || options_.echo_stays_on);
    if (command.name == "V") verbose_ = value == 1;
    if (command.name == "Q") quiet_ = value == 1;
  } else if (command.name == "+IPR" && command.form == Form::read) {
    lines.push_back("+IPR: 0");  // whatever speed: there is no wire
  }
  return ok();  // the others set a line that a pty does not have
}

FinalResult TerminalAdapter::s_register(const AtCommand& command, Lines& lines) {
  std::string& value =
      s_registers_.try_emplace(command.name, command.name == "S3" ? "13" : "0").first->second;
  if (command.form == Form::set) value = command.arguments;
  if (command.form != Form::read) return ok();
  lines.push_back(value.size() < 3 ? std::string(3 - value.size(), '0') + value : value);
  return ok();
}

FinalResult TerminalAdapter::dial(const AtCommand& command, Lines&) {
  const bool voice_or_data = !command.arguments.empty();
  return voice_or_data ? FinalResult{FinalResult::Kind::no_carrier, 0} : error();  // texts only
}

FinalResult TerminalAdapter::information(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) {
    if (command.name == "+CSQ") lines.push_back("+CSQ: (0-31,99),(0-7,99)");
    if (command.name == "+CPAS") lines.push_back("+CPAS: (0,2-4)");
    if (command.name == "+CGATT") lines.push_back("+CGATT: (0,1)");
    return ok();
  }
  if (command.name == "I") {
    lines = {"Manufacturer: " + options_.manufacturer, "Model: " + options_.model,
             "Revision: " + options_.revision, "IMEI: " + options_.imei, "+GCAP: +CGSM"};
  } else if (command.name == "+GCAP") {
    lines.push_back("+GCAP: +CGSM");
  } else if (command.name == "+CSQ") {
    constexpr int kUnknown = 99;
    lines.push_back("+CSQ: " + std::to_string(equipment_.functionality == 1 ? equipment_.rssi : kUnknown) +
                    ",99");
  } else if (command.name == "+CPAS") {
    lines.push_back("+CPAS: 0");
  } else if (command.name == "+CNUM") {
    const std::string type = options_.number.starts_with('+') ? "145" : "129";
    lines.push_back("+CNUM: ," + in_quotes(options_.number) + "," + type);
  } else if (command.name == "+CGATT" && command.form == Form::read) {
    lines.push_back(can_receive() ? "+CGATT: 1" : "+CGATT: 0");
  }
  return ok();
}

FinalResult TerminalAdapter::cmee(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) lines.push_back("+CMEE: (0-2)");
  if (command.form == Form::read) lines.push_back("+CMEE: " + std::to_string(static_cast<int>(errors_)));
  if (command.form == Form::execute) errors_ = ErrorWording::plain;
  if (command.form != Form::set) return ok();
  const int value = parameter(command);
  if (value < 0 || value > 2) return cme(kIncorrectParameters);
  errors_ = static_cast<ErrorWording>(value);
  return ok();
}

FinalResult TerminalAdapter::cscs(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) lines.push_back(R"(+CSCS: ("IRA","GSM","UCS2"))");
  if (command.form == Form::read) lines.push_back("+CSCS: " + in_quotes(charset_));
  if (command.form != Form::set) return ok();
  const std::string wanted = AtArguments(command.arguments).text(0);
  for (const std::string_view known : {"IRA", "GSM", "UCS2"}) {
    if (!ascii_iequals(wanted, known)) continue;
    charset_ = known;
    messages_.set_ucs2(charset_ == "UCS2");
    return ok();
  }
  return cme(kIncorrectParameters);
}

FinalResult TerminalAdapter::cfun(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) lines.push_back("+CFUN: (0,1,4),(0,1)");
  if (command.form == Form::read) lines.push_back("+CFUN: " + std::to_string(equipment_.functionality));
  if (command.form != Form::set) return ok();
  const AtArguments arguments(command.arguments);
  const auto level = arguments.number(0);
  const auto reset = arguments.number(1, 0);
  const bool known = level && (*level == 0 || *level == 1 || *level == 4);
  if (!known || !reset || *reset < 0 || *reset > 1) return cme(kIncorrectParameters);
  equipment_.functionality = *level;
  restart_wanted_ = *reset == 1;
  report_registration();
  return ok();
}

FinalResult TerminalAdapter::cpin(const AtCommand& command, Lines& lines) {
  const SteadyTime now = steady_now();
  const SimCard::State state = equipment_.sim.state(now);
  if (command.form == Form::test) return ok();
  if (state == SimCard::State::absent) return cme(kSimNotInserted);
  if (state == SimCard::State::blocked) return cme(kSimFailure);
  if (state == SimCard::State::busy) return cme(kSimBusy);
  if (command.form == Form::read) {
    const bool open = state == SimCard::State::ready;
    lines.push_back(open                                    ? "+CPIN: READY"
                    : state == SimCard::State::pin_required ? "+CPIN: SIM PIN"
                                                            : "+CPIN: SIM PUK");
    return ok();
  }
  if (command.form == Form::execute) return error();
  if (state == SimCard::State::ready) return cme(kNotAllowed);
  const AtArguments arguments(command.arguments);
  const std::string code = arguments.text(0);
  const bool right = state == SimCard::State::pin_required
                         ? equipment_.sim.enter_pin(code, now)
                         : arguments.size() == 2 && equipment_.sim.unblock(code, arguments.text(1), now);
  if (!right) return cme(kIncorrectPassword);
  sim_ready_at_ = now + options_.sim_start_up;
  return ok();
}

// What Huawei and Quectel offer to look before a PIN is tried: attempts left, and how many there are.
FinalResult TerminalAdapter::cpinr(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) return ok();
  lines.push_back("+CPINR: SIM PIN," + std::to_string(equipment_.sim.pin_attempts()) + ",3");
  lines.push_back("+CPINR: SIM PUK," + std::to_string(equipment_.sim.puk_attempts()) + ",10");
  return ok();
}

FinalResult TerminalAdapter::clck(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) lines.push_back(R"(+CLCK: ("SC"))");
  if (command.form != Form::set) return command.form == Form::test ? ok() : error();
  const AtArguments arguments(command.arguments);
  const auto mode = arguments.number(1);
  if (arguments.text(0) != "SC" || !mode || *mode < 0 || *mode > 2) return cme(kNotSupported);
  if (*mode == 2) {
    lines.push_back(equipment_.sim.asks_for_pin() ? "+CLCK: 1" : "+CLCK: 0");
    return ok();
  }
  return equipment_.sim.ask_for_pin(*mode == 1, arguments.text(2)) ? ok() : cme(kIncorrectPassword);
}

// What V.250 §6.1.4 leaves to the maker: the settings, a line each.
FinalResult TerminalAdapter::profile(const AtCommand&, Lines& lines) {
  const auto flag = [](bool set) { return std::string(set ? "1" : "0"); };
  lines = {"ACTIVE PROFILE:", "E" + flag(echo_) + " Q" + flag(quiet_) + " V" + flag(verbose_),
           "+CMEE:" + std::to_string(static_cast<int>(errors_)) + " +CSCS:" + in_quotes(charset_) +
               " +CFUN:" + std::to_string(equipment_.functionality)};
  return ok();
}

// TS 27.007 §7.15: OK at once, and what the network says comes as a code of its own.
FinalResult TerminalAdapter::cusd(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) lines.push_back("+CUSD: (0-2)");
  if (command.form == Form::read) lines.push_back("+CUSD: " + std::to_string(ussd_));
  if (command.form != Form::set) return ok();
  const AtArguments arguments(command.arguments);
  const auto mode = arguments.number(0, ussd_);
  if (!mode || *mode < 0 || *mode > 2) return cme(kIncorrectParameters);
  if (*mode != 2) ussd_ = *mode;  // 2 ends a session, and there is none
  if (!arguments.given(1)) return ok();
  if (!can_receive()) return cme(kNoNetworkService);
  ModemHabits& habits = messages_.habits();
  if (habits.ussd_packed && !from_hex(arguments.text(1))) return error();
  UssdAnswer answer{0, options_.ussd_answer};
  if (!habits.ussd.empty()) {
    answer = std::move(habits.ussd.front());
    habits.ussd.erase(habits.ussd.begin());
  }
  const std::string said = ussd_line(answer, charset_);
  if (ussd_ != 1 || said.empty()) return ok();
  if (answer.delay.count() > 0)
    ussd_later_ = {steady_now() + answer.delay, framed({said})};
  else
    send_urc_(framed({said}));
  return ok();
}

FinalResult TerminalAdapter::creg(const AtCommand& command, Lines& lines) {
  Area& area =
      *std::find_if(areas_.begin(), areas_.end(), [&](const Area& a) { return a.name == command.name; });
  if (command.form == Form::test) lines.push_back(area.name + ": (0-2)");
  if (command.form == Form::read) {
    lines.push_back(area.name + ": " + std::to_string(area.mode) + "," + registration_fields(area));
  }
  if (command.form != Form::set) return ok();
  const int mode = parameter(command);
  if (mode < 0 || mode > 2) return cme(kIncorrectParameters);
  area.mode = mode;
  return ok();
}

FinalResult TerminalAdapter::cops(const AtCommand& command, Lines& lines) {
  constexpr int kAutomatic = 0, kDeregister = 2, kFormatOnly = 3;
  const std::string names[] = {in_charset("Pigeonet"), in_charset("Pigeon"), in_charset("00101")};
  if (command.form == Form::test) {
    lines.push_back("+COPS: (2," + in_quotes(names[0]) + "," + in_quotes(names[1]) + "," +
                    in_quotes(names[2]) + ",7),,(0-4),(0-2)");
    return ok();
  }
  if (command.form == Form::read) {
    std::string line = "+COPS: " + std::to_string(equipment_.operator_mode);
    const std::string format = std::to_string(operator_format_);
    if (can_receive()) line += "," + format + "," + in_quotes(names[operator_format_]) + ",7";
    lines.push_back(std::move(line));
    return ok();
  }
  const AtArguments arguments(command.arguments);
  const auto mode = arguments.number(0);
  const auto format = arguments.number(1, operator_format_);
  if (!mode || *mode < kAutomatic || *mode > 4 || !format || *format < 0 || *format > 2) {
    return cme(kIncorrectParameters);
  }
  if (arguments.given(2) &&
      std::find(std::begin(names), std::end(names), arguments.text(2)) == std::end(names)) {
    return cme(kNoNetworkService);
  }
  operator_format_ = *format;
  if (*mode != kFormatOnly) equipment_.operator_mode = *mode == kDeregister ? kDeregister : *mode % 4;
  report_registration();
  return ok();
}

FinalResult TerminalAdapter::vendor(const AtCommand&, Lines&) {
  const bool huawei = ascii_lower(options_.manufacturer).find("huawei") != std::string::npos;
  return huawei ? ok() : error();
}

}  // namespace pigeon::sim
