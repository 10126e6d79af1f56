// Sending one part (3GPP TS 27.005 §4.3); see serial_modem.h.
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {

Result<SendReceipt> SerialModem::Impl::send(const Submit& submit) {
  const auto tpdu = encode_tpdu(submit);
  if (!tpdu) return tl::unexpected(tpdu.error());
  // An SMSC address of length 0 means the one set with AT+CSCA; <length> counts the TPDU alone.
  const std::string hex = "00" + to_hex(*tpdu);
  const auto answer =
      channel.command_with_pdu("AT+CMGS=" + std::to_string(tpdu->size()), hex, options.timeouts.send);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->ok()) {
    Error error = to_error("AT+CMGS", answer->result);
    // The caller knows three ways to go on; "cannot" is a refusal like any other.
    if (error.code == Errc::unsupported) error.code = Errc::denied;
    return tl::unexpected(std::move(error));
  }
  const auto reference = to_int(fields_of(answer->text())[0]);
  return SendReceipt{static_cast<std::uint8_t>(reference.value_or(0))};
}

}  // namespace pigeon::modem
