// The lines of `pigeon pdu`; see pdu_command.h.
#include "cli/pdu_command.h"

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "base/text.h"
#include "cli/pdu_json.h"
#include "modem/sms/pdu.h"

namespace pigeon::cli {
namespace {

// Modems store DELIVER (TP-MTI 0), SUBMIT (1) and STATUS-REPORT (2), and no other TPDUs.
modem::Direction direction_of(std::uint8_t first_octet) {
  return (first_octet & 0x03) == 1 ? modem::Direction::from_mobile : modem::Direction::to_mobile;
}

// With the SMSC address in front if that works out, else as a bare TPDU.
Result<modem::Pdu> decode_octets(const modem::Octets& octets) {
  const std::size_t smsc_octets = modem::smsc_length(octets);
  if (smsc_octets == 0 || smsc_octets >= octets.size()) {
    return modem::decode_pdu_or_tpdu(octets, direction_of(octets.front()));
  }
  Result<modem::Pdu> pdu = modem::decode_pdu(octets, direction_of(octets[smsc_octets]));
  if (pdu) return pdu;
  Result<modem::Tpdu> bare = modem::decode_tpdu(octets, direction_of(octets.front()));
  if (!bare) return pdu;
  return modem::Pdu{.smsc = {}, .tpdu = std::move(*bare)};
}

Result<Json> decode_line(const std::string& line) {
  const auto octets = from_hex(line);
  if (!octets) return fail(Errc::bad_input, "not hexadecimal octets");
  const Result<modem::Pdu> pdu = decode_octets(*octets);
  if (!pdu) return tl::unexpected(pdu.error());
  return json_from_pdu(*pdu);
}

// All lines of one message, or none of them.
Result<std::string> encode_line(const std::string& line, std::uint8_t& reference) {
  const Json message = Json::parse(line, nullptr, false);
  if (message.is_discarded()) return fail(Errc::bad_input, "not JSON");
  const auto pdus = pdus_from_json(message, reference);
  if (!pdus) return tl::unexpected(pdus.error());
  std::string lines;
  for (const modem::Pdu& pdu : *pdus) {
    const auto octets = modem::encode_pdu(pdu);
    if (!octets) return tl::unexpected(octets.error());
    lines += to_hex(*octets) + "\n";
  }
  return lines;
}

void print_error(std::ostream& out, const Error& error) {
  out << Json{{"error", error.message}}.dump() << '\n';
}

// Calls `convert` with every line that is not empty; 1 when it returned false for one, else 0.
int for_each_line(std::istream& in, const std::function<bool(const std::string&)>& convert) {
  int status = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string content(trim(line));
    if (!content.empty() && !convert(content)) status = 1;
  }
  return status;
}

}  // namespace

int run_pdu_decode(std::istream& in, std::ostream& out) {
  return for_each_line(in, [&out](const std::string& line) {
    const Result<Json> message = decode_line(line);
    if (message)
      out << message->dump() << '\n';
    else
      print_error(out, message.error());
    return message && !message->contains("error");
  });
}

int run_pdu_encode(std::istream& in, std::ostream& out) {
  std::uint8_t reference = 0;
  return for_each_line(in, [&](const std::string& line) {
    const Result<std::string> lines = encode_line(line, reference);
    if (lines)
      out << *lines;
    else
      print_error(out, lines.error());
    return lines.has_value();
  });
}

}  // namespace pigeon::cli
