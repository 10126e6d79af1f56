// Which card it is, and how many tries its PIN has left: what is asked before a PIN is entered. See sim.h.
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"
#include "modem/at/sim_values.h"
#include "modem/driver/sim.h"

namespace pigeon::modem {

Result<CardIdentity> Sim::card_identity() {
  CardIdentity card;
  card.modem =
      identity_.imei.empty() ? "port:" + options_.name + " " + identity_.device : "imei:" + identity_.imei;
  const auto number = card_number();
  if (!number) return tl::unexpected(number.error());
  card.card = number->empty() ? card.modem : *number;
  return card;
}

Result<std::string> Sim::card_number() {
  for (const std::string_view line : {"AT+CCID", "AT^ICCID?", "AT+QCCID", "AT+ICCID"}) {
    const auto answer = line_.ask(line_.when_ready(std::string(line)));
    if (!answer) return tl::unexpected(answer.error());
    const std::string iccid = answer->ok() && !answer->damaged ? parse_iccid(*answer) : std::string();
    if (!iccid.empty()) return "iccid:" + iccid;
  }
  const auto file = line_.ask(line_.when_ready("AT+CRSM=176,12258,0,0,10"));
  if (!file) return tl::unexpected(file.error());
  const std::string iccid = file->ok() && !file->damaged ? parse_iccid_file(*file) : std::string();
  if (!iccid.empty()) return "iccid:" + iccid;
  const auto imsi = line_.ask(line_.when_ready("AT+CIMI"));
  if (!imsi) return tl::unexpected(imsi.error());
  const std::string subscriber = imsi->ok() && !imsi->damaged ? parse_imei(*imsi) : std::string();
  return subscriber.empty() ? std::string() : "imsi:" + subscriber;
}

Result<std::optional<int>> Sim::pin_tries_left() {
  for (const PinTriesQuestion& question : pin_tries_questions()) {
    const auto answer = line_.ask(line_.patiently(std::string(question.line)));
    if (!answer) return tl::unexpected(answer.error());
    const auto tries = answer->ok() ? parse_pin_tries(question, *answer) : std::nullopt;
    if (tries) return tries;
  }
  return std::optional<int>();
}

}  // namespace pigeon::modem
