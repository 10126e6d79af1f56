// Random bytes as what a modem says: nothing may crash, no state may outgrow its limits, and what is taken
// for an answer can be read by every reader of values. The first byte chooses the pending command.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "modem/at/at_dialogue.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"
#include "modem/driver/profile.h"
#include "modem/port/transcript.h"

using namespace pigeon::modem;

namespace {

constexpr std::string_view kCommands[] = {
    "AT",       "AT+CMGR=1", "AT+CMGL=4", "AT+CPMS=?", "AT+CPMS?", "AT+CNMI=?", "AT+CNMI?",   "AT+CREG?",
    "AT+CPIN?", "AT+CSCA?",  "AT+COPS?",  "AT+CGMI",   "AT+CGSN",  "AT+CSQ",    "AT+CMGS=23", "AT^CURC=0"};

void require(bool condition) {
  if (!condition) std::abort();
}

void read_values(const Answer& answer) {
  require(answer.text().size() <= 1 << 20);
  (void)parse_cpin(answer);
  (void)parse_registration(answer);
  (void)parse_signal_dbm(answer);
  require(parse_operator(answer).size() <= 64 + 3);
  (void)parse_csca(answer);
  (void)parse_storage_choices(answer.text());
  (void)parse_storage_states(answer.text());
  (void)parse_cnmi_choices(answer.text());
  (void)parse_cnmi(answer.text());
  (void)parse_imei(answer);
  (void)parse_identification(answer);
  (void)to_error("AT", answer.result);
  for (const AnswerLine& line : answer.lines) (void)has_announced_length(line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string_view command = kCommands[data[0] % std::size(kCommands)];
  AtDialogue dialogue;
  dialogue.expect_urcs(urcs_of_all());
  dialogue.begin(command, command.starts_with("AT+CMGS"));
  // In pieces whose length depends on the input, so that every boundary is met.
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t piece = 1 + static_cast<std::uint8_t>(bytes[at]) % 64;
    dialogue.receive(bytes.substr(at, piece));
    at += piece;
    if (dialogue.prompted()) dialogue.begin_payload("0011000B91");
  }
  const Answer answer = dialogue.take_answer();
  std::size_t kept = 0;
  for (const AnswerLine& line : answer.lines) kept += line.text.size() + line.pdu.size();
  require(kept <= bytes.size());
  read_values(answer);
  const auto urcs = dialogue.take_urcs();
  require(urcs.size() <= 512);
  for (const Urc& urc : urcs) (void)parse_indicated_slot(urc.text);
  if (const auto entry = parse_entry(bytes)) require(parse_entry(format_entry(*entry)).has_value());
  return 0;
}
