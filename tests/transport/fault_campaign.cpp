// See fault_campaign.h.
#include "tests/transport/fault_campaign.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "modem/sms/pdu.h"
#include "tests/eventually.h"

namespace pigeon::test {
namespace {

constexpr const char* kTexts = "SELECT count(*) FROM inbox WHERE text LIKE 'text %'";
constexpr const char* kTaken = "SELECT text FROM inbox WHERE text LIKE 'text %'";
constexpr const char* kOwed = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')";

constexpr milliseconds kLongWait = seconds(20);

std::string in_seconds(milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%7.2f s", static_cast<double>(time.count()) / 1000);
  return text;
}

sqlite3* open_for_reading(const std::string& path) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
    throw std::runtime_error("the gateway's database cannot be read");
  sqlite3_busy_timeout(database, 5000);
  return database;
}

}  // namespace

FaultCampaign::FaultCampaign(sim::SimModem& modem, sim::Carrier& carrier, std::string database,
                             std::vector<std::string> phones, unsigned seed, const sim::FaultTimes& times,
                             std::function<void()> nudge)
    : modem_(modem),
      carrier_(carrier),
      phones_(std::move(phones)),
      nudge_(std::move(nudge)),
      database_(open_for_reading(database), &sqlite3_close),
      random_(seed),
      faults_(modem, seed, times) {}

FaultCampaign::~FaultCampaign() = default;

void FaultCampaign::each(const char* sql, const std::function<void(const std::vector<std::string>&)>& row) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database_.get()));
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::vector<std::string> columns;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const unsigned char* text = sqlite3_column_text(statement, i);
      columns.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
    }
    row(columns);
  }
  sqlite3_finalize(statement);
}

int FaultCampaign::number(const char* sql) {
  int value = 0;
  each(sql, [&](const auto& columns) { value = std::stoi(columns.front()); });
  return value;
}

int FaultCampaign::taken() {
  const int now_taken = number(kTexts);
  if (std::exchange(taken_, now_taken) != now_taken)
    each(kTaken, [this](const auto& columns) { open_.erase(columns.front()); });
  return now_taken;
}

std::string FaultCampaign::text() {
  std::string words = "text " + std::to_string(texts_.size());
  if (random_() % 8 == 0) words += ' ' + std::string(200, 'x');  // of two parts
  const sim::TextShape shape{.shuffle = static_cast<unsigned>(random_())};
  if (!carrier_.text(phones_.at(random_() % phones_.size()), words, shape))
    throw std::runtime_error("a text is refused");
  texts_.push_back(words);
  open_[words] = steady_now();
  return words;
}

