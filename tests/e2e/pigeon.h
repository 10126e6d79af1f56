// `pigeon` as the operator of a box calls it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/box.h"
#include "tests/e2e/run.h"

namespace pigeon::e2e {

// With the box's configuration in front of `words`.
[[nodiscard]] inline Ran run_pigeon(const Box& box, const std::vector<std::string>& words) {
  std::vector<std::string> command = {PIGEON, "--config", box.config()};
  command.insert(command.end(), words.begin(), words.end());
  return run(command);
}

// The codes of what is wrong, as `pigeon --json` has them.
[[nodiscard]] inline nlohmann::json problems_of(const Box& box) {
  const auto status = nlohmann::json::parse(run_pigeon(box, {"--json"}).out, nullptr, false);
  nlohmann::json codes = nlohmann::json::array();
  if (!status.is_object()) return codes;
  for (const auto& problem : status["problems"]) codes.push_back(problem["code"]);
  return codes;
}

// Waits until pigeond's modem is (or is not) ready, as the database has it.
[[nodiscard]] inline bool modem_becomes(const Box& box, bool ready) {
  return eventually([&] { return box.query("SELECT ready FROM modems") == (ready ? "1" : "0"); });
}

}  // namespace pigeon::e2e
