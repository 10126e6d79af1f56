// A function for each kind of expectation; see field_judge.h.
#include "tests/e2e/field_judge.h"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace pigeon::e2e {
namespace {

using nlohmann::json;
using Problems = std::vector<std::string>;
using Check = void (*)(const std::string& name, const json& wanted, const Observed& seen, Problems& problems);

void differs(Problems& problems, const std::string& name, const json& wanted, const json& seen) {
  if (wanted != seen) problems.push_back(name + ": expected " + wanted.dump() + ", got " + seen.dump());
}

const std::vector<std::string>& replies_to(const Observed& seen, const std::string& phone) {
  static const std::vector<std::string> kNone;
  const auto at = seen.replies.find(phone);
  return at == seen.replies.end() ? kNone : at->second;
}

void posts(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  differs(problems, name, wanted, seen.posts);
}

// A count, or [least, most].
void replies(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  for (const auto& [phone, count] : wanted.items()) {
    const std::size_t least = count.is_array() ? count.at(0).get<std::size_t>() : count.get<std::size_t>();
    const std::size_t most = count.is_array() ? count.at(1).get<std::size_t>() : least;
    const auto& got = replies_to(seen, phone);
    if (got.size() < least || got.size() > most)
      problems.push_back(name + " to " + phone + ": expected " + count.dump() + ", got " +
                         std::to_string(got.size()) + " " + json(got).dump());
  }
}

void reply_like(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  const bool must = name == "reply_like";
  for (const auto& [phone, pattern] : wanted.items()) {
    const auto& got = replies_to(seen, phone);
    const bool any = std::any_of(
        got.begin(), got.end(),
        [&, like = pattern.get<std::string>()](const std::string& text) { return found(like, text); });
    if (any != must)
      problems.push_back(name + " to " + phone + ": " + pattern.dump() + " in " + json(got).dump());
  }
}

void strangers(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  differs(problems, name, wanted, seen.strangers);
}
void used(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  differs(problems, name, wanted, seen.used);
}
void alive(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  differs(problems, name, wanted, seen.alive);
}
void violations(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  differs(problems, name, wanted, seen.violations);
}

// One status, or those that are allowed.
void exit_status(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  const json got = seen.exit ? json(*seen.exit) : json();
  const bool fits =
      wanted.is_array() ? std::find(wanted.begin(), wanted.end(), got) != wanted.end() : wanted == got;
  if (!fits) problems.push_back(name + ": expected " + wanted.dump() + ", got " + got.dump());
}

void log_like(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  if (!found(wanted.get<std::string>(), seen.log)) problems.push_back(name + ": " + wanted.dump());
}

// {pattern: most}, or the most lines of any kind.
void log_lines_max(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  const json limits = wanted.is_object() ? wanted : json{{"", wanted}};
  for (const auto& [pattern, most] : limits.items()) {
    std::istringstream log(seen.log);
    std::size_t lines = 0;
    for (std::string line; std::getline(log, line);) lines += found(pattern, line) ? 1U : 0U;
    if (lines > most.get<std::size_t>())
      problems.push_back(name + ": " + std::to_string(lines) + " like \"" + pattern + "\"");
  }
}

// {how it begins: [mark, most]}: since that mark.
void at_most(const std::string& name, const json& wanted, const Observed& seen, Problems& problems) {
  const bool of_modem = name == "commands_max";
  const auto& all = of_modem ? seen.commands : seen.requests;
  for (const auto& [what, limit] : wanted.items()) {
    const Mark& mark = seen.marks.at(limit.at(0).get<std::string>());
    const auto since = all.begin() + static_cast<std::ptrdiff_t>(of_modem ? mark.commands : mark.requests);
    const auto count = std::count_if(
        since, all.end(),
        [&, begin = std::string(what)](const std::string& one) { return one.starts_with(begin); });
    if (count > limit.at(1).get<std::ptrdiff_t>())
      problems.push_back(name + ": " + std::to_string(count) + " of " + what);
  }
}

const std::map<std::string, Check> kChecks = {
    {"posts", posts},           {"replies", replies},
    {"reply_like", reply_like}, {"reply_unlike", reply_like},
    {"strangers", strangers},   {"used", used},
    {"alive", alive},           {"exit", exit_status},
    {"log_like", log_like},     {"log_lines_max", log_lines_max},
    {"commands_max", at_most},  {"requests_max", at_most},
    {"violations", violations},
};

}  // namespace

bool found(const std::string& pattern, const std::string& text) {
  constexpr std::string_view kAnyCase = "(?i)";
  auto flags = std::regex::ECMAScript;
  std::string plain = pattern;
  if (plain.starts_with(kAnyCase)) {
    plain.erase(0, kAnyCase.size());
    flags |= std::regex::icase;
  }
  return std::regex_search(text, std::regex(plain, flags));
}

std::vector<std::string> judge(const json& expected, const Observed& seen) {
  Problems problems;
  for (const auto& [name, wanted] : expected.items()) {
    if (name == "right") continue;  // in words, for a person
    const auto check = kChecks.find(name);
    if (check == kChecks.end()) throw std::invalid_argument("no such expectation: " + name);
    check->second(name, wanted, seen, problems);
  }
  return problems;
}

std::vector<std::string> judge_decoded(const json& expected, const json& decoded) {
  Problems problems;
  for (const auto& [name, wanted] : expected.items()) {
    differs(problems, name, wanted, decoded.contains(name) ? decoded[name] : json());
  }
  return problems;
}

}  // namespace pigeon::e2e
