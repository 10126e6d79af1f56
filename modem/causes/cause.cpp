// The table of causes; see cause.h. A new cause is a new row, in the place that its enumerator has.
#include "modem/causes/cause.h"

#include <algorithm>
#include <cstddef>

namespace pigeon::modem {
namespace {

constexpr std::string_view kFinding = "docs/modems.md#finding-the-modem";
constexpr std::string_view kNetwork = "docs/modems.md#what-a-modem-tells";
constexpr std::string_view kSticks = "docs/modems.md#is-my-stick-all-right";
constexpr std::string_view kSilence = "docs/modems.md#when-it-does-not-answer";
constexpr std::string_view kSim = "docs/modems.md#the-sim-and-its-pin";
constexpr std::string_view kSending = "docs/modems.md#does-it-send";
constexpr std::string_view kClock = "docs/operating.md#the-clock";

constexpr CauseWords kRows[] = {
    {Cause::hilink, "hilink", "a HiLink stick: it shows a network card and a web page, and no AT port",
     "give it stick firmware, or use another stick", kSticks, "HiLink"},
    {Cause::network_mode, "network_mode",
     "this stick shows itself as a network card: it has no AT port as it is",
     "switch it into its modem mode (usb_modeswitch, or the maker's AT command), or use another stick",
     kSticks, "shows itself as a network card|network stick"},
    {Cause::storage_mode, "storage_mode",
     "this stick still shows itself as storage, the disk with its driver",
     "sudo apt install usb-modeswitch, then plug it in again", kSticks,
     "still shows itself as storage|usb-modeswitch"},
    {Cause::no_driver, "no_driver", "a modem for which the kernel has made no serial port",
     "sudo modprobe option; if that does not help, look for it in dmesg", kSticks,
     "a modem without serial ports"},
    {Cause::other_port, "other_port", "a port of this modem for something else (diagnostics, GPS, voice)", "",
     kSticks},
    {Cause::unknown_device, "unknown_device",
     "no known modem (a GPS receiver, a programming cable?): never opened by itself",
     "if it is a modem, name it in [[modem]]: url = \"serial:PORT\"", kFinding, "belong to no known modem"},
    {Cause::second_port, "second_port", "another AT port of the same stick, which is one modem", "",
     kFinding},
    {Cause::no_modem, "no_modem", "nothing that is plugged in is a modem",
     "plug a stick in; lsusb shows whether the box sees it at all", kFinding, "found on USB"},
    {Cause::bad_url, "bad_url", "the configuration names something that is no port",
     "write serial:auto, or a port that 'pigeon modem list' shows", kFinding,
     "expected serial:auto|not a serial port|not a terminal device|is no speed of a serial port"},
    {Cause::port_absent, "port_absent", "this port is configured, and is not there",
     "plug the stick in; ttyUSB numbers move, so rather url = \"serial:auto\"", kFinding,
     "No such file or directory|No such device"},
    {Cause::port_young, "port_young", "the port has just appeared, and the system is not through with it",
     "wait ten seconds", kFinding, "has just appeared"},
    {Cause::no_permission, "no_permission", "no permission to open the port",
     "ask with sudo; if that says the same, pigeond may not either: install its udev rules and plug it in "
     "again",
     kFinding, "no permission"},
    {Cause::port_in_use, "port_in_use", "another program holds the port",
     "stop it; the udev rules keep ModemManager away: sudo udevadm trigger, and plug the stick in again",
     kFinding, "in use by another program"},
    {Cause::modem_manager, "modem_manager", "ModemManager holds the port",
     "the udev rules keep it away: sudo udevadm trigger, and plug the stick in again; or sudo systemctl "
     "disable --now ModemManager",
     kFinding},
    {Cause::port_failing, "port_failing", "the system reports an error of the port",
     "plug the stick in again, without a hub or with one that has its own power; see dmesg", kSilence,
     "Input/output error|Invalid argument|Cannot allocate memory"},
    {Cause::stick_taken, "stick_taken", "the stick is another modem's of this box",
     "give each [[modem]] its own stick: url = \"serial:imei=…\"", kFinding,
     "to another modem of this box|by another modem of this box|and is kept for it|with the same IMEI is in "
     "use"},
    {Cause::other_imei, "other_imei", "no stick has the IMEI that is configured",
     "'pigeon modem info' shows the IMEI of a stick: correct [[modem]] url", kFinding,
     "a modem with another IMEI|a modem that tells no IMEI"},
    {Cause::no_answer, "no_answer", "nothing on this port answers AT",
     "unplug it for ten seconds; if it stays deaf, another port of the stick may be the one", kSticks,
     "no answer to AT"},
    {Cause::modem_gone, "modem_gone", "the stick is gone: it was pulled out, or has no power",
     "plug it in again; a Pi gives little power: use its own supply, or a hub with one", kSilence,
     "the device is gone"},
    {Cause::modem_silent, "modem_silent", "the modem does not answer any more",
     "nothing, if it comes back in a minute; else unplug it for ten seconds", kSilence,
     "no answer within|the device takes no bytes|no prompt|OK instead of a prompt|no result came"},
    {Cause::modem_restarts, "modem_restarts", "the modem has restarted by itself",
     "nothing, if it was once; else it has too little power: use a hub with its own", kSilence,
     "the modem restarted|: the modem restarts"},
    {Cause::foreign_program, "foreign_program", "the modem is asked by another program, too",
     "stop it: sudo systemctl disable --now ModemManager, or install the udev rules", kFinding,
     "two answers to one command|two results came|another program sends commands"},
    {Cause::garbled, "garbled", "the modem's words come garbled",
     "use another USB cable or port, and no second program on the port", kSilence,
     "reads differently each time"},
    {Cause::command_refused, "command_refused", "the modem refuses what it is asked",
     "unplug it for ten seconds; if it goes on, report it with 'pigeon modem info --json'", kSilence,
     " ERROR|: ERROR|cannot be selected on this modem|NOT SUPPORT|NO CARRIER|no form can say it"},
    {Cause::command_unknown, "command_unknown",
     "the modem does not know this command, or not in this form, or has no answer now",
     "AT+CLAC lists what most modems know; 'pigeon modem info' says whether it is ready", kSilence},
    {Cause::no_sms, "no_sms", "the modem refuses PDU mode, which texts need: can it do SMS at all?",
     "another port of the stick may be the one; else use another stick", kSticks, "PDU mode is refused"},
    {Cause::sim_missing, "sim_missing", "no SIM card, or the modem cannot read it",
     "push it in again, the right way round; try it in a phone", kSim,
     "no SIM card|SIM not inserted|SIM failure|SIM wrong"},
    {Cause::sim_busy, "sim_busy", "the SIM does not become ready",
     "unplug the stick for ten seconds; if it stays so, try the SIM in a phone", kSim,
     "does not become ready|SIM busy|please wait"},
    {Cause::pin_missing, "pin_missing", "the SIM asks for its PIN, and none is configured",
     "write it into a file and name that: [[modem]] pin_file; or switch the PIN off in a phone", kSim,
     "the SIM asks for its PIN|SIM PIN required"},
    {Cause::pin_malformed, "pin_malformed", "the configured PIN is not 4 to 8 digits",
     "write nothing else into pin_file", kSim, "is not 4 to 8 digits"},
    {Cause::pin_refused, "pin_refused",
     "the SIM refused the configured PIN, which is not entered again, so that the SIM is not blocked",
     "correct pin_file, then restart pigeond; if it was right: pigeon modem pin --again", kSim,
     "refused the configured PIN|did not open this SIM|incorrect password"},
    {Cause::pin_last_try, "pin_last_try", "the SIM's PIN has one try left, which is not used up",
     "enter the PIN in a phone, or switch it off there", kSim, " try left"},
    {Cause::sim_blocked, "sim_blocked", "the SIM is blocked and asks for its PUK",
     "unlock it in a phone: the PUK is on the SIM's card or with its operator", kSim,
     "asks for its PUK|SIM PUK required"},
    {Cause::sim_locked, "sim_locked", "the SIM or the modem is locked to another network or device",
     "use the SIM of the stick's own operator, or a stick without such a lock", kSim,
     "the SIM or modem is locked|PH-SIM PIN required"},
    {Cause::registration_denied, "registration_denied", "the network refuses this SIM",
     "is it active, paid, and allowed to use SMS? Try it in a phone", kNetwork, "emergency calls only"},
    {Cause::no_signal, "no_signal", "there is no signal",
     "check the antenna and the place: nearer to a window; another operator may be heard there", kNetwork},
    {Cause::no_network, "no_network", "the modem finds no network", "check the antenna and the place",
     kNetwork, "no network service|network timeout|often no registration"},
    {Cause::no_credit, "no_credit", "the network does not let this SIM send texts: is its credit used up?",
     "ask for the balance (pigeon modem ussd, in quotes the operator's code), top it up, and have the "
     "operator allow SMS",
     kNetwork,
     "operator determined barring|call barred|facility not subscribed|unidentified subscriber|unknown "
     "subscriber|no service centre subscription"},
    {Cause::network_busy, "network_busy",
     "the network, its SMS centre or the phone that is texted cannot take the text now",
     "try again in some minutes; if only one number is so, that phone is off, away or full", kNetwork,
     "network out of order|temporary failure|congestion|resources unavailable|service centre busy|service "
     "centre system failure|recipient's memory is full|destination out of service"},
    {Cause::number_refused, "number_refused", "this number cannot be texted",
     "write it with + and the country's code, as +12025550123, and look whether a phone can text it",
     kSending,
     "unassigned number|short message transfer rejected|invalid recipient address|recipient barred|no phone "
     "number|a number in national form"},
    {Cause::short_code, "short_code", "a short code: a text to it may cost money, and is not sent from here",
     "use a phone for it", kSending, "a short code"},
    {Cause::no_service_centre, "no_service_centre", "no SMS centre is set: texts cannot be sent",
     "ask the operator for its number, and write it into the configuration: [[modem]] smsc", kNetwork,
     "service centre address unknown"},
    {Cause::bad_service_centre, "bad_service_centre", "the configured SMS centre is no phone number",
     "correct [[modem]] smsc, or leave it out: the SIM mostly knows its own", kNetwork,
     "smsc: not a phone number"},
    {Cause::storage_full, "storage_full", "there is no room for more texts",
     "pigeond frees what it has read: is it running? Delete the others in a phone", kNetwork, "memory full"},
    {Cause::clock_wrong, "clock_wrong", "the box's clock is wrong",
     "connect it to the network, and look at it: timedatectl", kClock},
};

constexpr Cause kLastCause = Cause::clock_wrong;

// words_of() finds a row by its place.
constexpr bool rows_follow_the_causes() {
  std::size_t place = 0;
  for (const CauseWords& row : kRows) {
    if (static_cast<std::size_t>(row.cause) != place++) return false;
  }
  return place == static_cast<std::size_t>(kLastCause) + 1;
}
static_assert(rows_follow_the_causes());

// Where the first of the signs stands in `message`; npos: none does.
std::size_t place_of_sign(std::string_view message, std::string_view signs) {
  std::size_t first = std::string_view::npos;
  while (!signs.empty()) {
    const std::size_t end = std::min(signs.find('|'), signs.size());
    first = std::min(first, message.find(signs.substr(0, end)));
    signs.remove_prefix(std::min(end + 1, signs.size()));
  }
  return first;
}

// What is said in front of every cause of its kind, and counts where no other one is named.
bool is_general(Cause cause) {
  return cause == Cause::no_modem || cause == Cause::command_refused;
}

}  // namespace

std::span<const CauseWords> all_causes() {
  return kRows;
}

const CauseWords& words_of(Cause cause) {
  return kRows[static_cast<std::size_t>(cause)];
}

std::optional<Cause> cause_of(std::string_view message) {
  std::optional<Cause> found;
  std::size_t first = std::string_view::npos;
  for (const bool general : {false, true}) {
    for (const CauseWords& row : kRows) {
      const std::size_t place = is_general(row.cause) == general ? place_of_sign(message, row.signs) : first;
      if (place >= first) continue;
      first = place;
      found = row.cause;
    }
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace pigeon::modem
