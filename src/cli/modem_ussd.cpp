// The dialogue with the network; see modem_ussd.h.
#include "cli/modem_ussd.h"

#include <unistd.h>

#include <algorithm>
#include <istream>
#include <ostream>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/open_modem.h"
#include "cli/pdu_json.h"
#include "net/json.h"
#include "preflight/service_user.h"

namespace pigeon::cli {
namespace {

using modem::UssdReply;

constexpr seconds kNetworkAnswers{60};
constexpr seconds kDaemonAnswers{280};  // the modem may have a text in hand first, which takes up to 150 s

// Why there is no text.
std::string why(const UssdReply& reply) {
  using Kind = UssdReply::Kind;
  switch (reply.kind) {
    case Kind::finished:
    case Kind::answer_wanted:
    case Kind::ended:
      return "the network has ended the session without a word";
    case Kind::taken:
      return "another program at this modem has taken the network's answer";
    case Kind::not_supported:
      return "the network does not know this code, or the modem cannot ask it";
    case Kind::timed_out:
      return "the network took too long, by its own clock";
    case Kind::undocumented:
      return "the modem answers with status " + std::to_string(reply.status) + ", which no standard knows";
    case Kind::refused:
      return "the network or the SIM refused the code: " + reply.text;
  }
  return {};
}

std::string_view cure_of(const UssdReply& reply) {
  using Kind = UssdReply::Kind;
  if (reply.kind == Kind::not_supported || reply.kind == Kind::refused)
    return "does the code work in a phone with this SIM? 'pigeon modem info' says whether the network is "
           "there";
  if (reply.kind == Kind::timed_out) return "try again in a minute";
  return {};
}

UssdReply::Kind kind_of(std::string_view word) {
  using Kind = UssdReply::Kind;
  for (const Kind kind : {Kind::finished, Kind::answer_wanted, Kind::ended, Kind::taken, Kind::not_supported,
                          Kind::timed_out, Kind::refused}) {
    if (modem::word_of(kind) == word) return kind;
  }
  return Kind::undocumented;
}

// A line of its own a line of the text, with nothing that a terminal would obey.
void say(const Call& call, const UssdReply& reply) {
  if (call.json) return;
  std::string_view text = reply.text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    call.out << escape_controls(text.substr(0, end)) << "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  call.out << std::flush;
}

Json as_json(const std::string& asked, const UssdReply& reply) {
  return {
      {"asked", asked}, {"status", reply.status}, {"kind", modem::word_of(reply.kind)}, {"text", reply.text}};
}

UssdAsker daemon_asker(const Call& call, const std::string& database, std::string& cure) {
  return [&call, database, &cure](const std::string& text) -> Result<UssdReply> {
    control::Json body = {{"text", text}};
    if (const std::string modem = option_of(call, "--modem"); !modem.empty()) body["modem"] = modem;
    const auto result = ask_pigeond(database, "modem.ussd", body, cure, {}, kDaemonAnswers);
    if (!result) return tl::unexpected(result.error());
    UssdReply reply;
    reply.kind = kind_of(net::string_member(*result, "kind"));
    reply.status = static_cast<int>(net::integer_member(*result, "status").value_or(-1));
    reply.text = net::string_member(*result, "text");
    return reply;
  };
}

// What comes first is the answer: nobody else asks by this modem.
Result<UssdReply> ask_modem(modem::SerialModem& modem, const std::string& text) {
  if (text.empty()) {
    if (auto ended = modem.end_ussd(); !ended) return tl::unexpected(ended.error());
    return UssdReply{UssdReply::Kind::ended, -1, ""};
  }
  if (auto asked = modem.request_ussd(text); !asked) return tl::unexpected(asked.error());
  const SteadyTime deadline = steady_now() + kNetworkAnswers;
  while (steady_now() < deadline) {
    const auto events = modem.wait(deadline);
    if (!events) return tl::unexpected(events.error());
    for (const modem::Event& event : *events) {
      if (event.kind == modem::Event::Kind::ussd) return event.ussd;
    }
  }
  static_cast<void>(modem.end_ussd());
  return fail(Errc::timeout,
              "the network gave no answer within " + std::to_string(kNetworkAnswers.count()) + " s");
}

// The network's question stands above it.
std::optional<std::string> ask_person(const Call& call) {
  call.err << "your answer (empty: none): " << std::flush;
  std::string line;
  if (!std::getline(call.in, line)) return std::nullopt;
  return std::string(trim(line));
}

int talk(const Call& call, const UssdAsker& ask, const std::string& cure = {}) {
  const bool person = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && !call.json;
  return talk_ussd(
      call, ask,
      [&call, person]() -> std::optional<std::string> { return person ? ask_person(call) : std::nullopt; },
      cure);
}

int talk_by_port(const Call& call) {
  const auto config = configuration(call);
  const ModemConfig* const chosen = config ? modem_of(call, *config) : nullptr;
  if (chosen == nullptr) return kUsage;
  log::configure({.level = log::Level::error});      // the driver's news are no answer
  preflight::become_service_user(call.config_path);  // whose database it is
  ModemOpener opener(*config);
  const auto modem = opener.open(*chosen);
  if (!modem)
    return complain(call, control::word_of(modem.error().code), modem.error().message,
                    "'pigeon modem list' says more", kWrong);
  return talk(call, [&modem](const std::string& text) { return ask_modem(**modem, text); });
}

}  // namespace

int talk_ussd(const Call& call, const UssdAsker& ask, const UssdPrompt& prompt, const std::string& cure) {
  Json replies = Json::array();
  int status = kFine;
  std::string complaint;
  std::string text = call.arguments.front();
  for (std::size_t next = 1;;) {
    const auto reply = ask(text);
    if (!reply) {
      complaint = reply.error().message;
      status = complain(call.err, reply.error().message, cure,
                        reply.error().code == Errc::bad_input ? kUsage : kWrong);
      break;
    }
    replies.push_back(as_json(text, *reply));
    if (reply->kind != UssdReply::Kind::refused) say(call, *reply);  // why() says it
    const bool fine = modem::is_answer(*reply);
    if (!fine) complaint = why(*reply);
    if (!fine) status = complain(call.err, why(*reply), cure_of(*reply), kWrong);
    if (!fine || reply->kind != UssdReply::Kind::answer_wanted) {
      if (fine && next < call.arguments.size())
        status = complain(
            call.err, "the network asks for no answer: '" + call.arguments[next] + "' was not given to it",
            "", kWrong);
      break;
    }
    const auto answer = next < call.arguments.size() ? std::optional(call.arguments[next++]) : prompt();
    if (!answer || answer->empty()) {
      static_cast<void>(ask(""));  // the network need not wait
      break;
    }
    text = *answer;
  }
  if (call.json) {
    Json json = {{"replies", replies}, {"ok", status == kFine}};
    if (!complaint.empty()) json["message"] = complaint;
    call.out << dumped(json) << "\n";
  }
  return status;
}

int run_modem_ussd(const Call& call) {
  const std::string& code = call.arguments.front();
  if (!modem::is_ussd_text(code) || code.find_first_not_of("0123456789*#+") != std::string::npos)
    return complain(call, "usage", "'" + code + "' is no USSD code",
                    "codes look like *100# and are in quotes for the shell", kUsage);
  for (const std::string& argument : call.arguments) {
    if (!modem::is_ussd_text(argument))
      return complain(call, "usage", "'" + argument + "' cannot be sent as an answer",
                      "1 to 182 letters and digits that a plain text knows", kUsage);
  }
  const auto database = database_of(call);
  if (!database) return kUsage;
  if (!has_daemon(*database)) return talk_by_port(call);
  std::string cure;
  return talk(call, daemon_asker(call, *database, cure), cure);
}

}  // namespace pigeon::cli