void FaultCampaign::look() {
  faults_.tend();
  if (nudge_) nudge_();
  const auto whole = faults_.whole_since();
  if (taken() >= static_cast<int>(texts_.size()) || !whole) return;
  const auto oldest = std::min_element(open_.begin(), open_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (oldest == open_.end()) return;
  const SteadyTime since = std::max(*whole, oldest->second);
  measure(oldest->first, since, std::chrono::duration_cast<milliseconds>(steady_now() - since));
}

void FaultCampaign::measure(const std::string& text, SteadyTime since, milliseconds waited) {
  recovery_ = std::max(recovery_, waited);
  if (waited < kLongWait) return;
  if (waits_.empty() || waits_.back().since != since) waits_.push_back({since, {}, {}});
  Wait& wait = waits_.back();
  if (waited < wait.time + kLongWait / 20) return;  // a look is not worth a diary
  wait.time = waited;
  wait.words = "waited " + in_seconds(waited) + " for \"" + text.substr(0, 20) + "\":\n";
  for (const sim::DiaryEntry& entry : faults_.diary(since - kLongWait)) {
    wait.words += "  " + in_seconds(std::chrono::duration_cast<milliseconds>(entry.at - since)) + "  " +
                  entry.words.substr(0, 60);
    if (entry.fault) wait.words += "  ← " + std::string(sim::word_of(*entry.fault));
    wait.words += '\n';
  }
}

bool FaultCampaign::wait_until(const std::function<bool()>& condition, milliseconds patience) {
  return eventually(
      [&] {
        look();
        return condition();
      },
      patience);
}

void FaultCampaign::round(milliseconds patience) {
  constexpr int kBurst = 8;
  const int texts = random_() % 12 == 0 ? kBurst : 1;
  for (int i = 0; i < texts; ++i) static_cast<void>(text());
  static_cast<void>(wait_until([&] { return taken_ >= static_cast<int>(texts_.size()); }, patience));
  if (random_() % 20 == 0) faults_.pull();
}

bool FaultCampaign::is_settled() {
  return faults_.whole_since() && taken_ >= static_cast<int>(texts_.size()) &&
         modem_.messages_stored() == 0 && modem_.messages_waiting() == 0 && number(kOwed) == 0;
}

bool FaultCampaign::settled(milliseconds patience) {
  return wait_until([&] { return is_settled(); }, patience);
}

CampaignResult FaultCampaign::judge() {
  CampaignResult result;
  result.texts_in = static_cast<int>(texts_.size());
  result.recovery = recovery_;
  result.faults = faults_.counts();
  for (const Wait& wait : waits_) result.waits.push_back(wait.words);
  judge_texts(result);
  judge_replies(result);
  judge_parts(result);
  return result;
}

void FaultCampaign::judge_texts(CampaignResult& result) {
  std::map<std::string, int> stored;
  each("SELECT text, count(*) FROM inbox WHERE text LIKE 'text %' GROUP BY text",
       [&](const auto& columns) { stored[columns[0]] = std::stoi(columns[1]); });
  for (const std::string& text : texts_) {
    const int count = stored[text];
    if (count == 1) continue;
    ++(count == 0 ? result.lost : result.doubled);
    result.findings.push_back("\"" + text + "\" came in " + std::to_string(count) + " times");
  }
}

// A reply whose outcome nobody knows may have arrived or not; any other has, once.
void FaultCampaign::judge_replies(CampaignResult& result) {
  struct Owed {
    int sure = 0, unclear = 0;
    std::string states;
  };
  std::map<std::pair<std::string, std::string>, Owed> owed;
  each("SELECT phone, text, state, count(*) FROM outbox GROUP BY phone, text, state",
       [&](const auto& columns) {
         Owed& reply = owed[{columns[0], columns[1]}];
         const int count = std::stoi(columns[3]);
         (columns[2] == "unclear" ? reply.unclear : reply.sure) += count;
         reply.states += columns[2] + ' ';
       });
  std::map<std::pair<std::string, std::string>, int> arrived;
  for (const std::string& phone : phones_) {
    for (const auto& message : carrier_.inbox(phone)) ++arrived[{phone, message.text}];
  }
  for (const auto& [reply, count] : owed) {
    const int came = arrived[reply];
    result.texts_out += came;
    result.unclear += count.unclear;
    result.unclear_not_out += std::clamp(count.sure + count.unclear - came, 0, count.unclear);
    const int lost = std::max(count.sure - came, 0);
    result.lost += lost;
    result.doubled += std::max(came - count.sure - count.unclear, 0);
    if (lost > 0 || came > count.sure + count.unclear)
      result.findings.push_back("\"" + reply.second + "\" reached " + reply.first + ' ' +
                                std::to_string(came) + " times; it is " + count.states);
  }
}

// What a phone would join into one, however often it came.
void FaultCampaign::judge_parts(CampaignResult& result) {
  std::map<std::tuple<std::string, std::string>, int> times;
  for (const sim::SentPart& part : modem_.sent()) {
    if (!part.submit.user_data.header) continue;
    modem::Octets tpdu = part.pdu;
    if (tpdu.size() > 1) tpdu[1] = 0;  // TP-MR
    if (++times[{part.submit.recipient.to_string(), to_hex(tpdu)}] == 2) {
      ++result.doubled;
      result.findings.push_back("a part went twice to " + part.submit.recipient.to_string());
    }
  }
}

}  // namespace pigeon::test
