// Wording of result codes; see sim_at_result.h.
#include "sim/modem/sim_at_result.h"

#include <string_view>

namespace pigeon::sim {
namespace {

struct Wording {
  int code;
  std::string_view text;
};

constexpr Wording kEquipmentErrors[] = {
    {kNotAllowed, "operation not allowed"},
    {kNotSupported, "operation not supported"},
    {kSimNotInserted, "SIM not inserted"},
    {kSimPinRequired, "SIM PIN required"},
    {kSimPukRequired, "SIM PUK required"},
    {kSimFailure, "SIM failure"},
    {kSimBusy, "SIM busy"},
    {kIncorrectPassword, "incorrect password"},
    {kNoNetworkService, "no network service"},
    {kIncorrectParameters, "incorrect parameters"},
};

constexpr Wording kMessageErrors[] = {
    {kMessageNotAllowed, "operation not allowed"},
    {kMessageNotSupported, "operation not supported"},
    {kInvalidPduParameter, "invalid PDU mode parameter"},
    {300 + kSimNotInserted, "SIM not inserted"},
    {300 + kSimPinRequired, "SIM PIN required"},
    {300 + kSimFailure, "SIM failure"},
    {300 + kSimBusy, "SIM busy"},
    {kMessageSimPukRequired, "SIM PUK required"},
    {kInvalidMemoryIndex, "invalid memory index"},
    {kMemoryFull, "memory full"},
    {kMessageNoNetworkService, "no network service"},
    {kNoAcknowledgementExpected, "no +CNMA acknowledgement expected"},
};

template <std::size_t size>
std::string worded(const Wording (&table)[size], int code, bool in_full) {
  if (in_full) {
    for (const Wording& entry : table) {
      if (entry.code == code) return std::string(entry.text);
    }
  }
  return std::to_string(code);
}

std::string framed(std::string_view words, int number, bool verbose) {
  return verbose ? "\r\n" + std::string(words) + "\r\n" : std::to_string(number) + "\r";
}

}  // namespace

std::string final_result_text(const FinalResult& result, bool verbose, ErrorWording errors) {
  const bool in_full = errors == ErrorWording::verbose;
  switch (result.kind) {
    case FinalResult::Kind::ok:
      return framed("OK", 0, verbose);
    case FinalResult::Kind::error:
      return framed("ERROR", 4, verbose);
    case FinalResult::Kind::no_carrier:
      return framed("NO CARRIER", 3, verbose);
    case FinalResult::Kind::cme_error:
      if (errors == ErrorWording::plain) return framed("ERROR", 4, verbose);
      return "\r\n+CME ERROR: " + worded(kEquipmentErrors, result.code, in_full) + "\r\n";
    case FinalResult::Kind::cms_error:  // given as a number whatever +CMEE says, unless it asks for words
      return "\r\n+CMS ERROR: " + worded(kMessageErrors, result.code, in_full) + "\r\n";
    case FinalResult::Kind::prompt:
      return {};
  }
  return {};
}

}  // namespace pigeon::sim
