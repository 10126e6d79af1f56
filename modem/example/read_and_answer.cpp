// Waits for a text, prints it, answers it and frees its slot:   read_and_answer serial:auto
#include <iostream>

#include "modem/driver/serial_modem.h"
#include "modem/sms/segmenter.h"
#include "modem/sms/user_data.h"

using namespace pigeon::modem;

static pigeon::Result<void> answer(SerialModem& modem, const StoredMessage& stored, const Deliver& text) {
  const auto words = decode_text(text.user_data);
  if (!words) return tl::unexpected(words.error());
  std::cout << text.sender.to_string() << ": " << *words << std::endl;
  const auto parts = segment("You wrote: " + *words, text.sender, SegmentOptions());
  if (!parts) return tl::unexpected(parts.error());
  for (const Submit& part : *parts) {
    if (const auto sent = modem.send(part); !sent) return tl::unexpected(sent.error());
  }
  return modem.delete_message(stored.slot);
}

static pigeon::Result<void> answer_one_text(const ModemOptions& options) {
  const auto modem = SerialModem::open(options);
  if (!modem) return tl::unexpected(modem.error());
  for (;;) {
    const auto messages = (*modem)->list_messages();
    if (!messages) return tl::unexpected(messages.error());
    for (const StoredMessage& stored : *messages) {
      const auto pdu = decode_pdu(stored.pdu, Direction::to_mobile);
      const auto* text = pdu ? std::get_if<Deliver>(&pdu->tpdu) : nullptr;
      if (text != nullptr) return answer(**modem, stored, *text);
    }
    const auto events = (*modem)->wait(pigeon::steady_now() + pigeon::seconds(30));
    if (!events) return tl::unexpected(events.error());
  }
}

int main(int argc, char** argv) {
  ModemOptions options;
  options.url = argc > 1 ? argv[1] : "serial:auto";
  const auto answered = answer_one_text(options);
  if (!answered) std::cerr << answered.error().message << '\n';
  return answered ? 0 : 1;
}
