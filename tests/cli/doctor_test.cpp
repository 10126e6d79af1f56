// `pigeon doctor` in every situation of the box and its modem that the simulators and a folder can show.
#include "cli/doctor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/cli/doctor_desk.h"

using namespace pigeon;
using cli::Area;
using cli::Diagnosis;
using cli::Finding;
using cli::Verdict;
using test::Desk;
using test::DoctorRow;
using test::first;
using test::kClientId;
using test::kModemUrl;
using test::kSecret;
using test::kStoreUrl;

namespace {

sim::SimModemOptions with_pin() {
  sim::SimModemOptions options;
  options.pin = "1234";
  return options;
}

std::vector<DoctorRow> rows_of_the_box() {
  return {
      {"no configuration", Area::settings, "no_configuration",
       [](Desk& desk) { desk.config_path = desk.file("none.toml"); }},
      {"an unknown key", Area::settings, "", [](Desk& desk) { desk.config.replace(0, "[webb]"); }},
      {"no TOML", Area::settings, "", [](Desk& desk) { desk.config.replace(0, "threads"); }},
      {"no secret", Area::keys, "", [](Desk& desk) { std::filesystem::remove(desk.file("secret")); }},
      {"a secret for everybody", Area::keys, "",
       [](Desk& desk) { test::write_file(desk.file("secret"), "sandbox-secret\n", 0644); }},
      {"a PIN of letters", Area::keys, "",
       [](Desk& desk) {
         test::write_file(desk.file("pin"), "12ab\n");
         desk.config.replace(kModemUrl, "pin_file = \"@/pin\"");
       }},
      {"a key that is gone", Area::keys, "",
       [](Desk& desk) {
         test::make_store(Desk::path(desk.folder));
         std::filesystem::remove(desk.file("key"));
       }},
      {"another database's key", Area::keys, "",
       [](Desk& desk) {
         test::make_store(Desk::path(desk.folder));
         test::write_file(desk.file("key"), std::string(64, 'a'));
       }},
      {"no data folder", Area::database, "",
       [](Desk& desk) { desk.config.replace(kStoreUrl, "url = \"sqlite:@/gone/pigeon.db\""); }},
      {"a damaged database", Area::database, "",
       [](Desk& desk) { test::write_file(desk.file("pigeon.db"), std::string(2000, 'x')); }},
      {"a database of a newer program", Area::database, "",
       [](Desk& desk) {
         test::make_store(Desk::path(desk.folder));
         store::Database(desk.file("pigeon.db")).execute("PRAGMA user_version = 999");
       }},
      {"a full disk", Area::disk, "storage_full", [](Desk& desk) { desk.room->octets = 4096; }},
      {"no further files", Area::disk, "storage_full", [](Desk& desk) { desk.room->files = 0; }},
      {"a read-only disk", Area::disk, "storage_failing", [](Desk& desk) { desk.room->read_only = true; }},
      {"a scarce disk", Area::disk, "", [](Desk& desk) { desk.room->octets = 50'000'000; }, Verdict::warning},
      {"1970", Area::clock, "clock_wrong",
       [](Desk& desk) { desk.clock_error = -std::chrono::hours(24 * 365 * 40); }},
      {"an hour beside X's", Area::clock, "clock_wrong",
       [](Desk& desk) { desk.clock_error = std::chrono::minutes(61); }},
      {"a clock that nobody keeps", Area::clock, "clock_not_kept",
       [](Desk& desk) { desk.clock_is_kept = false; }, Verdict::warning},
  };
}

std::vector<DoctorRow> rows_of_the_modem() {
  const auto inserted = [](const sim::SimModemOptions& options) {
    return [options](Desk& desk) { desk.insert(options); };
  };
  const auto answering = [](const char* command, const char* answer) {
    return [=](Desk& desk) {
      desk.insert({});
      desk.answer(command, answer);
    };
  };
  sim::SimModemOptions no_sim, no_smsc, small;
  no_sim.sim_inserted = false;
  no_smsc.smsc = "";
  small.sim_slots = 1;
  return {
      {"a port that is gone", Area::modem, "port_absent", [](Desk&) {}},
      {"a modem that is deaf", Area::modem, "no_answer",
       [](Desk& desk) {
         desk.insert({});
         desk.modem->before_command([](std::string_view) {
           return sim::Intervention{sim::Intervention::Kind::silence, {}};
         });
       }},
      {"no texts at all", Area::modem, "no_sms", answering("AT+CMGF", "\r\n+CME ERROR: 4\r\n")},
      {"no SIM", Area::sim, "sim_missing", inserted(no_sim)},
      {"a PIN that nobody configured", Area::sim, "pin_missing", inserted(with_pin())},
      {"a wrong PIN", Area::sim, "pin_refused",
       [](Desk& desk) {
         test::make_store(Desk::path(desk.folder));
         test::write_file(desk.file("pin"), "4321\n");
         desk.insert(with_pin());
         desk.config.replace(kModemUrl, "url = \"pty:" + desk.modem->device() + "\"\npin_file = \"@/pin\"");
       }},
      {"a blocked SIM", Area::sim, "sim_blocked", answering("AT+CPIN?", "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n")},
      {"a locked SIM", Area::sim, "sim_locked", answering("AT+CPIN?", "\r\n+CPIN: PH-NET PIN\r\n\r\nOK\r\n")},
      {"a SIM that is refused", Area::network, "registration_denied",
       [](Desk& desk) {
         desk.insert({});
         desk.modem->set_registration(3);
       }},
      {"no network", Area::network, "no_network",
       [](Desk& desk) {
         desk.insert({});
         desk.modem->set_registration(2);
       }},
      {"no signal", Area::network, "no_signal",
       [](Desk& desk) {
         desk.insert({});
         desk.modem->set_registration(2);
         desk.modem->set_signal(99);
       }},
      {"hardly any signal", Area::network, "weak_signal",
       [](Desk& desk) {
         desk.insert({});
         desk.modem->set_signal(2);
       },
       Verdict::warning},
      {"no SMS centre", Area::sms_centre, "no_service_centre", inserted(no_smsc)},
      {"a full SIM", Area::storages, "storage_full",
       [small](Desk& desk) {
         desk.insert(small);
         REQUIRE(desk.modem->put_in_slot(
             1, from_hex("0791448720003023240DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B")
                    .value()));
       }},
      {"a modem that its daemon does not get ready", Area::sim, "sim_blocked",
       [](Desk& desk) {
         desk.run();
         desk.state.ready = false;
         desk.state.detail = "the SIM is blocked and asks for its PUK: unlock it in a phone";
         desk.say();
       }},
      {"a modem that its daemon has lost", Area::modem, "modem_gone",
       [](Desk& desk) {
         desk.run();
         desk.state.ready = false;
         desk.state.detail = "/dev/ttyUSB2: the device is gone";
         desk.say();
       }},
      {"credit used up", Area::network, "no_credit",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::replies_failed,
                    "AT+CMGS: +CMS ERROR: 8 (operator determined barring)");
       }},
  };
}

