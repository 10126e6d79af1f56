// The unsolicited result codes of the standards; a family's own are its profile's. See urc.h.
#include "modem/at/urc.h"

#include "base/text.h"

namespace pigeon::modem {
namespace {

struct StandardUrc {
  std::string_view prefix;
  UrcKind kind;
};

// TS 27.005 §3.4.1 and TS 27.007. "+CREG:" and the like are answers as well: whoever waits for one looks
// first.
constexpr StandardUrc kStandardUrcs[] = {
    {"+CMTI:", UrcKind::message_stored},
    {"+CMT:", UrcKind::message_direct},
    {"+CDSI:", UrcKind::status_report_stored},
    {"+CDS:", UrcKind::status_report},
    {"+CBMI:", UrcKind::noise},
    {"+CBM:", UrcKind::cell_broadcast},
    {"+CUSD:", UrcKind::ussd},
    {"+CREG:", UrcKind::noise},
    {"+CGREG:", UrcKind::noise},
    {"+CEREG:", UrcKind::noise},
    {"+CRING:", UrcKind::noise},
    {"+CLIP:", UrcKind::noise},
    {"+CCWA:", UrcKind::noise},
    {"+CSSI:", UrcKind::noise},
    {"+CSSU:", UrcKind::noise},
    {"+CIEV:", UrcKind::noise},
    {"+CGEV:", UrcKind::noise},
    {"+CTZV:", UrcKind::noise},
    {"+CTZE:", UrcKind::noise},
    {"+CTZDST:", UrcKind::noise},
    {"+CPIN:", UrcKind::noise},
    {"+CFUN:", UrcKind::noise},
};

// A6, RDA, Cinterion, Wavecom and the phones of old: no family of their own, but their chatter is known.
constexpr VendorUrc kUrcsOfOld[] = {{"^SYSSTART", UrcKind::restarted, true},
                                    {"^SHUTDOWN", UrcKind::restarted, true},
                                    {"READY", UrcKind::restarted, true}};

std::optional<UrcKind> find(std::string_view line, std::span<const VendorUrc> urcs) {
  for (const VendorUrc& urc : urcs) {
    const std::string_view seen = urc.whole_line ? line : line.substr(0, urc.text.size());
    if (ascii_iequals(seen, urc.text)) return urc.kind;
  }
  return std::nullopt;
}

}  // namespace

std::optional<UrcKind> classify_urc(std::string_view line, std::span<const VendorUrc> own) {
  if (line == "RING") return UrcKind::noise;
  for (const StandardUrc& urc : kStandardUrcs) {
    if (line.starts_with(urc.prefix)) return urc.kind;
  }
  const auto of_old = find(line, kUrcsOfOld);
  return of_old ? of_old : find(line, own);
}

}  // namespace pigeon::modem
