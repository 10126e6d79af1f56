// `pigeon doctor` in every situation that the simulators and a folder can show: the first line that failed
// names the true cause. Where no daemon runs, "pigeond is not running" is true beside it and passed over, as
// is the control socket that this process does not have when it stands for one.
#include "cli/doctor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/paragraph.h"
#include "base/text.h"
#include "sim/modem/sim_modem.h"
#include "sim/x/x_sandbox.h"
#include "store/store.h"
#include "tests/headings.h"
#include "tests/modem/made_up_usb.h"
#include "tests/preflight/mistake_rows.h"
#include "tests/store/in_one.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using cli::Area;
using cli::Diagnosis;
using cli::Finding;
using cli::Verdict;

namespace {

constexpr int kPublicUrl = 3, kModemUrl = 6, kClientId = 8, kSecret = 9, kStoreUrl = 11;

// A box on which all is well: a modem, X, a front, a folder. A situation spoils one thing of it.
class Desk {
 public:
  Desk() : config(path(folder)) {
    front.inject(
        {.match = "GET /", .times = 100, .status = 200, .body = "<header><a>Carrier Pigeon</a></header>"});
    config.replace(kPublicUrl, "public_url = \"" + front.url() + "\"");
    config.replace(kClientId, "client_id = \"sandbox-client\"\napi_url = \"" + x.url() + "\"");
    test::write_file(path(folder) + "/secret", "sandbox-secret\n");
  }
  static std::string path(const test::TempFolder& folder) {
    return std::filesystem::path(folder.file("x")).parent_path().string();
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder.file(name); }

  void insert(const sim::SimModemOptions& options) {
    modem = std::make_unique<sim::SimModem>(options);
    config.replace(kModemUrl, "url = \"pty:" + modem->device() + "\"");
  }
  // Answers what begins with `command` in the place of its own answer.
  void answer(const std::string& command, const std::string& answer_bytes) {
    modem->before_command([=](std::string_view line) {
      sim::Intervention instead;
      if (line.starts_with(command)) {
        instead.kind =
            answer_bytes.empty() ? sim::Intervention::Kind::silence : sim::Intervention::Kind::answer;
        instead.answer = answer_bytes;
      }
      return instead;
    });
  }
  void serial_auto() { config.replace(kModemUrl, "url = \"serial:auto\""); }
  // A stick whose AT port is a file of this folder.
  void plug_in_stick() {
    serial_auto();
    usb.plug_in("1-1", "2c7c", "0125");
    for (int i = 0; i < 4; ++i) {
      const std::string tty = "ttyUSB" + std::to_string(i);
      test::write_file(file(tty), "");
      usb.add_port("1-1", i, tty, file(tty));
    }
  }
  // As a running daemon holds the database, with its modem ready.
  void run() {
    owner = std::move(store::Store::open(file("pigeon.db"), file("key")).value());
    state.name = "main";
    state.ready = true;
    state.model = "SIM-4G";
    state.device = "/dev/ttyUSB2";
    state.registration = store::NetworkRegistration::home;
    state.signal_dbm = -77;
    state.smsc = "+12025550199";
    state.storages = "SM 0 of 30";
    state.updated_at = utc_now();
    say();
  }
  void say() { owner->modems.put(in_one(*owner), state); }
  void begin(store::ConditionCode code, const std::string& detail = "") {
    owner->conditions.begin(in_one(*owner), code, "", detail, utc_now());
  }

  [[nodiscard]] cli::Examined examine() {
    std::istringstream in;
    std::ostringstream out, err;
    const cli::Call call{
        config_path.empty() ? config.write() : config_path, false, false, {}, {}, in, out, err};
    net::HttpClient http;
    http.limit_timeout(seconds(5));
    const cli::DoctorMeans means{
        .config_path = call.config_path,
        .now = [this] { return utc_now() + clock_error; },
        .built_at = utc_now() - std::chrono::hours(1),
        .clock_is_kept = [this] { return clock_is_kept; },
        .room = [this](const std::string&) { return room; },
        .ports =
            [this](const Config& written) {
              cli::Surroundings around;
              around.usb = usb.tree();
              around.modems = written.modems;
              around.daemon_running = owner != nullptr;
              around.may_open = [this](const std::string&) { return may_open; };
              around.ask = [](const modem::PortAddress&) -> Result<void> {
                return fail(Errc::unsupported, "not a modem: no answer to AT");
              };
              return cli::survey_modems(around);
            },
        .become_service_user = [] {},
        .ask_modems = [&call](const Config& written) { return cli::ask_modems(call, written); },
        .tell = [](const std::string&) {},
        .http = http};
    return cli::examine_box(means);
  }

