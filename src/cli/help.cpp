// The words of help; see help.h.
#include "cli/help.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/paragraph.h"
#include "cli/pdu_json.h"

namespace pigeon::cli {
namespace {

constexpr std::size_t kFirstColumn = 24;  // where explanations begin

std::string heading(std::string_view words, bool colour) {
  return "\n" + (colour ? "\x1b[1m" + std::string(words) + "\x1b[0m" : std::string(words)) + "\n";
}

// "  modem list            every port that could be a modem". What is long has a line to itself.
std::string row(const std::string& name, std::string_view what) {
  std::string label = "  " + name + "  ";
  if (columns(label) > kFirstColumn)
    return label.substr(0, label.size() - 2) + "\n" + paragraph(std::string(kFirstColumn, ' '), what, kWidth);
  label.append(kFirstColumn - columns(label), ' ');
  return paragraph(label, what, kWidth);
}

std::string usage_of(const Argument& argument) {
  switch (argument.count) {
    case Argument::Count::one:
      return " " + std::string(argument.name);
    case Argument::Count::at_most_one:
      return " [" + std::string(argument.name) + "]";
    case Argument::Count::any:
      return " [" + std::string(argument.name) + "…]";
  }
  return {};
}

std::string label_of(const Option& option) {
  return std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
}

std::string usage_of(const Command& command) {
  std::string usage = "pigeon " + std::string(command.name);
  for (const Argument& argument : command.arguments) usage += usage_of(argument);
  for (const Option& option : command.options)
    usage += option.is_needed ? " " + label_of(option) : " [" + label_of(option) + "]";
  return usage;
}

std::string rows_of(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) text += row(label_of(option), option.what);
  return text;
}

// The command in full, and below it what it is for.
std::string rows_of(std::span<const Example> examples) {
  std::string text;
  for (const Example& example : examples) text += row(std::string(example.line), example.what);
  return text;
}

std::string statuses(std::string_view wrong) {
  return row("0", "all is well") + row("1", wrong) +
         row("2", "wrong use, or a configuration that cannot be read");
}

}  // namespace

std::string help_on_all(std::span<const Command> table, std::string_view group, bool colour) {
  const bool whole = group.empty();
  std::string text = whole ? "pigeon looks after the SMS gateway on this box.\n"
                             "\n  pigeon [COMMAND] [--config FILE] [--json]\n"
                           : "pigeon " + std::string(group) + ": which of these?\n";
  text += heading("Commands", colour);
  for (const Command& command : table) {
    if (!whole && !command.name.starts_with(std::string(group) + " ")) continue;
    std::string name(command.name);
    for (const Argument& argument : command.arguments) name += usage_of(argument);
    text += row(name, command.what);
  }
  if (!whole) return text + "\n'pigeon help " + std::string(group) + " COMMAND' has examples.\n";
  text += heading("Options", colour) + rows_of(common_options());
  text += heading("Exit status", colour) + statuses("something is wrong with the box");
  static constexpr Example kExamples[] = {
      {"pigeon", "is the box well? If not: what to do"},
      {"pigeon config check", "would pigeond start?"},
      {"pigeon help pdu decode", "about one command, with examples"},
  };
  text += heading("Where to begin", colour) + rows_of(kExamples);
  return text;
}

std::string help_on(const Command& command, bool colour) {
  std::string text =
      paragraph("", "pigeon " + std::string(command.name) + ": " + std::string(command.what) + ".", kWidth) +
      "\n" + paragraph("  ", usage_of(command), kWidth);
  if (!command.arguments.empty() || !command.options.empty()) text += heading("It takes", colour);
  for (const Argument& argument : command.arguments) text += row(std::string(argument.name), argument.what);
  text += rows_of(command.options);
  text += heading("Options of every command", colour) + rows_of(common_options());
  if (!command.examples.empty()) text += heading("Examples", colour) + rows_of(command.examples);
  text += heading("Exit status", colour) +
          statuses(command.wrong.empty() ? "something is wrong with the box" : command.wrong);
  if (!command.next.empty()) text += heading("Next", colour) + paragraph("  ", command.next, kWidth);
  return text;
}

std::string help_as_json(std::span<const Command> table) {
  Json json;
  const auto as_json = [](const Option& option) {
    return Json{{"name", option.name}, {"value", option.value}, {"what", option.what}};
  };
  json["options"] = Json::array();
  for (const Option& option : common_options()) json["options"].push_back(as_json(option));
  json["commands"] = Json::array();
  for (const Command& command : table) {
    Json one = {{"name", command.name}, {"what", command.what}, {"usage", usage_of(command)}};
    one["options"] = Json::array();
    for (const Option& option : command.options) one["options"].push_back(as_json(option));
    json["commands"].push_back(std::move(one));
  }
  return dumped(json) + "\n";
}

}  // namespace pigeon::cli
