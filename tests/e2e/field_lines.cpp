// Reading the lines and the list beside them, and the test of one line; see field_lines.h.
#include "tests/e2e/field_lines.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iostream>
#include <stdexcept>

#include "base/text.h"
#include "tests/e2e/field_judge.h"
#include "tests/e2e/field_player.h"
#include "tests/e2e/run.h"

namespace pigeon::e2e {
namespace {

using nlohmann::json;

std::vector<std::string> problems_of_pdu(const json& line) {
  const Ran ran = run({PIGEON, "pdu", "decode"}, line.at("input").at("pdu").get<std::string>() + "\n");
  if (ran.out.empty()) return {"pigeon pdu decode says nothing: " + ran.err};
  return judge_decoded(line.at("expected").at("decode"), json::parse(ran.out));
}

std::vector<std::string> problems_of_steps(const json& line) {
  Player player(line.at("input"));
  std::vector<std::string> problems;
  try {
    player.play();
  } catch (const std::exception& error) {
    problems.push_back(error.what());
  }
  const auto unmet = player.verdict(line.at("expected"), !problems.empty());
  problems.insert(problems.end(), unmet.begin(), unmet.end());
  if (!problems.empty()) problems.push_back("pigeond said:\n" + player.log());
  return problems;
}

std::string joined(const std::vector<std::string>& problems) {
  std::string out;
  for (const std::string& problem : problems) out += (out.empty() ? "" : "\n") + problem;
  return out;
}

void print_row(const std::string& name, const std::string& verdict, const std::string& why) {
  std::cout << name << "\t" << verdict << "\t" << why.substr(0, why.find('\n')) << std::endl;
}

}  // namespace

std::map<std::string, json> field_lines() {
  std::ifstream file(PIGEON_TEST_DATA "/field/cases.jsonl");
  std::map<std::string, json> lines;
  for (std::string text; std::getline(file, text);) {
    json line = json::parse(text);
    const std::string name = line.at("name");
    if (!lines.emplace(name, std::move(line)).second)
      throw std::runtime_error("two lines are called " + name);
  }
  return lines;
}

std::map<std::string, std::string> lines_not_yet() {
  std::ifstream file(FIELD_NOT_YET);
  std::map<std::string, std::string> names;
  for (std::string text; std::getline(file, text);) {
    const std::size_t colon = text.find(": ");
    if (text.empty() || text.starts_with('#')) continue;
    if (colon == std::string::npos) throw std::runtime_error("no reason: " + text);
    names[text.substr(0, colon)] = text.substr(colon + 2);
  }
  return names;
}

std::vector<std::string> problems_of(const std::string& name) {
  const json line = field_lines().at(name);
  return line.at("input").contains("pdu") ? problems_of_pdu(line) : problems_of_steps(line);
}

void check_line(const std::string& name) {
  const std::string why = joined(problems_of(name));
  const auto listed = lines_not_yet();
  const auto not_yet = listed.find(name);
  if (not_yet == listed.end()) {
    print_row(name, why.empty() ? "pass" : "fail", why);
    CHECK_MESSAGE(why.empty(), why);
    return;
  }
  print_row(name, why.empty() ? "pass, though listed" : "not yet", not_yet->second + ": " + why);
  CHECK_MESSAGE(!why.empty(), name, " comes out right: take it off tests/e2e/field_not_yet.txt");
}

}  // namespace pigeon::e2e
