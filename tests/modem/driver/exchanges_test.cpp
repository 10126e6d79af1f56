// Every exchange of tests/data/exchanges, as it was seen, and then with all that a line does to it: a pause
// at every byte, and whatever modems say by themselves at the border of every two lines and ahead of every
// answer. What comes of it must be the same.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/modem/exchange.h"

using namespace pigeon::test;

namespace {

std::vector<Exchange> all_exchanges() {
  std::vector<Exchange> all;
  for (const auto& file : std::filesystem::directory_iterator(PIGEON_TEST_DATA "/exchanges")) {
    if (file.path().extension() == ".exchange") all.push_back(read_exchange(file.path().string()));
  }
  std::sort(all.begin(), all.end(), [](const auto& one, const auto& other) { return one.name < other.name; });
  return all;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

// A "$" ends what must be the whole line.
bool begins_with(const std::string& line, const std::string& expected) {
  if (expected.ends_with('$')) return line == expected.substr(0, expected.size() - 1);
  return line.starts_with(expected);
}

void check_step(const ExchangeStep& step, const std::vector<std::string>& outcome) {
  CAPTURE(step.action);
  const std::string came = joined(outcome);
  CAPTURE(came);
  for (const std::string& expected : step.expected) {
    CAPTURE(expected);
    CHECK(std::any_of(outcome.begin(), outcome.end(),
                      [&](const std::string& line) { return begins_with(line, expected); }));
  }
  if (step.expected.empty()) CHECK(came.empty());
}

using Outcomes = std::vector<std::vector<std::string>>;

// An error is its code; its words may say how it came to be seen.
Outcomes without_words(Outcomes outcomes) {
  for (auto& lines : outcomes) {
    for (std::string& line : lines) {
      if (line.starts_with("error ")) line.resize(line.find(':'));
    }
  }
  return outcomes;
}

// What comes out otherwise than `right` when the exchange is disturbed; "": nothing.
std::string difference(const Exchange& exchange, const Outcomes& right, const Disturbance& disturbance) try {
  std::string words;
  const Outcomes came = without_words(play(exchange, disturbance).outcomes);
  for (std::size_t step = 0; came != right && step < came.size(); ++step) {
    if (came[step] != right[step]) words += exchange.steps[step].action + ": " + joined(came[step]);
  }
  return words;
} catch (const std::exception& error) {
  return error.what();  // of a thread of its own, where nobody catches it
}

// Plays the exchange with each of the disturbances, some at a time since most of a play is waiting, and
// checks that none changes what comes of it.
void check_disturbed(const Exchange& exchange, const std::vector<Disturbance>& disturbances) {
  CAPTURE(exchange.name);
  const auto right = without_words(play(exchange).outcomes);
  std::vector<std::string> wrong(disturbances.size());
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> players;
    for (int i = 0; i < 24; ++i) {
      players.emplace_back([&] {
        for (std::size_t at = next++; at < disturbances.size(); at = next++) {
          wrong[at] = difference(exchange, right, disturbances[at]);
        }
      });
    }
  }
  for (std::size_t at = 0; at < wrong.size(); ++at) {
    CAPTURE(disturbances[at].pause_at.value_or(0));
    CAPTURE(disturbances[at].speaks_at.value_or(0));
    CAPTURE(disturbances[at].is_ahead);
    CAPTURE(disturbances[at].words);
    CHECK(wrong[at] == "");
  }
}

}  // namespace

TEST_CASE("exchanges: each of the 27 comes out right") {
  const auto exchanges = all_exchanges();
  for (int number = 1; number <= 27; ++number) {
    const std::string prefix = (number < 10 ? "0" : "") + std::to_string(number);
    CAPTURE(prefix);
    CHECK(std::any_of(exchanges.begin(), exchanges.end(),
                      [&](const Exchange& exchange) { return exchange.name.starts_with(prefix); }));
  }
  for (const Exchange& exchange : exchanges) {
    CAPTURE(exchange.name);
    const Play seen = play(exchange);
    for (std::size_t i = 0; i < exchange.steps.size(); ++i) {
      check_step(exchange.steps[i], seen.outcomes[i]);
      for (std::size_t j = 0; j < seen.heard[i].size(); ++j) {
        CAPTURE(exchange.steps[i].heard[j].second);
        CHECK(seen.heard[i][j] == exchange.steps[i].heard[j].first);
      }
    }
  }
}

TEST_CASE("exchanges: a pause at any byte changes nothing") {
  for (const Exchange& exchange : all_exchanges()) {
    const std::size_t size = play(exchange).said.size();
    std::vector<Disturbance> pauses;
    for (std::size_t place = 1; place < size; ++place) pauses.push_back({place, {}, false, {}});
    check_disturbed(exchange, pauses);
  }
}

TEST_CASE("exchanges: whatever a modem says between any two lines changes nothing") {
  for (const Exchange& exchange : all_exchanges()) {
    const Play right = play(exchange);
    const bool asks_network = std::any_of(exchange.steps.begin(), exchange.steps.end(),
                                          [](const auto& step) { return step.action.starts_with("ussd "); });
    std::vector<std::string_view> others;
    for (const std::string_view words : disturbing_words()) {
      // To who has asked the network something its next words are the answer.
      if (!asks_network || words.find("+CUSD") == std::string_view::npos) others.push_back(words);
    }
    const std::string_view message = others.front();
    others.erase(others.begin());
    std::vector<Disturbance> indications;
    const auto disturb = [&](std::size_t place, bool is_ahead) {  // by a message, and by the others in turn
      indications.push_back({{}, place, is_ahead, message});
      indications.push_back({{}, place, is_ahead, others[indications.size() / 2 % others.size()]});
    };
    for (const std::size_t start : right.starts) disturb(start, true);
    for (std::size_t end = right.said.find("\r\n"); end != std::string::npos;
         end = right.said.find("\r\n", end + 1)) {
      disturb(end + 2, false);
    }
    check_disturbed(exchange, indications);
  }
}
