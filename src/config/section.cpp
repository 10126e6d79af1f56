// Taking values out of a table; see section.h.
#include "config/section.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace pigeon {
namespace {

// A scalar as it would stand in the file.
std::string written(const toml::node& node) {
  std::ostringstream text;
  if (const auto* number = node.as_integer())
    text << number->get();
  else if (const auto* fraction = node.as_floating_point())
    text << fraction->get();
  else if (const auto* truth = node.as_boolean())
    text << (truth->get() ? "true" : "false");
  else if (const auto* words = node.as_string())
    text << words->get();
  return text.str();
}

// A number of a phone has lost its + when it was read as an integer.
std::string plus_of(std::string_view key, const toml::node& node) {
  return node.is_integer() && (key == "number" || key == "smsc") ? "+" : "";
}

bool is_kind(const char* expected, std::string_view kind) {
  return expected == kind;
}

}  // namespace

Section::Section(ConfigFile& file, const TomlText& text, std::string name, std::string place,
                 const toml::table* table)
    : file_(file), text_(text), name_(std::move(name)), table_(table), place_(std::move(place)) {
  if (table_ != nullptr) file_.lines[place_] = static_cast<int>(table_->source().begin.line);
}

const toml::node* Section::find(std::string_view key) const {
  return table_ == nullptr ? nullptr : table_->get(key);
}

bool Section::given(std::string_view key) const {
  return find(key) != nullptr || text_.broken_keys.contains(name_ + "." + std::string(key));
}

template <typename T>
void Section::read(std::string_view key, T& value, const char* expected) {
  asked_.emplace_back(key);
  const toml::node* node = find(key);
  if (node == nullptr) return;
  file_.lines[place_ + "." + std::string(key)] = line_of(key);
  if (const auto found = node->value_exact<T>())
    value = *found;
  else
    wrong_type(key, *node, expected);
}

void Section::wrong_type(std::string_view key, const toml::node& node, const char* expected) {
  const std::string name(key);
  std::string cure;
  if (is_kind(expected, "a string") && node.is_value())
    cure = "put it in quotes: " + name + " = \"" + plus_of(key, node) + written(node) + "\"";
  else if (is_kind(expected, "a string"))
    cure = "write one value in quotes: " + name + " = \"…\"";
  else if (is_kind(expected, "true or false"))
    cure = "write " + name + " = true or " + name + " = false, without quotes";
  else
    cure = "write a number without quotes and without a point";
  reject(key, "must be " + std::string(expected), cure);
}

void Section::string(std::string_view key, std::string& value) {
  read(key, value, "a string");
}

void Section::boolean(std::string_view key, bool& value) {
  read(key, value, "true or false");
}

void Section::count(std::string_view key, int& value, int least) {
  std::int64_t number = value;
  read(key, number, "a whole number");
  if (number < least || number > kMostAnswers)
    reject(key, "must be a number from " + std::to_string(least) + " to " + std::to_string(kMostAnswers),
           number < least ? "write " + std::to_string(least) + " or more"
                          : "write " + std::to_string(kMostAnswers) + ", which is as good as no limit");
  else
    value = static_cast<int>(number);
}

void Section::duration(std::string_view key, milliseconds& value) {
  std::string text;
  string(key, text);
  if (find(key) == nullptr || !fine(key)) return;
  const auto parsed = parse_duration(text);
  if (parsed && parsed->count() > 0)
    value = *parsed;
  else
    reject(key, "must be a duration like \"15m\", \"90s\" or \"3d\"",
           "write a whole number above 0 and its unit: ms, s, m, h or d");
}

void Section::path(std::string_view key, std::string& value) {
  std::string text = value;
  string(key, text);
  if (!fine(key)) return;
  if (!text.empty() && !text.starts_with('/'))
    reject(key, "must be a path from the root", "begin it with /: a service runs in no folder of its own");
  else
    value = text;
}

void Section::reject(std::string_view key, std::string_view what, std::string cure) {
  const std::string path = name_ + "." + std::string(key);
  if (find(key) == nullptr && text_.broken_keys.contains(path)) return;  // told already, of its line
  if (!rejected_.insert(std::string(key)).second) return;
  file_.mistakes.push_back(
      {.line = line_of(key), .key = path, .what = path + " " + std::string(what), .cure = std::move(cure)});
}

void Section::missing(std::string_view key, std::string cure) {
  reject(key, "is missing", std::move(cure));
}

std::vector<std::string> Section::unknown() const {
  std::vector<std::string> keys;
  if (table_ == nullptr) return keys;
  for (const auto& [key, node] : *table_) {
    if (std::find(asked_.begin(), asked_.end(), key.str()) == asked_.end()) keys.emplace_back(key.str());
  }
  return keys;
}

int Section::line_of(std::string_view key) const {
  if (const toml::node* node = find(key)) return static_cast<int>(node->source().begin.line);
  return table_ == nullptr ? 1 : std::max(1, static_cast<int>(table_->source().begin.line));
}

}  // namespace pigeon
