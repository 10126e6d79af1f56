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
#include "sim/modem/sim_at_line.h"
#include "sim/modem/sim_at_result.h"
#include "sim/modem/sim_modem.h"
#include "sim/modem/sim_storage.h"

namespace pigeon::sim {

// Not thread-safe. The caller has seen to it that the SIM is ready before it calls a command.
class MessageService {
 public:
  using Lines = std::vector<std::string>;  // of an information response, without framing

  // `indicate` takes the text of a URC, without framing.
  MessageService(const SimModemOptions& options, std::function<void(std::string)> indicate);

  void reset();  // ATZ: settings as at power-up; stored messages stay

  FinalResult csms(const AtCommand& command, Lines& lines);
  FinalResult cmgf(const AtCommand& command, Lines& lines);
  FinalResult cpms(const AtCommand& command, Lines& lines);
  FinalResult csca(const AtCommand& command, Lines& lines);
  FinalResult cnmi(const AtCommand& command, Lines& lines);
  FinalResult cmgl(const AtCommand& command, Lines& lines);
  FinalResult cmgr(const AtCommand& command, Lines& lines);
  FinalResult cmgd(const AtCommand& command, Lines& lines);
  FinalResult cmgs(const AtCommand& command, Lines& lines);
  FinalResult cmgw(const AtCommand& command, Lines& lines);
  FinalResult cmss(const AtCommand& command, Lines& lines);
  FinalResult cmms(const AtCommand& command, Lines& lines);
  FinalResult cnma(const AtCommand& command, Lines& lines);

  // What was typed behind the prompt of +CMGS or +CMGW, up to Ctrl-Z.
  FinalResult enter_pdu(std::string_view hex, Lines& lines);
  void cancel_entry() { entry_.reset(); }
  // The part that the last command handed to the network, once.
  [[nodiscard]] std::optional<SentPart> take_outgoing() { return std::exchange(outgoing_, std::nullopt); }

  // A PDU from the network, SMSC address in front. False: nothing is free for it now, the network has to keep
  // it.
  [[nodiscard]] bool receive(const modem::Octets& pdu);
  // When a message routed to the host still wants its +CNMA: until when. Past that, `acknowledgement_missed`
  // stops the routing (TS 27.005 §3.4.1) and hands the message back to the network.
  [[nodiscard]] std::optional<SteadyTime> acknowledge_by() const;
  [[nodiscard]] modem::Octets acknowledgement_missed();

  void set_registered(bool registered) { registered_ = registered; }  // whether the network can be reached
  void set_ucs2(bool ucs2) { ucs2_ = ucs2; }                          // +CSCS: how strings are given
  [[nodiscard]] std::size_t stored() const { return storage_.used(); }

 private:
  struct Entry {         // an open prompt
    bool store = false;  // +CMGW instead of +CMGS
    int length = 0;      // octets of the TPDU
    MessageStatus status = MessageStatus::stored_unsent;
  };
  struct Routing {  // +CNMI
    int mode = 0, mt = 0, bm = 0, ds = 0, bfr = 0;
  };
  struct Unacknowledged {
    modem::Octets pdu;
    SteadyTime deadline;
  };

  FinalResult open_prompt(const AtCommand& command, bool store);
  FinalResult hand_over(const modem::Octets& pdu, std::string_view command, Lines& lines);
  FinalResult write_to_memory(modem::Octets pdu, MessageStatus status, Lines& lines);
  std::string memory_report(MessageStorage::Use use, bool with_name);
  bool receive_message(const modem::Octets& pdu);
  bool receive_report(const modem::Octets& pdu);
  void route_to_host(std::string_view header, const modem::Octets& pdu);
  bool store(const modem::Octets& pdu, MessageMemory& memory, std::string_view announce);
  void indicate(std::string text);

  const SimModemOptions& options_;
  std::function<void(std::string)> send_urc_;
  MessageStorage storage_;
  Routing routing_;
  std::vector<std::string> held_back_;  // URCs while <mode> is 0
  std::optional<Entry> entry_;
  std::optional<SentPart> outgoing_;
  std::optional<Unacknowledged> unacknowledged_;
  std::string smsc_;
  std::uint8_t reference_ = 0;
  int service_ = 0;       // +CSMS
  int more_to_send_ = 0;  // +CMMS
  bool registered_ = false;
  bool ucs2_ = false;
};

}  // namespace pigeon::sim
