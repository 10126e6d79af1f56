// Why a modem is not usable, one row a cause: what it means, what cures it, and where the documents say more.
// Whoever finds a cause names it, and whoever tells a person about it (`pigeon`) takes the words from here.
// An error of the driver leads to its cause by what it says (cause_of), so that it does also from a log line,
// a row of the database or an answer of the control socket.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace pigeon::modem {

enum class Cause {
  // What the kernel shows of a stick.
  hilink,          // it is a network card by its firmware
  network_mode,    // it shows itself as a network card
  storage_mode,    // it still shows its disk with the Windows driver
  no_driver,       // the kernel made no serial port of it
  other_port,      // a port of a modem that speaks no AT: diagnostics, GPS, voice
  unknown_device,  // a serial port of a device in no family: a GPS receiver, a programming cable
  second_port,     // another port of a stick whose AT port is used
  no_modem,        // nothing that is plugged in is one
  // What opening a port shows.
  bad_url,  // the configuration names no port
  port_absent,
  port_young,  // udev is not through with it
  no_permission,
  port_in_use,
  modem_manager,  // it is ModemManager that uses it
  port_failing,   // the system reports an error of it
  stick_taken,    // by another modem of this box
  other_imei,     // no stick has the one that is configured
  no_answer,      // to AT
  // What a modem does that was found.
  modem_gone,       // pulled out
  modem_silent,     // it answers no more
  modem_restarts,   // by itself
  foreign_program,  // answers come that nobody asked for
  garbled,          // what it says differs each time
  command_refused,  // with a reason that is no other row's
  command_unknown,  // one that a person gave it
  no_sms,           // PDU mode is refused
  // Its SIM.
  sim_missing,
  sim_busy,
  pin_missing,    // it asks for one, and none is configured
  pin_malformed,  // the configured one
  pin_refused,
  pin_last_try,
  sim_blocked,  // it asks for its PUK
  sim_locked,   // to another network or device
  // Its network.
  registration_denied,
  no_signal,
  no_network,
  no_credit,     // or a SIM that may not send
  network_busy,  // or the recipient's phone: a text comes too early
  number_refused,
  short_code,
  no_service_centre,
  bad_service_centre,  // the configured one
  storage_full,
  // The box.
  clock_wrong,
};

struct CauseWords {
  Cause cause;
  std::string_view word;     // for machines: "storage_mode"
  std::string_view means;    // a sentence without a full stop
  std::string_view cure;     // the same; empty: nothing is to be done
  std::string_view section;  // "docs/modems.md#finding-the-modem"
  // What the driver's errors say where it is so, parts of their messages with '|' between them; empty: it is
  // found otherwise.
  std::string_view signs{};
};

// Every row, in the order of the causes; static.
[[nodiscard]] std::span<const CauseWords> all_causes();
[[nodiscard]] const CauseWords& words_of(Cause cause);

// The cause of an error of the driver, by its message. Where a message gives several (a search names each
// port that was no modem), the first one. Nothing: it is no matter of modem, SIM or network (a stop, one
// text).
[[nodiscard]] std::optional<Cause> cause_of(std::string_view message);

}  // namespace pigeon::modem
