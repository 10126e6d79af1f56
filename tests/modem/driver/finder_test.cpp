// Finding the modem: on made-up USB trees whose ports are scripted modems.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <thread>

#include "modem/driver/finder.h"
#include "tests/eventually.h"
#include "tests/modem/made_up_usb.h"
#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

using namespace pigeon;
using namespace pigeon::modem;
using namespace pigeon::test;

namespace {

// Another one each time: the process remembers which stick had which name.
std::string new_imei() {
  static int made = 0;
  return std::to_string(35000000000100 + ++made) + "7";
}

ScriptedModem::Script modem_with(const std::string& imei) {
  return modem_script({{"AT+CGSN", "\n" + imei + "\n\nOK\n"}});
}

// A stick with two AT ports and two that speak something else, like Quectel's.
struct Stick {
  explicit Stick(const std::string& imei) : at(modem_with(imei)), second_at(modem_with(imei)) {}

  void plug_into(MadeUpUsb& usb, const std::string& usb_path, int first_tty) {
    const auto tty = [&](int number) { return "ttyUSB" + std::to_string(first_tty + number); };
    usb.plug_in(usb_path, "2c7c", "0125");
    usb.add_port(usb_path, 0, tty(0), diagnostics.device());
    usb.add_port(usb_path, 1, tty(1), positions.device());
    usb.add_port(usb_path, 2, tty(2), at.device());
    usb.add_port(usb_path, 3, tty(3), second_at.device());
  }

