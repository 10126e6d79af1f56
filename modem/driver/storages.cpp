// Choosing, listing, reading and freeing; see storages.h.
#include "modem/driver/storages.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/sms/pdu.h"

namespace pigeon::modem {
namespace {

constexpr std::string_view kReports = "SR";
constexpr int kInvalidMemoryIndex = 321;  // +CMS ERROR, TS 27.005 §3.2.5
constexpr int kMostSlots = 1000;          // that are walked through where the modem cannot list

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The firmware's own choice where it is a sensible one: an IMS stick that stores in ME may be unable to do
// otherwise.
std::string choose_receive_storage(const std::string& current, const std::vector<std::string>& choices,
                                   std::span<const std::string_view> preferred) {
  if (std::find(preferred.begin(), preferred.end(), current) != preferred.end()) return current;
  for (const std::string_view name : preferred) {
    if (choices.empty() || contains(choices, name)) return std::string(name);
  }
  return current.empty() ? std::string(preferred.front()) : current;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ",\"") + name + '"';
  return text;
}

std::string name_at(const std::vector<StorageState>& states, std::size_t i) {
  return states.empty() ? std::string() : states[std::min(i, states.size() - 1)].name;
}

bool is_empty_header(const AnswerLine& line) {
  return line.pdu.empty() && parse_pdu_length(line.text).value_or(0) == 0;
}

// A text-mode header, where PDUs were asked for: "REC UNREAD" in the place of a number.
bool is_text_mode(const AnswerLine& line) {
  return line.text.find("\"REC ") != std::string::npos || line.text.find("\"STO ") != std::string::npos;
}

// As much as is whole; an undecodable PDU is kept and told, not dropped.
Octets octets_of(std::string_view hex) {
  return from_hex(hex.substr(0, hex.size() / 2 * 2)).value_or(Octets());
}

}  // namespace

Storages::Storages(Line& line, const Profile& profile, std::function<Result<void>()> set_up_again)
    : line_(line), profile_(profile), set_up_again_(std::move(set_up_again)) {}

Result<std::vector<StorageState>> Storages::ask_states() {
  Request request{"AT+CPMS?", line_.timeouts().answer, Ending::may_be_missing};
  request.only_reads = true;
  request.refusal = Refusal::is_error;
  const auto answer = line_.ask(request);
  if (!answer) return tl::unexpected(answer.error());
  return parse_storage_states(answer->text());
}

Result<void> Storages::choose() {
  const auto known = line_.ask(line_.when_ready("AT+CPMS=?"));
  if (!known) return tl::unexpected(known.error());
  choices_ = known->ok() ? parse_storage_choices(known->text()) : StorageChoices();
  const auto asked = ask_states();
  if (!asked && asked.error().code == Errc::disconnected) return tl::unexpected(asked.error());
  const std::vector<StorageState> states = asked ? *asked : std::vector<StorageState>();
  const std::string before = name_at(states, 2);
  receive_ = choose_receive_storage(before, choices_[2], profile_.storages);
  const auto& writable = choices_[1];
  write_ = writable.empty() || contains(writable, receive_) ? receive_ : name_at(states, 1);
  if (write_.empty()) write_ = receive_;
  read_.clear();
  const bool told = !std::exchange(can_select_, true);
  cpms_arguments_ = 3;
  lists_mt_only_ = false;
  has_selected_ = false;
  opened_storages_.clear();
  if (before == receive_ && name_at(states, 1) == write_ && name_at(states, 0) == receive_) {
    read_ = receive_;  // as it is already
    lapses_at_selection_ = line_.channel().lapses();
    return {};
  }
  auto selected = select(receive_);
  if (selected && cpms_arguments_ < 3 && !before.empty()) receive_ = before;  // mem3 was not set
  if (selected || selected.error().code == Errc::disconnected) return selected;
  if (!told) log::warning(line_.tag(), selected.error().message + ": storages stay as they are for now");
  if (can_select_) use_what_is_selected(states);
  return {};
}

void Storages::use_what_is_selected(const std::vector<StorageState>& states) {
  can_select_ = false;
  read_ = states.empty() ? receive_ : name_at(states, 0);
  receive_ = states.empty() ? read_ : name_at(states, 2);
}

