// SQL of the conditions table, and the words of each; see conditions.h.
#include "store/conditions.h"

#include <algorithm>

namespace pigeon::store {
namespace {

using Code = ConditionCode;

struct Row {
  Code code;
  std::string_view word;
  ConditionWords words;
};

constexpr std::array kRows = std::to_array<Row>({
    {Code::thread_stuck,
     "thread_stuck",
     {"", "systemctl restart carrier-pigeon, and report it with the log", true}},
    {Code::storage_damaged,
     "storage_damaged",
     {"the database is damaged; the texts stay in the SIM", "see 'A damaged database' in docs/operating.md",
      true}},
    {Code::storage_full,
     "storage_full",
     {"the disk is full; texts stay in the SIM, and everything else waits",
      "make room where the database lies; texts are taken at once then", true}},
    {Code::storage_failing,
     "storage_failing",
     {"the disk does not take what is written; texts stay in the SIM, and everything else waits",
      "look at dmesg: a dying card becomes read-only; make a backup and change it", true}},
    {Code::storage_locked,
     "storage_locked",
     {"another program holds the database; everything waits", "end the program that has it open", true}},
    {Code::x_api,
     "x_api",
     {"X does not answer as it should; texts wait and are posted when it does",
      "is this box's network up? If it is, X is down for everybody: nothing"}},
    {Code::x_token_endpoint,
     "x_token_endpoint",
     {"X gives no fresh tokens; texts wait", "is this box's network up? If it is: nothing"}},
    {Code::x_credits,
     "x_credits",
     {"the app's credits at X are used up; texts wait", "pay at X's developer console"}},
    {Code::x_keys,
     "x_keys",
     {"X refuses this box's keys; texts wait and nobody is unlinked",
      "correct [x] in the configuration, then: systemctl reload carrier-pigeon"}},
    {Code::x_app_limit,
     "x_app_limit",
     {"the app has posted what it may in 24 hours; texts wait",
      "nothing, or a plan at X with a higher limit"}},
    {Code::modem_not_ready, "modem_not_ready", {"", "", true}},
    {Code::modem_hangs,
     "modem_hangs",
     {"the modem stopped answering: it was reset # times",
      "nothing, if it stays alone; else another USB port, a powered hub, or another stick", false,
      "the modem stopped answering, and was reset"}},
    {Code::sim_refused,
     "sim_refused",
     {"the network refuses this SIM", "is it active, paid, and allowed to use SMS? Try it in a phone", true}},
    {Code::no_signal,
     "no_signal",
     {"there is no signal",
      "check the antenna and the place: nearer to a window; another operator may be heard there", true}},
    {Code::no_network, "no_network", {"the modem finds no network", "check the antenna and the place", true}},
    {Code::modem_storage_full,
     "modem_storage_full",
     {"there is no room for more texts",
      "pigeond frees what it has read: is it running? Delete the others in a phone", true}},
    {Code::no_service_centre,
     "no_service_centre",
     {"no SMS centre is set: texts cannot be sent",
      "ask the operator for its number, and write it into the configuration: [[modem]] smsc"}},
    {Code::texts_kept,
     "texts_kept",
     {"# texts wait to be posted",
      "what keeps them stands above; if nothing does: journalctl -u carrier-pigeon", false,
      "a text waits to be posted"}},
    {Code::queue_growing,
     "queue_growing",
     {"# people's texts wait although nothing keeps them back: the box does not keep up",
      "nothing, if it works off what had to wait; else report it with the log", false,
      "a person's text waits although nothing keeps it back: the box does not keep up"}},
    {Code::replies_waiting,
     "replies_waiting",
     {"# replies wait to be sent: the modem or its network does not take them as fast as they come",
      "check the signal and the SIM's credit", false,
      "a reply waits to be sent: the modem or its network does not take it"}},
    {Code::replies_failed,
     "replies_failed",
     {"the last reply could not be sent",
      "may the SIM send SMS, and is its service centre set? See 'modem.smsc'"}},
    {Code::reply_modem_gone,
     "reply_modem_gone",
     {"# replies wait for this modem, which is not configured any more",
      "configure it again under its old name", false,
      "a reply waits for this modem, which is not configured any more"}},
    {Code::accounts_broken,
     "accounts_broken",
     {"# accounts must be linked again by their owners, who have been told",
      "nothing; their texts are answered with a new link", false,
      "an account must be linked again by its owner, who has been told"}},
    {Code::jobs_set_aside,
     "jobs_set_aside",
     {"# jobs failed too often and were given up; their owners have been told",
      "report it with the log: it is a mistake in this program", false,
      "a job failed too often and was given up; its owner has been told"}},
    {Code::parts_quarantined,
     "parts_quarantined",
     {"# message parts could not be read or joined", "look at them: pigeon quarantine list", false,
      "a message part could not be read or joined"}},
    {Code::country_missing,
     "country_missing",
     {"# texts came from numbers in national form; without a country nobody can tell whose: kept, not posted",
      "set gateway.country in the configuration, then: systemctl restart carrier-pigeon", false,
      "a text came from a number in national form; without a country nobody can tell whose: kept, not"
      " posted"}},
});

const Row& row_of(Code code) {
  return *std::find_if(kRows.begin(), kRows.end(), [code](const Row& row) { return row.code == code; });
}

}  // namespace

std::vector<ConditionCode> all_conditions() {
  std::vector<ConditionCode> codes;
  codes.reserve(kRows.size());
  for (const Row& row : kRows) codes.push_back(row.code);
  return codes;
}

ConditionCode condition_of(Gate gate) {
  switch (gate) {
    case Gate::api:
      return Code::x_api;
    case Gate::token_endpoint:
      return Code::x_token_endpoint;
    case Gate::credits:
      return Code::x_credits;
    case Gate::keys:
      return Code::x_keys;
    case Gate::app_limit:
      return Code::x_app_limit;
  }
  return Code::x_api;
}

std::string_view word_of(ConditionCode code) {
  return row_of(code).word;
}

ConditionWords words_of(ConditionCode code) {
  return row_of(code).words;
}

std::string sentence_of(const Condition& condition) {
  const ConditionWords words = words_of(condition.code);
  const std::string_view said = condition.count == 1 && !words.one.empty() ? words.one : words.text;
  std::string text = said.empty() ? condition.detail : std::string(said);
  if (const std::size_t mark = text.find('#'); !said.empty() && mark != std::string::npos) {
    const bool more = condition.count >= kMostCounted;
    text.replace(mark, 1, std::to_string(condition.count) + (more ? " or more" : ""));
  }
  const bool of_storage = condition.code >= Code::storage_damaged && condition.code <= Code::storage_locked;
  if (of_storage && !condition.detail.empty()) text += "; the last commit that worked: " + condition.detail;
  return condition.subject.empty() ? text : "modem " + condition.subject + ": " + text;
}

Conditions::Conditions(Database& db)
    : db_(db),
      begin_(db,
             "INSERT INTO conditions (code, subject, since, count, detail) VALUES (?1, ?2, ?3, 1, ?4)"
             " ON CONFLICT (code, subject) DO UPDATE SET count = count + 1, detail = ?4"),
      end_(db, "DELETE FROM conditions WHERE code = ?1 AND subject = ?2"),
      list_(db, "SELECT code, subject, since, count, detail FROM conditions"),
      clear_(db, "DELETE FROM conditions WHERE code NOT IN ('replies_failed','country_missing')") {}

void Conditions::begin(Transaction& transaction, ConditionCode code, std::string_view subject,
                       std::string_view detail, UtcTime now) {
  begin_.bind(word_of(code), subject, now, detail).run(transaction);
  tell();
}

bool Conditions::end(Transaction& transaction, ConditionCode code, std::string_view subject) {
  end_.bind(word_of(code), subject).run(transaction);
  const bool ended = transaction.changes() > 0;
  if (ended) tell();
  return ended;
}

void Conditions::tell() const {
  if (changed_) changed_();
}

std::vector<Condition> Conditions::list() {
  const auto lock = db_.lock();
  std::vector<Condition> conditions;
  Query query = list_.bind();
  while (query.next()) {
    const std::string word = query.text(0);
    const auto row =
        std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.word == word; });
    if (row != kRows.end())
      conditions.push_back({row->code, query.text(1), query.time(2), query.integer(3), query.text(4)});
  }
  std::stable_sort(conditions.begin(), conditions.end(),
                   [](const Condition& a, const Condition& b) { return a.code < b.code; });
  return conditions;
}

void Conditions::clear(Transaction& transaction) {
  clear_.bind().run(transaction);
}

}  // namespace pigeon::store
