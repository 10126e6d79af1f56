// The table of causes; see cause.h. A new cause is a new row, in the place that its enumerator has.
#include "modem/causes/cause.h"

namespace pigeon::modem {
namespace {

constexpr std::string_view kFinding = "docs/modems.md#finding-the-modem";
constexpr std::string_view kNetwork = "docs/modems.md#what-a-modem-tells";
constexpr std::string_view kSticks = "docs/modems.md#is-my-stick-all-right";

constexpr CauseWords kRows[] = {
    {Cause::hilink, "hilink", "a HiLink stick: it shows a network card and a web page, and no AT port",
     "give it stick firmware, or use another stick", kSticks},
    {Cause::network_mode, "network_mode",
     "this stick shows itself as a network card: it has no AT port as it is",
     "switch it into its modem mode (usb_modeswitch, or the maker's AT command), or use another stick",
     kSticks},
    {Cause::storage_mode, "storage_mode",
     "this stick still shows itself as storage, the disk with its driver",
     "sudo apt install usb-modeswitch, then plug it in again", kSticks},
    {Cause::no_driver, "no_driver", "a modem for which the kernel has made no serial port",
     "sudo modprobe option; if that does not help, look for it in dmesg", kSticks},
    {Cause::other_port, "other_port", "a port of this modem for something else (diagnostics, GPS, voice)", "",
     kSticks},
    {Cause::unknown_device, "unknown_device",
     "no known modem (a GPS receiver, a programming cable?): never opened by itself",
     "if it is a modem, name it in [[modem]]: url = \"serial:PORT\"", kFinding},
    {Cause::second_port, "second_port", "another AT port of the same stick, which is one modem", "",
     kFinding},
    {Cause::port_absent, "port_absent", "this port is configured, and is not there",
     "plug the stick in; ttyUSB numbers move, so rather url = \"serial:auto\"", kFinding},
    {Cause::no_permission, "no_permission", "no permission to open the port",
     "ask with sudo; if that says the same, pigeond may not either: install its udev rules and plug it in "
     "again",
     kFinding},
    {Cause::port_in_use, "port_in_use", "another program holds the port",
     "stop it; the udev rules keep ModemManager away: sudo udevadm trigger, and plug the stick in again",
     kFinding},
    {Cause::no_answer, "no_answer", "nothing on this port answers AT",
     "unplug it for ten seconds; if it stays deaf, another port of the stick may be the one", kSticks},
    {Cause::registration_denied, "registration_denied", "the network refuses this SIM",
     "is it active, paid, and allowed to use SMS? Try it in a phone", kNetwork},
    {Cause::no_network, "no_network", "the modem finds no network", "check the antenna and the place",
     kNetwork},
    {Cause::no_service_centre, "no_service_centre", "no SMS centre is set: texts cannot be sent",
     "ask the operator for its number, and write it into the configuration: [[modem]] smsc", kNetwork},
    {Cause::storage_full, "storage_full", "there is no room for more texts",
     "pigeond frees what it has read: is it running? Delete the others in a phone", kNetwork},
};

// words_of() finds a row by its place.
constexpr bool rows_follow_the_causes() {
  std::size_t place = 0;
  for (const CauseWords& row : kRows) {
    if (static_cast<std::size_t>(row.cause) != place++) return false;
  }
  return place == static_cast<std::size_t>(Cause::storage_full) + 1;
}
static_assert(rows_follow_the_causes());

}  // namespace

std::span<const CauseWords> all_causes() {
  return kRows;
}

const CauseWords& words_of(Cause cause) {
  return kRows[static_cast<std::size_t>(cause)];
}

}  // namespace pigeon::modem