std::vector<DoctorRow> rows_of_sticks() {
  return {
      {"nothing plugged in", Area::modem, "no_modem", [](Desk& desk) { desk.serial_auto(); }},
      {"a HiLink stick", Area::modem, "hilink",
       [](Desk& desk) {
         desk.serial_auto();
         desk.usb.plug_in("1-1", "12d1", "14dc");
       }},
      {"a stick that is still a disk", Area::modem, "storage_mode",
       [](Desk& desk) {
         desk.serial_auto();
         desk.usb.plug_in("1-1", "12d1", "1f01");
       }},
      {"a stick that is a network card", Area::modem, "network_mode",
       [](Desk& desk) {
         desk.serial_auto();
         desk.usb.plug_in("1-1", "19d2", "1405");
       }},
      {"no driver", Area::modem, "no_driver",
       [](Desk& desk) {
         desk.serial_auto();
         desk.usb.plug_in("1-1", "2c7c", "0125");
         desk.usb.add_interface("1-1", 0);
       }},
      {"no permission", Area::modem, "no_permission",
       [](Desk& desk) {
         desk.plug_in_stick();
         desk.may_open = false;
       }},
      {"a stick that is deaf", Area::modem, "no_answer", [](Desk& desk) { desk.plug_in_stick(); }},
      {"another program", Area::modem, "port_in_use",
       [](Desk& desk) {
         desk.plug_in_stick();
         desk.held = Fd(::open(desk.file("ttyUSB2").c_str(), O_RDWR | O_CLOEXEC));
         REQUIRE(::flock(desk.held.get(), LOCK_EX | LOCK_NB) == 0);
       }},
  };
}

}  // namespace

