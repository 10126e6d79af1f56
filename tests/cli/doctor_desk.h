// A box for `pigeon doctor` to look at, and the rule that every situation is judged by: the first line that
// failed names the true cause. Where no daemon runs, "pigeond is not running" is true beside it and passed
// over, as is the control socket that this process does not have when it stands for one.
#pragma once

#include <doctest/doctest.h>

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
#include "cli/doctor.h"
#include "sim/modem/sim_modem.h"
#include "sim/x/x_sandbox.h"
#include "store/store.h"
#include "tests/headings.h"
#include "tests/modem/made_up_usb.h"
#include "tests/preflight/mistake_rows.h"
#include "tests/store/in_one.h"
#include "tests/temp_folder.h"

namespace pigeon::test {

using cli::Area;
using cli::Diagnosis;
using cli::Finding;
using cli::Verdict;

inline constexpr int kPublicUrl = 3, kModemUrl = 6, kClientId = 8, kSecret = 9, kStoreUrl = 11;

// A box on which all is well: a modem, X, a front, a folder. A situation spoils one thing of it.
class Desk {
 public:
  Desk() : config(path(folder)) {
    front.inject(
        {.match = "GET /", .times = 100, .status = 200, .body = "<header><a>Carrier Pigeon</a></header>"});
    config.replace(kPublicUrl, "public_url = \"" + front.url() + "\"");
    config.replace(kClientId, "client_id = \"sandbox-client\"\napi_url = \"" + x.url() + "\"");
    write_file(path(folder) + "/secret", "sandbox-secret\n");
  }
  static std::string path(const TempFolder& folder) {
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
  // People link by PIN, and by nothing else.
  void link_by_pin(const std::string& consumer_key, const std::string& consumer_secret) {
    config.replace(kPublicUrl, "");
    config.replace(kClientId, "pairing = \"pin\"\nconsumer_key = \"" + consumer_key + "\"\napi_url = \"" +
                                  x.url() + "\"");
    config.replace(kSecret, "consumer_secret_file = \"@/consumer\"");
    write_file(file("consumer"), consumer_secret + "\n");
  }
  void serial_auto() { config.replace(kModemUrl, "url = \"serial:auto\""); }
  // A stick whose AT port is a file of this folder.
  void plug_in_stick() {
    serial_auto();
    usb.plug_in("1-1", "2c7c", "0125");
    for (int i = 0; i < 4; ++i) {
      const std::string tty = "ttyUSB" + std::to_string(i);
      write_file(file(tty), "");
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

  TempFolder folder;
  GoodConfig config;
  std::string config_path;  // another one than that
  MadeUpUsb usb;
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

// One thing that is wrong, and the first line that must tell it.
struct DoctorRow {
  const char* name;
  Area area;
  const char* cause;
  std::function<void(Desk&)> spoil;
  Verdict verdict = Verdict::failed;
};

// The first line with `verdict` that is not this process's being no daemon; null: none.
[[nodiscard]] inline const Finding* first(const Diagnosis& diagnosis, Verdict verdict) {
  const auto& findings = diagnosis.findings();
  const auto found = std::find_if(findings.begin(), findings.end(), [verdict](const Finding& each) {
    const bool is_the_tests = each.cause == "daemon_stopped" || each.cause == "no_control_socket";
    return each.verdict == verdict && !is_the_tests;
  });
  return found == findings.end() ? nullptr : &*found;
}

// Each row on a desk of its own.
inline void play(const std::vector<DoctorRow>& rows) {
  for (const DoctorRow& row : rows) {
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
    CHECK(is_section(PIGEON_TEST_DATA "/../..", found->see));
    CHECK((examined.status == cli::kFine) == (examined.diagnosis.count(Verdict::failed) == 0));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
    const cli::Json json = cli::to_json(examined.diagnosis);
    CHECK(json["fine"] == (examined.diagnosis.count(Verdict::failed) == 0));
    CHECK(json["checks"].size() == examined.diagnosis.findings().size());
  }
}

}  // namespace pigeon::test
