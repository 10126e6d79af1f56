// The table of makers' codes. A new modem's chatter is a new row; see vendor_urcs.h.
#include "modem/at/vendor_urcs.h"

#include <span>

#include "base/text.h"

namespace pigeon::modem {
namespace {

struct VendorUrc {
  std::string_view text;
  UrcKind kind = UrcKind::noise;
  bool whole_line = false;  // equal, not only a beginning; letter case does not matter either way
};

constexpr auto kNoise = UrcKind::noise;
constexpr auto kRestarted = UrcKind::restarted;
constexpr auto kStarted = UrcKind::started;
constexpr auto kFull = UrcKind::storage_full;

// ^ codes are Huawei's namespace: none is an answer unless asked for, so the whole namespace is noise.
constexpr VendorUrc kHuaweiUrcs[] = {{"^SMMEMFULL", kFull}, {"^", kNoise}};

constexpr VendorUrc kZteUrcs[] = {{"+ZUSIMR:", kNoise}, {"+ZDONR:", kNoise}, {"+ZPASR:", kNoise},
                                  {"+ZPSTM:", kNoise},  {"+ZEND", kNoise},   {"+ZUSSDS:", kNoise}};

constexpr VendorUrc kQuectelUrcs[] = {
    {"RDY", kRestarted, true},
    {"POWERED DOWN", kRestarted, true},
    {"+QIND: \"SMSFULL\"", kFull},
    {"+QIND: SMS DONE", kStarted},
    {"+QIND:", kNoise},
    {"+QUSIM:", kNoise},
    {"+QNITZ:", kNoise},
    {"APP RDY", kRestarted, true},
    {"NORMAL POWER DOWN", kRestarted, true},
};

constexpr VendorUrc kSimcomUrcs[] = {
    {"*ATREADY", kRestarted},
    {"SMS DONE", kStarted, true},
    {"SMS READY", kStarted, true},
    {"CALL READY", kStarted, true},
    {"UNDER-VOLTAGE WARNNING POWER DOWN", kRestarted, true},  // spelled so by the modem
    {"UNDER-VOLTAGE POWER DOWN", kRestarted, true},
    {"UNDER-VOLTAGE WARN", kNoise},  // warnings only
    {"OVER-VOLTAGE", kNoise},
    {"START", kRestarted, true},
    {"PB DONE", kNoise, true},
    {"+SMS FULL", kFull},
    {"SMS FULL", kFull, true},
    {"+CNSMOD:", kNoise},
    {"+NITZ", kNoise},
    {"*PSUTTZ:", kNoise},
    {"*PSNWID:", kNoise},
    {"DST:", kNoise},
    {"*ISIMAID:", kNoise},
    {"*EUICC:", kNoise},
};

constexpr VendorUrc kSierraUrcs[] = {{"+WIND:", kNoise}, {"*NWT", kNoise}};

constexpr VendorUrc kTelitUrcs[] = {
    {"#QSS:", kNoise}, {"#STN:", kNoise}, {"#SMOV:", kFull}, {"#NITZ:", kNoise}};

constexpr VendorUrc kUbloxUrcs[] = {
    {"+UUSTS:", kNoise}, {"+UUPSD", kNoise}, {"+UMWI:", kNoise}, {"+UREG:", kNoise}};

// A6, RDA, Cinterion, Wavecom and the phones of old: no row of their own, but their chatter is known.
constexpr VendorUrc kGenericUrcs[] = {{"^SYSSTART", kRestarted, true},
                                      {"^SHUTDOWN", kRestarted, true},
                                      {"READY", kRestarted, true},
                                      {"+CIEV:", kNoise}};

// Generic first: its ^ codes are events, where Huawei's ^ is all noise.
constexpr std::span<const VendorUrc> kVendors[] = {kGenericUrcs, kHuaweiUrcs, kZteUrcs,   kQuectelUrcs,
                                                   kSimcomUrcs,  kSierraUrcs, kTelitUrcs, kUbloxUrcs};

bool starts_with_any_case(std::string_view line, std::string_view beginning) {
  return line.size() >= beginning.size() && ascii_iequals(line.substr(0, beginning.size()), beginning);
}

}  // namespace

std::optional<UrcKind> vendor_urc(std::string_view line) {
  for (const std::span<const VendorUrc> vendor : kVendors) {
    for (const VendorUrc& urc : vendor) {
      const bool match =
          urc.whole_line ? ascii_iequals(line, urc.text) : starts_with_any_case(line, urc.text);
      if (match) return urc.kind;
    }
  }
  return std::nullopt;
}

}  // namespace pigeon::modem
