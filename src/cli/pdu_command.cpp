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

Result<Json> decode_line(const std::string& line) {
  const auto octets = from_hex(line);
  if (!octets) return fail(Errc::bad_input, "not hexadecimal octets");
  return json_from_octets(*octets);
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
