// Asking the daemon, and saying what it said; see control_command.h.
#include "cli/control_command.h"

#include <initializer_list>
#include <ostream>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "control/client.h"
#include "control/socket.h"
#include "net/json.h"
#include "store/store.h"

namespace pigeon::cli {
namespace {

constexpr int kWrong = 1;
constexpr int kUsage = 2;
constexpr const char* kNotRunning = "pigeond is not running: sudo systemctl start carrier-pigeon";

Error cannot_ask(const std::string& database, Error error) {
  if (error.code == Errc::denied) {
    error.message =
        "you are not in the group carrier-pigeon: sudo adduser $USER carrier-pigeon, then log in again; or "
        "ask with "
        "sudo";
  } else if (error.code == Errc::not_found && store::Store::is_owned(follow_links(database))) {
    error.message = "pigeond runs without a control socket: its log says why (journalctl -u carrier-pigeon)";
  } else if (error.code == Errc::not_found) {
    error.message = kNotRunning;
  }
  error.code = Errc::disconnected;  // it was not asked
  return error;
}

long long count(const control::Json& result, const char* name) {
  return net::integer_member(result, name).value_or(0);
}

std::string messages(long long number) {
  return std::to_string(number) + (number == 1 ? " message" : " messages");
}

// How many came to what, a line each.
void say_retried(const control::Json& result, std::ostream& out) {
  struct Row {
    const char* name;
    const char* words;
  };
  constexpr std::initializer_list<Row> kRows = {
      {"taken", ": can be read now, and is decided about like any text"},
      {"waiting", ": can be read now, and waits for the other parts of its text"},
      {"ignored", ": can be read now, and is nothing for the inbox (too old, or no text)"},
      {"taken_since", ": came again meanwhile and was taken then; pigeon quarantine drop ID"},
      {"still_kept", ": cannot be read by this version either; its sender is not told again"}};
  bool any = false;
  for (const Row& row : kRows) {
    const long long number = count(result, row.name);
    if (number > 0) out << messages(number) << row.words << "\n";
    any = any || number > 0;
  }
  if (!any) out << "The quarantine is empty.\n";
}

void say(const ControlCommand& command, const control::Json& result, std::ostream& out) {
  const auto text = [&result](const char* name) { return escape_controls(net::string_member(result, name)); };
  const std::string reply = "Reply " + std::to_string(count(result, "reply"));
  if (command.name == "quarantine.retry")
    say_retried(result, out);
  else if (command.name == "quarantine.drop")
    out << messages(count(result, "dropped")) << " dropped.\n";
  else if (command.name == "outbox.move")
    out << reply << " will be sent by modem " << text("modem") << ".\n";
  else if (command.name == "outbox.drop")
    out << reply << " will not be sent.\n";
  else if (command.name == "modem.pin")
    out << "Modem " << text("modem") << ": the PIN may be entered once more, and is if the SIM still asks.\n";
}

}  // namespace

Result<control::Json> ask_pigeond(const std::string& database, const ControlCommand& command,
                                  milliseconds patience) {
  auto client = control::Client::open(control::socket_path(database));
  if (!client) return tl::unexpected(cannot_ask(database, client.error()));
  auto result = client->ask(command.name, command.body, steady_now() + patience);
  if (!result && result.error().code == Errc::denied)
    return tl::unexpected(cannot_ask(database, result.error()));
  return result;
}

int run_control(const std::string& database, const ControlCommand& command, bool json, std::ostream& out,
                std::ostream& err) {
  const auto result = ask_pigeond(database, command);
  if (!result) {
    err << "pigeon: " << escape_controls(result.error().message) << "\n";
    const bool usage = result.error().code == Errc::not_found || result.error().code == Errc::bad_input;
    return usage ? kUsage : kWrong;
  }
  if (json)
    out << result->dump(2, ' ', false, control::Json::error_handler_t::replace) << "\n";
  else
    say(command, *result, out);
  return count(*result, "still_kept") + count(*result, "taken_since") > 0 ? kWrong : 0;
}

}  // namespace pigeon::cli