  test::TempFolder folder;
  test::GoodConfig config;
  std::string config_path;  // another one than that
  test::MadeUpUsb usb;
  sim::XSandbox x, front;
  std::unique_ptr<sim::SimModem> modem;
  std::unique_ptr<store::Store> owner;
  store::ModemState state;
  Fd held;
  std::optional<cli::DiskRoom> room = cli::DiskRoom{std::uint64_t{8} << 30, 100'000, false};
  milliseconds clock_error{0};
  bool clock_is_kept = true;
  bool may_open = true;
};

struct Row {
  const char* name;
  Area area;
  const char* cause;
  std::function<void(Desk&)> spoil;
  Verdict verdict = Verdict::failed;
};

sim::SimModemOptions with_pin() {
  sim::SimModemOptions options;
  options.pin = "1234";
  return options;
}

std::vector<Row> rows_of_the_box() {
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

std::vector<Row> rows_of_the_world() {
  const auto front_says = [](int status) {
    return [status](Desk& desk) {
      desk.run();
      desk.front.clear_injected();
      desk.front.inject({.match = "GET /", .times = 9, .status = status, .body = "<h1>Welcome</h1>"});
    };
  };
  return {
      {"X cannot be reached", Area::x, "x_unreachable",
       [](Desk& desk) {
         desk.config.replace(kClientId, "client_id = \"sandbox-client\"\napi_url = \"http://127.0.0.1:9\"");
       }},
      {"X is a firewall", Area::x, "x_intercepted",
       [](Desk& desk) {
         desk.x.inject(
             {.match = "GET /2/users/me", .status = 200, .body = "<html>Sign in to the Wi-Fi</html>"});
       }},
      {"X hangs up", Area::x, "x_unreachable",
       [](Desk& desk) { desk.x.inject({.match = "GET /2/users/me", .drop_connection = true}); }},
      {"X is down", Area::x, "x_api",
       [](Desk& desk) { desk.x.inject({.match = "GET /2/users/me", .status = 503}); }, Verdict::warning},
      {"X does not say", Area::x, "x_token_endpoint",
       [](Desk& desk) { desk.x.inject({.match = "POST /2/oauth2/revoke", .status = 503}); },
       Verdict::warning},
      {"a wrong secret", Area::x, "x_keys",
       [](Desk& desk) { test::write_file(desk.file("secret"), "sandbox-secrets\n"); }},
      {"a wrong client id", Area::x, "x_keys",
       [](Desk& desk) {
         desk.config.replace(kClientId, "client_id = \"another\"\napi_url = \"" + desk.x.url() + "\"");
       }},
      {"a secret where the app has none", Area::x, "x_keys",
       [](Desk& desk) { desk.config.replace(kSecret, ""); }},
      {"no credits", Area::x, "x_credits",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::x_credits);
       }},
      {"the app's limit", Area::x, "x_app_limit",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::x_app_limit);
       },
       Verdict::warning},
      {"a front that does not find pigeond", Area::address, "front_misses_pigeond", front_says(502)},
      {"an address of another", Area::address, "address_of_another", front_says(200)},
      {"an address where nobody is", Area::address, "address_unreachable",
       [](Desk& desk) {
         desk.run();
         desk.config.replace(kPublicUrl, "public_url = \"http://127.0.0.1:9\"");
       }},
      {"a stuck thread", Area::service, "thread_stuck",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::thread_stuck, "the modem's thread is not back");
       }},
      {"no country", Area::texts, "country_missing",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::country_missing);
       },
       Verdict::warning},
  };
}

std::vector<Row> rows_of_the_modem() {
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

std::vector<Row> rows_of_sticks() {
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

const Finding* first(const Diagnosis& diagnosis, Verdict verdict) {
  const auto& findings = diagnosis.findings();
  const auto found = std::find_if(findings.begin(), findings.end(), [verdict](const Finding& each) {
    const bool is_the_tests = each.cause == "daemon_stopped" || each.cause == "no_control_socket";
    return each.verdict == verdict && !is_the_tests;
  });
  return found == findings.end() ? nullptr : &*found;
}

void play(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Desk desk;
    const bool needs_modem = row.area != Area::modem || std::string_view(row.cause) == "no_sms";
    if (needs_modem) desk.insert({});
    row.spoil(desk);
    const cli::Examined examined = desk.examine();
    const std::string text = cli::to_text(examined.diagnosis, false);
    CAPTURE(text);
    const Finding* found = first(examined.diagnosis, row.verdict);
    if (row.verdict == Verdict::warning) CHECK(first(examined.diagnosis, Verdict::failed) == nullptr);
    REQUIRE(found != nullptr);
    CHECK(cli::word_of(found->area) == cli::word_of(row.area));
    CHECK(found->cause == row.cause);
    CHECK_FALSE(found->cure.empty());
    CHECK(test::is_section(PIGEON_TEST_DATA "/../..", found->see));
    CHECK((examined.status == cli::kFine) == (examined.diagnosis.count(Verdict::failed) == 0));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
    const cli::Json json = cli::to_json(examined.diagnosis);
    CHECK(json["fine"] == (examined.diagnosis.count(Verdict::failed) == 0));
    CHECK(json["checks"].size() == examined.diagnosis.findings().size());
  }
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
TEST_CASE("doctor: what is wrong with X or the address is the first line that fails") {
  play(rows_of_the_world());
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
