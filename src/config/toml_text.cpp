// Reading on behind a line that is not TOML; see toml_text.h. toml++ ends at the first one, so such a line is
// taken out (a header is mended) and the text is read anew.
#include "config/toml_text.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace pigeon {
namespace {

constexpr int kMostBrokenLines = 50;

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// What stands before "=", or in the brackets of a header.
std::string name_in(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('[')) return std::string(trim(line.substr(0, line.find_first_of("= \t"))));
  line.remove_prefix(std::min(line.find_first_not_of("[ "), line.size()));
  return std::string(trim(line.substr(0, line.find_first_of("]#\r\n"))));
}

bool is_header(std::string_view line) {
  return trim(line).starts_with('[');
}

bool is_bare_key(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// A header's line as it was meant, so that the keys below it stay where they belong; nothing for other lines.
std::string mended(std::string_view line, int number) {
  const std::string name = name_in(line);
  if (!is_header(line) || !is_bare_key(name)) return {};
  const bool array = trim(line).starts_with("[[");
  std::string header = array ? "[[" + name + "]]" : "[" + name + "]";
  // The header was fine, so it stands there twice: what is below it gets a place of its own, unread.
  if (trim(line.substr(0, line.find('#'))) == header)
    return "[" + std::string(kAgain) + "." + name + "-" + std::to_string(number) + "]";
  return header;
}

std::string cure_of(std::string_view line, std::string_view problem) {
  const std::string_view text = trim(line);
  const std::string name = name_in(line);
  const std::size_t equals = text.find('=');
  if (problem.find("utf-8") != std::string_view::npos) return "save the file as UTF-8";
  if (is_header(line)) return "write [" + name + "] on a line of its own";
  if (equals == std::string_view::npos)
    return "write key = \"value\", or begin the line with # if it is a comment";
  if (equals == 0) return "a key is missing before the =";
  const std::string_view value = trim(text.substr(equals + 1));
  if (value.empty()) return "write a value behind the =, or put a # before the line";
  const auto quotes = std::count(value.begin(), value.end(), '"');
  if (quotes % 2 != 0) return "close the quotes: " + name + " = \"…\"";
  if (value == "True" || value == "False" || value == "TRUE" || value == "FALSE" || value == "yes" ||
      value == "no")
    return "write true or false in small letters";
  if (quotes == 0 && value.front() != '\'') return "put the value in quotes: " + name + " = \"…\"";
  if (value.find('\\') != std::string_view::npos) return "write \\\\ for a backslash";
  return "a line is key = value, and behind it only # and a comment";
}

// "x.client_id" for a line below [x]; empty where no key can be told.
std::string key_of(const std::vector<std::string>& lines, std::size_t index) {
  std::string name = name_in(lines[index]);
  if (!is_bare_key(name) || is_header(lines[index])) return is_bare_key(name) ? name : "";
  while (index > 0) {
    if (is_header(lines[--index])) return name_in(lines[index]) + "." + name;
  }
  return name;
}

Mistake mistake_of(const toml::parse_error& error, const std::vector<std::string>& lines, std::size_t index) {
  const std::string problem(error.description());
  const std::string& line = lines[index];
  Mistake mistake;
  mistake.line = static_cast<int>(error.source().begin.line);
  mistake.key = key_of(lines, index);
  if (problem.find("redefine") != std::string::npos) {
    mistake.what =
        (is_header(line) ? "[" + name_in(line) + "]" : "'" + name_in(line) + "'") + " is given twice";
    mistake.cure =
        is_header(line) ? "bring both parts together under one header" : "keep one of the two lines";
  } else {
    constexpr std::string_view kStart = "Error while parsing ";
    mistake.what =
        "this line is not TOML (" + problem.substr(problem.starts_with(kStart) ? kStart.size() : 0) + ")";
    mistake.cure = cure_of(line, problem);
  }
  return mistake;
}

}  // namespace

TomlText parse_toml(std::string_view text) {
  TomlText out;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // it would hide what its line begins with
  std::vector<std::string> lines;
  std::string current(text);
  for (int broken = 0; broken <= kMostBrokenLines; ++broken) {
    try {
      out.root = toml::parse(std::string_view(current));
      return out;
    } catch (const toml::parse_error& error) {
      if (lines.empty()) lines = split_lines(text);
      const std::size_t index = error.source().begin.line - 1;
      if (index >= lines.size()) lines.resize(index + 1);
      std::string& line = lines[index];
      Mistake mistake = mistake_of(error, lines, index);
      const bool seen = std::any_of(out.mistakes.begin(), out.mistakes.end(),
                                    [&](const Mistake& other) { return other.line == mistake.line; });
      if (!seen) {
        out.broken_keys.insert(mistake.key);
        out.mistakes.push_back(std::move(mistake));
      }
      if (trim(line).empty()) break;  // nothing there that could be taken out: a string or list without end
      line = mended(line, static_cast<int>(index));
      current = join_lines(lines);
    }
  }
  out.whole = false;
  out.root = {};
  return out;
}

}  // namespace pigeon
