// `pigeon doctor` as a person uses it: beside a running daemon, without one, and without anything.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using e2e::Box;
using e2e::BoxOptions;
using e2e::Ran;
using e2e::run;

namespace {

Ran doctor(const std::string& config, nlohmann::json& said) {
  Ran ran = run({PIGEON, "--json", "doctor", "--config", config});
  said = nlohmann::json::parse(ran.out, nullptr, false);
  REQUIRE_MESSAGE(said.contains("checks"), ran.out << ran.err);
  return ran;
}

// "SIM: pin_missing" of the first line that failed; empty: none has.
std::string first_failed(const nlohmann::json& said) {
  for (const auto& check : said["checks"])
    if (check["verdict"] == "failed") return check.value("area", "") + ": " + check.value("cause", "");
  return {};
}

}  // namespace

TEST_CASE("e2e: doctor finds nothing wrong with a running box and says so of a stopped one") {
  Box box;
  REQUIRE_MESSAGE(box.start(), box.log());
  REQUIRE(e2e::eventually([&] { return box.query("SELECT registration FROM modems") == "home"; }));
  nlohmann::json said;
  const Ran well = doctor(box.config(), said);
  CHECK_MESSAGE(well.status == 0, well.out);
  CHECK(well.err.empty());
  CHECK(said["fine"] == true);
  CHECK(said["checks"].size() == 14);
  // Whether anybody keeps this machine's clock is no matter of the test.
  for (const auto& check : said["checks"])
    if (check["area"] != "clock") CHECK_MESSAGE(check["verdict"] == "ok", check.dump());
  CHECK(run({PIGEON, "doctor", "--config", box.config()}).out.find("✓  X ") != std::string::npos);
  CHECK(box.stop() == 0);
  CHECK(doctor(box.config(), said).status == 1);
  CHECK(first_failed(said) == "service: daemon_stopped");
  CHECK(said["failed"] == 1);  // it has asked the modem itself
}

TEST_CASE("e2e: doctor names the true cause first beside a running daemon") {
  struct Row {
    const char* name;
    std::function<void(BoxOptions&)> options;
    std::function<void(Box&)> spoil;
    const char* expected;
  };
  const auto nothing = [](Box&) {};
  const Row rows[] = {
      {"a PIN", [](BoxOptions& options) { options.modem.pin = "1234"; }, nothing, "SIM: pin_missing"},
      {"denied", [](BoxOptions&) {}, [](Box& box) { box.modem.set_registration(3); },
       "network: registration_denied"},
      {"no SMS centre", [](BoxOptions& options) { options.modem.smsc = ""; }, nothing,
       "SMS centre: no_service_centre"},
      {"unplugged", [](BoxOptions&) {}, [](Box& box) { box.modem.unplug(); }, "modem: port_absent"},
      {"a wrong secret", [](BoxOptions& options) { options.client_secret = "wrong\n"; }, nothing,
       "X: x_keys"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    BoxOptions options;
    row.options(options);
    Box box(options);
    row.spoil(box);
    REQUIRE_MESSAGE(box.start(), box.log());
    nlohmann::json said;
    Ran ran;
    CHECK(e2e::eventually(
        [&] {
          ran = doctor(box.config(), said);
          return first_failed(said) == row.expected;
        },
        e2e::kPatience, milliseconds(100)));
    CHECK_MESSAGE(first_failed(said) == row.expected, ran.out);
    CHECK(ran.status == 1);
  }
}

TEST_CASE("e2e: doctor without a configuration and without a modem leads to the next step") {
  const test::TempFolder folder;
  const std::string config = folder.file("none/pigeon.toml");
  nlohmann::json said;
  CHECK(doctor(config, said).status == 2);
  CHECK(said["fine"] == false);
  CHECK(first_failed(said) == "settings: no_configuration");
  const std::string text = run({PIGEON, "doctor", "--config", config}).out;
  CHECK_MESSAGE(text.find("install -D ") != std::string::npos, text);
  CHECK(text.find("✗  modem") != std::string::npos);
  CHECK(text.find("\x1b") == std::string::npos);
}

TEST_CASE("e2e: who may read the settings of a running box alone is not told of mistakes that are none") {
  if (::geteuid() != 0) return;
  Box box;
  REQUIRE_MESSAGE(box.start(), box.log());
  REQUIRE(e2e::modem_becomes(box, true));
  const test::TempFolder folder;  // the settings, without what they name
  const std::string config = folder.file("pigeon.toml");
  std::filesystem::copy_file(box.config(), config);
  std::filesystem::permissions(config, std::filesystem::perms(0644));
  std::filesystem::permissions(folder.file(""), std::filesystem::perms(0755));
  std::filesystem::permissions(box.folder(), std::filesystem::perms(0700));
  const auto as_stranger = [&config](std::vector<std::string> words) {
    std::vector<std::string> command = {
        "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PIGEON, "--config", config};
    command.insert(command.end(), words.begin(), words.end());
    return run(command);
  };
  const Ran ran = as_stranger({"--json", "doctor"});
  const auto said = nlohmann::json::parse(ran.out);
  CHECK(ran.status == 1);
  CHECK_MESSAGE(first_failed(said) == "database: no_permission", ran.out);
  CHECK(said["failed"] == 1);
  for (const auto& check : said["checks"])
    if (check["area"] == "settings") CHECK(check["verdict"] == "ok");
  const Ran check = as_stranger({"config", "check"});
  CHECK_MESSAGE(check.out.find("in use by another program") == std::string::npos, check.out);
  CHECK(check.out.find("with sudo") != std::string::npos);
  const Ran list = as_stranger({"modem", "list"});
  CHECK_MESSAGE(list.out.find("pigeond does not run") == std::string::npos, list.out);
}
