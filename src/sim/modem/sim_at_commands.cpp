// Command lines, their table and their wording; the commands themselves are in sim_general_commands.cpp and
// sim_message_service.cpp. See sim_at_commands.h.
#include "sim/modem/sim_at_commands.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/modem/sim_pdu.h"

namespace pigeon::sim {

TerminalAdapter::TerminalAdapter(const SimModemOptions& options, MobileEquipment& equipment,
                                 std::function<void(std::string)> send_urc)
    : options_(options),
      send_urc_(std::move(send_urc)),
      equipment_(equipment),
      messages_(options, equipment, [this](std::string text) { send_urc_(framed({std::move(text)})); }) {
  power_up();
}

void TerminalAdapter::power_up() {
  reset_settings();
  equipment_.functionality = 1;
  equipment_.operator_mode = 0;
  equipment_.sim.power_up();
  sim_ready_at_.reset();
  ussd_later_.reset();
  for (Area& area : areas_) area.reported = registration();
}

void TerminalAdapter::reset_settings() {
  messages_.reset();
  s_registers_.clear();
  for (Area& area : areas_) area.mode = 0;
  charset_ = "IRA";
  echo_ = options_.echoes;
  verbose_ = true;
  quiet_ = false;
  errors_ = ErrorWording::plain;
  operator_format_ = 0;
  ussd_ = 0;
}

const TerminalAdapter::Entry TerminalAdapter::kCommands[] = {
    // The message service, TS 27.005.
    {"+CMGR", Needs::sim_for_messages, of_messages<&MessageService::cmgr>},
    {"+CMGD", Needs::sim_for_messages, of_messages<&MessageService::cmgd>},
    {"+CMGS", Needs::sim_for_messages, of_messages<&MessageService::cmgs>},
    {"+CMGL", Needs::sim_for_messages, of_messages<&MessageService::cmgl>},
    {"+CPMS", Needs::sim_for_messages, of_messages<&MessageService::cpms>},
    {"+CMGF", Needs::nothing, of_messages<&MessageService::cmgf>},
    {"+CNMI", Needs::sim_for_messages, of_messages<&MessageService::cnmi>},
    {"+CSCA", Needs::sim_for_messages, of_messages<&MessageService::csca>},
    {"+CSMS", Needs::sim_for_messages, of_messages<&MessageService::csms>},
    {"+CMMS", Needs::sim_for_messages, of_messages<&MessageService::cmms>},
    {"+CMGW", Needs::sim_for_messages, of_messages<&MessageService::cmgw>},
    {"+CMSS", Needs::sim_for_messages, of_messages<&MessageService::cmss>},
    {"+CNMA", Needs::sim_for_messages, of_messages<&MessageService::cnma>},
    // The equipment, TS 27.007.
    {"+CMEE", Needs::nothing, own<&TerminalAdapter::cmee>},
    {"+CSCS", Needs::nothing, own<&TerminalAdapter::cscs>},
    {"+CFUN", Needs::nothing, own<&TerminalAdapter::cfun>},
    {"+CPIN", Needs::nothing, own<&TerminalAdapter::cpin>},
    {"+CPINR", Needs::nothing, own<&TerminalAdapter::cpinr>},
    {"+CLCK", Needs::sim, own<&TerminalAdapter::clck>},
    {"+CCID", Needs::nothing, own<&TerminalAdapter::ccid>},
    {"+ICCID", Needs::nothing, own<&TerminalAdapter::ccid>},
    {"+CRSM", Needs::nothing, own<&TerminalAdapter::crsm>},
    {"+CREG", Needs::nothing, own<&TerminalAdapter::creg>},
    {"+CGREG", Needs::nothing, own<&TerminalAdapter::creg>},
    {"+CEREG", Needs::nothing, own<&TerminalAdapter::creg>},
    {"+COPS", Needs::sim, own<&TerminalAdapter::cops>},
    {"+CSQ", Needs::nothing, own<&TerminalAdapter::information>},
    {"+CPAS", Needs::nothing, own<&TerminalAdapter::information>},
    {"+CGATT", Needs::sim, own<&TerminalAdapter::information>},
    {"+CUSD", Needs::sim, own<&TerminalAdapter::cusd>},
    {"+CLAC", Needs::nothing, own<&TerminalAdapter::clac>},
    {"+CNUM", Needs::sim, own<&TerminalAdapter::information>},
    {"+GCAP", Needs::nothing, own<&TerminalAdapter::information>},
    {"I", Needs::nothing, own<&TerminalAdapter::information>},
    {"+CGMI", Needs::nothing, identity<&SimModemOptions::manufacturer>},
    {"+GMI", Needs::nothing, identity<&SimModemOptions::manufacturer>},
    {"+CGMM", Needs::nothing, identity<&SimModemOptions::model>},
    {"+GMM", Needs::nothing, identity<&SimModemOptions::model>},
    {"+CGMR", Needs::nothing, identity<&SimModemOptions::revision>},
    {"+GMR", Needs::nothing, identity<&SimModemOptions::revision>},
    {"+CGSN", Needs::nothing, identity<&SimModemOptions::imei>},
    {"+GSN", Needs::nothing, identity<&SimModemOptions::imei>},
    {"+CIMI", Needs::sim, identity<&SimModemOptions::imsi>},
    // The line, V.250.
    {"E", Needs::nothing, own<&TerminalAdapter::basic>},
    {"V", Needs::nothing, own<&TerminalAdapter::basic>},
    {"Q", Needs::nothing, own<&TerminalAdapter::basic>},
    {"Z", Needs::nothing, own<&TerminalAdapter::basic>},
    {"&F", Needs::nothing, own<&TerminalAdapter::basic>},
    {"&C", Needs::nothing, own<&TerminalAdapter::basic>},
    {"&D", Needs::nothing, own<&TerminalAdapter::basic>},
    {"&K", Needs::nothing, own<&TerminalAdapter::basic>},
    {"&W", Needs::nothing, own<&TerminalAdapter::basic>},
    {"&V", Needs::nothing, own<&TerminalAdapter::profile>},
    {"H", Needs::nothing, own<&TerminalAdapter::basic>},
    {"L", Needs::nothing, own<&TerminalAdapter::basic>},
    {"M", Needs::nothing, own<&TerminalAdapter::basic>},
    {"X", Needs::nothing, own<&TerminalAdapter::basic>},
    {"D", Needs::sim, own<&TerminalAdapter::dial>},
    {"S", Needs::nothing, own<&TerminalAdapter::s_register>},
    {"+CHUP", Needs::nothing, own<&TerminalAdapter::basic>},
    {"+IPR", Needs::nothing, own<&TerminalAdapter::basic>},
    {"+IFC", Needs::nothing, own<&TerminalAdapter::basic>},
    // Huawei's own.
    {"^CURC", Needs::nothing, own<&TerminalAdapter::vendor>},
    {"^PORTSEL", Needs::nothing, own<&TerminalAdapter::vendor>},
};

const TerminalAdapter::Entry* TerminalAdapter::find_entry(std::string_view name) {
  const bool is_s_register = name.size() > 1 && name[0] == 'S';
  const std::string_view wanted = is_s_register ? "S" : name;
  const auto* const found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                         [&](const Entry& entry) { return entry.name == wanted; });
  return found == std::end(kCommands) ? nullptr : found;
}

