// Reading answers; see at_values.h.
#include "modem/at/at_values.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace pigeon::modem {
namespace {

std::string_view behind_colon(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon == std::string_view::npos ? line : trim(line.substr(colon + 1));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
  }
  if (!is_valid_utf8(out)) {
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  return shorten(trim(out), limit);
}

// "(0-3),(0,1),(2)" or "0,1": the text of each group; what stands outside brackets is a group of its own.
std::vector<std::string_view> groups_of(std::string_view text) {
  std::vector<std::string_view> groups;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    if (c != ',' || (depth > 0 && i < text.size())) continue;
    groups.push_back(trim(text.substr(start, i - start)));
    start = i + 1;
  }
  return groups;
}

// "0-3" and "0,2" and mixtures of them.
std::vector<int> values_of(std::string_view group) {
  std::vector<int> values;
  bool in_range = false;
  while (!group.empty()) {
    if (!is_digit(group.front())) {
      in_range = in_range || (group.front() == '-' && !values.empty());
      group.remove_prefix(1);
      continue;
    }
    int value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value);
    group.remove_prefix(static_cast<std::size_t>(end - group.data()));
    if (error != std::errc() || value > 99) continue;
    if (in_range) {
      for (int between = values.back() + 1; between < value; ++between) values.push_back(between);
    }
    values.push_back(value);
    in_range = false;
  }
  return values;
}

std::vector<std::string> storage_names_in(std::string_view group) {
  std::vector<std::string> names;
  std::string name;
  for (std::size_t i = 0; i <= group.size(); ++i) {
    const char c = i < group.size() ? group[i] : ' ';
    if ((c >= 'A' && c <= 'Z') || c == '_') {
      name += c;
      continue;
    }
    if (is_storage_name(name)) names.push_back(name);
    name.clear();
  }
  return names;
}

Registration registration_of(int stat) {
  switch (stat) {  // TS 27.007 §7.2; 6 and 7: SMS only, 9 and 10: no CSFB preferred
    case 0:
      return Registration::not_registered;
    case 1:
    case 6:
    case 9:
      return Registration::home;
    case 2:
      return Registration::searching;
    case 3:
      return Registration::denied;
    case 5:
    case 7:
    case 10:
      return Registration::roaming;
    default:
      return Registration::unknown;
  }
}

int weight(Registration registration) {
  switch (registration) {
    case Registration::home:
      return 5;
    case Registration::roaming:
      return 4;
    case Registration::searching:
      return 3;
    case Registration::denied:
      return 2;
    case Registration::not_registered:
      return 1;
    case Registration::unknown:
      return 0;
  }
  return 0;
}

// UCS-2 hex as AT+CSCS="UCS2" writes it: only digits and "+" matter here.
std::string ucs2_number(std::string_view text) {
  const auto octets = from_hex(text);
  if (text.size() % 4 != 0 || !octets || octets->size() < 4) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < octets->size(); i += 2) {
    if ((*octets)[i] != 0) return std::string(text);
    out += static_cast<char>((*octets)[i + 1]);
  }
  return out;
}

}  // namespace

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false;
  for (const char c : behind_colon(line)) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back(trim(field));
      field.clear();
    } else {
      field += c;
    }
  }
  fields.emplace_back(trim(field));
  return fields;
}

