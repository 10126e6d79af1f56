// Adding the commands; see control_options.h.
#include "cli/control_options.h"

#include <charconv>
#include <string>
#include <string_view>

namespace pigeon::cli {
namespace {

// A whole number above 0; a mistake ends the parsing with CLI11's words.
std::int64_t id_of(std::string_view text) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || rest != end || id < 1)
    throw CLI::ValidationError("ID", "\"" + std::string(text) + "\" is no id of the list");
  return id;
}

void add_part_command(CLI::App& quarantine, const std::shared_ptr<ControlCommand>& asked,
                      const std::string& name, const std::string& description) {
  CLI::App* command = quarantine.add_subcommand(name, description);
  command->fallthrough();
  const auto part = std::make_shared<std::string>();
  command->add_option("ID", *part, "Its id in the list, or all")->required();
  command->callback([asked, part, name] {
    asked->name = "quarantine." + name;
    if (*part != "all") asked->body["part"] = id_of(*part);
  });
}

void add_outbox_commands(CLI::App& outbox, const std::shared_ptr<ControlCommand>& asked) {
  const auto reply = std::make_shared<std::string>();
  const auto modem = std::make_shared<std::string>();
  CLI::App* move =
      outbox.add_subcommand("move", "Have another modem send a reply, or the same one once more");
  move->add_option("ID", *reply, "Its id in the list")->required();
  move->add_option("MODEM", *modem, "The modem's name in the configuration")->required();
  move->callback([asked, reply, modem] {
    *asked = {"outbox.move", {{"reply", id_of(*reply)}, {"modem", *modem}}};
  });
  CLI::App* drop = outbox.add_subcommand("drop", "Do not send a reply any more");
  drop->add_option("ID", *reply, "Its id in the list")->required();
  drop->callback([asked, reply] { *asked = {"outbox.drop", {{"reply", id_of(*reply)}}}; });
  for (CLI::App* command : {move, drop}) command->fallthrough();
}

void add_modem_commands(CLI::App& modem, const std::shared_ptr<ControlCommand>& asked) {
  const auto name = std::make_shared<std::string>();
  const auto again = std::make_shared<bool>(false);
  CLI::App* pin = modem.add_subcommand("pin", "Have a PIN entered that was entered in vain before");
  pin->fallthrough();
  pin->add_flag("--again", *again, "Forget what became of it: it is entered once more")->required();
  pin->add_option("--modem", *name, "The modem's name in the configuration, where there are several");
  pin->callback([asked, name, again] {
    *asked = {"modem.pin", control::Json::object()};
    if (!name->empty()) asked->body["modem"] = *name;
  });
}

}  // namespace

CLI::App* command_of(CLI::App& parent, const std::string& name, const std::string& description) {
  try {
    return parent.get_subcommand(name);
  } catch (const CLI::OptionNotFound&) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->require_subcommand(1);
    command->fallthrough();
    return command;
  }
}

std::shared_ptr<ControlCommand> add_control_commands(CLI::App& cli) {
  auto asked = std::make_shared<ControlCommand>();
  CLI::App* kept = command_of(cli, "quarantine", "Look at the messages that could not be read");
  add_part_command(*kept, asked, "retry", "Try to read it again, as after an update");
  add_part_command(*kept, asked, "drop", "Throw it away");
  add_outbox_commands(*command_of(cli, "outbox", "Look after the replies that are not sent"), asked);
  add_modem_commands(*command_of(cli, "modem", "Look after the modems"), asked);
  return asked;
}

}  // namespace pigeon::cli
