// Number, consent and parts; see texting.h.
#include "transport/texting.h"

#include <utility>

#include "base/crypto.h"
#include "modem/sms/segmenter.h"
#include "numbers/completion.h"

namespace pigeon::transport {

Result<OwnText> own_text(std::string_view number, const std::string& text, std::string_view country,
                         store::OptOuts* opt_outs) {
  auto phone = numbers::typed(number, country);
  if (!phone) return tl::unexpected(phone.error());
  if (text.empty()) return fail(Errc::bad_input, "there is no text");
  const auto address = modem::Address::from_number(phone->e164());
  if (!address) return tl::unexpected(address.error());
  // No status report: it would look like that of a reply with the same reference.
  auto parts = modem::segment(text, *address, {.reference = random_octets(1)[0]});
  if (!parts) return tl::unexpected(parts.error());
  if (parts->size() > kMostParts)
    return fail(Errc::bad_input, "a text of " + std::to_string(parts->size()) + " parts; " +
                                     std::to_string(kMostParts) + " is the most");
  if (opt_outs != nullptr && opt_outs->contains(*phone))
    return fail(Errc::unsupported, "this phone has texted STOP, and is sent nothing until it texts START");
  return OwnText{std::move(*phone), std::move(*parts)};
}

std::string_view word_of(const SendOutcome& outcome) {
  if (!outcome.error) return "sent";
  return outcome.error->code == Errc::outcome_unknown ? "unknown" : "not sent";
}

}  // namespace pigeon::transport
