// The short message service of the simulated modem: the commands of 3GPP TS 27.005 in PDU mode, the
// indications that +CNMI routes, and what a message from the network meets (a slot, the host, or nothing
// free).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sim/modem/mobile_equipment.h"
#include "sim/modem/sim_at_line.h"
#include "sim/modem/sim_at_result.h"
#include "sim/modem/sim_habits.h"
#include "sim/modem/sim_modem.h"
#include "sim/modem/sim_storage.h"

namespace pigeon::sim {

// Not thread-safe. The caller has seen to it that the SIM is ready before it calls a command.
class MessageService {
 public:
  using Lines = std::vector<std::string>;  // of an information response, without framing

  // `indicate` takes the text of a URC, without framing.
  MessageService(const SimModemOptions& options, MobileEquipment& equipment,
                 std::function<void(std::string)> indicate);
  MessageService(const MessageService&) = delete;
  MessageService& operator=(const MessageService&) = delete;

  void leave() { std::erase(equipment_.services, this); }  // its port is gone

  void reset();  // ATZ: settings as at power-up; stored messages stay

  // TS 27.005 §3.2.1; 1: messages to the host want +CNMA.
  FinalResult csms(const AtCommand& command, Lines& lines);
  FinalResult cmgf(const AtCommand& command, Lines& lines);  // §3.2.3; PDU mode is the only one
  FinalResult cpms(const AtCommand& command, Lines& lines);  // §3.2.2; all three storages
  FinalResult csca(const AtCommand& command, Lines& lines);  // §3.3.1; only digits and "+"
  FinalResult cnmi(const AtCommand& command, Lines& lines);  // §3.4.1; <mode> 0 holds codes back
  FinalResult cmgl(const AtCommand& command, Lines& lines);  // §4.1; what it lists becomes read
  FinalResult cmgr(const AtCommand& command, Lines& lines);  // §4.2; marks as read
  // §3.5.4, <delflag> too; freeing a free slot is OK.
  FinalResult cmgd(const AtCommand& command, Lines& lines);
  FinalResult cmgs(const AtCommand& command, Lines& lines);  // §4.3; opens the prompt
  FinalResult cmgw(const AtCommand& command, Lines& lines);  // §4.4; the same, for a slot of mem2
  FinalResult cmss(const AtCommand& command, Lines& lines);  // sends a stored part; the recipient stays
  FinalResult cmms(const AtCommand& command, Lines& lines);  // remembered, without an effect
  // §3.4.4; an error when nothing waits for it. 1 and 2 with a length want the acknowledgement's TPDU typed
  // in; 2 refuses the message, and the network delivers it again.
  FinalResult cnma(const AtCommand& command, Lines& lines);

  // What was typed behind the prompt of +CMGS, +CMGW or +CNMA, up to Ctrl-Z. +CMS ERROR 304: not hex, not as
  // long as announced, or no SMS-SUBMIT; 331: no network.
  FinalResult enter_pdu(std::string_view hex, Lines& lines);
  void cancel_entry() { entry_.reset(); }  // ESC, or the host is gone
  // The part that the last command handed to the network, once.
  [[nodiscard]] std::optional<SentPart> take_outgoing() { return std::exchange(outgoing_, std::nullopt); }

  // The message that the host has refused (AT+CNMA=2), once: the network delivers it again.
  [[nodiscard]] std::optional<modem::Octets> take_refused() { return std::exchange(refused_, std::nullopt); }

  // The habit of the AT+CMGS that enter_pdu() ended, once; an ordinary one where it had none.
  [[nodiscard]] SendHabit take_send_habit() { return std::exchange(send_habit_, {}); }

  // A PDU from the network, SMSC address in front. False: nothing is free for it now, the network has to keep
  // it.
  [[nodiscard]] bool receive(const modem::Octets& pdu);
  // Into that slot of the receiving memory, unannounced; false when it is taken or does not exist.
  [[nodiscard]] bool put_in_slot(int index, const modem::Octets& pdu);
  // Until when a message routed to the host waits for its +CNMA; nothing when none does.
  [[nodiscard]] std::optional<SteadyTime> acknowledge_by() const;
  // That time is over: stops routing to the host (TS 27.005 §3.4.1) and hands the message back to the
  // network. Only while acknowledge_by() says a time.
  [[nodiscard]] modem::Octets acknowledgement_missed();

  void set_registered(bool registered) { registered_ = registered; }    // whether the network can be reached
  void set_ucs2(bool ucs2) { ucs2_ = ucs2; }                            // +CSCS: how strings are given
  [[nodiscard]] std::size_t stored() const { return storage_.used(); }  // occupied slots in all storages

  [[nodiscard]] ModemHabits& habits() { return habits_; }              // to be changed at any moment
  [[nodiscard]] const ModemHabits& habits() const { return habits_; }  // what is left of them

 private:
  struct Entry {  // an open prompt
    enum class Command : std::uint8_t { send, store, acknowledge, refuse } command = Command::send;
    int length = 0;  // octets of the TPDU
    MessageStatus status = MessageStatus::stored_unsent;
  };
  struct Routing {  // +CNMI
    int mode = 0, mt = 0, bm = 0, ds = 0, bfr = 0;
  };
  struct Unacknowledged {
    modem::Octets pdu;
    SteadyTime deadline;
  };

  FinalResult open_prompt(const AtCommand& command, Entry::Command purpose);
  FinalResult acknowledge(bool accepted);
  FinalResult hand_over(const modem::Octets& pdu, std::string_view command, Lines& lines);
  FinalResult write_to_memory(modem::Octets pdu, MessageStatus status, Lines& lines);
  std::string memory_report(MessageStorage::Use use, bool with_name);
  bool receive_message(const modem::Octets& pdu);
  bool receive_report(const modem::Octets& pdu);
  void route_to_host(std::string_view header, const modem::Octets& pdu);
  // `code` ("+CMTI: "; empty: none) goes to every port whose +CNMI asks for it.
  bool store(const modem::Octets& pdu, MessageMemory& memory, std::string_view code);
  void indicate(std::string text);

  const SimModemOptions& options_;
  std::function<void(std::string)> send_urc_;
  MobileEquipment& equipment_;
  MessageStorage storage_;
  Routing routing_;
  std::vector<std::string> held_back_;  // URCs while <mode> is 0
  std::optional<Entry> entry_;
  std::optional<SentPart> outgoing_;
  ModemHabits habits_;
  SendHabit send_habit_;
  std::optional<Unacknowledged> unacknowledged_;
  std::optional<modem::Octets> refused_;
  int service_ = 0;       // +CSMS
  int more_to_send_ = 0;  // +CMMS
  bool registered_ = false;
  bool ucs2_ = false;
};

}  // namespace pigeon::sim