std::optional<int> to_int(std::string_view text) {
  text = trim(text);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string parse_cpin(const Answer& answer) {
  return answer.lines.empty() ? std::string() : std::string(behind_colon(answer.lines.back().text));
}

Registration parse_registration(const Answer& answer) {
  Registration solicited = Registration::unknown;
  Registration unsolicited = Registration::unknown;
  for (const AnswerLine& line : answer.lines) {
    // The second field of the solicited form is one bare digit or two, that of the other form a quoted or hex
    // area code.
    const std::string_view raw = behind_colon(line.text);
    const auto fields = fields_of(raw);
    const bool quoted_area = raw.find('"') < raw.find(',', raw.find(',') + 1);
    const bool has_stat =
        fields.size() >= 2 && fields[1].size() <= 2 && all_digits(fields[1]) && !quoted_area;
    if (const auto stat = to_int(has_stat ? fields[1] : fields[0])) {
      (has_stat ? solicited : unsolicited) = registration_of(*stat);
    }
  }
  return solicited != Registration::unknown ? solicited : unsolicited;
}

Registration better(Registration a, Registration b) {
  return weight(a) >= weight(b) ? a : b;
}

std::optional<int> parse_signal_dbm(const Answer& answer) {
  const auto fields = fields_of(answer.text());
  const auto value = to_int(fields[0]);
  if (!value || *value < 0 || *value > 31) return std::nullopt;
  return -113 + 2 * *value;
}

std::string parse_operator(const Answer& answer) {
  const auto fields = fields_of(answer.text());
  return fields.size() < 3 ? std::string() : printable(fields[2], 64);
}

std::string parse_technology(const Answer& answer) {
  const auto fields = fields_of(answer.text());
  const auto number = fields.size() < 4 ? std::nullopt : to_int(fields[3]);
  if (!number) return {};
  static constexpr const char* kNames[] = {"2G",  "2G", "3G",  "2G", "3G", "3G", "3G",
                                           "LTE", "2G", "LTE", "5G", "5G", "5G", "5G"};
  if (*number < 0 || *number >= static_cast<int>(std::size(kNames))) return {};
  return kNames[*number];
}

std::string parse_csca(const Answer& answer) {
  std::string number = ucs2_number(fields_of(answer.text())[0]);
  const bool plus = number.starts_with('+');
  if (!all_digits(std::string_view(number).substr(plus ? 1 : 0)) || number.size() > 21) return {};
  return number;
}

StorageChoices parse_storage_choices(std::string_view line) {
  StorageChoices choices;
  std::string_view text = behind_colon(line);
  // Wavecom puts one more pair of brackets around everything.
  if (text.starts_with("((") && text.ends_with("))")) text = text.substr(1, text.size() - 2);
  const auto groups = groups_of(text);
  for (std::size_t i = 0; i < groups.size() && i < choices.size(); ++i)
    choices[i] = storage_names_in(groups[i]);
  return choices;
}

std::vector<StorageState> parse_storage_states(std::string_view line) {
  std::vector<StorageState> states;
  const auto fields = fields_of(line);
  for (std::size_t i = 0; i + 2 < fields.size() && states.size() < 3; i += 3) {
    const auto used = to_int(fields[i + 1]);
    const auto total = to_int(fields[i + 2]);
    if (!is_storage_name(fields[i]) || !used || !total) break;
    states.push_back({fields[i], *used, *total});
  }
  return states;
}

std::array<std::vector<int>, 5> parse_cnmi_choices(std::string_view line) {
  std::array<std::vector<int>, 5> choices;
  const auto groups = groups_of(behind_colon(line));
  for (std::size_t i = 0; i < groups.size() && i < choices.size(); ++i) choices[i] = values_of(groups[i]);
  return choices;
}

std::optional<CnmiSettings> parse_cnmi(std::string_view line) {
  CnmiSettings settings{};
  const auto fields = fields_of(line);
  if (fields.size() < 2) return std::nullopt;
  for (std::size_t i = 0; i < fields.size() && i < settings.size(); ++i) {
    const auto value = to_int(fields[i]);
    if (!value) return std::nullopt;
    settings[i] = *value;
  }
  return settings;
}

std::optional<Slot> parse_indicated_slot(std::string_view line) {
  const auto fields = fields_of(line);
  if (fields.size() < 2 || !is_storage_name(fields[0])) return std::nullopt;
  const auto index = to_int(fields[1]);
  if (!index || *index < 0) return std::nullopt;
  return Slot{fields[0], *index};
}

std::optional<int> parse_pdu_length(std::string_view header) {
  return to_int(fields_of(header).back());
}

bool has_announced_length(const AnswerLine& line) {
  const auto length = parse_pdu_length(line.text);
  const auto octets = from_hex(line.pdu);
  if (!length || !octets) return false;
  if (octets->empty()) return *length == 0;
  return octets->size() == static_cast<std::size_t>(*length) + 1 + octets->front();
}

std::string parse_imei(const Answer& answer) {
  for (const AnswerLine& line : answer.lines) {
    std::string digits;
    for (const char c : behind_colon(line.text)) {
      if (is_digit(c))
        digits += c;
      else if (c != '"' && c != ' ' && c != '-')
        break;
    }
    if (digits.size() >= 14 && digits.size() <= 17) return digits;
  }
  return {};
}

std::string parse_identification(const Answer& answer) {
  std::string_view text = answer.text();
  if (text.starts_with('+')) text = behind_colon(text);
  std::string out;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7F && c != '"') out += c;
  }
  return shorten(trim(out), 64);
}

bool is_storage_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 8 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

}  // namespace pigeon::modem