// mem1 := name. Three storages are the form that every newer stick takes and some insist on; older ones
// refuse it. A command whose answer is lost or refused may have been carried out all the same, so until an OK
// comes nobody knows what is selected, and no slot is read or freed.
Result<void> Storages::select(const std::string& name) {
  if (can_select_ && line_.channel().lapses() != lapses_at_selection_) read_.clear();
  if (name == read_) return {};
  if (!is_storage_name(name)) return fail(Errc::bad_input, "not the name of a message storage");
  if (!can_select_) return fail(Errc::unsupported, "storage " + name + " cannot be selected on this modem");
  read_.clear();
  const std::vector<std::string> all = {name, write_, receive_};
  for (int arguments = cpms_arguments_; arguments >= profile_.fewest_storages; --arguments) {
    const std::vector<std::string> some(all.begin(), all.begin() + arguments);
    Request request{"AT+CPMS=" + quoted_list(some), line_.timeouts().answer, Ending::may_be_missing};
    request.only_reads = true;  // the same twice is the same
    request.while_busy = line_.timeouts().sim_ready;
    const auto answer = line_.ask(request);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok() || answer->result.kind == FinalResult::Kind::missing) {
      cpms_arguments_ = arguments;
      has_selected_ = true;
      read_ = name;
      lapses_at_selection_ = line_.channel().lapses();
      return {};
    }
    const bool last = arguments == profile_.fewest_storages;
    if (!last && !is_not_ready_yet(answer->result)) continue;
    Error error = to_error("AT+CPMS=\"" + name + '"', answer->result);
    if (last && !has_selected_ && name != kReports) return refused_selection(std::move(error));
    return tl::unexpected(std::move(error));
  }
  return {};
}

// This modem selects none, which shows late where the storages were right from the start.
Result<void> Storages::refused_selection(Error error) {
  const auto states = ask_states();
  if (!states) return tl::unexpected(std::move(error));
  use_what_is_selected(*states);
  return tl::unexpected(std::move(error));
}

// MT shows SM and ME at once, under numbers of its own on some firmware. Where both can be read they are, and
// else MT: a message that has two names would be two messages.
bool Storages::reads_halves_of_mt() const {
  const auto& readable = choices_[0];
  return can_select_ && !lists_mt_only_ && contains(readable, "SM") && contains(readable, "ME");
}

std::optional<Slot> Storages::known_slot(std::optional<Slot> indicated) const {
  if (!indicated || receive_ != "MT" || indicated->storage == kReports) return indicated;
  const bool is_half = indicated->storage != "MT";
  return is_half == reads_halves_of_mt() ? indicated : std::nullopt;
}

// The receive storage last, so that mem1 stays on it and the next arrival needs no switch.
std::vector<std::string> Storages::names_to_list(bool with_reports) const {
  const std::string& receive = receive_;
  std::vector<std::string> names;
  if (with_reports && can_select_) names.emplace_back(kReports);
  if (receive == "MT" && reads_halves_of_mt()) {
    names.insert(names.end(), {"SM", "ME"});
    return names;
  }
  if (receive != "MT" && can_select_) {
    for (const std::string_view name : {"SM", "ME"}) {
      const bool readable = choices_[0].empty() || contains(choices_[0], name);
      if (name != receive && readable) names.emplace_back(name);
    }
  }
  names.push_back(can_select_ ? receive : read_);
  return names;
}

bool Storages::offers_reports() const {
  return contains(choices_[0], kReports);
}

Result<std::vector<StoredMessage>> Storages::list(bool with_reports) {
  left_slots_ = false;
  std::vector<StoredMessage> all;
  const auto names = names_to_list(with_reports);
  for (const std::string& name : names) {
    auto found = list_storage(name);
    if (!found) {
      if (found.error().code == Errc::disconnected) return found;
      if (receive_ == "MT" && name != kReports && found.error().code != Errc::timeout &&
          !std::exchange(lists_mt_only_, true))
        return list(with_reports);
      // A modem may name a storage and have none; only the one that texts arrive in must work.
      if (name == names.back()) return found;
      log::debug(line_.tag(), "storage " + name + ": " + found.error().message);
      continue;
    }
    std::move(found->begin(), found->end(), std::back_inserter(all));
  }
  return all;
}