TEST_CASE("doctor: a box on which all is well has nothing but ok") {
  Desk desk;
  desk.run();
  const cli::Examined examined = desk.examine();
  const std::string text = cli::to_text(examined.diagnosis, false);
  CAPTURE(text);
  CHECK(examined.status == cli::kFine);
  CHECK(examined.diagnosis.count(Verdict::failed) == 0);
  CHECK(examined.diagnosis.count(Verdict::skipped) == 0);
  // This process is no daemon with a control socket.
  CHECK(examined.diagnosis.count(Verdict::warning) == 1);
  for (const char* word : {"settings", "disk", "database", "keys", "clock", "service", "modem", "SIM",
                           "network", "SMS centre", "storages", "X", "address", "texts"})
    CHECK_MESSAGE(text.find("  " + std::string(word) + " ") != std::string::npos, word);
}

TEST_CASE("doctor: what is wrong with the box itself is the first line that fails") {
  play(rows_of_the_box());
}
TEST_CASE("doctor: what is wrong with the modem is the first line that fails") {
  play(rows_of_the_modem());
}
TEST_CASE("doctor: what keeps a stick from being a modem is the first line that fails") {
  play(rows_of_sticks());
}

TEST_CASE("doctor: ModemManager on the port is called by its name") {
  char name[16] = {};
  REQUIRE(::prctl(PR_GET_NAME, name) == 0);
  REQUIRE(::prctl(PR_SET_NAME, "ModemManager") == 0);
  Desk desk;
  desk.plug_in_stick();
  desk.held = Fd(::open(desk.file("ttyUSB2").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(::flock(desk.held.get(), LOCK_EX | LOCK_NB) == 0);
  const cli::Examined examined = desk.examine();
  REQUIRE(::prctl(PR_SET_NAME, name) == 0);
  const Finding* found = first(examined.diagnosis, Verdict::failed);
  REQUIRE(found != nullptr);
  CHECK(found->cause == "modem_manager");
}

TEST_CASE("doctor: a box without a daemon says how to start it") {
  Desk desk;
  desk.insert({});
  const cli::Examined examined = desk.examine();
  const auto& findings = examined.diagnosis.findings();
  const auto failed = std::find_if(findings.begin(), findings.end(),
                                   [](const Finding& each) { return each.verdict == Verdict::failed; });
  REQUIRE((failed != findings.end()));
  CHECK(failed->cause == "daemon_stopped");
  CHECK(failed->cure.find("systemctl start carrier-pigeon") != std::string::npos);
  CHECK(examined.diagnosis.count(Verdict::failed) == 1);
  CHECK(examined.status == cli::kWrong);
}

TEST_CASE("doctor: colour stands around the marks alone") {
  Diagnosis diagnosis;
  diagnosis.add({.area = Area::x, .verdict = Verdict::failed, .says = "no\x1b[2J", .cure = "yes"});
  diagnosis.add({.area = Area::disk, .says = "room"});
  CHECK(cli::to_text(diagnosis, false).find('\x1b') == std::string::npos);
  const std::string text = cli::to_text(diagnosis, true);
  CHECK(text.find("\x1b[31m✗\x1b[0m") != std::string::npos);
  CHECK(text.find("\x1b[32m✓\x1b[0m") < text.find("\x1b[31m"));
  CHECK(text.find("\x1b[2J") == std::string::npos);
}