  ScriptedModem diagnostics{[](const std::string&) { return std::string(); }};
  ScriptedModem positions{[](const std::string&) { return std::string("$GPRMC,,V*30\r\n"); }};
  ScriptedModem at, second_at;
};

// The names are the tests' own, too.
ModemOptions named(const MadeUpUsb& usb, const std::string& name, const std::string& url = "serial:auto") {
  ModemOptions options = options_for("");
  options.name = name;
  options.url = url;
  options.usb = usb.tree();
  return options;
}

Error refusal_of(const ModemOptions& options) {
  const auto modem = SerialModem::open(options);
  REQUIRE_FALSE(modem);
  return modem.error();
}

bool says(const Error& error, const std::string& words) {
  return error.message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("finder: the AT port of a stick; nothing is written to its other ports") {
  const std::string first_imei = new_imei();
  MadeUpUsb usb;
  Stick stick(first_imei);
  stick.plug_into(usb, "1-1.2", 0);
  const auto modem = open_modem(named(usb, "at port"));
  CHECK(modem->identity().device == stick.at.device());
  CHECK(modem->identity().imei == first_imei);
  for (const ScriptedModem* other : {&stick.diagnostics, &stick.positions, &stick.second_at})
    CHECK(other->lines().empty());
}

TEST_CASE("finder: the second AT port where the first one is silent") {
  const std::string first_imei = new_imei();
  MadeUpUsb usb;
  ScriptedModem silent([](const std::string&) { return std::string(); });
  ScriptedModem speaking(modem_with(first_imei));
  usb.plug_in("1-1", "2c7c", "0125");
  usb.add_port("1-1", 2, "ttyUSB2", silent.device());
  usb.add_port("1-1", 3, "ttyUSB3", speaking.device());
  auto options = named(usb, "second port");
  options.timeouts.open = milliseconds(400);
  options.timeouts.probe = milliseconds(100);
  CHECK(open_modem(options)->identity().device == speaking.device());
}

TEST_CASE("finder: receivers and programming cables stay untouched unless they are named") {
  const std::string first_imei = new_imei();
  MadeUpUsb usb;
  ScriptedModem stranger(modem_with(first_imei));
  const char* const strangers[][3] = {{"0403", "6001", "ttyUSB0"}, {"1a86", "7523", "ttyUSB1"},
                                      {"10c4", "ea60", "ttyUSB2"}, {"067b", "2303", "ttyUSB3"},
                                      {"1546", "01a8", "ttyACM0"}, {"05c6", "9008", "ttyUSB4"},
                                      {"2341", "0043", "ttyACM1"}};
  for (const auto& [vendor, product, tty] : strangers) {
    const std::string usb_path = "1-" + std::string(tty);
    usb.plug_in(usb_path, vendor, product);
    usb.add_port(usb_path, 0, tty, stranger.device(), "ff0102");
  }
  const Error error = refusal_of(named(usb, "strangers"));
  CHECK(error.code == Errc::not_found);
  CHECK(error.retryable());
  CHECK(says(error, "7 USB serial port(s) belong to no known modem"));
  CHECK(stranger.lines().empty());
  CHECK(open_modem(named(usb, "strangers", "pty:" + stranger.device()))->identity().imei == first_imei);
}

TEST_CASE("finder: by IMEI, with or without its last digit") {
  const std::string first_imei = new_imei();
  const std::string second_imei = new_imei();
  MadeUpUsb usb;
  Stick first(first_imei);
  Stick second(second_imei);
  first.plug_into(usb, "1-1", 0);
  second.plug_into(usb, "1-2", 4);
  for (const std::string& imei : {second_imei, second_imei.substr(0, 14)}) {
    const auto modem = open_modem(named(usb, "by imei", "serial:imei=" + imei));
    CHECK(modem->identity().device == second.at.device());
  }
  CHECK(first.at.count("AT+CFUN?") == 0);  // asked for its IMEI and left as it was
  const Error error = refusal_of(named(usb, "by another imei", "serial:imei=350000000000006"));
  CHECK(error.code == Errc::not_found);
  CHECK(says(error, "no modem with IMEI 350000000000006"));
  CHECK(says(error, "another IMEI (…" + first_imei.substr(11) + ")"));
  CHECK_FALSE(says(error, first_imei));
}

TEST_CASE("finder: a stick with two AT ports is one modem's") {
  const std::string first_imei = new_imei();
  const std::string second_imei = new_imei();
  MadeUpUsb usb;
  Stick stick(first_imei);
  stick.plug_into(usb, "1-1", 0);
  const auto modem = open_modem(named(usb, "one"));
  const auto seen = stick.at.lines().size();
  CHECK(refusal_of(named(usb, "other")).code == Errc::not_found);
  CHECK(says(refusal_of(named(usb, "other")), "belong to another modem of this box"));
  const Error taken = refusal_of(named(usb, "third", "pty:" + stick.second_at.device()));
  CHECK(taken.code == Errc::conflict);
  CHECK(says(taken, "its stick is in use by another modem of this box"));
  CHECK(stick.second_at.lines().empty());
  CHECK(stick.at.lines().size() == seen);

  Stick next(second_imei);
  next.plug_into(usb, "1-2", 4);
  CHECK(open_modem(named(usb, "other"))->identity().imei == second_imei);
}

TEST_CASE("finder: two sticks that tell one IMEI are not two modems") {
  const std::string first_imei = new_imei();
  MadeUpUsb usb;
  Stick stick(first_imei);
  Stick same(first_imei);
  stick.plug_into(usb, "1-1", 0);
  same.plug_into(usb, "1-2", 4);
  const auto modem = open_modem(named(usb, "original"));
  CHECK(says(refusal_of(named(usb, "copy", "serial:imei=" + first_imei)), "same IMEI is in use"));
}

TEST_CASE("finder: a modem comes back as itself, whatever its ports are called then") {
  const std::string first_imei = new_imei();
  const std::string second_imei = new_imei();
  MadeUpUsb usb;
  Stick ours(first_imei);
  Stick spare(second_imei);
  ours.plug_into(usb, "1-1", 0);
  CHECK(open_modem(named(usb, "returning"))->identity().imei == first_imei);
  usb.pull_out_everything();
  spare.plug_into(usb, "1-1", 0);
  ours.plug_into(usb, "1-3", 5);
  CHECK(open_modem(named(usb, "returning"))->identity().device == ours.at.device());
  usb.pull_out_everything();
  spare.plug_into(usb, "1-1", 0);  // the old one is gone for good
  CHECK(open_modem(named(usb, "returning"))->identity().imei == second_imei);
}

TEST_CASE("finder: a modem that is there and silent is told from one that is gone") {
  const std::string imei = new_imei();
  MadeUpUsb usb;
  {
    Stick stick(imei);
    stick.plug_into(usb, "1-1", 0);
    CHECK(open_modem(named(usb, "hanging")));
  }
  auto options = impatient(named(usb, "hanging"));
  usb.pull_out_everything();
  CHECK(refusal_of(options).code == Errc::not_found);
  ScriptedModem silent([](const std::string&) { return std::string(); });
  usb.plug_in("1-1", "2c7c", "0125");
  usb.add_port("1-1", 2, "ttyUSB8", silent.device());
  const Error refused = refusal_of(options);
  CHECK(refused.code == Errc::unsupported);
  CHECK(says(refused, "no answer to AT"));
  options.name = "another";  // which never was there
  CHECK(refusal_of(options).code == Errc::not_found);
}

TEST_CASE("finder: what was one modem's stick is not another one's when both come back") {
  const std::string first_imei = new_imei();
  MadeUpUsb usb;
  Stick stick(first_imei);
  stick.plug_into(usb, "1-1", 0);
  (void)open_modem(named(usb, "owner"));
  CHECK(says(refusal_of(named(usb, "thief")), "was modem 'owner' and is kept for it"));
  CHECK(stick.at.count("AT+CMEE?") == 1);
  CHECK(open_modem(named(usb, "heir", "serial:imei=" + first_imei)));  // who names it gets it
}

TEST_CASE("finder: sticks that will show no AT port are named") {
  MadeUpUsb usb;
  usb.plug_in("1-1", "12d1", "14dc");
  usb.add_interface("1-1", 0, "020600");
  usb.plug_in("1-2", "12d1", "1f01");
  usb.add_interface("1-2", 0, "080650");
  const Error error = refusal_of(named(usb, "advice"));
  CHECK(says(error, "USB device 12d1:14dc is a Huawei HiLink stick"));
  CHECK(says(error, "USB device 12d1:1f01 is a Huawei stick that still shows itself as storage"));
}

// What `open` says to a node that nobody may open yet, and anybody once it waits for that.
std::optional<Error> opened_late(const std::string& node, const std::function<std::optional<Error>()>& open) {
  REQUIRE(::chmod(node.c_str(), 0) == 0);
  std::atomic<long> thread_id{0};
  std::atomic<bool> over{false};
  std::optional<Error> error;
  std::thread opener([&] {
    // Of this thread only: root would be let in whatever the mode is.
    if (::geteuid() == 0) ::syscall(SYS_setresuid, 65534, 65534, 65534);
    thread_id = ::syscall(SYS_gettid);
    error = open();
    over = true;
  });
  const auto waits = [&] {
    std::ifstream stat("/proc/self/task/" + std::to_string(thread_id) + "/stat");
    std::stringstream text;
    text << stat.rdbuf();
    return over || text.str().find(") S ") != std::string::npos;
  };
  CHECK(eventually(waits));
  CHECK(::chmod(node.c_str(), 0666) == 0);
  opener.join();
  return error;
}

TEST_CASE("finder: a port that udev is not through with is waited for") {
  ScriptedModem modem(modem_with(new_imei()));
  const auto error = opened_late(modem.device(), [&]() -> std::optional<Error> {
    auto opened = SerialModem::open(options_for(modem.device()));
    return opened ? std::nullopt : std::optional(opened.error());
  });
  if (error) FAIL(error->message);
}

TEST_CASE("finder: and so is the second port of a stick") {
  ScriptedModem first(modem_with(new_imei())), second(modem_with(new_imei()));
  MadeUpUsb usb;
  usb.plug_in("1-1.2", "2c7c", "0125");
  usb.add_port("1-1.2", 2, "ttyUSB2", first.device());
  usb.add_port("1-1.2", 3, "ttyUSB3", second.device());
  ModemOptions options;
  options.usb = usb.tree();
  StickHold hold;
  hold.path = "1-1.2";
  hold.interface_number = 2;
  // The thread without rights has to look into the tree.
  const auto folder = std::filesystem::path(options.usb.dev).parent_path();
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  const auto error = opened_late(second.device(), [&]() -> std::optional<Error> {
    auto opened = open_second_port(options, hold);
    if (!opened) return Error{Errc::not_found, "no second port", Retry::no};
    return *opened ? std::nullopt : std::optional(opened->error());
  });
  if (error) FAIL(error->message);
}
