// The table of manners, and how they are played; see emulated_family.h.
#include "sim/modem/emulated_family.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pigeon::sim {
namespace {

constexpr std::string_view kHuaweiBoot[] = {"^BOOT:27710117,0,0,0,75", "^SIMST:1", "^SRVST:2", "+CREG: 1"};
constexpr std::string_view kHuaweiChatter[] = {
    "^RSSI:18",  "^HCSQ:\"LTE\",41,37,87,20",
    "^MODE:5,4", "^DSFLOWRPT:0000000A,00,00,00,00,0000FA00,0000FA00",
    "^SRVST:2",  "^NWTIME:26/11/29,12:00:00+04,0"};
constexpr OwnSetting kHuaweiOwn[] = {{"^CURC", "", "1"}};
constexpr Refusal kHuaweiRefusals[] = {{"AT+CNMA=1", "ERROR"}};

// Three storages and never fewer.
constexpr Refusal kBroviRefusals[] = {{"AT+CPMS=\"??\"", "ERROR"}, {"AT+CPMS=\"??\",\"??\"", "ERROR"}};

constexpr std::string_view kZteBoot[] = {"+ZUSIMR:2", "+ZPASR: \"LTE\""};
constexpr std::string_view kZteChatter[] = {"+ZUSIMR:2", "+ZDONR: \"Pigeonet\",1,1,\"CS_PS\",\"ROAM_OFF\"",
                                            "+ZPASR: \"LTE\"", "+ZPSTM: 1"};
constexpr OwnSetting kZteOwn[] = {{"+ZOPRT", "", "0"}};
constexpr Refusal kZteRefusals[] = {{"AT+CNMA=1", "ERROR"}};

constexpr std::string_view kQuectelBoot[] = {"POWERED DOWN",    "RDY",           "+CPIN: READY", "+QUSIM: 1",
                                             "+QIND: SMS DONE", "+QIND: PB DONE"};
constexpr std::string_view kQuectelChatter[] = {"+QIND: \"csq\",20,99", "+QNITZ: \"26/11/29,12:00:00+04,0\""};
constexpr std::string_view kWhereQuectelSays = "\"SM\",0";  // and in SR they lie
constexpr OwnSetting kQuectelOwn[] = {{"+QURCCFG", "\"urcport\",", "\"usbmodem\""}};
constexpr Refusal kQuectelRefusals[] = {{"AT+CNMA=0", "ERROR"}};
// Some firmware advertises direct reports and then refuses them.
constexpr Refusal kQuectelStoring[] = {{"AT+CNMA=0", "ERROR"}, {"AT+CNMI=?,?,?,1*", "+CMS ERROR: 303"}};

constexpr std::string_view kSimcomBoot[] = {"*ATREADY: 1", "+CPIN: READY", "SMS DONE", "PB DONE"};
constexpr std::string_view kSimcomChatter[] = {"+CNSMOD: 8", "+NITZ: 26/11/29,12:00:00+04,0"};
constexpr Refusal kSimcomRefusals[] = {{"AT+CNMA*", "ERROR"}};
constexpr std::string_view kSimcomWakes[] = {"AT+CFUN=4", "AT+CFUN=1"};
constexpr std::string_view kSimcomA7Boot[] = {"*ATREADY: 1", "+CPIN: READY", "*ISIMAID: \"A0000000871002\"",
                                              "SMS DONE", "PB DONE"};
constexpr std::string_view kSimcomA7Chatter[] = {"*PSUTTZ: 2026,11,29,12,0,0,\"+4\",0", "DST: 0",
                                                 "*PSNWID: \"001\",\"01\",\"Pigeonet\",0,\"\",0"};
constexpr Refusal kSimcomA7Refusals[] = {{"AT+CNMA*", "ERROR"}, {"AT+CNMI=2,2,0,1,0", "ERROR"}};
constexpr Refusal kNoSms[] = {{"AT+CMGF*", "ERROR"}, {"AT+CSMS*", "ERROR"}, {"AT+CNMI*", "ERROR"}};

constexpr std::string_view kSierraChatter[] = {"+WIND: 4", "*NWT: 1"};
constexpr std::string_view kTelitChatter[] = {"#QSS: 1", "#STN: 37", "#NITZ: 26/11/29,12:00:00"};
constexpr std::string_view kUbloxChatter[] = {"+UMWI: 0,1", "+UREG: 7"};

constexpr FamilyManner kManners[] = {
    {.name = "huawei",
     .manufacturer = "huawei",
     .model = "E3372",
     .first_index = 0,
     .boot = kHuaweiBoot,
     .chatter = kHuaweiChatter,
     .own = kHuaweiOwn,
     .refusals = kHuaweiRefusals,
     .quiet_setting = "^CURC=0",
     .counts_late = true,
     .said_when_full = "^SMMEMFULL: \"SM\""},
    {.name = "brovi",
     .manufacturer = "Brovi",
     .model = "E3372-325",
     .first_index = 0,
     .chatter = kHuaweiChatter,
     .own = kHuaweiOwn,
     .refusals = kBroviRefusals,
     .quiet_setting = "^CURC=0"},
    {.name = "zte",
     .manufacturer = "ZTE CORPORATION",
     .model = "MF710M",
     .boot = kZteBoot,
     .chatter = kZteChatter,
     .own = kZteOwn,
     .refusals = kZteRefusals,
     .report_code = "+CDS: ,"},
    {.name = "quectel",
     .manufacturer = "Quectel",
     .model = "EC25",
     .boot = kQuectelBoot,
     .chatter = kQuectelChatter,
     .own = kQuectelOwn,
     .refusals = kQuectelRefusals,
     .announces_with = "+QURCCFG=\"all\"",
     .report_slots = 10,
     .stored_report_named = kWhereQuectelSays,
     .said_when_full = "+QIND: \"SMSFULL\",\"SM\""},
    {.name = "quectel-stored-reports",
     .manufacturer = "Quectel",
     .model = "EC21",
     .boot = kQuectelBoot,
     .chatter = kQuectelChatter,
     .own = kQuectelOwn,
     .refusals = kQuectelStoring,
     .announces_with = "+QURCCFG=\"all\"",
     .report_slots = 10,
     .stored_report_named = kWhereQuectelSays},
    {.name = "simcom",
     .manufacturer = "SIMCOM INCORPORATED",
     .model = "SIMCOM_SIM7600E",
     .boot = kSimcomBoot,
     .chatter = kSimcomChatter,
     .refusals = kSimcomRefusals,
     .hears_again_by = kSimcomWakes,
     .said_when_full = "+SMS FULL"},
    {.name = "simcom-a7",
     .manufacturer = "SIMCOM INCORPORATED",
     .model = "A7670E-FASE",
     .boot = kSimcomA7Boot,
     .chatter = kSimcomA7Chatter,
     .refusals = kSimcomA7Refusals},
    {.name = "simcom-a7-no-sms",
     .manufacturer = "SIMCOM INCORPORATED",
     .model = "A7670E-LNXY-UBL",
     .boot = kSimcomA7Boot,
     .chatter = kSimcomA7Chatter,
     .refusals = kNoSms},
    {.name = "sierra",
     .manufacturer = "Sierra Wireless, Incorporated",
     .model = "MC7455",
     .chatter = kSierraChatter},
    {.name = "sierra-rc76",
     .manufacturer = "Sierra Wireless, Incorporated",
     .model = "RC7620",
     .chatter = kSierraChatter,
     .opens_storage = "AT+CMGD=1,4"},
    {.name = "telit",
     .manufacturer = "Telit",
     .model = "LE910C1-EU",
     .chatter = kTelitChatter,
     .loses_indications = true},
    {.name = "u-blox",
     .manufacturer = "u-blox",
     .model = "SARA-R410M-02B",
     .chatter = kUbloxChatter,
     .deaf_after_start = seconds(20)},
};

// "AT+CNMA*" is any line that begins so, and ? is any character.
bool fits(std::string_view pattern, std::string_view line) {
  if (pattern.ends_with('*')) {
    pattern.remove_suffix(1);
    line = line.substr(0, pattern.size());
  }
  return std::equal(pattern.begin(), pattern.end(), line.begin(), line.end(),
                    [](char wanted, char c) { return wanted == '?' || wanted == c; });
}

std::string framed_line(std::string_view text) {
  return "\r\n" + std::string(text) + "\r\n";
}

}  // namespace

