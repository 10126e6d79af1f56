// Asking the daemon, and saying what it said; see control_command.h.
#include "cli/control_command.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <ostream>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "cli/console.h"
#include "cli/quarantine_command.h"
#include "control/socket.h"
#include "net/json.h"
#include "store/store.h"

namespace pigeon::cli {
namespace {

using control::Json;

tl::unexpected<Error> cannot_ask(const std::string& database, const Error& error, std::string& cure) {
  if (error.code == Errc::denied) {
    cure = "sudo adduser $USER carrier-pigeon, and log in again; or ask with sudo";
    return fail(Errc::disconnected, "you are not in the group carrier-pigeon");
  }
  if (error.code != Errc::not_found) {
    cure = "ask again in a moment";
    return fail(Errc::disconnected, error.message);
  }
  if (store::Store::is_owned(follow_links(database))) {
    cure = "its log says why: journalctl -u carrier-pigeon";
    return fail(Errc::disconnected, "pigeond runs without a control socket");
  }
  cure = "sudo systemctl start carrier-pigeon";
  return fail(Errc::disconnected, "pigeond is not running");
}

long long count(const Json& result, const char* name) {
  return net::integer_member(result, name).value_or(0);
}

std::string messages(long long number) {
  return std::to_string(number) + (number == 1 ? " message" : " messages");
}

// The id that the command's first argument is, under `key`; nothing, said, where it is none.
std::optional<Json> body_with_id(const Call& call, const char* key, const char* list, bool all_too) {
  const std::string& word = call.arguments.front();
  if (all_too && word == "all") return Json::object();
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error == std::errc() && end == word.data() + word.size()) return Json{{key, id}};
  complain(call, "usage", "'" + word + "' is no number", "'" + std::string(list) + "' shows them", kUsage);
  return std::nullopt;
}

// How many came to what, a line each.
void say_retried(const Json& result, std::ostream& out) {
  struct Row {
    const char* name;
    const char* words;
  };
  constexpr Row kRows[] = {{"taken", "can be read now, and decided about like any text"},
                           {"waiting", "can be read now, waiting for the rest of its text"},
                           {"ignored", "can be read now, and nothing for the inbox (too old, or no text)"},
                           {"taken_since", "came again meanwhile and was taken then: drop it"},
                           {"still_kept", "cannot be read by this version either"}};
  bool any = false;
  for (const Row& row : kRows) {
    const long long number = count(result, row.name);
    if (number > 0) out << messages(number) << ": " << row.words << "\n";
    any = any || number > 0;
  }
  if (!any) out << kEmptyQuarantine;
}

std::string text(const Json& result, const char* name) {
  return escape_controls(net::string_member(result, name));
}

}  // namespace

// Only the daemon's user and root read the configuration of a box. A member of its group may ask the daemon
// all the same.
std::optional<std::string> database_of(const Call& call) {
  const bool is_hidden = call.config_path == kDefaultConfigPath &&
                         ::access(call.config_path.c_str(), R_OK) != 0 && errno == EACCES;
  if (is_hidden) return Config().store.path;
  auto config = configuration(call);
  if (!config) return std::nullopt;
  return std::move(config->store.path);
}

Result<Json> ask_pigeond(const std::string& database, const std::string& command, const Json& body,
                         std::string& cure, const control::Client::Line& line, milliseconds patience) {
  auto client = control::Client::open(control::socket_path(database));
  if (!client) return cannot_ask(database, client.error(), cure);
  auto result = client->ask(command, body, steady_now() + patience, line);
  if (!result && result.error().code == Errc::denied) return cannot_ask(database, result.error(), cure);
  return result;
}

std::optional<Json> ask(const Call& call, const std::string& command, const Json& body, int& status) {
  status = kUsage;
  const auto database = database_of(call);
  if (!database) return std::nullopt;
  std::string cure;
  auto result = ask_pigeond(*database, command, body, cure);
  if (!result) {
    const Errc code = result.error().code;
    if (cure.empty() && code == Errc::not_found)
      cure = "'pigeon " + command.substr(0, command.find('.')) + " list' shows what there is";
    status = complain(call, control::word_of(code), result.error().message, cure,
                      code == Errc::not_found || code == Errc::bad_input ? kUsage : kWrong);
    return std::nullopt;
  }
  status = kFine;
  if (call.json) call.out << result->dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  return std::move(*result);
}

int run_quarantine_retry(const Call& call) {
  const auto body = body_with_id(call, "part", "pigeon quarantine list", true);
  if (!body) return kUsage;
  int status = kFine;
  const auto result = ask(call, "quarantine.retry", *body, status);
  if (!result) return status;
  if (!call.json) say_retried(*result, call.out);
  return count(*result, "still_kept") + count(*result, "taken_since") > 0 ? kWrong : kFine;
}

int run_quarantine_drop(const Call& call) {
  const auto body = body_with_id(call, "part", "pigeon quarantine list", true);
  if (!body) return kUsage;
  int status = kFine;
  const auto result = ask(call, "quarantine.drop", *body, status);
  if (!result || call.json) return status;
  if (const long long dropped = count(*result, "dropped"); dropped > 0)
    call.out << messages(dropped) << " dropped.\n";
  else
    call.out << kEmptyQuarantine;
  return status;
}

int run_outbox_move(const Call& call) {
  auto body = body_with_id(call, "reply", "pigeon outbox list", false);
  if (!body) return kUsage;
  (*body)["modem"] = call.arguments[1];
  int status = kFine;
  const auto result = ask(call, "outbox.move", *body, status);
  if (result && !call.json)
    call.out << "Reply " << count(*result, "reply") << " is sent by modem " << text(*result, "modem")
             << ".\n";
  return status;
}

int run_outbox_drop(const Call& call) {
  const auto body = body_with_id(call, "reply", "pigeon outbox list", false);
  if (!body) return kUsage;
  int status = kFine;
  const auto result = ask(call, "outbox.drop", *body, status);
  if (result && !call.json) call.out << "Reply " << count(*result, "reply") << " is not sent.\n";
  return status;
}

int run_modem_pin(const Call& call) {
  if (!call.has("--again"))
    return complain(call, "usage", "what about the PIN?", "--again has it entered once more", kUsage);
  Json body = Json::object();
  if (const auto modem = call.options.find("--modem"); modem != call.options.end())
    body["modem"] = modem->second;
  int status = kFine;
  const auto result = ask(call, "modem.pin", body, status);
  if (result && !call.json)
    call.out << "Modem " << text(*result, "modem")
             << ": the PIN is entered once more if its SIM asks for it.\n";
  return status;
}

}  // namespace pigeon::cli
