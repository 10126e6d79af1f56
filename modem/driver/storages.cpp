// Message storages and slots (3GPP TS 27.005 §3.2.2, §3.4, §3.5); see serial_modem.h.
//
//   mem1  what CMGL, CMGR and CMGD look at     switched as needed, left on the receive storage
//   mem2  what CMGW and CMSS use               left alone
//   mem3  where texts arrive                   chosen once; a scan must never change it
#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {
namespace {

constexpr int kMostSlots = 1000;  // that are walked through where the modem cannot list

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// SM and ME are separate; MT shows both at once.
bool receives_texts(std::string_view storage) {
  return storage == "SM" || storage == "ME" || storage == "MT";
}

// The firmware's own choice where it is a sensible one: an IMS stick that stores in ME may be unable to do
// otherwise.
std::string choose_receive_storage(const std::string& current, const std::vector<std::string>& choices) {
  if (receives_texts(current)) return current;
  for (const std::string_view name : {"SM", "ME", "MT"}) {
    if (choices.empty() || contains(choices, name)) return std::string(name);
  }
  return current.empty() ? "SM" : current;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ",\"") + name + '"';
  return text;
}

// What may not be believed as it is: no whole octets, or torn apart by an unsolicited code and of the wrong
// length.
bool is_damaged(const AnswerLine& line, bool interrupted) {
  return line.pdu.empty() || line.pdu.size() % 2 != 0 || (interrupted && !has_announced_length(line));
}

bool is_empty_header(const AnswerLine& line) {
  return line.pdu.empty() && parse_pdu_length(line.text).value_or(0) == 0;
}

// As much as is whole; an undecodable PDU is kept and told, not dropped.
Octets octets_of(std::string_view hex) {
  return from_hex(hex.substr(0, hex.size() / 2 * 2)).value_or(Octets());
}

}  // namespace

Result<std::vector<StorageState>> SerialModem::Impl::storage_states() {
  const auto answer = channel.demand("AT+CPMS?", options.timeouts.answer, Ending::may_be_missing);
  if (!answer) return tl::unexpected(answer.error());
  return parse_storage_states(answer->text());
}

Result<void> SerialModem::Impl::choose_storages() {
  const auto known = command_when_ready("AT+CPMS=?");
  if (!known) return tl::unexpected(known.error());
  storage_choices = known->ok() ? parse_storage_choices(known->text()) : StorageChoices();
  const auto states = storage_states();
  if (!states && states.error().code == Errc::disconnected) return tl::unexpected(states.error());
  const auto name_at = [&](std::size_t i) {
    return states && !states->empty() ? states->at(std::min(i, states->size() - 1)).name : std::string();
  };
  settings.receive_storage = choose_receive_storage(name_at(2), storage_choices[2]);
  const auto& writable = storage_choices[1];
  write_storage = writable.empty() || contains(writable, settings.receive_storage) ? settings.receive_storage
                                                                                   : name_at(1);
  if (write_storage.empty()) write_storage = settings.receive_storage;
  read_storage.clear();  // so that the choice is really written
  can_select = true;
  auto selected = select_storage(settings.receive_storage);
  if (selected && cpms_arguments < 3 && !name_at(2).empty())
    settings.receive_storage = name_at(2);  // mem3 was not set
  if (selected || selected.error().code == Errc::disconnected) return selected;
  log::warning(tag, selected.error().message + ": storages stay as they are");
  can_select = false;
  read_storage = name_at(0).empty() ? settings.receive_storage : name_at(0);
  settings.receive_storage = name_at(2).empty() ? read_storage : name_at(2);
  return {};
}

// mem1 := name. Three storages are the form that every newer stick takes and some insist on; older ones
// refuse it.
Result<void> SerialModem::Impl::select_storage(const std::string& name) {
  if (name == read_storage) return {};
  if (!is_storage_name(name)) return fail(Errc::bad_input, "not the name of a message storage");
  if (!can_select) return fail(Errc::unsupported, "storage " + name + " cannot be selected on this modem");
  const std::vector<std::string> all = {name, write_storage, settings.receive_storage};
  for (int arguments = cpms_arguments; arguments >= 1; --arguments) {
    const std::vector<std::string> some(all.begin(), all.begin() + arguments);
    const auto answer =
        channel.command("AT+CPMS=" + quoted_list(some), options.timeouts.answer, Ending::may_be_missing);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok() || answer->result.kind == FinalResult::Kind::missing) {
      cpms_arguments = arguments;
      read_storage = name;
      return {};
    }
    const bool last = arguments == 1;
    if (last || is_not_ready_yet(answer->result))
      return tl::unexpected(to_error("AT+CPMS=\"" + name + '"', answer->result));
  }
  return {};
}

