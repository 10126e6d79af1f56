// One section of the file while it is read: takes values out of it by key and type, notes every mistake with
// its line, and knows at the end which keys nobody asked for.
#pragma once

#include <toml++/toml.h>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "config/toml_text.h"

namespace pigeon {

class Section {
 public:
  // Mistakes and lines go to `file`. `place` is the section's name in ConfigFile::lines: "modem[1]" for
  // "modem". `table`: null when the file does not have it. All are borrowed.
  Section(ConfigFile& file, const TomlText& text, std::string name, std::string place,
          const toml::table* table);

  // Each leaves `value` as it is when the key is not there, and when it is wrong, which is a mistake.
  void string(std::string_view key, std::string& value);
  void boolean(std::string_view key, bool& value);
  void count(std::string_view key, int& value, int least);  // up to kMostAnswers
  void duration(std::string_view key, milliseconds& value);
  void path(std::string_view key, std::string& value);  // of a file, from the root; may be empty

  // `key` of this section is wrong; only the first objection to a key counts.
  void reject(std::string_view key, std::string_view what, std::string cure);
  // The same for a key that must be there and is not.
  void missing(std::string_view key, std::string cure);
  [[nodiscard]] bool fine(std::string_view key) const { return !rejected_.contains(std::string(key)); }
  // The file gives it (well or not), so that it is not missing.
  [[nodiscard]] bool given(std::string_view key) const;

  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
  // Keys of the table that nobody asked for.
  [[nodiscard]] std::vector<std::string> unknown() const;
  [[nodiscard]] int line_of(std::string_view key) const;  // its own, or the section's, or 1

 private:
  template <typename T>
  void read(std::string_view key, T& value, const char* expected);
  void wrong_type(std::string_view key, const toml::node& node, const char* expected);
  [[nodiscard]] const toml::node* find(std::string_view key) const;

  ConfigFile& file_;
  const TomlText& text_;
  std::string name_;
  const toml::table* table_;
  std::vector<std::string> asked_;
  std::set<std::string> rejected_;
  std::string place_;
};

inline constexpr int kMostAnswers = 1'000'000;  // as good as no limit: a modem sends some 1,800 SMS an hour

}  // namespace pigeon
