// One session with a modem: bringing it from any state to "PDU mode, storages chosen, announces messages"
// (session.cpp), and keeping it there while its owner waits (upkeep.cpp). Each setting is asked first and
// written only when it is not so.
#pragma once

#include <cstdint>
#include <optional>

#include "modem/driver/health.h"
#include "modem/driver/indications.h"
#include "modem/driver/line.h"
#include "modem/driver/news.h"
#include "modem/driver/profile.h"
#include "modem/driver/service_centre.h"
#include "modem/driver/sim.h"
#include "modem/driver/storages.h"

namespace pigeon::modem {

class Session {
 public:
  // What is brought up and kept; all of it outlives the session. `identity` and `profile` are what
  // identifying fills in, for the other parts to look at.
  struct Parts {
    Line& line;
    ModemIdentity& identity;
    Profile& profile;
    Sim& sim;
    Storages& storages;
    ServiceCentre& centre;
    Indications& indications;
    News& news;
    Health& health;
  };
  explicit Session(const Parts& parts) : parts_(parts), line_(parts.line) {}

  [[nodiscard]] Result<void> bring_up();  // the channel is in step already
  [[nodiscard]] Result<void> resume();    // finds into step, then bring_up()
  // Finds into step on a further port of a modem that is up, and sets what each port has for itself. Not the
  // storages: where AT+CPMS holds for all ports, the first would read and delete in another one than it
  // chose.
  [[nodiscard]] Result<void> join();
  // PDU mode and indications again, for a modem that shows by text mode that it has restarted.
  [[nodiscard]] Result<void> set_up_again();

  // What is due between two commands of the owner: settings that the modem has lost or refused, and a modem
  // that says nothing. Errc::timeout: it does not answer.
  [[nodiscard]] Result<void> keep_up();
  [[nodiscard]] SteadyTime next_upkeep() const;
  // What SerialModem::acknowledge() says.
  [[nodiscard]] Result<void> acknowledge();
  [[nodiscard]] bool acknowledges() const { return acknowledges_; }  // AT+CSMS=1 holds

 private:
  Result<void> choose_wording();          // no echo, errors as numbers, names in letters
  Result<void> choose_own();              // what only this family has
  Result<void> identify();                // names, IMEI and the family; what is known is not asked again
  Result<void> ensure_radio();            // CFUN=1 where the modem starts with 0 or 4
  Result<void> ensure_pdu_mode();         // as below, unless it is there
  Result<void> select_pdu_mode();         // Errc::unsupported: no PDU mode, no SMS
  Result<void> choose_service();          // phase 2+ is kept where it is set and can be acknowledged
  [[nodiscard]] bool is_settled() const;  // the modem refuses nothing that it could take later
  Result<void> settle_again();            // tries again what was refused
  Result<void> ask_for_life();
  bool echoes_again();  // and then says that the modem has restarted
  void settle_later();  // makes settle_again() due in a while, each time a longer one

  Parts parts_;
  Line& line_;
  bool radio_on_ = false;
  bool acknowledges_ = false;
  // How many command lines had come back when the modem had stopped to echo; nothing: it never does.
  std::optional<std::uint64_t> silent_echoes_;
  bool could_select_ = false;     // storages, when that was looked at last
  SteadyTime settle_at_{};        // settle_again() is due, unless is_settled()
  milliseconds settle_pause_{0};  // before that
};

}  // namespace pigeon::modem
