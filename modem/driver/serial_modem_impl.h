// The inside of SerialModem (serial_modem.h), shared by the files that implement it: bring_up (bring-up),
// ussd, sim (PIN and states of the card), card (which one it is), storages (slots), sender, health, upkeep
// (what is due while nothing else is). Nobody else includes this.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "modem/at/at_channel.h"
#include "modem/at/at_values.h"
#include "modem/driver/profile.h"
#include "modem/driver/serial_modem.h"
#include "modem/driver/sticks.h"

namespace pigeon::modem {

struct SerialModem::Impl {
  // `at_channel` is in step: its modem has answered AT. Nothing is asked yet.
  Impl(const ModemOptions& modem_options, AtChannel at_channel);

  // bring_up.cpp
  Result<void> bring_up();            // the channel is in step already
  Result<void> resume();              // finds into step, then bring_up()
  Result<void> choose_wording();      // no echo, errors as numbers, names in letters
  Result<void> identify();            // names, IMEI and the family; what is known is not asked again
  Result<void> ensure_radio();        // CFUN=1 where the modem starts with 0 or 4
  Result<void> ensure_pdu_mode();     // as below, unless it is there
  Result<void> select_pdu_mode();     // Errc::unsupported: no PDU mode, no SMS
  Result<void> choose_service();      // phase 2+ is kept where it is set and can be acknowledged
  Result<void> set_service_centre();  // reads +CSCA; writes it when options.smsc differs
  Result<void> write_service_centre(const std::string& number);  // E.164, with or without its plus
  Result<void> choose_indications();                  // the CNMI ladder; that none is accepted is no error
  Result<std::optional<CnmiSettings>> indications();  // +CNMI?; nothing where the modem does not tell
  Result<void> verify_indications();  // reads +CNMI? and chooses again when it is not what was settled
  // `current` is not written again. Errc::busy as below.
  Result<void> climb_ladder(const std::vector<CnmiSettings>& ladder,
                            const std::optional<CnmiSettings>& current);
  bool adopt_indications(const CnmiSettings& effective);  // false: they announce no messages
  // True when the modem accepted `wanted`, set by `line`, and, as far as it tells, announces messages now.
  // Errc::busy: its SIM is still starting.
  Result<bool> take_indications(const std::string& line, const CnmiSettings& wanted);

  // sim.cpp. Errc::not_found no card, denied locked for good or the PIN refused, busy not ready in time.
  Result<void> unlock_sim();
  // The only place that sends a PIN, into the card that is returned; Errc::busy: the card was not ready to
  // judge it and it counts as untried.
  Result<CardIdentity> enter_pin();
  Result<CardIdentity> card_that_may_be_opened();  // Errc::denied: by this PIN it may not
  [[nodiscard]] PinMemory& pin_memory() const;     // the owner's, else the process's
  // card.cpp. Before the PIN; a card that tells nothing about itself is no error.
  Result<CardIdentity> card_identity();
  Result<std::string> card_number();            // "iccid:…", "imsi:…" or empty
  Result<std::optional<int>> pin_tries_left();  // nothing where the modem does not tell

  // storages.cpp. Sets mem1 to mem3; a modem that refuses every choice is used as it is.
  Result<void> choose_storages();
  void use_what_is_selected(const std::vector<StorageState>& states);  // none can be selected
  Result<void> refused_selection(Error error);                         // returns it
  // mem1 := `name`, in the longest form of +CPMS that this modem takes; nothing is asked when it is there
  // already.
  Result<void> select_storage(const std::string& name);
  std::vector<std::string> storages_to_list() const;  // where messages may lie, the receive storage last
  [[nodiscard]] bool reads_halves_of_mt() const;      // texts arrive in MT and are listed as SM's and ME's
  // The slot under the name that list_messages() gives it; nothing when only a listing can tell.
  [[nodiscard]] std::optional<Slot> known_slot(std::optional<Slot> indicated) const;
  Result<std::vector<StoredMessage>> list_messages();  // only the receive storage must be readable
  // AT+CMGL, and slot by slot what that does not show; damaged entries are read again one by one.
  Result<std::vector<StoredMessage>> list_storage(const std::string& name);
  Result<Answer> list(const std::string& name);
  Result<void> open_storage(const std::string& name);  // one that is empty and cannot be listed
  // CMGR from index 0 on, until `messages` has as many as `storage` holds.
  Result<void> walk_slots(const StorageState& storage, std::vector<StoredMessage>& messages);
  // Reads `slot` into `messages`; one that cannot be read is logged once.
  Result<void> take_slot(const Slot& slot, std::vector<StoredMessage>& messages);
  // Asked again when the answer was damaged, lost or of the wrong length; nothing for an empty slot.
  Result<std::optional<StoredMessage>> read_message(const Slot& slot);
  [[nodiscard]] bool has_right_length(const AnswerLine& line) const;
  Octets believe(const AnswerLine& line);
  Result<void> back_to_pdu_mode();
  // An error on a slot that turns out empty is a success.
  Result<void> delete_message(const Slot& slot);
  Result<std::optional<int>> count_messages();
  Result<std::vector<StorageState>> storage_states();  // +CPMS?, mem1 to mem3; fewer on old modems

