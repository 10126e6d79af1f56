// Asking the daemon, or the modem; see modem_send.h.
#include "cli/modem_send.h"

#include <unistd.h>

#include <ostream>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "cli/cause_words.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/open_modem.h"
#include "cli/pdu_json.h"
#include "modem/causes/cause.h"
#include "preflight/service_user.h"
#include "transport/texting.h"

namespace pigeon::cli {
namespace {

using transport::SendOutcome;

// The modem may have another text in hand first, which takes up to 180 s, and each part of this one some.
milliseconds patience(const std::string& text) {
  constexpr std::size_t kOctetsOfAPart = 134;
  return seconds(400) + seconds(30) * static_cast<int>(text.size() / kOctetsOfAPart);
}

constexpr const char* kAskThePhone = "look at that phone before you send it again";

constexpr const char* kLookAtTheModem = "'pigeon modem info' says how the modem is";

// Nobody knows what the daemon has done.
bool is_unknown(const Error& error) {
  return error.code == Errc::timeout || error.code == Errc::disconnected ||
         error.code == Errc::outcome_unknown;
}

std::string listed(const nlohmann::json& references) {
  std::string text;
  for (const auto& reference : references)
    text += (text.empty() ? "" : ", ") + (reference == modem::kNoReference ? "none" : reference.dump());
  return text;
}

// "2 of 3 parts were sent" in front of why the third was not; of a text of one part nothing.
std::string sent_before(std::size_t sent, std::int64_t parts) {
  if (parts < 2) return "";
  return std::to_string(sent) + " of " + std::to_string(parts) + " parts were sent; then: ";
}

int tell_error(const Call& call, const Error& error, const std::string& cure) {
  if (!cure.empty() || !is_unknown(error)) {
    return complain(call, control::word_of(error.code), error.message,
                    cure.empty() ? cure_of(error.message, "") : cure,
                    error.code == Errc::bad_input ? kUsage : kWrong);
  }
  if (call.json)
    call.out << dumped({{"outcome", "unknown"}, {"message", error.message}, {"ok", false}}) << "\n";
  return complain(call.err, "whether it was sent is not known: " + error.message, kAskThePhone, kWrong);
}

// Up to the first part that is not taken.
SendOutcome send_parts(modem::SerialModem& modem, const std::vector<modem::Submit>& parts) {
  SendOutcome outcome;
  for (const modem::Submit& part : parts) {
    const auto receipt = modem.send(part);
    if (!receipt) {
      outcome.error = receipt.error();
      break;
    }
    outcome.references.push_back(receipt->reference);
  }
  return outcome;
}

Result<nlohmann::json> send_by_port(const Config& config, const ModemConfig& chosen, const std::string& to,
                                    const std::string& text, std::string& cure) {
  ModemOpener opener(config);
  const auto store = opener.store();
  if (!store) {
    cure = "the database says who has texted STOP: ask again with sudo";
    return tl::unexpected(store.error());
  }
  const auto own = transport::own_text(to, text, config.gateway.country,
                                       *store != nullptr ? &(*store)->opt_outs : nullptr);
  if (!own) return tl::unexpected(own.error());
  const auto modem = opener.open(chosen);
  if (!modem) {
    cure = "'pigeon modem list' says more";
    return tl::unexpected(modem.error());
  }
  const SendOutcome outcome = send_parts(**modem, own->parts);
  nlohmann::json said = {{"to", own->to.e164()},
                         {"parts", own->parts.size()},
                         {"references", outcome.references},
                         {"outcome", transport::word_of(outcome)}};
  if (outcome.error) said["message"] = outcome.error->message;
  return said;
}

}  // namespace

int tell_sending(const Call& call, const Result<nlohmann::json>& answer, const std::string& cure) {
  if (!answer) return tell_error(call, answer.error(), cure);
  const std::string outcome = net::string_member(*answer, "outcome");
  const bool sent = outcome == "sent";
  if (call.json) {
    Json json(*answer);
    json["ok"] = sent;
    const auto cause = modem::cause_of(net::string_member(*answer, "message"));
    if (outcome == "not sent" && cause) json.update(cause_as_json(*cause));
    call.out << dumped(json) << "\n";
  }
  const nlohmann::json* references = net::member(*answer, "references");
  const std::size_t count = references == nullptr ? 0 : references->size();
  const std::int64_t parts = net::integer_member(*answer, "parts").value_or(1);
  if (!sent) {
    const std::string why = sent_before(count, parts) + net::string_member(*answer, "message");
    if (outcome == "unknown")
      return complain(call.err, "whether it was sent is not known: " + why, kAskThePhone, kWrong);
    return complain(call.err, "not sent: " + why, cure_of(why, kLookAtTheModem), kWrong);
  }
  if (call.json) return kFine;
  call.out << "The network has taken it for " << escape_controls(net::string_member(*answer, "to"))
           << (count == 1 ? ", reference " : " in " + std::to_string(count) + " parts, references ")
           << (references == nullptr ? "" : listed(*references)) << ".\n";
  return kFine;
}

int run_modem_send(const Call& call) {
  const std::string& to = call.arguments[0];
  const std::string& text = call.arguments[1];
  const auto database = database_of(call);
  if (!database) return kUsage;
  if (::isatty(STDERR_FILENO) == 1 && !call.json) call.err << "sending; this takes seconds…" << std::endl;
  std::string cure;
  if (has_daemon(*database)) {
    control::Json body = {{"to", to}, {"text", text}};
    if (const std::string modem = option_of(call, "--modem"); !modem.empty()) body["modem"] = modem;
    return tell_sending(call, ask_pigeond(*database, "modem.send", body, cure, {}, patience(text)), cure);
  }
  const auto config = configuration(call);
  const ModemConfig* const chosen = config ? modem_of(call, *config) : nullptr;
  if (chosen == nullptr) return kUsage;
  log::configure({.level = log::Level::error});      // the driver's news are no answer
  preflight::become_service_user(call.config_path);  // whose database it is
  return tell_sending(call, send_by_port(*config, *chosen, to, text, cure), cure);
}

}  // namespace pigeon::cli
