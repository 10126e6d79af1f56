// Asking the network by USSD (3GPP TS 27.007 §7.15); see ussd_session.h.
#include "modem/driver/ussd_session.h"

#include <array>
#include <utility>

#include "modem/at/at_errors.h"

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
Result<void> UssdSession::request(const std::string& text) {
  if (!is_ussd_text(text))
    return fail(Errc::bad_input, "no USSD code: 1 to 182 characters of the GSM alphabet");
  std::array forms{UssdForm::plain, UssdForm::packed};
  const UssdForm first = form_.value_or(profile_.ussd);
  if (first != forms[0]) std::swap(forms[0], forms[1]);
  Error refusal{Errc::bad_input, "AT+CUSD: no form can say it"};
  for (const UssdForm form : forms) {
    auto line = ussd_request(text, form);
    if (!line) continue;
    const auto answer = line_.ask({std::move(*line), line_.timeouts().radio});
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok()) {
      form_ = form;
      return {};
    }
    refusal = to_error("AT+CUSD", answer->result);
    if (!is_about_form(answer->result)) break;
  }
  return tl::unexpected(refusal);
}

}  // namespace pigeon::modem
