// Taking command lines and their arguments apart; see sim_at_line.h.
#include "sim/modem/sim_at_line.h"

#include <charconv>

#include "base/text.h"

namespace pigeon::sim {
namespace {

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Extended syntax begins with one of these; all but "+" are vendors' own.
bool begins_extended(char c) {
  return std::string_view("+^$*%#!").find(c) != std::string_view::npos;
}

bool in_extended_name(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!%-./:_").find(c) != std::string_view::npos;
}

class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) {}

  std::optional<std::vector<AtCommand>> commands() {
    std::vector<AtCommand> out;
    for (skip_separators(); !at_end(); skip_separators()) {
      AtCommand command;
      if (!(begins_extended(peek()) ? read_extended(command) : read_basic(command))) return std::nullopt;
      out.push_back(std::move(command));
    }
    return out;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= line_.size(); }
  [[nodiscard]] char peek() const { return line_[at_]; }
  [[nodiscard]] bool take(char c) {
    skip_spaces();
    if (at_end() || peek() != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (!at_end() && peek() == ' ') ++at_;
  }
  void skip_separators() {
    while (!at_end() && (peek() == ' ' || peek() == ';')) ++at_;
  }

  bool read_extended(AtCommand& command) {
    command.name = line_[at_++];
    while (!at_end() && in_extended_name(peek())) command.name += upper(line_[at_++]);
    if (command.name.size() < 2) return false;
    if (take('?')) {
      command.form = AtCommand::Form::read;
    } else if (take('=')) {
      read_value(command);
    }
    skip_spaces();
    return at_end() || peek() == ';';
  }

  void read_value(AtCommand& command) {
    if (take('?')) {
      command.form = AtCommand::Form::test;
      return;
    }
    command.form = AtCommand::Form::set;
    bool quoted = false;
    for (; !at_end() && (quoted || peek() != ';'); ++at_) {
      if (peek() == '"') quoted = !quoted;
      command.arguments += peek();
    }
  }

  bool read_basic(AtCommand& command) {
    if (take('&')) command.name = "&";
    if (at_end() || !is_letter(peek())) return false;
    command.name += upper(line_[at_++]);
    if (command.name == "D") {  // the rest is the dial string
      command.arguments = line_.substr(at_);
      at_ = line_.size();
      return true;
    }
    const std::string number = digits();
    if (command.name != "S") {
      command.arguments = number;
      return true;
    }
    command.name += number;
    if (take('?'))
      command.form = AtCommand::Form::read;
    else if (take('=')) {
      command.form = AtCommand::Form::set;
      command.arguments = digits();
    }
    return !number.empty();
  }

  std::string digits() {
    skip_spaces();
    std::string out;
    while (!at_end() && is_digit(peek())) out += line_[at_++];
    return out;
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view find_command_line(std::string_view typed) {
  for (std::size_t i = 0; i + 2 <= typed.size(); ++i) {
    if (upper(typed[i]) == 'A' && upper(typed[i + 1]) == 'T') return typed.substr(i);
  }
  return {};
}

std::optional<std::vector<AtCommand>> parse_at_line(std::string_view body) {
  return LineReader(body).commands();
}

std::string in_quotes(std::string_view text) {
  std::string out(1, '"');
  out.append(text).append(1, '"');
  return out;
}

AtArguments::AtArguments(std::string_view arguments) {
  if (trim(arguments).empty()) return;
  std::string value;
  bool quoted = false;
  for (const char c : arguments) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      values_.push_back(std::move(value));
      value.clear();
    } else if (c != ' ' || quoted) {
      value += c;
    }
  }
  values_.push_back(std::move(value));
}

bool AtArguments::given(std::size_t position) const {
  return !text(position).empty();
}

std::string AtArguments::text(std::size_t position) const {
  return position < values_.size() ? values_[position] : std::string();
}

std::optional<int> AtArguments::number(std::size_t position, std::optional<int> fallback) const {
  const std::string value = text(position);
  if (value.empty()) return fallback;
  int out = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, out);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return out;
}

}  // namespace pigeon::sim
