// An operator who asks a lot while people text: what 100 calls of `pigeon` at once cost the texts.
#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::run;

namespace {

constexpr int kQuiet = 60;  // texts before the calls, for what the machine itself costs
constexpr int kTexts = 200;
constexpr int kCalls = 100;
constexpr milliseconds kAnswer{10};   // of the modem to each command
constexpr milliseconds kNetwork{40};  // for each part that is sent
// The one in hand when the text comes, one that begins before its announcement is seen, one for a machine
// that is busy.
constexpr int kMostBetween = 3;

// When the modem was given which command.
class Line {
 public:
  explicit Line(sim::SimModem& modem) : modem_(modem) {
    modem_.before_command([this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      given_.push_back({steady_now(), std::string(line.substr(0, 7))});
      return sim::Intervention{};
    });
  }
  ~Line() { modem_.before_command({}); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  // What a text that lay there from `since` on was read by, once it is.
  [[nodiscard]] bool is_read(SteadyTime since) const { return reading(since).has_value(); }
  // How many commands of the callers were begun between `since` and that reading.
  [[nodiscard]] int calls(SteadyTime since) const {
    const auto end = reading(since);
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count_if(given_.begin(), given_.end(), [&](const Given& given) {
      return given.at > since && given.at < *end &&
             (given.line.starts_with("AT+CGMM") || given.line.starts_with("AT+CGMR"));
    }));
  }
  // How long nobody told the modem anything between `since` and that reading.
  [[nodiscard]] milliseconds idle(SteadyTime since) const {
    const auto end = reading(since);
    milliseconds busy{0};
    const std::lock_guard lock(mutex_);
    for (const auto& [at, line] : given_) {
      const milliseconds takes = line.starts_with("PDU ") ? kAnswer + kNetwork : kAnswer;
      const SteadyTime from = std::max(at, since), to = std::min(at + takes, *end);
      if (to > from) busy += std::chrono::ceil<milliseconds>(to - from);
    }
    return std::max(milliseconds(0), std::chrono::floor<milliseconds>(*end - since) - busy);
  }

 private:
  struct Given {
    SteadyTime at;
    std::string line;
  };
  [[nodiscard]] std::optional<SteadyTime> reading(SteadyTime since) const {
    const std::lock_guard lock(mutex_);
    for (const Given& given : given_) {
      const bool lists =
          given.line.starts_with("AT+CMGL") && given.at + kAnswer >= since;  // what comes meanwhile, too
      if (lists || (given.at >= since && given.line.starts_with("AT+CMGR"))) return given.at;
    }
    return std::nullopt;
  }
  sim::SimModem& modem_;
  mutable std::mutex mutex_;
  std::vector<Given> given_;
};

struct Cost {
  std::vector<milliseconds> idle;  // how long each text waited while the modem was told nothing; sorted
  int most_calls = 0;              // of others that one text waited for
};

// One text after the other, from `first` on.
Cost pass(Box& box, const Line& line, const std::vector<std::string>& people, int first, int texts) {
  Cost cost;
  for (int i = first; i < first + texts; ++i) {
    const SteadyTime since = steady_now();
    const std::string& person = people[static_cast<std::size_t>(i) % people.size()];
    REQUIRE(box.carrier.text(person, "text " + std::to_string(i)).has_value());
    const SteadyTime came = steady_now();
    REQUIRE(e2e::eventually([&] { return line.is_read(since); }));
    cost.idle.push_back(line.idle(since));
    cost.most_calls = std::max(cost.most_calls, line.calls(came));
  }
  std::sort(cost.idle.begin(), cost.idle.end());
  return cost;
}

milliseconds median(const Cost& cost) {
  return cost.idle[cost.idle.size() / 2];
}

}  // namespace

TEST_CASE("e2e: a hundred calls at once lose and double no text, and hold none up beyond their AT time") {
  sim::SimModemOptions modem;
  modem.answer_delay = kAnswer;
  modem.send_delay = kNetwork;
  sim::XSandboxOptions x;
  x.limits.posts = 2 * kTexts;
  Box box({.modem = modem, .x = x});
  REQUIRE(box.start());
  std::vector<std::string> people;
  for (int i = 0; i < 4; ++i) people.push_back("+1202555012" + std::to_string(i));
  for (const std::string& person : people) box.link(person);
  const std::size_t all = box.modem.sent().size() + kQuiet + kTexts;  // replies
  const Line line(box.modem);
  const auto quiet = pass(box, line, people, 0, kQuiet);

  const std::vector<std::vector<std::string>> commands = {{"modem", "at", "AT+CGMM"},
                                                          {"quarantine", "retry", "all"},
                                                          {"modem", "at", "AT+CGMR"},
                                                          {"outbox", "list"}};
  std::mutex mutex;  // doctest's
  std::vector<std::thread> callers;
  for (int i = 0; i < kCalls; ++i) {
    callers.emplace_back([&, i] {
      // What starting so many programs takes of the machine is not what is measured.
      std::vector<std::string> call = {"/usr/bin/nice", "-n", "10", PIGEON, "--config", box.config()};
      const auto& words = commands[static_cast<std::size_t>(i) % commands.size()];
      call.insert(call.end(), words.begin(), words.end());
      const auto ran = run(call, "", seconds(120));
      const std::lock_guard lock(mutex);
      CHECK_MESSAGE(ran.status == 0, words.back() << ": " << ran.status << " " << ran.err);
    });
  }
  const auto costs = pass(box, line, people, kQuiet, kTexts);
  for (std::thread& caller : callers) caller.join();
  const auto posts = box.x.wait_for_posts(kQuiet + kTexts, seconds(60));
  std::set<std::string> texts;
  for (const auto& post : posts) texts.insert(post.text);
  CHECK(posts.size() == kQuiet + kTexts);
  CHECK(texts.size() == kQuiet + kTexts);
  CHECK(box.modem.wait_for_sent(all, seconds(60)).size() == all);
  // No command but the few that were begun before the text was seen: what a busy machine cannot change.
  CHECK(costs.most_calls <= kMostBetween);
  // Disk and processor keep a text waiting without any call, too, and on a busy machine some of them long.
  CAPTURE(costs.most_calls);
  CAPTURE(median(quiet).count());
  CHECK(median(costs) <= median(quiet) + milliseconds(50));
}
