// What a line of tests/data/field/cases.jsonl expects, held against what a box did. Pure: it is told what was
// seen, so that it can be tested that it finds fault.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pigeon::e2e {

// How far things had come at a `mark` step.
struct Mark {
  std::size_t commands = 0;
  std::size_t requests = 0;
};

struct Observed {
  std::vector<std::string> posts;                           // at X, in order, deleted ones too
  std::map<std::string, std::vector<std::string>> replies;  // by phone, in order
  std::size_t strangers = 0;  // SMS parts to anybody else than the line's people
  std::size_t used = 0;       // slots
  bool alive = true;
  std::optional<int> exit{};  // status of a pigeond that ended by itself; 128 + n for signal n
  std::string log;
  std::vector<std::string> commands;    // what the modem was asked, in order
  std::vector<std::string> requests;    // "POST /2/tweets" of every request towards X, in order
  std::vector<std::string> violations;  // what X refused as against its rules
  std::map<std::string, Mark> marks;
};

// One sentence for each expectation that does not hold; std::invalid_argument for one that is not known.
[[nodiscard]] std::vector<std::string> judge(const nlohmann::json& expected, const Observed& seen);

// The fields of `expected` against those of `pigeon pdu decode`; null: the field must be absent.
[[nodiscard]] std::vector<std::string> judge_decoded(const nlohmann::json& expected,
                                                     const nlohmann::json& decoded);

// Whether `pattern` (ECMAScript, "(?i)" in front: any case) is found in `text`.
[[nodiscard]] bool found(const std::string& pattern, const std::string& text);

}  // namespace pigeon::e2e
