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
     {"X refuses this box's client id or secret; texts wait and nobody is unlinked",
      "correct [x] in the configuration, then: systemctl reload carrier-pigeon"}},
    {Code::x_app_limit,
     "x_app_limit",
     {"the app has posted what it may in 24 hours; texts wait",
      "nothing, or a plan at X with a higher limit"}},
    {Code::modem_not_ready, "modem_not_ready", {"", ""}},
    {Code::sim_refused, "sim_refused", {"the network refuses this SIM", "is it active and paid?"}},
    {Code::no_network, "no_network", {"no network", "check the antenna and the place"}},
});

const Row& row_of(Code code) {
  return *std::find_if(kRows.begin(), kRows.end(), [code](const Row& row) { return row.code == code; });
}

}  // namespace

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

Conditions::Conditions(Database& db)
    : db_(db),
      begin_(db,
             "INSERT INTO conditions (code, subject, since, count, detail) VALUES (?1, ?2, ?3, 1, ?4)"
             " ON CONFLICT (code, subject) DO UPDATE SET count = count + 1, detail = ?4"),
      end_(db, "DELETE FROM conditions WHERE code = ?1 AND subject = ?2"),
      list_(db, "SELECT code, subject, since, count, detail FROM conditions"),
      clear_(db, "DELETE FROM conditions") {}

void Conditions::begin(ConditionCode code, std::string_view subject, std::string_view detail, UtcTime now) {
  Transaction transaction(db_);
  begin_.bind(word_of(code), subject, now, detail).run();
  transaction.commit();
}

bool Conditions::end(ConditionCode code, std::string_view subject) {
  Transaction transaction(db_);
  end_.bind(word_of(code), subject).run();
  const bool ended = db_.changes() > 0;
  transaction.commit();
  return ended;
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

void Conditions::clear() {
  Transaction transaction(db_);
  clear_.bind().run();
  transaction.commit();
}

}  // namespace pigeon::store
