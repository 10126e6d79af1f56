// A campaign against a gateway through the faults of its modem: texts go in, replies are owed, the modem does
// what ModemFaults draws or is told to do, and in the end each text stands in the database once and each
// reply has reached its phone once. The tests run it against the modem's thread, with short waits;
// `script/bench --soak` runs it against whole boxes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/modem/modem_faults.h"
#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"

struct sqlite3;

namespace pigeon::test {

struct CampaignResult {
  int texts_in = 0;         // that phones sent
  int texts_out = 0;        // that reached phones
  int unclear = 0;          // replies of which the gateway says that nobody knows whether they went out
  int unclear_not_out = 0;  // … and that did not
  int lost = 0;
  int doubled = 0;
  // The longest time that a text has waited since the modem has been whole: the end of its last fault, that
  // of a silence of minutes too.
  milliseconds recovery{0};
  std::map<sim::Fault, int> faults;
  std::vector<std::string> findings;  // what was lost or doubled, and where it stands
  std::vector<std::string> waits;  // those above a third of a minute: since when, and what the modem was told
};

class FaultCampaign {
 public:
  // All is borrowed. `database` is the gateway's file; the phones and `words` are this campaign's alone.
  // `nudge` is called often while something is waited for.
  FaultCampaign(sim::SimModem& modem, sim::Carrier& carrier, std::string database,
                std::vector<std::string> phones, unsigned seed, const sim::FaultTimes& times,
                std::function<void()> nudge = {});
  ~FaultCampaign();
  FaultCampaign(const FaultCampaign&) = delete;
  FaultCampaign& operator=(const FaultCampaign&) = delete;

  [[nodiscard]] sim::ModemFaults& faults() { return faults_; }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }  // that were sent
  // A text of one of the phones; its words.
  std::string text();
  // A text, or more than the storage holds, and up to `patience` for them to be taken.
  void round(milliseconds patience);
  // Until every text is taken, every reply has gone out and the modem is empty. False: not within `patience`.
  [[nodiscard]] bool settled(milliseconds patience);
  [[nodiscard]] CampaignResult judge();

 private:
  [[nodiscard]] int number(const char* sql);
  void look();  // does what is due, and measures
  void measure(const std::string& text, SteadyTime since, milliseconds waited);
  [[nodiscard]] bool wait_until(const std::function<bool()>& condition, milliseconds patience);
  [[nodiscard]] int taken();
  [[nodiscard]] bool is_settled();
  void judge_texts(CampaignResult& result);
  void judge_replies(CampaignResult& result);
  void judge_parts(CampaignResult& result);
  // Calls `row` with the columns of each row.
  void each(const char* sql, const std::function<void(const std::vector<std::string>&)>& row);

  sim::SimModem& modem_;
  sim::Carrier& carrier_;
  std::vector<std::string> phones_;
  std::function<void()> nudge_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
  std::mt19937 random_;
  sim::ModemFaults faults_;
  std::vector<std::string> texts_;
  int taken_ = 0;
  std::map<std::string, SteadyTime> open_;  // those that are not in, and when they were sent
  milliseconds recovery_{0};
  struct Wait {
    SteadyTime since{};
    milliseconds time{0};
    std::string words;
  };
  std::vector<Wait> waits_;  // the long ones
};

}  // namespace pigeon::test
