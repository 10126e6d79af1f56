// The example that is shipped: unedited it names what must be written, edited it is fine, and what it shows
// as a default is the default.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/values.h"

using namespace pigeon;

namespace {

std::vector<std::string> example_lines() {
  std::ifstream file(PIGEON_TEST_DATA "/../../image/pigeon.toml");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// "# key = value": a default that is shown.
bool is_shown_default(const std::string& line) {
  const std::size_t equals = line.find(" = ");
  return line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) == equals;
}

// The example as an operator edits it; with `all`, every default stands in it as if it had been typed.
std::string edited(bool all) {
  std::string text;
  for (std::string line : example_lines()) {
    if (all && is_shown_default(line)) line = line.substr(2);
    if (line.starts_with("number = ")) line = "number = \"+12025550100\"";
    if (line.starts_with("public_url = ")) line = "public_url = \"https://sms.pigeon.test\"";
    if (line.starts_with("client_id = ")) line = "client_id = \"id\"";
    text += line + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("example: unedited it names the three lines that must be written, and nothing else") {
  const ConfigFile file = read_config_file(PIGEON_TEST_DATA "/../../image/pigeon.toml");
  INFO(in_lines(file.mistakes, "example"));
  REQUIRE(file.mistakes.size() == 3);
  const char* keys[] = {"gateway.number", "gateway.public_url", "x.client_id"};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(file.mistakes[i].key == keys[i]);
    CHECK(file.mistakes[i].what == std::string(keys[i]) + " is still what the example says");
    CHECK_FALSE(file.mistakes[i].cure.empty());
  }
}

TEST_CASE("example: what it shows as a default is the default") {
  const ConfigFile typed = read_config(edited(true), "typed");
  const ConfigFile left = read_config(edited(false), "left");
  INFO(in_lines(typed.mistakes, "typed"), in_lines(left.mistakes, "left"));
  REQUIRE(typed.mistakes.empty());
  REQUIRE(left.mistakes.empty());
  const auto defaults = values_of(left.config);
  const auto values = values_of(typed.config);
  CHECK(values.size() == defaults.size());
  for (const auto& [key, value] : values) {
    INFO(key);
    CHECK(value == defaults.at(key));
  }
}

TEST_CASE("example: shows every key that there is") {
  Config config;
  config.modems.emplace_back();
  std::string section;
  std::map<std::string, std::string> shown;
  for (const std::string& line : example_lines()) {
    if (line.starts_with('[')) section = line.substr(0, line.find(']'));
    const std::string key = is_shown_default(line) ? line.substr(2) : line;
    shown[section.substr(section.rfind('[') + 1) + "." + key.substr(0, key.find(' '))] = line;
  }
  for (const auto& [key, value] : values_of(config)) {
    const std::string name = key.starts_with("modem[0]") ? "modem" + key.substr(8) : key;
    CHECK_MESSAGE(shown.contains(name), name);
  }
}