Answer TerminalAdapter::execute(std::string_view line) {
  const auto commands = parse_at_line(line.substr(2));
  if (!commands) return worded({}, error());
  std::string information;
  FinalResult result;
  messages_.set_registered(can_receive());
  for (const AtCommand& command : *commands) {
    Lines lines;
    result = dispatch(command, lines);
    information += framed(lines);
    if (result.kind != FinalResult::Kind::ok) break;
  }
  return worded(std::move(information), result);
}

// TS 27.007 §8.37: each with its "AT".
FinalResult TerminalAdapter::clac(const AtCommand& command, Lines& lines) {
  if (command.form == Form::execute) {
    for (const Entry& entry : kCommands) lines.push_back("AT" + std::string(entry.name));
  }
  return ok();
}

FinalResult TerminalAdapter::dispatch(const AtCommand& command, Lines& lines) {
  const Entry* const entry = find_entry(command.name);
  if (entry == nullptr) return error();
  if (const auto refusal = sim_refusal(entry->needs)) return *refusal;
  return entry->handler(*this, command, lines);
}

std::optional<FinalResult> TerminalAdapter::sim_refusal(Needs needs) const {
  if (needs == Needs::nothing) return std::nullopt;
  int code = 0;
  switch (equipment_.sim.state(steady_now())) {
    case SimCard::State::ready:
      return std::nullopt;
    case SimCard::State::absent:
      code = kSimNotInserted;
      break;
    case SimCard::State::pin_required:
      code = kSimPinRequired;
      break;
    case SimCard::State::puk_required:
      code = kSimPukRequired;
      break;
    case SimCard::State::blocked:
      code = kSimFailure;
      break;
    case SimCard::State::busy:
      code = kSimBusy;
      break;
  }
  if (needs == Needs::sim) return cme(code);
  return cms(code == kSimPukRequired ? kMessageSimPukRequired : 300 + code);
}