// The receive storage last, so that mem1 stays on it and the next arrival needs no switch.
std::vector<std::string> SerialModem::Impl::storages_to_list() const {
  const std::string& receive = settings.receive_storage;
  std::vector<std::string> names;
  if (receive != "MT" && can_select) {
    for (const std::string_view name : {"SM", "ME"}) {
      const bool readable = storage_choices[0].empty() || contains(storage_choices[0], name);
      if (name != receive && readable) names.emplace_back(name);
    }
  }
  names.push_back(can_select ? receive : read_storage);
  return names;
}

Result<std::vector<StoredMessage>> SerialModem::Impl::list_messages() {
  std::vector<StoredMessage> all;
  for (const std::string& name : storages_to_list()) {
    auto found = list_storage(name);
    if (!found) {
      // A modem may name a storage and have none; only the one that texts arrive in must work.
      const bool essential = name == settings.receive_storage || !can_select;
      if (essential || found.error().code == Errc::disconnected) return found;
      log::debug(tag, "storage " + name + ": " + found.error().message);
      continue;
    }
    std::move(found->begin(), found->end(), std::back_inserter(all));
  }
  return all;
}

Result<std::vector<StoredMessage>> SerialModem::Impl::list_storage(const std::string& name) {
  if (auto selected = select_storage(name); !selected) return tl::unexpected(selected.error());
  const auto answer = channel.command("AT+CMGL=4", options.timeouts.list);  // 4: all (TS 27.005 §3.4.2)
  if (!answer) return tl::unexpected(answer.error());
  std::vector<StoredMessage> messages;
  if (!answer->ok()) {
    if (!is_empty_slot(answer->result)) return tl::unexpected(to_error("AT+CMGL", answer->result));
    // Empty, or a modem that cannot list: the count tells.
    const auto states = storage_states();
    const bool has_messages = states && !states->empty() && states->front().used > 0;
    return has_messages ? walk_slots(states->front()) : messages;
  }
  for (const AnswerLine& line : answer->lines) {
    const auto index = to_int(fields_of(line.text)[0]);
    if (!index || *index < 0 || is_empty_header(line)) continue;
    const Slot slot{name, *index};
    if (!is_damaged(line, answer->interrupted)) {
      messages.push_back({slot, octets_of(line.pdu)});
      continue;
    }
    auto again = read_message(slot);
    if (!again) return tl::unexpected(again.error());
    if (*again) messages.push_back(std::move(**again));
  }
  return messages;
}

// Slot by slot; some families count from 0, others from 1.
Result<std::vector<StoredMessage>> SerialModem::Impl::walk_slots(const StorageState& storage) {
  std::vector<StoredMessage> messages;
  for (int index = 0; index <= std::min(storage.total, kMostSlots); ++index) {
    auto message = read_message({read_storage, index});
    if (!message) return tl::unexpected(message.error());
    if (*message) messages.push_back(std::move(**message));
    if (messages.size() >= static_cast<std::size_t>(storage.used)) break;
  }
  return messages;
}

Result<std::optional<StoredMessage>> SerialModem::Impl::read_message(const Slot& slot) {
  if (auto selected = select_storage(slot.storage); !selected) return tl::unexpected(selected.error());
  const std::string line = "AT+CMGR=" + std::to_string(slot.index);
  for (bool last_try = false;; last_try = true) {
    const auto answer = channel.command(line, options.timeouts.answer);
    if (!answer) {
      // Reading changes nothing, so once more: the answer may have drowned in noise.
      if (!last_try && answer.error().code == Errc::timeout) continue;
      return tl::unexpected(answer.error());
    }
    if (!answer->ok()) {
      if (is_empty_slot(answer->result)) return std::nullopt;
      return tl::unexpected(to_error("AT+CMGR", answer->result));
    }
    if (answer->lines.empty() || is_empty_header(answer->lines.front())) return std::nullopt;
    const AnswerLine& message = answer->lines.front();
    if (!last_try && is_damaged(message, answer->interrupted)) continue;
    return StoredMessage{slot, octets_of(message.pdu)};
  }
}

Result<void> SerialModem::Impl::delete_message(const Slot& slot) {
  if (auto selected = select_storage(slot.storage); !selected) return selected;
  const auto answer = channel.command("AT+CMGD=" + std::to_string(slot.index), options.timeouts.answer);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->ok()) return {};
  if (is_empty_slot(answer->result)) {
    const auto left = read_message(slot);
    if (left && !*left) return {};
  }
  return tl::unexpected(to_error("AT+CMGD", answer->result));
}

}  // namespace pigeon::modem
