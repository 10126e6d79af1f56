// Asking the network by USSD (3GPP TS 27.007 §7.15); see serial_modem.h.
#include <array>
#include <utility>

#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {
namespace {

// Perhaps the line was not understood: then nothing went to the network.
bool is_about_form(const FinalResult& result) {
  constexpr int kNotAllowed = 3, kNotSupported = 4, kIncorrectParameters = 50, kUnknown = 100;
  if (result.kind == FinalResult::Kind::error) return true;
  return result.is_cme(kNotAllowed) || result.is_cme(kNotSupported) || result.is_cme(kIncorrectParameters) ||
         result.is_cme(kUnknown);
}

}  // namespace

// Huawei's sticks want packed septets, and some of them do not say so when they get something else.
Result<void> SerialModem::Impl::request_ussd(const std::string& text) {
  if (!is_ussd_text(text))
    return fail(Errc::bad_input, "no USSD code: 1 to 182 characters of the GSM alphabet");
  std::array forms{UssdForm::plain, UssdForm::packed};
  const UssdForm first = ussd_form.value_or(profile->ussd);
  if (first != forms[0]) std::swap(forms[0], forms[1]);
  Error refusal{Errc::bad_input, "AT+CUSD: no form can say it"};
  for (const UssdForm form : forms) {
    auto line = ussd_request(text, form);
    if (!line) continue;
    const auto answer = channel.ask({std::move(*line), options.timeouts.radio});
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok()) {
      ussd_form = form;
      return {};
    }
    refusal = to_error("AT+CUSD", answer->result);
    if (!is_about_form(answer->result)) break;
  }
  return tl::unexpected(refusal);
}

}  // namespace pigeon::modem