Answer TerminalAdapter::enter_pdu(std::string_view hex) {
  messages_.set_registered(can_receive());
  Lines lines;
  const FinalResult result = messages_.enter_pdu(hex, lines);
  return worded(framed(lines), result);
}

Answer TerminalAdapter::cancel_entry() {
  messages_.cancel_entry();
  return worded({}, ok());
}

Answer TerminalAdapter::worded(std::string information, const FinalResult& result) {
  Answer answer;
  answer.information = std::move(information);
  if (!quiet_) answer.final_result = final_result_text(result, verbose_, errors_);
  answer.prompt = result.kind == FinalResult::Kind::prompt;
  answer.restart = std::exchange(restart_wanted_, false);
  return answer;
}

// Header, lines, trailer (V.250 §5.7.1); ATV0 leaves the header out.
std::string TerminalAdapter::framed(const Lines& lines) const {
  if (lines.empty()) return {};
  std::string out = verbose_ ? "\r\n" : "";
  for (const std::string& line : lines) out += line + "\r\n";
  return out;
}

int TerminalAdapter::registration() const {
  constexpr int kOff = 0;
  const bool searching =
      equipment_.functionality == 1 && equipment_.operator_mode != 2 && equipment_.sim.ready(steady_now());
  return searching ? equipment_.stat : kOff;
}

bool TerminalAdapter::can_receive() const {
  constexpr int kHome = 1, kRoaming = 5, kSmsOnlyHome = 6, kSmsOnlyRoaming = 7;
  const int stat = registration();
  return stat == kHome || stat == kRoaming || stat == kSmsOnlyHome || stat == kSmsOnlyRoaming;
}

void TerminalAdapter::set_registration(int stat) {
  equipment_.stat = stat;
  report_registration();
}

void TerminalAdapter::report_registration() {
  const int stat = registration();
  for (Area& area : areas_) {
    const bool changed = std::exchange(area.reported, stat) != stat;
    if (changed && area.mode > 0) send_urc_(framed({area.name + ": " + registration_fields(area)}));
  }
}

std::string TerminalAdapter::registration_fields(const Area& area) const {
  const int stat = registration();
  std::string out = std::to_string(stat);
  if (area.mode == 2 && can_receive()) out += ",\"00C3\",\"0128A74D\",7";  // area, cell, E-UTRAN
  return out;
}

std::optional<SteadyTime> TerminalAdapter::next_tick() const {
  if (!ussd_later_ || (sim_ready_at_ && *sim_ready_at_ < ussd_later_->due)) return sim_ready_at_;
  return ussd_later_->due;
}

void TerminalAdapter::tick() {
  if (ussd_later_ && steady_now() >= ussd_later_->due)
    send_urc_(std::exchange(ussd_later_, std::nullopt)->urc);
  if (!sim_ready_at_ || steady_now() < *sim_ready_at_) return;
  sim_ready_at_.reset();
  send_urc_(framed({"+CPIN: READY"}));
  report_registration();
}

std::string TerminalAdapter::in_charset(std::string_view text) const {
  return charset_ == "UCS2" ? ascii_to_ucs2_hex(text) : std::string(text);
}

}  // namespace pigeon::sim
