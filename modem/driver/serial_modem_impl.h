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
  Impl(const ModemOptions& modem_options, AtChannel at_channel);

  // bring_up.cpp
  Result<void> bring_up();  // the channel is in step already
  Result<void> resume();    // finds into step, then bring_up()
  Result<void> identify();
  Result<void> ensure_radio();
  Result<void> select_pdu_mode();
  Result<void> set_service_centre();
  Result<void> choose_indications();
  Result<bool> try_indications(const CnmiSettings& wanted);

  // sim.cpp
  Result<void> unlock_sim();
  Result<void> enter_pin();

  // storages.cpp
  Result<void> choose_storages();
  Result<void> select_storage(const std::string& name);
  std::vector<std::string> storages_to_list() const;
  Result<std::vector<StoredMessage>> list_messages();
  Result<std::vector<StoredMessage>> list_storage(const std::string& name);
  Result<std::vector<StoredMessage>> walk_slots(const StorageState& storage);
  Result<std::optional<StoredMessage>> read_message(const Slot& slot);
  Result<void> delete_message(const Slot& slot);
  Result<std::vector<StorageState>> storage_states();

  // sender.cpp, health.cpp
  Result<SendReceipt> send(const Submit& submit);
  Result<ModemHealth> health();
  Result<Registration> registration();
  void report_counters();

  // serial_modem.cpp
  Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup);
  void collect_events();
  void add_event(const Urc& urc);
  void forget_restarts();
  // A command that the modem may leave unanswered once (the Answer is then empty and its result `missing`);
  // two in a row mean that it has fallen silent, Errc::timeout.
  Result<Answer> ask(std::string_view line, milliseconds timeout, Ending ending = Ending::final_result);
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