// The answer to AT+CMGL, listed again while it is damaged. Empty lines are left out.
Result<Answer> Storages::ask_for_list(const std::string& name) {
  constexpr int kMostTries = 3;
  for (int tries = 1;; ++tries) {
    if (auto selected = select(name); !selected) return tl::unexpected(selected.error());
    auto answer = line_.ask({.line = "AT+CMGL=4",  // 4: all (TS 27.005 §3.4.2)
                             .timeout = line_.timeouts().list,
                             .most_silence = line_.timeouts().list_silence});
    const bool lost = !answer && answer.error().code == Errc::timeout;
    if (!answer && (!lost || tries > 1)) return answer;
    if (lost || (answer->damaged && tries < kMostTries)) continue;
    const bool in_text_mode = std::any_of(answer->lines.begin(), answer->lines.end(), is_text_mode);
    if (!in_text_mode || tries >= kMostTries) return answer;
    if (auto done = back_to_pdu_mode(); !done) return tl::unexpected(done.error());
  }
}

Result<std::vector<StoredMessage>> Storages::list_storage(const std::string& name) {
  const auto answer = ask_for_list(name);
  if (!answer) return tl::unexpected(answer.error());
  std::vector<StoredMessage> messages;
  for (const AnswerLine& line : answer->lines) {
    const auto index = to_int(fields_of(line.text)[0]);
    if (!index || *index < 0 || is_empty_header(line)) continue;
    const Slot slot{name, *index};
    if (has_right_length(line)) {
      messages.push_back({slot, octets_of(line.pdu)});
    } else if (auto taken = take_slot(slot, messages); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  if (answer->ok()) return messages;
  if (is_not_ready_yet(answer->result)) return tl::unexpected(to_error("AT+CMGL", answer->result));
  // Empty, or a modem that cannot list, or one that stops at a slot which it cannot read: the count tells.
  const auto states = ask_states();
  if (!states && states.error().code == Errc::disconnected) return tl::unexpected(states.error());
  if (!states || states->empty()) {
    const bool may_be_empty = is_empty_slot(answer->result) || !messages.empty();
    if (may_be_empty) return messages;
    return tl::unexpected(to_error("AT+CMGL", answer->result));
  }
  const auto used = static_cast<std::size_t>(std::max(states->front().used, 0));
  if (used == 0 && !answer->damaged && answer->result.is_cms(kInvalidMemoryIndex)) {
    if (auto opened = open_storage(name); !opened) return tl::unexpected(opened.error());
  }
  if (messages.size() < used) {
    if (auto walked = walk_slots(states->front(), messages); !walked) return tl::unexpected(walked.error());
  }
  return messages;
}

// Once a bring-up, and only where there is nothing that it could free.
Result<void> Storages::open_storage(const std::string& name) {
  if (profile_.opens_storage.empty() || !opened_storages_.insert(name).second) return {};
  // Straight before, and again later where a text may have come: what arrives between the two is in danger.
  const auto states = ask_states();
  const bool is_empty =
      states && !states->empty() && states->front().name == name && states->front().used == 0;
  if (!is_empty || line_.channel().has_urcs()) {
    opened_storages_.erase(name);
    return {};
  }
  log::notice(line_.tag(), "storage " + name + " cannot be listed: " + std::string(profile_.opens_storage) +
                               " is to open it");
  return line_.attempt(std::string(profile_.opens_storage));
}

// Slot by slot; some families count from 0, others from 1. Those that were listed already are left out.
Result<void> Storages::walk_slots(const StorageState& storage, std::vector<StoredMessage>& messages) {
  const std::string name = read_;
  for (int index = 0; index <= std::min(storage.total, kMostSlots); ++index) {
    const Slot slot{name, index};
    const auto is_here = [&slot](const StoredMessage& message) { return message.slot == slot; };
    if (std::any_of(messages.begin(), messages.end(), is_here)) continue;
    if (auto taken = take_slot(slot, messages); !taken) return taken;
    if (messages.size() >= static_cast<std::size_t>(storage.used)) break;
  }
  return {};
}

// A slot that the modem refuses to read must not keep the others from being read: it is told and left.
Result<void> Storages::take_slot(const Slot& slot, std::vector<StoredMessage>& messages) {
  auto message = read(slot);
  if (message) {
    bad_slots_.erase(slot);
    if (*message) messages.push_back(std::move(**message));
    return {};
  }
  const Error& error = message.error();
  if (error.code == Errc::disconnected || error.code == Errc::timeout) return tl::unexpected(error);
  left_slots_ = true;
  if (bad_slots_.insert(slot).second) {
    log::warning(line_.tag(), "slot " + std::to_string(slot.index) + " of " + slot.storage +
                                  " cannot be read and is left as it is: " + error.message);
  }
  return {};
}

// The announced length is the TPDU's; some firmware counts the service centre's octets too. Such a modem is
// known from the first PDU that was read twice the same and decodes to its last octet.
bool Storages::has_right_length(const AnswerLine& line) const {
  if (has_announced_length(line)) return true;
  return counts_service_centre_ && !line.pdu.empty() &&
         parse_pdu_length(line.text) == octets_of(line.pdu).size();
}

// A PDU of the wrong length, or in a damaged answer, is read again: it is taken when it comes twice the same.
Result<std::optional<StoredMessage>> Storages::read(const Slot& slot) {
  constexpr int kMostTries = 4;
  std::optional<std::string> doubtful;
  bool answered = true;
  for (int tries = 1; tries <= kMostTries; ++tries) {
    if (auto selected = select(slot.storage); !selected) return tl::unexpected(selected.error());
    const auto answer = line_.ask({"AT+CMGR=" + std::to_string(slot.index), line_.timeouts().answer});
    if (!answer) {
      // Reading changes nothing, so once more: the answer may have drowned in noise.
      if (!answered || answer.error().code != Errc::timeout) return tl::unexpected(answer.error());
      answered = false;
      continue;
    }
    if (!answer->ok()) {
      if (is_empty_slot(answer->result)) return std::nullopt;
      return tl::unexpected(to_error("AT+CMGR", answer->result));
    }
    if (!answer->lines.empty() && is_text_mode(answer->lines.front())) {
      if (auto done = back_to_pdu_mode(); !done) return tl::unexpected(done.error());
      continue;
    }
    const bool is_empty = answer->lines.empty() || is_empty_header(answer->lines.front());
    if (is_empty && !answer->damaged) return std::nullopt;
    if (is_empty) continue;
    const AnswerLine& line = answer->lines.front();
    if (!answer->damaged && has_right_length(line)) return StoredMessage{slot, octets_of(line.pdu)};
    if (doubtful == line.pdu) return StoredMessage{slot, believe(line)};
    doubtful = line.pdu;
  }
  return fail(Errc::busy, "AT+CMGR: slot " + std::to_string(slot.index) + " reads differently each time",
              Retry::yes);
}

// What came twice the same is what lies in the slot, decodable or not.
Octets Storages::believe(const AnswerLine& line) {
  Octets octets = octets_of(line.pdu);
  const bool is_whole = line.pdu.size() % 2 == 0 && decode_pdu(octets, Direction::to_mobile).has_value();
  if (is_whole && parse_pdu_length(line.text) == octets.size()) counts_service_centre_ = true;
  return octets;
}

// Such a modem has restarted without saying so: what else was set is gone too.
Result<void> Storages::back_to_pdu_mode() {
  log::notice(line_.tag(), "the modem has gone to text mode: back to PDUs, and its settings are set again");
  read_.clear();
  return set_up_again_();
}

Result<std::optional<int>> Storages::count() {
  const auto states = ask_states();
  if (!states && states.error().code != Errc::disconnected && states.error().code != Errc::timeout)
    return std::nullopt;
  if (!states) return tl::unexpected(states.error());
  std::optional<int> count;
  std::set<std::string> counted;
  for (const StorageState& state : *states) {
    if (counted.insert(state.name).second) count = count.value_or(0) + std::max(state.used, 0);
  }
  return count;
}

Result<void> Storages::erase(const Slot& slot) {
  if (auto selected = select(slot.storage); !selected) return selected;
  const auto answer = line_.ask({"AT+CMGD=" + std::to_string(slot.index), line_.timeouts().answer});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->ok()) return {};
  if (is_empty_slot(answer->result)) {
    const auto left = read(slot);
    if (left && !*left) return {};
  }
  return tl::unexpected(to_error("AT+CMGD", answer->result));
}

}  // namespace pigeon::modem
