// The unsolicited result codes of the standards; makers' own are in vendor_urcs.cpp. See urc.h.
#include "modem/at/urc.h"

#include "modem/at/vendor_urcs.h"

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

}  // namespace

std::optional<UrcKind> classify_urc(std::string_view line) {
  if (line == "RING") return UrcKind::noise;
  for (const StandardUrc& urc : kStandardUrcs) {
    if (line.starts_with(urc.prefix)) return urc.kind;
  }
  return vendor_urc(line);
}

}  // namespace pigeon::modem
