// Asking the daemon, or the port; see modem_at_command.h.
#include "cli/modem_at_command.h"

#include <ostream>
#include <utility>

#include "base/text.h"
#include "cli/cause_words.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/open_modem.h"
#include "cli/pdu_json.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_parser.h"
#include "modem/at/raw_command.h"
#include "modem/driver/finder.h"
#include "net/json.h"

namespace pigeon::cli {
namespace {

constexpr seconds kModemAnswers{180};   // AT+COPS=? takes as long
constexpr seconds kDaemonAnswers{400};  // the modem may have a text in hand first, which takes up to 150 s

void say_line(const Call& call, const std::string& line) {
  if (!call.json) call.out << escape_controls(line) << std::endl;  // each when it comes
}

Json as_json(const std::string& command, const modem::RawAnswer& answer) {
  return {{"command", command}, {"lines", answer.lines}, {"result", answer.result}, {"ok", answer.ok}};
}

// Where the result gives no reason, or one that is only about this command.
modem::Cause cause_of(const Error& error) {
  const auto cause = modem::cause_of(error.message);
  return cause && *cause != modem::Cause::command_refused ? *cause : modem::Cause::command_unknown;
}

int end(const Call& call, const std::string& command, const modem::RawAnswer& answer) {
  if (answer.ok) {
    if (call.json)
      call.out << dumped(as_json(command, answer)) << "\n";
    else
      say_line(call, answer.result);
    return kFine;
  }
  const auto result = modem::parse_final(answer.result);
  const Error error =
      result ? modem::to_error(command, *result) : Error{Errc::busy, answer.result, Retry::yes};
  const modem::Cause cause = cause_of(error);
  const modem::CauseWords& words = modem::words_of(cause);
  if (call.json) {
    Json json = as_json(command, answer);
    json["message"] = error.message;
    json.update(cause_as_json(cause));
    call.out << dumped(json) << "\n";
  } else {
    say_line(call, answer.result);
  }
  return complain(call.err, error.message + ": " + std::string(words.means), words.cure, kWrong);
}

// Nothing but the command is said on the port: no PIN, no setting.
int ask_port(const Call& call, const std::string& command) {
  const auto config = configuration(call);
  const ModemConfig* const chosen = config ? modem_of(call, *config) : nullptr;
  if (chosen == nullptr) return kUsage;
  modem::ModemOptions options;
  options.name = chosen->name;
  options.url = chosen->url;
  const auto address = modem::parse_port_url(options.url);
  if (!address) return complain(call, "configuration", address.error().message, "", kUsage);
  auto found = modem::find_modem(options, *address);
  if (!found)
    return complain(call, control::word_of(found.error().code), found.error().message,
                    "'pigeon modem list' says more", kWrong);
  const auto answer = modem::ask_raw(found->channel, command, kModemAnswers);
  if (!answer)
    return complain(call, control::word_of(answer.error().code), answer.error().message,
                    cure_of(answer.error().message, ""), kWrong);
  for (const std::string& line : answer->lines) say_line(call, line);
  return end(call, command, *answer);
}

int ask_daemon(const Call& call, const std::string& database, const std::string& command) {
  control::Json body = {{"at", command}, {"force", call.has("--force")}};
  if (const std::string modem = option_of(call, "--modem"); !modem.empty()) body["modem"] = modem;
  modem::RawAnswer answer;
  const auto keep = [&](const control::Json& said) {
    answer.lines.push_back(said.is_string() ? said.get<std::string>() : said.dump());
    say_line(call, answer.lines.back());
  };
  std::string cure;
  const auto result = ask_pigeond(database, "modem.at", body, cure, keep, kDaemonAnswers);
  if (!result) {
    const bool usage = result.error().code == Errc::bad_input;
    if (cure.empty()) cure = cure_of(result.error().message, "");
    return complain(call, control::word_of(result.error().code), result.error().message, cure,
                    usage ? kUsage : kWrong);
  }
  answer.result = net::string_member(*result, "result");
  const auto* ok = net::member(*result, "ok");
  answer.ok = ok != nullptr && *ok == true;
  return end(call, command, answer);
}

}  // namespace

int run_modem_at(const Call& call) {
  const auto command = modem::raw_command(call.arguments.front());
  if (!command) return complain(call, "usage", command.error().message, "", kUsage);
  const std::string harm(modem::harm_of(*command));
  if (!harm.empty() && !call.has("--force")) {
    return complain(call, "usage", *command + ": " + harm,
                    "--force gives it all the same, and pigeond looks at its settings afterwards", kUsage);
  }
  const auto database = database_of(call);
  if (!database) return kUsage;
  return has_daemon(*database) ? ask_daemon(call, *database, *command) : ask_port(call, *command);
}

}  // namespace pigeon::cli
