// Plays one line of tests/data/field/cases.jsonl: a whole box whose modem, front and clock have the line's
// habits, its steps one after the other, and what was seen at the end. SOURCE.md beside the lines says what
// each step means.
#pragma once

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/field_front.h"
#include "tests/e2e/field_judge.h"

namespace pigeon::e2e {

class Player {
 public:
  // `input` of a line with steps; the box does not run yet.
  explicit Player(const nlohmann::json& input);
  ~Player();

  // Every step in turn. An exception says which one did not lead to what it waits for.
  void play();
  // What has come about so far.
  [[nodiscard]] Observed observe();
  // What does not hold when everything had time to come, and the line's `settle` to come too often; at once
  // when `in_vain`.
  [[nodiscard]] std::vector<std::string> verdict(const nlohmann::json& expected, bool in_vain);

  [[nodiscard]] std::string log() const { return box_->log(); }

 private:
  using json = nlohmann::json;
  using Step = void (Player::*)(const json& value, const json& step);
  static const std::map<std::string, Step> kSteps;

  void play_step(const json& step);
  void start();
  [[nodiscard]] std::vector<std::string> requests() const;
  // Until nothing has been asked of the modem for a while: what was under way is committed then.
  void wait_until_quiet() const;

  // field_steps.cpp, a member function for each step of SOURCE.md's table.
  void link(const json& value, const json& step);
  void try_link(const json& value, const json& step);
  void link_twice(const json& value, const json& step);
  void open_link(const json& value, const json& step);
  void send_code(const json& value, const json& step);
  void text(const json& value, const json& step);
  void ask(const json& value, const json& step);
  void robot(const json& value, const json& step);
  void pdu(const json& value, const json& step);
  void store(const json& value, const json& step);
  void modem(const json& value, const json& step);
  void rescan(const json& value, const json& step);
  void urc(const json& value, const json& step);
  void replug(const json& value, const json& step);
  void front(const json& value, const json& step);
  void fault(const json& value, const json& step);
  void expire(const json& value, const json& step);
  void stop(const json& value, const json& step);
  void try_start(const json& value, const json& step);
  void restart(const json& value, const json& step);
  void damage(const json& value, const json& step);
  void full(const json& value, const json& step);
  void room(const json& value, const json& step);
  void clock(const json& value, const json& step);
  void wait(const json& value, const json& step);
  void wait_posts(const json& value, const json& step);
  void wait_replies(const json& value, const json& step);
  void wait_log(const json& value, const json& step);
  void mark(const json& value, const json& step);

  json input_;
  std::unique_ptr<Box> box_;
  std::unique_ptr<Front> front_;  // only where a step needs one
  std::optional<int> exit_;
  std::string page_;  // behind the link that was opened last
  std::map<std::string, Mark> marks_;
  mutable std::mutex mutex_;
  std::vector<std::string> commands_;  // guarded by mutex_: the modem's thread writes
  SteadyTime last_command_{};          // the same
  bool clocked_ = false;               // the box has a clock of its own
};

// The habits that `described` names, the others as they are in `habits`; std::invalid_argument for one that
// is not known.
[[nodiscard]] sim::ModemHabits with_habits(sim::ModemHabits habits, const nlohmann::json& described);

// Whole and broken seconds of a line.
[[nodiscard]] milliseconds seconds_of(const nlohmann::json& value);

// How long a step waits for what it names: the line's own time-out, or the usual one; longer where sanitizers
// make the box slow.
[[nodiscard]] milliseconds timeout_of(const nlohmann::json& step);

}  // namespace pigeon::e2e