std::span<const FamilyManner> family_manners() {
  return kManners;
}

const FamilyManner* find_manner(std::string_view name) {
  const auto* found = std::find_if(std::begin(kManners), std::end(kManners),
                                   [&](const FamilyManner& manner) { return manner.name == name; });
  return found == std::end(kManners) ? nullptr : found;
}

SimModemOptions EmulatedFamily::options(const FamilyManner& manner, SimModemOptions base) {
  const SimModemOptions usual;
  if (base.manufacturer == usual.manufacturer) base.manufacturer = manner.manufacturer;
  if (base.model == usual.model) base.model = manner.model;
  base.first_index = manner.first_index;
  base.report_slots = manner.report_slots;
  return base;
}

EmulatedFamily::EmulatedFamily(const FamilyManner& manner, SimModem& modem)
    : manner_(manner), modem_(modem), deaf_after_start_(manner.deaf_after_start) {
  power_up();
  ModemHabits habits = modem_.habits();
  habits.report_code = manner.report_code;
  habits.stored_report_named = manner.stored_report_named;
  habits.said_when_full = manner.said_when_full;
  modem_.set_habits(std::move(habits));
  modem_.before_command([this](std::string_view line) { return before(line); });
}

EmulatedFamily::~EmulatedFamily() {
  modem_.before_command({});
}