  // sender.cpp. AT+CMGS of one part, by the service centre that is set; errors as SerialModem::send says.
  Result<SendReceipt> send(const Submit& submit);
  // ussd.cpp. As SerialModem::request_ussd().
  Result<void> request_ussd(const std::string& text);
  // health.cpp. What SerialModem::health says: CSQ, registration, COPS, CPMS.
  Result<ModemHealth> health();
  Result<Registration> registration();  // the best of CREG, CEREG and CGREG
  void report_counters();               // logs the channel's noise, and a second program on the port once

  // upkeep.cpp. What SerialModem::acknowledge says.
  Result<void> acknowledge();
  // What is due between two commands of the owner: see SerialModem::wait().
  Result<void> keep_up();
  [[nodiscard]] SteadyTime next_upkeep() const;
  [[nodiscard]] bool is_settled() const;  // the modem refuses nothing that it could take later
  Result<void> settle_again();            // tries again what was refused
  Result<void> ask_for_life();            // Errc::timeout: it does not answer
  void settle_later();                    // makes settle_again() due in a while, each time a longer one

  // serial_modem.cpp. Takes the IMEI that bring-up found, so that this stick comes back to this name.
  void keep_stick();
  // What is queued at once, else the channel's next news; a wake-up becomes an event and is
  // cleared.
  Result<std::vector<Event>> wait(SteadyTime deadline, Wakeup* wakeup);
  void collect_events();           // from the channel to `events`; a loss asks for a listing
  void add_event(const Urc& urc);  // noise makes none, and a second `restarted` neither
  void forget_restarts();          // before a bring-up, which is the answer to them
  // The ordinary time-out, and silence once is no error: what is asked while a modem comes up.
  [[nodiscard]] Request patiently(std::string line) const;
  // The same, asked again while the SIM is busy.
  [[nodiscard]] Request when_ready(std::string line) const;
  // Sends a setting whose refusal does not matter.
  Result<void> attempt(std::string line);
  // The same, unless `question` is answered by fields that begin with `answer` ("0" of "+CSMS: 0,1,1,1").
  Result<void> ensure(std::string_view question, std::string_view answer, std::string_view line);
  // Lets time pass and keeps what the modem says meanwhile. Errc::timeout when the owner gives up.
  Result<void> pause(milliseconds time);

  ModemOptions options;
  std::string tag;  // for logs: "modem/main"
  StickHold hold;   // outlives the channel
  AtChannel channel;
  ModemIdentity identity;
  ModemSettings settings;
  const Profile* profile = &generic_profile();
  std::vector<Event> events;
  bool radio_on = false;
  bool unacknowledged = false;  // a message came directly, and the network waits
  bool told_of_foreigner = false;
  bool told_of_silence = false;     // that no message is announced
  bool doubts_indications = false;  // a text came directly although it should be stored
  SteadyTime settle_at{};           // settle_again() is due, unless is_settled()
  milliseconds settle_pause{0};     // before that

  std::optional<UssdForm> ussd_form;  // in which this modem takes AT+CUSD; learned

  StorageChoices storage_choices;
  std::string read_storage;               // mem1: what CMGR, CMGL and CMGD work on
  std::string write_storage;              // mem2
  int cpms_arguments = 3;                 // how many storages AT+CPMS wants to hear; learned
  bool lists_mt_only = false;             // SM or ME cannot be listed by itself
  bool can_select = true;                 // AT+CPMS= works at all, as far as is known
  bool has_selected = false;              // it has worked
  std::uint64_t lapses_at_selection = 0;  // of the channel, when read_storage was selected
  bool counts_service_centre = false;     // the lengths that this modem announces do
  std::set<std::string> opened_storages;  // since the last bring-up
  std::set<Slot> bad_slots;               // told of already
};

}  // namespace pigeon::modem
