// The inside of SerialModem (serial_modem.h), shared by the files that implement it: bring_up (bring-up),
// sim (PIN and states of the card), storages (slots), sender, health. Nobody else
// includes this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "modem/at/at_channel.h"
#include "modem/at/at_values.h"
#include "modem/driver/quirks.h"
#include "modem/driver/serial_modem.h"

namespace pigeon::modem {

struct SerialModem::Impl {
  // `at_channel` is in step: its modem has answered AT. Nothing is asked yet.
  Impl(const ModemOptions& modem_options, AtChannel at_channel);

  // bring_up.cpp
  Result<void> bring_up();            // the channel is in step already
  Result<void> resume();              // finds into step, then bring_up()
  Result<void> identify();            // names, IMEI and the family; a refusal leaves a field as it was
  Result<void> ensure_radio();        // CFUN=1 where the modem starts with 0 or 4
  Result<void> select_pdu_mode();     // Errc::unsupported: no PDU mode, no SMS
  Result<void> set_service_centre();  // reads +CSCA; writes it when options.smsc differs
  Result<void> choose_indications();  // the CNMI ladder; that none is accepted is no error
  // True when the modem accepted `wanted` and, as far as it tells, announces messages now.
  Result<bool> try_indications(const CnmiSettings& wanted);

  // sim.cpp. Errc::not_found no card, denied locked for good or the PIN refused, busy not ready in time.
  Result<void> unlock_sim();
  // The only place that sends a PIN; Errc::busy: the card was not ready to judge it and it counts as untried.
  Result<void> enter_pin();

  // storages.cpp. Sets mem1 to mem3; a modem that refuses every choice is used as it is.
  Result<void> choose_storages();
  // mem1 := `name`, in the longest form of +CPMS that this modem takes; nothing is asked when it is there
  // already.
  Result<void> select_storage(const std::string& name);
  std::vector<std::string> storages_to_list() const;   // where messages may lie, the receive storage last
  Result<std::vector<StoredMessage>> list_messages();  // only the receive storage must be readable
  // AT+CMGL, or slot by slot on a modem that cannot list; damaged entries are read again one by one.
  Result<std::vector<StoredMessage>> list_storage(const std::string& name);
  // CMGR from index 0 on, until as many were found as `storage` holds.
  Result<std::vector<StoredMessage>> walk_slots(const StorageState& storage);
  // Asked twice when the answer was torn or drowned; nothing for an empty slot.
  Result<std::optional<StoredMessage>> read_message(const Slot& slot);
  // An error on a slot that turns out empty is a success.
  Result<void> delete_message(const Slot& slot);
  Result<std::vector<StorageState>> storage_states();  // +CPMS?, mem1 to mem3; fewer on old modems

  // sender.cpp. AT+CMGS of one part, by the service centre that is set; errors as SerialModem::send says.
  Result<SendReceipt> send(const Submit& submit);
  // health.cpp. What SerialModem::health says: CSQ, registration, COPS, CPMS.
  Result<ModemHealth> health();
  Result<Registration> registration();  // the best of CREG, CEREG and CGREG
  void report_counters();               // logs the channel's noise, and a second program on the port once

  // serial_modem.cpp. What is queued at once, else the channel's next news; a wake-up becomes an event and is
  // cleared.
  Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup);
  void collect_events();           // from the channel to `events`; a loss asks for a listing
  void add_event(const Urc& urc);  // noise makes none, and a second `restarted` neither
  void forget_restarts();          // before a bring-up, which is the answer to them
  // A command that the modem may leave unanswered once (the Answer is then empty and its result `missing`);
  // two in a row mean that it has fallen silent, Errc::timeout.
  Result<Answer> ask(std::string_view line, milliseconds timeout, Ending ending = Ending::final_result);
  // With the ordinary timeout.
  Result<Answer> ask(std::string_view line) { return ask(line, options.timeouts.answer); }
  // The same where not even the answer matters.
  Result<void> attempt(std::string_view line);
  // Repeats `line` while the SIM is busy; other refusals are Answers.
  Result<Answer> command_when_ready(std::string_view line);
  // Lets time pass and keeps what the modem says meanwhile. Errc::timeout when the owner gives up.
  Result<void> pause(milliseconds time);

  ModemOptions options;
  std::string tag;  // for logs: "modem/main"
  AtChannel channel;
  ModemIdentity identity;
  ModemSettings settings;
  const Family* family = &generic_family();
  std::vector<Event> events;
  int silent_commands = 0;  // asked in a row without an answer
  bool radio_on = false;
  bool told_of_foreigner = false;

  StorageChoices storage_choices;
  std::string read_storage;   // mem1: what CMGR, CMGL and CMGD work on
  std::string write_storage;  // mem2
  int cpms_arguments = 3;     // how many storages AT+CPMS wants to hear; learned
  bool can_select = true;     // AT+CPMS= works at all
};

}  // namespace pigeon::modem
