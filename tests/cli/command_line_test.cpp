// What pigeon understands of a command line, and what it says when it does not: the word that was meant.
#include "cli/command_line.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "base/paragraph.h"
#include "cli/console.h"
#include "cli/help.h"
#include "cli/pdu_json.h"

using namespace pigeon;
using namespace pigeon::cli;

namespace {

int nothing(const Call&) {
  return kFine;
}

// Shows what it was called with.
int echo(const Call& call) {
  call.out << call.config_path << (call.json ? " json" : "");
  for (const std::string& argument : call.arguments) call.out << " " << argument;
  for (const auto& [name, value] : call.options) call.out << " " << name << "=" << value;
  return kWrong;
}

const std::vector<Command>& table() {
  static const std::vector<Command> rows = {
      {.name = "status", .what = "how it is", .run = nothing},
      {.name = "kept list", .what = "all of them", .run = nothing},
      {.name = "kept show",
       .what = "one of them",
       .arguments = {{"ID", "its number"}},
       .options = {{"--wait", "SECONDS", "at most"}, {"--force", "", "all the same"}},
       .examples = {{"pigeon kept show 7", "the seventh"}},
       .wrong = "there is none",
       .next = "Drop it.",
       .run = echo},
      {.name = "say", .what = "says it", .arguments = {{"WORD", "what", Argument::Count::any}}, .run = echo},
  };
  return rows;
}

struct Ran {
  int status;
  std::string out, err;
};

// The error's words on one line: where it is broken does not matter.
Ran ran(const std::vector<std::string>& words) {
  std::istringstream in;
  std::ostringstream out, err;
  const int status = run(table(), words, in, out, err);
  std::string said;
  std::istringstream lines(err.str());
  for (std::string word; lines >> word;) said += (said.empty() ? "" : " ") + word;
  return {status, out.str(), said};
}

}  // namespace

TEST_CASE("command line: options stand anywhere and arguments reach the command") {
  struct Case {
    std::vector<std::string> words;
    std::string called_with;
  };
  const Case cases[] = {
      {{"--config", "f", "kept", "show", "7"}, "f 7"},
      {{"kept", "--config=f", "show", "--json", "7"}, "f json 7"},
      {{"--config", "f", "kept", "show", "--wait", "20", "7", "--force"}, "f 7 --force= --wait=20"},
      {{"kept", "show", "--wait=20", "--config", "f", "--", "--force"}, "f --force --wait=20"},
      {{"--config", "f", "say"}, "f"},
      {{"--config", "f", "say", "a", "b", "-"}, "f a b -"},
  };
  for (const Case& c : cases) {
    const Ran result = ran(c.words);
    CAPTURE(result.err);
    CHECK(result.out == c.called_with);
    CHECK(result.status == kWrong);
  }
}

TEST_CASE("command line: what is not known is answered with what was meant") {
  struct Case {
    std::vector<std::string> words;
    std::string said;
  };
  const Case cases[] = {
      {{"statsu"}, "pigeon: unknown command 'statsu' → did you mean 'status'?"},
      {{"kept", "lsit"}, "pigeon: unknown command 'kept lsit' → did you mean 'kept list'?"},
      {{"list"}, "pigeon: unknown command 'list' → did you mean 'kept list'?"},
      {{"zzzzzzzz"}, "pigeon: unknown command 'zzzzzzzz' → 'pigeon help' lists what there is"},
      {{"kept", "zzzzzzzz"},
       "pigeon: unknown command 'kept zzzzzzzz' → 'pigeon help kept' lists what there is"},
      {{"--jsno"}, "pigeon: unknown option '--jsno' → did you mean '--json'?"},
      {{"kept", "show", "7", "--froce"}, "pigeon: unknown option '--froce' → did you mean '--force'?"},
      {{"status", "--zzzzzzzz"},
       "pigeon: unknown option '--zzzzzzzz' → 'pigeon help status' lists what there is; an argument that "
       "begins with '-' goes behind '--'"},
      {{"kept", "show"},
       "pigeon: 'pigeon kept show' needs ID: its number → 'pigeon help kept show' has examples"},
      {{"kept", "show", "7", "8"},
       "pigeon: 'pigeon kept show' does not take '8' → 'pigeon help kept show' has examples"},
      {{"--config"}, "pigeon: --config needs a value → write --config FILE"},
      {{"status", "--json=yes"}, "pigeon: --json takes no value → leave out what stands behind the '='"},
      {{"bad\x1b[31m"}, "pigeon: unknown command 'bad\\x1b[31m' → 'pigeon help' lists what there is"},
  };
  for (const Case& c : cases) {
    const Ran result = ran(c.words);
    CHECK(result.err == c.said);
    CHECK(result.status == kUsage);
    CHECK(result.out.empty());
  }
  const Ran group = ran({"kept"});
  CHECK(group.status == kUsage);
  CHECK(group.err.find("kept show ID") != std::string::npos);
  CHECK(group.err.find("status") == std::string::npos);
}

