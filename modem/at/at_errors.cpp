// The tables of +CME ERROR and +CMS ERROR; see at_errors.h.
#include "modem/at/at_errors.h"

#include <array>
#include <charconv>
#include <span>
#include <string>

#include "base/text.h"
#include "modem/at/at_parser.h"

namespace pigeon::modem {
namespace {

// What can be done about a reason.
enum class Cure { wait, permanent, cannot, malformed };

struct Reason {
  int code;
  std::string_view text;
  Cure cure;
};

constexpr Reason kCmeReasons[] = {
    {0, "phone failure", Cure::wait},
    {3, "operation not allowed", Cure::wait},
    {4, "operation not supported", Cure::cannot},
    {10, "SIM not inserted", Cure::wait},
    {11, "SIM PIN required", Cure::permanent},
    {12, "SIM PUK required", Cure::permanent},
    {13, "SIM failure", Cure::wait},
    {14, "SIM busy", Cure::wait},
    {15, "SIM wrong", Cure::permanent},
    {16, "incorrect password", Cure::permanent},
    {17, "SIM PIN2 required", Cure::permanent},
    {18, "SIM PUK2 required", Cure::permanent},
    {20, "memory full", Cure::wait},
    {21, "invalid index", Cure::malformed},
    {22, "not found", Cure::malformed},
    {23, "memory failure", Cure::wait},
    {30, "no network service", Cure::wait},
    {31, "network timeout", Cure::wait},
    {32, "network not allowed - emergency calls only", Cure::wait},
    {50, "incorrect parameters", Cure::malformed},
    {100, "unknown", Cure::wait},
    {515, "please wait, init or command processing in progress", Cure::wait},
};

constexpr Reason kCmsReasons[] = {
    // RP causes of the network, TS 24.011 annex E-2
    {1, "unassigned number", Cure::permanent},
    {8, "operator determined barring", Cure::permanent},
    {10, "call barred", Cure::permanent},
    {21, "short message transfer rejected", Cure::permanent},
    {27, "destination out of service", Cure::wait},
    {28, "unidentified subscriber", Cure::permanent},
    {29, "facility rejected", Cure::permanent},
    {30, "unknown subscriber", Cure::permanent},
    {38, "network out of order", Cure::wait},
    {41, "temporary failure", Cure::wait},
    {42, "congestion", Cure::wait},
    {47, "resources unavailable", Cure::wait},
    {50, "requested facility not subscribed", Cure::permanent},
    {69, "requested facility not implemented", Cure::permanent},
    {81, "invalid transaction identifier", Cure::wait},
    {95, "invalid message", Cure::permanent},
    {96, "invalid mandatory information", Cure::permanent},
    {97, "message type non-existent or not implemented", Cure::permanent},
    {98, "message not compatible with the protocol state", Cure::wait},
    {99, "information element non-existent or not implemented", Cure::permanent},
    {111, "protocol error", Cure::wait},
    {127, "interworking", Cure::wait},
    // TP-FCS of the service centre, TS 23.040 §9.2.3.22
    {128, "telematic interworking not supported", Cure::permanent},
    {129, "short message type 0 not supported", Cure::permanent},
    {130, "cannot replace short message", Cure::permanent},
    {143, "unspecified TP-PID error", Cure::permanent},
    {144, "data coding scheme not supported", Cure::permanent},
    {145, "message class not supported", Cure::permanent},
    {159, "unspecified TP-DCS error", Cure::permanent},
    {176, "TPDU not supported", Cure::permanent},
    {192, "service centre busy", Cure::wait},
    {193, "no service centre subscription", Cure::permanent},
    {194, "service centre system failure", Cure::wait},
    {195, "invalid recipient address", Cure::permanent},
    {196, "recipient barred", Cure::permanent},
    {197, "rejected as a duplicate", Cure::permanent},
    {211, "recipient's memory is full", Cure::wait},
    // the equipment, TS 27.005 §3.2.5
    {300, "phone failure", Cure::wait},
    {301, "SMS service of the phone reserved", Cure::wait},
    {302, "operation not allowed", Cure::wait},
    {303, "operation not supported", Cure::cannot},
    {304, "invalid PDU mode parameter", Cure::malformed},
    {305, "invalid text mode parameter", Cure::malformed},
    {310, "SIM not inserted", Cure::wait},
    {311, "SIM PIN required", Cure::wait},
    {312, "PH-SIM PIN required", Cure::wait},
    {313, "SIM failure", Cure::wait},
    {314, "SIM busy", Cure::wait},
    {315, "SIM wrong", Cure::permanent},
    {316, "SIM PUK required", Cure::wait},
    {320, "memory failure", Cure::wait},
    {321, "invalid memory index", Cure::malformed},
    {322, "memory full", Cure::wait},
    {330, "service centre address unknown", Cure::wait},
    {331, "no network service", Cure::wait},
    {332, "network timeout", Cure::wait},
    {340, "no acknowledgement expected", Cure::malformed},
    {500, "unknown error, often no registration", Cure::wait},
};

const Reason* find(std::span<const Reason> reasons, int code) {
  for (const Reason& reason : reasons) {
    if (reason.code == code) return &reason;
  }
  return nullptr;
}

std::optional<int> to_code(std::span<const Reason> reasons, std::string_view text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error == std::errc() && end == text.data() + text.size()) return code;
  for (const Reason& reason : reasons) {
    if (ascii_iequals(reason.text, text)) return reason.code;
  }
  return std::nullopt;
}

const Reason* reason_of(const FinalResult& result) {
  if (!result.code) return nullptr;
  if (result.kind == FinalResult::Kind::cme_error) return find(kCmeReasons, *result.code);
  if (result.kind == FinalResult::Kind::cms_error) return find(kCmsReasons, *result.code);
  return nullptr;
}

Error with_cure(Cure cure, std::string message) {
  switch (cure) {
    case Cure::wait:
      return Error{Errc::busy, std::move(message), Retry::yes};
    case Cure::permanent:
      return Error{Errc::denied, std::move(message), Retry::no};
    case Cure::cannot:
      return Error{Errc::unsupported, std::move(message), Retry::no};
    case Cure::malformed:
      return Error{Errc::bad_input, std::move(message), Retry::no};
  }
  return Error{Errc::busy, std::move(message), Retry::yes};
}

}  // namespace

std::optional<int> cme_code(std::string_view reason) {
  return to_code(kCmeReasons, reason);
}

std::optional<int> cms_code(std::string_view reason) {
  return to_code(kCmsReasons, reason);
}

bool is_not_ready_yet(const FinalResult& result) {
  return result.is_cme(14) || result.is_cme(515) || result.is_cms(314);
}

bool is_empty_slot(const FinalResult& result) {
  return result.is_cms(321) || result.is_cme(21) || result.is_cme(22) ||
         result.kind == FinalResult::Kind::error;
}

Error to_error(std::string_view what, const FinalResult& result) {
  std::string message = std::string(what) + ": " + shorten(escape_controls(result.text), 120);
  const Reason* reason = reason_of(result);
  if (reason && result.text.find(reason->text) == std::string::npos) {
    message += " (" + std::string(reason->text) + ")";
  }
  // A reason nobody wrote down is taken as temporary: repeating costs little, giving up loses a text.
  return with_cure(reason ? reason->cure : Cure::wait, std::move(message));
}

}  // namespace pigeon::modem
