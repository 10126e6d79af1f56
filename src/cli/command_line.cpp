// Words to a command; see command_line.h.
#include "cli/command_line.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "config/nearest.h"

namespace pigeon::cli {
namespace {

std::string quoted(std::string_view word) {
  return "'" + shorten(escape_controls(word), 60) + "'";
}

// Of "quarantine show": "quarantine" and "show"; the second is empty where there is one word.
std::pair<std::string_view, std::string_view> halves(std::string_view name) {
  const std::size_t blank = name.find(' ');
  if (blank == std::string_view::npos) return {name, {}};
  return {name.substr(0, blank), name.substr(blank + 1)};
}

// As nearest() compares: without the hyphens in front, and '_' for those inside.
std::string bare(std::string_view option) {
  std::string word(option.substr(std::min(option.find_first_not_of('-'), option.size())));
  std::replace(word.begin(), word.end(), '-', '_');
  return word;
}

class Reader {
 public:
  Reader(std::span<const Command> table, std::span<const std::string> words) : table_(table), words_(words) {}

  CommandLine read() {
    bool only_arguments = false;
    while (at_ < words_.size() && !line_.misuse) {
      const std::string& word = words_[at_++];
      if (only_arguments || word.size() < 2 || word.front() != '-')
        take_word(word);
      else if (word == "--")
        only_arguments = true;
      else
        take_option(word);
    }
    if (!line_.misuse && !line_.help && !line_.version) check_end();
    return std::move(line_);
  }

 private:
  // Who wants JSON gets it, also when that is asked for behind the mistake.
  void refuse(std::string what, std::string cure) {
    const auto rest = words_.subspan(at_);
    const auto end = std::find(rest.begin(), rest.end(), "--");
    line_.json = line_.json || std::find(rest.begin(), end, "--json") != end;
    line_.misuse = Misuse{std::move(what), std::move(cure)};
  }

  [[nodiscard]] const Command* find(std::string_view name) const {
    const auto found =
        std::find_if(table_.begin(), table_.end(), [&](const Command& row) { return row.name == name; });
    return found == table_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool is_group(std::string_view word) const {
    return std::any_of(table_.begin(), table_.end(), [&](const Command& row) {
      return halves(row.name).first == word && !halves(row.name).second.empty();
    });
  }

  void take_word(const std::string& word) {
    if (line_.command != nullptr) {
      line_.arguments.push_back(word);
    } else if (line_.group.empty() && word == "help") {
      line_.help = true;
    } else {
      take_name(word);
    }
  }

  void take_name(const std::string& word) {
    line_.command = find(line_.group.empty() ? word : line_.group + " " + word);
    if (line_.command != nullptr) {
      line_.group.clear();
    } else if (line_.group.empty() && is_group(word)) {
      line_.group = word;
    } else {
      refuse_name(word);
    }
  }

  // By its first words, or, behind the first word of a group, by those that may follow it. Who names the
  // second of two words alone is told both.
  void refuse_name(const std::string& word) {
    std::vector<std::string> known;
    for (const Command& row : table_) {
      const auto [first, second] = halves(row.name);
      if (line_.group.empty() && second == word) {
        return refuse("unknown command " + quoted(word), "did you mean '" + std::string(row.name) + "'?");
      }
      if (line_.group.empty())
        known.emplace_back(first);
      else if (first == line_.group)
        known.emplace_back(second);
    }
    const std::string before = line_.group.empty() ? "" : line_.group + " ";
    const auto meant = nearest(word, known);
    refuse("unknown command " + quoted(before + word),
           meant ? "did you mean '" + before + *meant + "'?"
                 : "'pigeon help" + (before.empty() ? "" : " " + line_.group) + "' lists what there is");
  }

  void take_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word == "-h" ? "--help" : word.substr(0, equals);
    const Option* option = known_option(name);
    if (option == nullptr) return refuse_option(name);
    std::string value;
    if (option->value.empty() && equals != std::string::npos)
      return refuse(name + " takes no value", "leave out what stands behind the '='");
    if (!option->value.empty()) {
      if (equals == std::string::npos && at_ == words_.size())
        return refuse(name + " needs a value", "write " + name + " " + std::string(option->value));
      value = equals == std::string::npos ? words_[at_++] : word.substr(equals + 1);
    }
    keep_option(name, value);
  }

  void keep_option(const std::string& name, const std::string& value) {
    if (name == "--help")
      line_.help = true;
    else if (name == "--version")
      line_.version = true;
    else if (name == "--json")
      line_.json = true;
    else if (name == "--config")
      line_.config_path = value;
    else
      line_.options[name] = value;
  }

  [[nodiscard]] std::vector<Option> options_here() const {
    std::vector<Option> options(common_options().begin(), common_options().end());
    if (line_.command != nullptr)
      options.insert(options.end(), line_.command->options.begin(), line_.command->options.end());
    return options;
  }

  [[nodiscard]] const Option* known_option(std::string_view name) const {
    const auto is_it = [&](const Option& option) { return option.name == name; };
    const auto common = common_options();
    if (const auto found = std::find_if(common.begin(), common.end(), is_it); found != common.end())
      return &*found;
    if (line_.command == nullptr) return nullptr;
    const auto& own = line_.command->options;
    const auto found = std::find_if(own.begin(), own.end(), is_it);
    return found == own.end() ? nullptr : &*found;
  }

  void refuse_option(const std::string& name) {
    std::vector<std::string> known;
    const auto options = options_here();
    known.reserve(options.size());
    for (const Option& option : options) known.push_back(bare(option.name));
    const auto meant = nearest(bare(name), known);
    const auto row = std::find(known.begin(), known.end(), meant.value_or(""));
    const std::string command = line_.command != nullptr ? " " + std::string(line_.command->name) : "";
    refuse("unknown option " + quoted(name),
           row != known.end()
               ? "did you mean '" + std::string(options[static_cast<std::size_t>(row - known.begin())].name) +
                     "'?"
               : "'pigeon help" + command +
                     "' lists what there is; an argument that begins with '-' goes "
                     "behind '--'");
  }

  // Whether the arguments are as many as the command wants.
  void check_end() {
    if (line_.command == nullptr) return;
    const Command& command = *line_.command;
    const std::string help = "'pigeon help " + std::string(command.name) + "' has examples";
    std::size_t least = 0, most = 0;
    for (const Argument& argument : command.arguments) {
      if (argument.count == Argument::Count::one) ++least;
      most = argument.count == Argument::Count::any ? line_.arguments.size() : most + 1;
    }
    if (line_.arguments.size() < least) {
      refuse("'pigeon " + std::string(command.name) + "' needs " +
                 std::string(command.arguments[line_.arguments.size()].name) + ": " +
                 std::string(command.arguments[line_.arguments.size()].what),
             help);
    } else if (line_.arguments.size() > std::max(most, least)) {
      refuse("'pigeon " + std::string(command.name) + "' does not take " +
                 quoted(line_.arguments[std::max(most, least)]),
             help);
    }
  }

  std::span<const Command> table_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  CommandLine line_;
};

}  // namespace

std::span<const Option> common_options() {
  static constexpr Option kOptions[] = {
      {"--config", "FILE", "the configuration, if it is not /etc/carrier-pigeon/pigeon.toml"},
      {"--json", "", "output for machines"},
      {"--help", "", "this; about one command: pigeon help COMMAND"},
      {"--version", "", "the version"},
  };
  return kOptions;
}

CommandLine read_command_line(std::span<const Command> table, std::span<const std::string> words) {
  return Reader(table, words).read();
}

}  // namespace pigeon::cli
