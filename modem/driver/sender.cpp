// AT+CMGS, its prompt and its result; see sender.h.
#include "modem/driver/sender.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {
namespace {

constexpr int kServiceCentreUnknown = 330;

}  // namespace

Result<SendReceipt> Sender::send(const Submit& submit) {
  const auto tpdu = encode_tpdu(submit);
  if (!tpdu) return tl::unexpected(tpdu.error());
  // An SMSC address of length 0 means the one set with AT+CSCA; <length> counts the TPDU alone.
  Request request{"AT+CMGS=" + std::to_string(tpdu->size()), line_.timeouts().send};
  request.pdu = "00" + to_hex(*tpdu);
  auto answer = line_.ask(request);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->result.is_cms(kServiceCentreUnknown) && !centre_.number().empty()) {
    if (auto written = centre_.restore(); !written) return tl::unexpected(written.error());
    log::notice(line_.tag(),
                "the modem had lost its service centre: it is set again, and the text is tried again");
    answer = line_.ask(request);
    if (!answer) return tl::unexpected(answer.error());
  }
  if (!answer->ok()) {
    Error error = to_error("AT+CMGS", answer->result);
    // It is the modem that takes it for wrong, not the network.
    if (error.code == Errc::unsupported) error.code = Errc::bad_input;
    return tl::unexpected(std::move(error));
  }
  // A reference out of a damaged line would be another reply's.
  const auto reference = answer->damaged ? std::nullopt : to_int(fields_of(answer->text())[0]);
  return SendReceipt{reference && *reference >= 0 && *reference <= 0xFF ? *reference : kNoReference};
}

}  // namespace pigeon::modem
