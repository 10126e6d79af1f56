// A GSM modem made of software behind a pseudo-terminal: it behaves like a dongle (echo, prompts, slots that
// fill, +CMTI, delays, several storages, status reports) and is used by tests, by the demo and by a person
// with a terminal program. gammu and smstools can drive it (tests/clients).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "modem/sms/pdu.h"
#include "sim/modem/sim_habits.h"

namespace pigeon::sim {

struct SimModemOptions {
  std::string manufacturer = "Carrier Pigeon";
  std::string model = "SIM-4G";
  std::string revision = "1.0";
  std::string imei = "490154203237518";
  std::string imsi = "262011234567890";
  std::string number = "+12025550100";  // own number
  std::string smsc = "+12025550199";
  std::string pin = {};  // empty: no PIN asked
  std::string puk = "12345678";
  bool sim_inserted = true;
  std::string iccid = "8949010000000000123";  // ITU-T E.118, with its check digit
  std::string ussd_answer = "Balance: 5.00";  // of the network to every AT+CUSD request; ASCII
  milliseconds sim_start_up{0};  // the SIM is busy so long after the right PIN; then +CPIN: READY
  int sim_slots = 30;            // "SM"
  int me_slots = 50;             // "ME"
  int report_slots = 0;     // "SR", for reports that are stored; 0: there is none, and they lie with texts
  bool one_memory = false;  // "SM" and "ME" are two names of one memory of `sim_slots`
  int first_index = 1;      // Huawei sticks count from 0
  std::string receive_storage = "SM";  // where messages land until +CPMS mem3 says otherwise
  milliseconds answer_delay{0};        // before each answer
  milliseconds answer_spread{0};       // and up to so much more, drawn anew each time from a fixed seed
  milliseconds send_delay{0};          // between the PDU and +CMGS
  milliseconds send_spread{0};         // the same for that
  std::size_t chunk = 0;               // answers are written in pieces of this many bytes; 0: whole
  std::string prompt = "\r\n> ";
  bool echoes = true;                // false: not even after ATE1
  bool echo_stays_on = false;        // ATE0 says OK and changes nothing
  bool urcs_inside_answers = false;  // what comes while a command runs stands behind its answer's first line
  milliseconds acknowledge_timeout{15000};  // for +CNMA, after AT+CSMS=1 and a message routed to the host
  std::string link = {};                    // also reachable under this symlink; empty: none
};

// A message part that the host sent with AT+CMGS.
struct SentPart {
  modem::Submit submit;
  modem::Octets pdu;  // TPDU octets
  std::uint8_t reference = 0;
  std::chrono::steady_clock::time_point at{};
};

// What a hook wants done with a command line or a PDU instead of the ordinary behaviour.
struct Intervention {
  // `hang` carries the command out, hears and says nothing for `delay`, and then goes on where it was.
  // `restart` loses its settings and what it is given for `delay`, and then says `answer`.
  enum class Kind { proceed, answer, silence, hang_up, hang, restart } kind = Kind::proceed;
  // For `answer`: the raw bytes to write, framing included. For `proceed`: what comes out within the ordinary
  // answer.
  std::string answer{};
  milliseconds delay{0};  // of `answer`, `hang` and `restart`
  bool prompts = false;   // `answer` ends in a prompt: what is typed next is a PDU
  std::size_t at = 0;     // for `proceed`: behind how many bytes of it, modulo all of them
};

// Thread-safe. The modem runs in its own thread from construction to destruction.
class SimModem {
 public:
  // Makes the pty and starts the thread; std::system_error or std::runtime_error where Pty does.
  explicit SimModem(SimModemOptions options = {});
  // A second AT port of `first`, which outlives it: one card, memory and radio, and settings of its own.
  // Parts that are sent on it are the modem's, and the modem is unplugged as a whole; hooks and habits are
  // each port's.
  explicit SimModem(SimModem& first, std::string link = {});
  ~SimModem();
  SimModem(const SimModem&) = delete;
  SimModem& operator=(const SimModem&) = delete;

  [[nodiscard]] std::string device() const;  // the pty's path

  // The network delivers an SMS-DELIVER (TPDU, or with an SMSC address in front when `with_smsc`): a free
  // slot is taken and +CMTI sent; with no free slot, a locked SIM or no registration it waits in the network.
  // A status report goes where +CNMI sends it.
  void deliver(const modem::Octets& pdu, bool with_smsc = true);
  // The same once `delay` has passed; returns at once, and what is due at the end of the modem's life is
  // lost.
  void deliver_after(milliseconds delay, modem::Octets pdu, bool with_smsc = true);
  // What lies in a slot of the receiving memory already, SMSC address in front, without an indication. False:
  // the slot is taken or does not exist.
  [[nodiscard]] bool put_in_slot(int index, const modem::Octets& pdu);
  // Raw bytes to the host at any moment: URCs, boot chatter, garbage.
  void inject(std::string_view bytes);
  void inject_after(milliseconds delay, std::string bytes);  // as deliver_after()

  // From now on; a command that is being carried out may still have the former ones.
  void set_habits(ModemHabits habits);
  // As they are now: `sends`, `noise` and `smsc_lost` are used up.
  [[nodiscard]] ModemHabits habits() const;

  // Parts the host sent so far, in order.
  [[nodiscard]] std::vector<SentPart> sent() const;
  // The same after at least `count` came or `timeout` passed, whichever is first.
  [[nodiscard]] std::vector<SentPart> wait_for_sent(std::size_t count, milliseconds timeout) const;
  // Called on the modem's thread with each part after the network took it (the carrier routes it to a phone).
  // Listeners and hooks may call the modem. Setting one (or none) waits until the former one has returned, so
  // that what it refers to may go; only a hook itself does not wait.
  void on_sent(std::function<void(const SentPart&)> listener);

  // Called on the modem's thread with a complete command line, without its CR; for a PDU behind the prompt
  // the line is "PDU <hex>".
  using Hook = std::function<Intervention(std::string_view line)>;
  // Before the line is carried out; may put another answer in the place of the ordinary one.
  void before_command(Hook hook);
  // After it was carried out, its final result still unwritten: a place to lose an answer.
  void after_command(Hook hook);

  [[nodiscard]] std::size_t messages_stored() const;   // occupied slots in all storages
  [[nodiscard]] std::size_t messages_waiting() const;  // in the network, for want of a slot

  // <stat> of +CREG: 1 home, 2 searching, 3 denied, 5 roaming. Sends the URC that +CREG=1 asks for.
  void set_registration(int stat);
  // <rssi> of +CSQ: 0–31, 99 unknown.
  void set_signal(int rssi);

  void unplug();  // the pty closes (POLLHUP for the host)
  // Back in the socket: a new pty, under the same link, and settings as at power-up; stored messages are
  // still there.
  void plug_in();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::sim
