// Why a modem is not usable, one row a cause: what it means, what cures it, and where the documents say more.
// Whoever finds a cause names it, and whoever tells a person about it (`pigeon`) takes the words from here.
#pragma once

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
  // What opening a port shows.
  port_absent,
  no_permission,
  port_in_use,
  no_answer,  // to AT
  // What a modem that is ready tells.
  registration_denied,
  no_network,
  no_service_centre,
  storage_full,
};

struct CauseWords {
  Cause cause;
  std::string_view word;     // for machines: "storage_mode"
  std::string_view means;    // a sentence without a full stop
  std::string_view cure;     // the same; empty: nothing is to be done
  std::string_view section;  // "docs/modems.md#finding-the-modem"
};

// Every row, in the order of the causes; static.
[[nodiscard]] std::span<const CauseWords> all_causes();
[[nodiscard]] const CauseWords& words_of(Cause cause);

}  // namespace pigeon::modem
