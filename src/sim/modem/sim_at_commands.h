// The terminal adapter of the simulated modem: carries out command lines (ITU-T V.250, 3GPP TS 27.007; the
// message commands of TS 27.005 are MessageService's) and words the answers. Bytes, echo and timing are
// SimModem's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sim/modem/mobile_equipment.h"
#include "sim/modem/sim_at_line.h"
#include "sim/modem/sim_at_result.h"
#include "sim/modem/sim_message_service.h"
#include "sim/modem/sim_modem.h"

namespace pigeon::sim {

// What a command line led to, framed for the line.
struct Answer {
  std::string information;
  std::string final_result;  // "" at a prompt and after ATQ1
  bool prompt = false;       // text entry follows; it ends with Ctrl-Z (enter_pdu) or ESC (cancel_entry)
  bool restart = false;      // AT+CFUN=1,1
};

// One a port. Not thread-safe. `options` and `equipment` must outlive it.
class TerminalAdapter {
 public:
  // `send_urc` takes a framed code, from within any call; powered up from the start.
  TerminalAdapter(const SimModemOptions& options, MobileEquipment& equipment,
                  std::function<void(std::string)> send_urc);

  // `line` begins with "AT" and has no CR.
  [[nodiscard]] Answer execute(std::string_view line);
  // The hex that was typed at the prompt, without its Ctrl-Z; the modem may have handed a part to the network
  // then.
  [[nodiscard]] Answer enter_pdu(std::string_view hex);
  // ESC at the prompt: OK, and nothing was sent or stored.
  [[nodiscard]] Answer cancel_entry();
  void power_up();  // settings and the SIM's lock as after plugging in

  [[nodiscard]] MessageService& messages() { return messages_; }  // takes what the network brings
  // What is stored, and what waits for +CNMA.
  [[nodiscard]] const MessageService& messages() const { return messages_; }
  [[nodiscard]] bool echo() const { return echo_; }  // ATE1, the default
  [[nodiscard]] bool can_receive() const;            // on, unlocked and registered

  void set_registration(
      int stat);  // <stat> of +CREG (TS 27.007 §7.2): 1 home, 2 searching, 3 denied, 5 roaming
  void set_signal(int rssi) { equipment_.rssi = rssi; }  // <rssi> of +CSQ: 0–31, 99 unknown
  // When a SIM that was just unlocked will answer, or the network to AT+CUSD; nothing while neither is under
  // way.
  [[nodiscard]] std::optional<SteadyTime> next_tick() const;
  // Sends the URCs of what has become ready by itself; due at next_tick().
  void tick();

 private:
  using Lines = MessageService::Lines;
  using Form = AtCommand::Form;
  enum class Needs { nothing, sim, sim_for_messages };
  using Handler = FinalResult (*)(TerminalAdapter&, const AtCommand&, Lines&);
  struct Entry {
    std::string_view name;
    Needs needs;
    Handler handler;
  };
  struct Area {  // one of +CREG, +CGREG, +CEREG
    std::string name;
    int mode = 0;
    int reported = -1;
  };

  static const Entry kCommands[];  // what the modem knows
  static const Entry* find_entry(std::string_view name);
  FinalResult dispatch(const AtCommand& command, Lines& lines);
  std::optional<FinalResult> sim_refusal(Needs needs) const;
  [[nodiscard]] Answer worded(std::string information, const FinalResult& result);
  [[nodiscard]] std::string framed(const Lines& lines) const;
  [[nodiscard]] int registration() const;
  void report_registration();
  [[nodiscard]] std::string registration_fields(const Area& area) const;
  [[nodiscard]] std::string in_charset(std::string_view text) const;
  void reset_settings();

  FinalResult basic(const AtCommand& command, Lines& lines);
  FinalResult s_register(const AtCommand& command, Lines& lines);
  FinalResult dial(const AtCommand& command, Lines& lines);
  FinalResult information(const AtCommand& command, Lines& lines);
  FinalResult cmee(const AtCommand& command, Lines& lines);
  FinalResult cscs(const AtCommand& command, Lines& lines);
  FinalResult cfun(const AtCommand& command, Lines& lines);
  FinalResult cpin(const AtCommand& command, Lines& lines);
  FinalResult clck(const AtCommand& command, Lines& lines);
  FinalResult cpinr(const AtCommand& command, Lines& lines);
  FinalResult ccid(const AtCommand& command, Lines& lines);
  FinalResult crsm(const AtCommand& command, Lines& lines);
  FinalResult cusd(const AtCommand& command, Lines& lines);
  FinalResult profile(const AtCommand& command, Lines& lines);
  FinalResult clac(const AtCommand& command, Lines& lines);
  FinalResult creg(const AtCommand& command, Lines& lines);
  FinalResult cops(const AtCommand& command, Lines& lines);
  FinalResult vendor(const AtCommand& command, Lines& lines);
  template <FinalResult (TerminalAdapter::*method)(const AtCommand&, Lines&)>
  static FinalResult own(TerminalAdapter& self, const AtCommand& command, Lines& lines) {
    return (self.*method)(command, lines);
  }
  template <FinalResult (MessageService::*method)(const AtCommand&, Lines&)>
  static FinalResult of_messages(TerminalAdapter& self, const AtCommand& command, Lines& lines) {
    return (self.messages_.*method)(command, lines);
  }
  template <const std::string SimModemOptions::*text>
  static FinalResult identity(TerminalAdapter& self, const AtCommand& command, Lines& lines) {
    if (command.form == Form::execute || command.form == Form::read) lines.push_back(self.options_.*text);
    return command.form == Form::set ? error() : ok();
  }

  const SimModemOptions& options_;
  std::function<void(std::string)> send_urc_;
  MobileEquipment& equipment_;
  MessageService messages_;
  std::map<std::string, std::string> s_registers_;
  std::vector<Area> areas_{{"+CREG"}, {"+CGREG"}, {"+CEREG"}};
  std::string charset_ = "IRA";
  bool echo_ = true;
  bool verbose_ = true;
  bool quiet_ = false;
  bool restart_wanted_ = false;
  ErrorWording errors_ = ErrorWording::plain;
  int operator_format_ = 0;  // +COPS: 0 long, 1 short, 2 numeric
  int ussd_ = 0;             // +CUSD: 1 shows what the network answers
  std::optional<SteadyTime> sim_ready_at_;
  struct Later {
    SteadyTime due;
    std::string urc;
  };
  std::optional<Later> ussd_later_;
};

}  // namespace pigeon::sim
