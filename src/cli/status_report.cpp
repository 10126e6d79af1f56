// Collecting and showing the state of a box; see status_report.h.
#include "cli/status_report.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/paragraph.h"
#include "base/text.h"
#include "cli/modem_info.h"
#include "store/store.h"

namespace pigeon::cli {
namespace {

using store::Ending;
using store::PartState;
using store::ReplyState;

constexpr std::size_t kColumns = 80;

void read_counts(store::Store& store, StatusReport& report) {
  report.accounts_linked = store.accounts.count(store::AccountState::linked);
  report.accounts_broken = store.accounts.count(store::AccountState::broken);
  report.inbox_open = store.inbox.count_open();
  report.posted = store.inbox.count(Ending::posted);
  report.answered = store.inbox.count(Ending::answered);
  report.refused = store.inbox.count(Ending::refused) + store.inbox.count(Ending::unclear);
  report.parts_waiting = store.parts.count(PartState::waiting);
  report.quarantined = store.parts.count(PartState::quarantined);
  report.too_old = store.parts.count(store::PartReason::too_old);
  report.outbox_open = store.outbox.count(ReplyState::queued) + store.outbox.count(ReplyState::sending);
  report.sent = store.outbox.count(ReplyState::sent) + store.outbox.count(ReplyState::delivered);
  report.unclear = store.outbox.count(ReplyState::unclear);
  report.failed = store.outbox.count(ReplyState::failed) + store.outbox.count(ReplyState::undelivered);
  report.dropped = store.outbox.count(ReplyState::dropped);
  for (const store::Budget budget : store::kAllBudgets) {
    if (const auto count = store.budgets.refused(budget); count > 0)
      report.unanswered.emplace_back(store::name_of(budget), count);
  }
}

// A condition in words.
Problem problem_of(const store::Condition& condition) {
  return {.code = std::string(store::word_of(condition.code)),
          .text = store::sentence_of(condition),
          .cure = std::string(store::words_of(condition.code).cure),
          .since = condition.since,
          .count = condition.count};
}

// In the words that 'pigeon modem info' has for it.
void explain(Problem& problem, const std::string& modem, modem::Cause cause) {
  const modem::CauseWords& words = modem::words_of(cause);
  problem.text = "modem " + modem + ": " + std::string(words.means);
  problem.cure = words.cure;
  problem.see = words.section;
}

// The condition that says the same of a modem.
store::ConditionCode condition_of(const store::ModemState& modem, modem::Cause cause) {
  using store::ConditionCode;
  if (!modem.ready) return ConditionCode::modem_not_ready;
  switch (cause) {
    case modem::Cause::registration_denied:
      return ConditionCode::sim_refused;
    case modem::Cause::no_signal:
      return ConditionCode::no_signal;
    case modem::Cause::no_service_centre:
      return ConditionCode::no_service_centre;
    case modem::Cause::storage_full:
      return ConditionCode::modem_storage_full;
    default:
      return ConditionCode::no_network;
  }
}

// What is wrong with the modems, each once: a condition that says so already gets the cause's words.
void explain_modems(StatusReport& report, const std::vector<store::Condition>& conditions) {
  for (const store::ModemState& modem : report.modems) {
    for (const modem::Cause cause : causes_of(modem)) {
      const store::ConditionCode code = condition_of(modem, cause);
      const auto said = std::find_if(conditions.begin(), conditions.end(), [&](const store::Condition& each) {
        return each.code == code && each.subject == modem.name;
      });
      if (said == conditions.end()) {
        Problem problem{.code = std::string(modem::words_of(cause).word), .text = {}};
        explain(problem, modem.name, cause);
        report.problems.push_back(std::move(problem));
      } else {
        explain(report.problems[static_cast<std::size_t>(said - conditions.begin())], modem.name, cause);
      }
    }
  }
}

void find_problems(store::Store& store, const Config& config, UtcTime now, StatusReport& report) {
  if (!report.daemon_running) {
    report.problems.push_back(
        {.code = "daemon_stopped",
         .text = "pigeond is not running",
         .cure = "systemctl start carrier-pigeon; if it ends again, 'pigeon config check' says why"});
    return;
  }
  std::set<std::string> modems;
  for (const ModemConfig& modem : config.modems) modems.insert(modem.name);
  const auto failure = store::Store::storage_failure(follow_links(config.store.path));
  const auto conditions = store.survey.list(now, modems, failure);
  for (const store::Condition& condition : conditions) report.problems.push_back(problem_of(condition));
  explain_modems(report, conditions);
  if (report.modems.empty()) {
    report.problems.insert(report.problems.begin(),
                           {.code = "no_modem",
                            .text = "no modem has been found yet",
                            .cure = "'pigeon modem list' shows what is plugged in",
                            .see = std::string(modem::words_of(modem::Cause::no_modem).section)});
  }
}

std::string describe(const store::ModemState& modem, UtcTime now) {
  if (!modem.ready) return "not ready";
  std::string text = "ready, " + modem.model;
  if (modem.registration) text += ", " + std::string(store::word_of(*modem.registration));
  if (!modem.network.empty()) text += " (" + modem.network + ")";
  if (modem.signal_dbm)
    text += ", signal " + std::string(signal_in_words(*modem.signal_dbm)) + " (" +
            std::to_string(*modem.signal_dbm) + " dBm)";
  return escape_controls(text) + ", " + ago(modem.updated_at, now);
}

std::string line(std::string_view label, const std::string& value) {
  std::string text = "  " + std::string(label);
  text.append(12 - std::min<std::size_t>(label.size(), 11), ' ');
  return paragraph(text, value, kColumns);
}

}  // namespace

std::string ago(UtcTime then, UtcTime now) {
  const auto past = std::chrono::floor<seconds>(now - then).count();
  if (past < 0) return "just now";
  if (past < 120) return std::to_string(past) + " s ago";
  if (past < 7200) return std::to_string(past / 60) + " min ago";
  return std::to_string(past / 3600) + " h ago";
}

Result<std::unique_ptr<store::Store>> open_store(const Config& config) {
  auto store = store::Store::open(follow_links(config.store.path), config.store.key_file,
                                  store::Store::Access::reader);
  if (!store) return fail("store", store.error());
  return store;
}

Result<StatusReport> read_status(const Config& config) {
  StatusReport report;
  report.number = config.gateway.number;
  auto store = open_store(config);
  if (!store) return tl::unexpected(store.error());
  report.daemon_running = store::Store::is_owned(follow_links(config.store.path));
  report.modems = (*store)->modems.list();
  read_counts(**store, report);
  find_problems(**store, config, utc_now(), report);
  return report;
}

std::string to_text(const StatusReport& report, UtcTime now, bool colour) {
  const auto painted = [colour](std::string_view code, const std::string& text) {
    return colour ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  };
  const auto number = [](std::int64_t count) { return std::to_string(count); };
  std::string text = painted("1", "Carrier Pigeon " PIGEON_VERSION) + " for " + report.number + "\n\n";
  text += line("daemon", report.daemon_running ? "running" : painted("31", "not running"));
  for (const store::ModemState& modem : report.modems)
    text += line("modem " + modem.name, describe(modem, now));
  text += line("accounts", number(report.accounts_linked) + " linked, " + number(report.accounts_broken) +
                               " to be linked again");
  text += line("inbox", number(report.inbox_open) + " open, " + number(report.posted) + " posted, " +
                            number(report.answered) + " answered, " + number(report.refused) + " refused");
  if (report.parts_waiting > 0)
    text += line("", number(report.parts_waiting) + " parts wait for the rest of their message");
  if (report.too_old > 0)
    text += line("", number(report.too_old) + " were older than gateway.oldest: kept, not posted");
  text += line("outbox", number(report.outbox_open) + " open, " + number(report.sent) + " sent, " +
                             (report.unclear > 0 ? number(report.unclear) + " unclear, " : "") +
                             number(report.failed) + " failed, " + number(report.dropped) + " dropped");
  for (const auto& [limit, count] : report.unanswered)
    text += line("", number(count) + " answers held back by limits." + std::string(limit));
  text += "\n";
  if (report.problems.empty()) return text + painted("32", "All is well.") + "\n";
  for (const Problem& problem : report.problems) {
    const std::string since = problem.since ? " (since " + ago(*problem.since, now) + ")" : "";
    // Painted behind the breaking of lines, which counts columns.
    const std::string said = paragraph("! ", escape_controls(problem.text) + since, kColumns);
    text += painted("31", "!") + said.substr(1);
    if (!problem.cure.empty()) text += paragraph("  → ", problem.cure, kColumns);
  }
  return text;
}

nlohmann::ordered_json to_json(const StatusReport& report) {
  nlohmann::ordered_json json;
  json["version"] = PIGEON_VERSION;
  json["number"] = report.number;
  json["daemon"] = report.daemon_running ? "running" : "not running";
  json["modems"] = nlohmann::ordered_json::array();
  for (const store::ModemState& modem : report.modems) {
    nlohmann::ordered_json one = {
        {"name", modem.name},
        {"ready", modem.ready},
        {"detail", modem.detail},
        {"device", modem.device},
        {"model", modem.model},
        {"registration", modem.registration ? store::word_of(*modem.registration) : ""},
        {"network", modem.network},
        {"updated", to_rfc3339(modem.updated_at)}};
    if (modem.signal_dbm) one["signal_dbm"] = *modem.signal_dbm;
    json["modems"].push_back(std::move(one));
  }
  json["accounts"] = {{"linked", report.accounts_linked}, {"broken", report.accounts_broken}};
  json["inbox"] = {{"open", report.inbox_open},
                   {"posted", report.posted},
                   {"answered", report.answered},
                   {"refused", report.refused},
                   {"parts_waiting", report.parts_waiting},
                   {"quarantined", report.quarantined},
                   {"too_old", report.too_old}};
  json["outbox"] = {{"open", report.outbox_open},
                    {"sent", report.sent},
                    {"unclear", report.unclear},
                    {"failed", report.failed},
                    {"dropped", report.dropped}};
  json["unanswered"] = nlohmann::ordered_json::object();
  for (const auto& [limit, count] : report.unanswered) json["unanswered"][std::string(limit)] = count;
  json["problems"] = nlohmann::ordered_json::array();
  for (const Problem& problem : report.problems) {
    nlohmann::ordered_json one = {{"code", problem.code}, {"text", problem.text}, {"cure", problem.cure}};
    if (!problem.see.empty()) one["see"] = problem.see;
    if (problem.since) one["since"] = to_rfc3339(*problem.since);
    if (problem.since) one["count"] = problem.count;
    json["problems"].push_back(std::move(one));
  }
  return json;
}

}  // namespace pigeon::cli
