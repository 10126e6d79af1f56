// The lines of tests/data/field/cases.jsonl as tests: each is played and held against what it expects, or,
// while it stands in field_not_yet.txt, must not come out right.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pigeon::e2e {

// All lines, by name; std::runtime_error when two have one name.
[[nodiscard]] std::map<std::string, nlohmann::json> field_lines();

// Names that are not right yet, with why: "name: reason" a line, "#" begins a comment.
[[nodiscard]] std::map<std::string, std::string> lines_not_yet();

// Plays a line, or decodes its PDU: what does not hold, a sentence each, and what the box said where it
// matters. std::out_of_range: there is no such line.
[[nodiscard]] std::vector<std::string> problems_of(const std::string& name);

// The body of a line's test case: problems_of(), judged by doctest and by the list, and a row
// "name<TAB>pass|fail|not yet<TAB>why" on standard output.
void check_line(const std::string& name);

}  // namespace pigeon::e2e