TEST_CASE("command line: help on all and on one command by either word and 80 columns wide") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"help"},
                                                                 {"--help"},
                                                                 {"-h"},
                                                                 {"help", "kept", "show"},
                                                                 {"kept", "show", "--help"},
                                                                 {"help", "kept"}}) {
    const Ran result = ran(words);
    CHECK(result.status == kFine);
    CHECK(result.err.empty());
    CHECK(result.out.find("kept show") != std::string::npos);
    CHECK(result.out.find("\x1b") == std::string::npos);
  }
  const std::string one = ran({"help", "kept", "show"}).out;
  for (const char* part : {"pigeon kept show ID [--wait SECONDS] [--force]", "its number", "all the same",
                           "pigeon kept show 7", "the seventh", "there is none", "Drop it.", "--config FILE"})
    CHECK_MESSAGE(one.find(part) != std::string::npos, one);
  CHECK(ran({"help", "kep"}).status == kUsage);
}

TEST_CASE("command line: what goes wrong is JSON for who asked for JSON") {
  std::istringstream in;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--config", "/nonexistent", "--json"},
                                             {"--config", "/nonexistent", "--json", "modem", "info"},
                                             {"--config", "/nonexistent", "--json", "quarantine", "list"},
                                             {"--json", "quarantine", "show", "none"},
                                             {"--json", "quarantin"},
                                             {"quarantin", "--json"},
                                             {"modem", "lsit", "x", "--json"},
                                             {"modem", "list", "--froce", "--json"},
                                             {"modem", "--json"},
                                             {"--json", "modem"}}) {
    std::ostringstream out, err;
    CHECK(run(commands(), words, in, out, err) == kUsage);
    const Json json = Json::parse(out.str(), nullptr, false);
    REQUIRE_MESSAGE(json.contains("error"), out.str());
    for (const char* key : {"code", "message", "cure"}) CHECK_FALSE(json["error"].value(key, "").empty());
    CHECK_FALSE(err.str().empty());
  }
  std::ostringstream out, err;  // an argument is no option
  CHECK(run(commands(), std::vector<std::string>{"quarantin", "--", "--json"}, in, out, err) == kUsage);
  CHECK(out.str().empty());
}

TEST_CASE("command line: an option without which nothing is done stands in no brackets") {
  const auto pins = std::find_if(commands().begin(), commands().end(),
                                 [](const Command& row) { return row.name == "modem pin"; });
  REQUIRE((pins != commands().end()));
  CHECK(help_on(*pins, false).find("pigeon modem pin --again [--modem NAME]") != std::string::npos);
}

TEST_CASE("command line: every command of pigeon has an example and help that fits a terminal") {
  std::string all = help_on_all(commands(), "", false);
  for (const Command& command : commands()) {
    CAPTURE(command.name);
    CHECK_FALSE(command.examples.empty());
    CHECK((command.run != nullptr));
    CHECK(columns(command.what) <= 60);
    CHECK(help_on_all(commands(), "", false).find("  " + std::string(command.name)) != std::string::npos);
    CHECK(help_as_json(commands()).find('"' + std::string(command.name) + '"') != std::string::npos);
    all += help_on(command, false);
    for (const Example& example : command.examples) CHECK(columns(example.line) <= 76);
  }
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
}

TEST_CASE("command line: the manual names every command with all that it takes") {
  std::ifstream file(PIGEON_TEST_DATA "/../../docs/man/pigeon.1.scd");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  for (const Command& command : commands()) {
    CAPTURE(command.name);
    const std::string name = "*" + std::string(command.name) + "*";
    const std::size_t place = manual.find(name);
    REQUIRE(place != std::string::npos);
    const std::string line = manual.substr(place, manual.find('\n', place) - place);
    for (const Argument& argument : command.arguments)
      CHECK_MESSAGE(line.find("_" + std::string(argument.name)) != std::string::npos, argument.name);
    for (const Option& option : command.options)
      CHECK_MESSAGE(line.find("*" + std::string(option.name) + "*") != std::string::npos, option.name);
  }
}