void EmulatedFamily::set_deaf_after_start(milliseconds time) {
  const std::lock_guard lock(mutex_);
  deaf_after_start_ = time;
  deaf_until_ = steady_now() + time;
}

void EmulatedFamily::fall_deaf() {
  const std::lock_guard lock(mutex_);
  hears_again_by_ = manner_.hears_again_by;
}

void EmulatedFamily::power_up() {
  const std::lock_guard lock(mutex_);
  for (const OwnSetting& own : manner_.own) values_[own.name] = own.initial;
  heard_.clear();
  is_open_ = has_listed_ = false;
  deaf_until_ = steady_now() + deaf_after_start_;
}

void EmulatedFamily::restart() {
  modem_.unplug();
  power_up();
  modem_.plug_in();
}

std::vector<std::string> EmulatedFamily::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

bool EmulatedFamily::holds(std::string_view setting) const {
  const std::size_t sign = setting.find('=');
  const auto value = values_.find(setting.substr(0, sign));
  return value != values_.end() && value->second == setting.substr(sign + 1);
}

bool EmulatedFamily::is_deaf(std::string_view line) {
  if (hears_again_by_.empty()) return steady_now() < deaf_until_;
  if (line != hears_again_by_.front()) return true;
  hears_again_by_ = hears_again_by_.subspan(1);
  return !hears_again_by_.empty();
}

// Called on the modem's thread.
Intervention EmulatedFamily::before(std::string_view line) {
  std::string answered;
  {
    const std::lock_guard lock(mutex_);
    if (is_deaf(line)) return {Intervention::Kind::silence};
    heard_.emplace_back(line);
    is_open_ = is_open_ || line == manner_.opens_storage;
    has_listed_ = has_listed_ || line.starts_with("AT+CMGL=");
    answered = answer(line);
  }
  adapt_habits(line);
  if (ascii_iequals(line, "AT+CFUN=1,1")) {
    power_up();
    for (const std::string_view said : manner_.boot) modem_.inject_after(milliseconds(20), framed_line(said));
  }
  if (answered.empty()) return {};
  return {Intervention::Kind::answer, std::move(answered)};
}

std::string EmulatedFamily::answer(std::string_view line) {
  for (const Refusal& refusal : manner_.refusals) {
    if (fits(refusal.line, line)) return framed_line(refusal.result);
  }
  const bool reads = line.starts_with("AT+CMGL=") || line.starts_with("AT+CMGR=");
  if (!manner_.opens_storage.empty() && !is_open_ && reads) return framed_line("+CMS ERROR: 321");
  for (const OwnSetting& own : manner_.own) {
    const std::string command = "AT" + std::string(own.name);
    const std::string setting = command + "=" + std::string(own.before);
    const std::string question =
        own.before.empty() ? command + "?" : setting.substr(0, setting.size() - 1);  // without its comma
    if (line == question) {
      return framed_line(std::string(own.name) + ": " + std::string(own.before) + values_[own.name]) +
             framed_line("OK");
    }
    if (line.size() <= setting.size() || !line.starts_with(setting)) continue;
    values_[own.name] = line.substr(setting.size());
    return framed_line("OK");
  }
  if (line == "AT+CMGD=?") return framed_line("+CMGD: (),(0-4)") + framed_line("OK");  // it lies
  return {};
}

void EmulatedFamily::adapt_habits(std::string_view line) {
  const std::size_t stored = modem_.messages_stored();
  const std::lock_guard lock(mutex_);
  ModemHabits habits = modem_.habits();
  if (line == "AT+CPMS?") {
    const bool is_new = stored > std::exchange(counted_, stored);
    habits.used = manner_.counts_late && is_new ? std::optional(0) : std::nullopt;
  }
  const bool is_other_port = !manner_.announces_with.empty() && !holds(manner_.announces_with);
  habits.announces = !is_other_port && (!manner_.loses_indications || has_listed_);
  const bool is_quiet = !manner_.quiet_setting.empty() && holds(manner_.quiet_setting);
  if (!is_quiet && !manner_.chatter.empty())
    habits.noise = framed_line(manner_.chatter[next_chatter_++ % manner_.chatter.size()]);
  modem_.set_habits(std::move(habits));
}

}  // namespace pigeon::sim
