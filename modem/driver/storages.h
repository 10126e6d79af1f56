// Message storages and slots (3GPP TS 27.005 §3.2.2, §3.4, §3.5): which are chosen, what lies in them, and
// freeing it.
//
//   mem1  what CMGL, CMGR and CMGD look at     switched as needed, left on the receive storage
//   mem2  what CMGW and CMSS use               left alone
//   mem3  where texts arrive                   chosen once; a scan must never change it
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "modem/at/at_values.h"
#include "modem/at/slot.h"
#include "modem/driver/line.h"
#include "modem/driver/profile.h"

namespace pigeon::modem {

class Storages {
 public:
  // `set_up_again` is called when the modem turns out to be in text mode: it has restarted without saying so,
  // and what else was set is gone too. It has to bring PDU mode back.
  Storages(Line& line, const Profile& profile, std::function<Result<void>()> set_up_again);

  // Sets mem1 to mem3; a modem that refuses every choice is used as it is.
  [[nodiscard]] Result<void> choose();
  // False: the modem has refused every selection, so choose() may succeed later.
  [[nodiscard]] bool can_select() const { return can_select_; }
  [[nodiscard]] const std::string& receive_storage() const { return receive_; }
  [[nodiscard]] bool offers_reports() const;  // AT+CPMS=? names SR among what can be read
  // Whether the last list() left a slot that holds something and could not be read.
  [[nodiscard]] bool left_slots() const { return left_slots_; }

  // The slot under the name that list() gives it; nothing when only a listing can tell.
  [[nodiscard]] std::optional<Slot> known_slot(std::optional<Slot> indicated) const;
  // What SerialModem says of its list_messages(), read_message(), delete_message() and count_messages().
  // `with_reports`: of SR as well, where status reports may lie.
  [[nodiscard]] Result<std::vector<StoredMessage>> list(bool with_reports = false);
  [[nodiscard]] Result<std::optional<StoredMessage>> read(const Slot& slot);
  [[nodiscard]] Result<void> erase(const Slot& slot);
  [[nodiscard]] Result<std::optional<int>> count();
  // +CPMS?, mem1 to mem3; fewer on old modems.
  [[nodiscard]] Result<std::vector<StorageState>> ask_states();

 private:
  void use_what_is_selected(const std::vector<StorageState>& states);  // none can be selected
  Result<void> refused_selection(Error error);                         // returns it
  // mem1 := `name`, in the longest form of +CPMS that this modem takes; nothing is asked when it is there
  // already.
  Result<void> select(const std::string& name);
  [[nodiscard]] std::vector<std::string> names_to_list(bool with_reports) const;  // the receive storage last
  [[nodiscard]] bool reads_halves_of_mt() const;  // texts arrive in MT and are listed as SM's and ME's
  // AT+CMGL, and slot by slot what that does not show; damaged entries are read again one by one.
  Result<std::vector<StoredMessage>> list_storage(const std::string& name);
  Result<Answer> ask_for_list(const std::string& name);
  Result<void> open_storage(const std::string& name);  // one that is empty and cannot be listed
  // CMGR from index 0 on, until `messages` has as many as `storage` holds.
  Result<void> walk_slots(const StorageState& storage, std::vector<StoredMessage>& messages);
  // Reads `slot` into `messages`; one that cannot be read is logged once.
  Result<void> take_slot(const Slot& slot, std::vector<StoredMessage>& messages);
  [[nodiscard]] bool has_right_length(const AnswerLine& line) const;
  Octets believe(const AnswerLine& line);
  Result<void> back_to_pdu_mode();

  Line& line_;
  const Profile& profile_;
  std::function<Result<void>()> set_up_again_;
  StorageChoices choices_;
  std::string receive_;                    // mem3
  std::string read_;                       // mem1: what CMGR, CMGL and CMGD work on; empty: nobody knows
  std::string write_;                      // mem2
  int cpms_arguments_ = 3;                 // how many storages AT+CPMS wants to hear; learned
  bool lists_mt_only_ = false;             // SM or ME cannot be listed by itself
  bool can_select_ = true;                 // AT+CPMS= works at all, as far as is known
  bool has_selected_ = false;              // it has worked
  std::uint64_t lapses_at_selection_ = 0;  // of the channel, when read_ was selected
  bool counts_service_centre_ = false;     // the lengths that this modem announces do
  std::set<std::string> opened_storages_;  // since choose()
  std::set<Slot> bad_slots_;               // told of already
  bool left_slots_ = false;                // by the last list()
};

}  // namespace pigeon::modem
