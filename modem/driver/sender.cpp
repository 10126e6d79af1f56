// Sending one part (3GPP TS 27.005 §4.3); see serial_modem.h.
#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {
namespace {

constexpr int kServiceCentreUnknown = 330;

}  // namespace

Result<SendReceipt> SerialModem::Impl::send(const Submit& submit) {
  const auto tpdu = encode_tpdu(submit);
  if (!tpdu) return tl::unexpected(tpdu.error());
  // An SMSC address of length 0 means the one set with AT+CSCA; <length> counts the TPDU alone.
  Request request{"AT+CMGS=" + std::to_string(tpdu->size()), options.timeouts.send};
  request.pdu = "00" + to_hex(*tpdu);
  auto answer = channel.ask(request);
  if (!answer) return tl::unexpected(answer.error());
  // Nothing was sent: the modem has forgotten its service centre.
  const std::string& smsc = options.smsc.empty() ? settings.smsc : options.smsc;
  if (answer->result.is_cms(kServiceCentreUnknown) && !smsc.empty()) {
    if (auto written = write_service_centre(smsc); !written) return tl::unexpected(written.error());
    log::notice(tag, "the modem had lost its service centre: it is set again, and the text is tried again");
    answer = channel.ask(request);
    if (!answer) return tl::unexpected(answer.error());
  }
  if (!answer->ok()) {
    Error error = to_error("AT+CMGS", answer->result);
    // The caller knows three ways to go on; "cannot" is a refusal like any other.
    if (error.code == Errc::unsupported) error.code = Errc::denied;
    return tl::unexpected(std::move(error));
  }
  // A reference out of a damaged line would be another reply's.
  const auto reference = answer->damaged ? std::nullopt : to_int(fields_of(answer->text())[0]);
  return SendReceipt{static_cast<std::uint8_t>(reference.value_or(0))};
}

}  // namespace pigeon::modem
