// Writing +CUSD; see sim_ussd.h.
#include "sim/modem/sim_ussd.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/ucs2.h"
#include "sim/modem/sim_at_line.h"
#include "sim/modem/sim_pdu.h"

namespace pigeon::sim {
namespace {

using Form = UssdAnswer::Form;

std::string ucs2_hex(std::string_view text) {
  modem::Octets octets;
  for (std::size_t at = 0; at < text.size();) modem::encode_utf16(octets, next_code_point(text, at));
  return to_hex(octets);
}

// Seven spare bits would be one more "@".
std::string packed_hex(std::string_view text) {
  constexpr std::size_t kSeptetsInBlock = 8;
  modem::Octets septets = modem::encode_gsm7(text).value_or(modem::Octets{});
  if (septets.size() % kSeptetsInBlock == kSeptetsInBlock - 1) septets.push_back('\r');
  modem::Octets packed;
  modem::pack_septets(packed, septets);
  return to_hex(packed);
}

std::string in_terminal_charset(std::string_view text, std::string_view charset) {
  if (charset == "UCS2") return ucs2_hex(text);
  if (charset != "GSM") return std::string(text);
  const modem::Octets septets = modem::encode_gsm7(text).value_or(modem::Octets{});
  return std::string(septets.begin(), septets.end());
}

}  // namespace

std::string ussd_line(const UssdAnswer& answer, std::string_view charset) {
  const std::string front = "+CUSD: " + std::to_string(answer.status) + ",";
  constexpr std::string_view kRemains = "0000FFFF60B16260EEEEFFFF";
  switch (answer.form) {
    case Form::plain:
      return front + in_quotes(in_terminal_charset(answer.text, charset)) + ",15";
    case Form::plain_bare:
      return front + in_quotes(in_terminal_charset(answer.text, charset));
    case Form::packed:
      return front + in_quotes(packed_hex(answer.text)) + ",15";
    case Form::packed_bare:
      return front + packed_hex(answer.text);
    case Form::octets:
      return front + in_quotes(to_hex(modem::encode_gsm7(answer.text).value_or(modem::Octets{}))) + ",0";
    case Form::ucs2:
      return front + in_quotes(ucs2_hex(answer.text)) + ",72";
    case Form::ucs2_as_15:
      return front + in_quotes(ucs2_hex(answer.text)) + ",15";
    case Form::ucs2_longer:
      return front + in_quotes(ucs2_hex(answer.text) + std::string(kRemains)) + ",17";
    case Form::line:
      return answer.text;
    case Form::silence:
      return {};
  }
  return {};
}

std::optional<Form> ussd_form(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Form>, 10> kForms{
      {{"plain", Form::plain},
       {"plain-bare", Form::plain_bare},
       {"packed", Form::packed},
       {"packed-bare", Form::packed_bare},
       {"octets", Form::octets},
       {"ucs2", Form::ucs2},
       {"ucs2-as-15", Form::ucs2_as_15},
       {"ucs2-longer", Form::ucs2_longer},
       {"line", Form::line},
       {"silence", Form::silence}}};
  const auto* const found =
      std::find_if(kForms.begin(), kForms.end(), [word](const auto& form) { return form.first == word; });
  return found == kForms.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pigeon::sim
