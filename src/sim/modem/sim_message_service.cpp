// The commands of TS 27.005; what arrives from the network is in sim_message_routing.cpp. See
// sim_message_service.h.
#include "sim/modem/sim_message_service.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sim/modem/sim_pdu.h"

namespace pigeon::sim {
namespace {

using Form = AtCommand::Form;
using Use = MessageStorage::Use;

constexpr int kLongestTpdu = 164;  // an SMS-SUBMIT with everything, TS 23.040 §9.2.2.2

bool in_range(std::optional<int> value, int low, int high) {
  return value && *value >= low && *value <= high;
}

// "+CMGR: <stat>,[<alpha>],<length>" and the PDU (TS 27.005 §4.2, §4.3).
void add_message(MessageService::Lines& lines, std::string header, const StoredPdu& message) {
  header +=
      std::to_string(static_cast<int>(message.status)) + ",," + std::to_string(tpdu_length(message.pdu));
  lines.push_back(std::move(header));
  lines.push_back(to_hex(message.pdu));
}

void mark_read(StoredPdu& message) {
  if (message.status == MessageStatus::received_unread) message.status = MessageStatus::received_read;
}

// <delflag> of +CMGD: 1 read, 2 and sent, 3 and unsent, 4 everything (TS 27.005 §3.5.4).
bool deleted_by(int flag, MessageStatus status) {
  switch (status) {
    case MessageStatus::received_unread:
      return flag >= 4;
    case MessageStatus::received_read:
      return flag >= 1;
    case MessageStatus::stored_unsent:
      return flag >= 3;
    case MessageStatus::stored_sent:
      return flag >= 2;
  }
  return false;
}

}  // namespace

MessageService::MessageService(const SimModemOptions& options, MobileEquipment& equipment,
                               std::function<void(std::string)> indicate)
    : options_(options), send_urc_(std::move(indicate)), equipment_(equipment), storage_(equipment.storage) {
  equipment_.services.push_back(this);
}

void MessageService::reset() {
  routing_ = {};
  service_ = more_to_send_ = 0;
  held_back_.clear();
  entry_.reset();
  ucs2_ = false;
}

FinalResult MessageService::csms(const AtCommand& command, Lines& lines) {
  switch (command.form) {
    case Form::test:
      lines.push_back("+CSMS: (0,1)");
      return ok();
    case Form::read:
      lines.push_back("+CSMS: " + std::to_string(service_) + ",1,1,1");
      return ok();
    case Form::execute:
      return error();
    case Form::set:
      break;
  }
  const auto service = AtArguments(command.arguments).number(0);
  if (!in_range(service, 0, 1)) return cms(kMessageNotSupported);
  service_ = *service;
  lines.push_back("+CSMS: 1,1,1");
  return ok();
}

FinalResult MessageService::cmgf(const AtCommand& command, Lines& lines) {
  switch (command.form) {
    case Form::test:
      lines.push_back("+CMGF: (0)");
      return ok();
    case Form::read:
      lines.push_back("+CMGF: 0");
      return ok();
    case Form::execute:
      return ok();
    case Form::set:
      break;
  }
  // Text mode is not offered: it cannot carry what this modem is for.
  return AtArguments(command.arguments).number(0) == 0 ? ok() : cms(kMessageNotSupported);
}

std::string MessageService::memory_report(Use use, bool with_name) {
  const MessageMemory& memory = storage_.chosen(use);
  const std::string used = habits_.used ? std::to_string(*habits_.used) : std::to_string(memory.used());
  const std::string counts = used + "," + std::to_string(memory.total());
  return with_name ? in_quotes(memory.name()) + "," + counts : counts;
}

FinalResult MessageService::cpms(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) {
    const std::string reports = storage_.find(kReports) != nullptr ? ",\"SR\"" : "";
    lines.push_back("+CPMS: (\"SM\",\"ME\"" + reports + "),(\"SM\",\"ME\"),(\"SM\",\"ME\")");
    return ok();
  }
  if (command.form == Form::execute) return error();
  constexpr Use kUses[] = {Use::reading, Use::writing, Use::receiving};
  if (command.form == Form::set) {
    const AtArguments arguments(command.arguments);
    const std::size_t most = habits_.one_storage ? 1 : 3;
    if (arguments.size() == 0 || arguments.size() > most) return cms(kMessageNotAllowed);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const MessageMemory* const memory = storage_.find(arguments.text(i));
      const bool is_known = memory != nullptr && (i == 0 || memory->name() != kReports);
      if (!is_known) return cms(kMessageNotAllowed);
    }
    for (std::size_t i = 0; i < arguments.size(); ++i)
      storage_.choose(kUses[i], *storage_.find(arguments.text(i)));
  }
  std::string line = "+CPMS: ";
  for (const Use use : kUses) {
    if (use != Use::reading) line += ",";
    line += memory_report(use, command.form == Form::read);
  }
  lines.push_back(std::move(line));
  return ok();
}

FinalResult MessageService::csca(const AtCommand& command, Lines& lines) {
  switch (command.form) {
    case Form::test:
      return ok();
    case Form::read: {
      const std::string shown = habits_.smsc_lost ? "" : equipment_.smsc;
      const std::string type = shown.starts_with('+') ? "145" : "129";
      lines.push_back("+CSCA: " + in_quotes(ucs2_ ? ascii_to_ucs2_hex(shown) : shown) + "," + type);
      return ok();
    }
    case Form::execute:
      return error();
    case Form::set:
      break;
  }
  const AtArguments arguments(command.arguments);
  const std::string given = arguments.text(0);
  const std::string number = ucs2_ ? ucs2_hex_to_ascii(given).value_or(given) : given;
  const auto type = arguments.number(1, number.starts_with('+') ? 145 : 129);
  if (!type || (!number.empty() && !modem::Address::from_number(number))) return cms(kInvalidPduParameter);
  equipment_.smsc = type == 145 && !number.starts_with('+') ? "+" + number : number;
  habits_.smsc_lost = false;
  return ok();
}

FinalResult MessageService::cnmi(const AtCommand& command, Lines& lines) {
  const Routing& now = routing_;
  switch (command.form) {
    case Form::test:
      lines.push_back("+CNMI: (0-3),(0-3),(0,2),(0-2),(0,1)");
      return ok();
    case Form::read:
      lines.push_back("+CNMI: " + std::to_string(now.mode) + "," + std::to_string(now.mt) + "," +
                      std::to_string(now.bm) + "," + std::to_string(now.ds) + "," + std::to_string(now.bfr));
      return ok();
    case Form::execute:
      return error();
    case Form::set:
      break;
  }
  const AtArguments arguments(command.arguments);
  const auto mode = arguments.number(0, now.mode);
  const auto mt = arguments.number(1, now.mt);
  const auto bm = arguments.number(2, now.bm);
  const auto ds = arguments.number(3, now.ds);
  const auto bfr = arguments.number(4, now.bfr);
  if (!in_range(mode, 0, 3) || !in_range(mt, 0, 3) || !in_range(bm, 0, 2) || bm == 1 || !in_range(ds, 0, 2) ||
      !in_range(bfr, 0, 1) || arguments.size() > 5) {
    return cms(kMessageNotSupported);
  }
  routing_ = {*mode, *mt, *bm, *ds, *bfr};
  if (routing_.mode == 0) return ok();
  const auto held_back = std::exchange(held_back_, {});
  if (routing_.bfr == 0) std::for_each(held_back.begin(), held_back.end(), send_urc_);
  return ok();
}

FinalResult MessageService::cmgl(const AtCommand& command, Lines& lines) {
  constexpr int kAll = 4;
  if (command.form == Form::test) {
    lines.push_back("+CMGL: (0-4)");
    return ok();
  }
  const auto wanted = AtArguments(command.arguments).number(0, 0);
  if (command.form == Form::read || !in_range(wanted, 0, kAll)) return cms(kInvalidPduParameter);
  MessageMemory& memory = storage_.chosen(Use::reading);
  for (int index = memory.first_index(); index <= memory.last_index(); ++index) {
    StoredPdu* const message = memory.at(index);
    if (message == nullptr || (*wanted != kAll && *wanted != static_cast<int>(message->status))) continue;
    if (habits_.bad_slot == index) return cms(kMemoryFailure);
    add_message(lines, "+CMGL: " + std::to_string(index) + ",", *message);
    mark_read(*message);
  }
  return ok();
}

FinalResult MessageService::cmgr(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) return ok();
  const auto index = AtArguments(command.arguments).number(0);
  StoredPdu* const message = index ? storage_.chosen(Use::reading).at(*index) : nullptr;
  if (message == nullptr) return cms(kInvalidMemoryIndex);
  if (habits_.bad_slot == index) return cms(kMemoryFailure);
  add_message(lines, "+CMGR: ", *message);
  mark_read(*message);
  return ok();
}

FinalResult MessageService::cmgd(const AtCommand& command, Lines& lines) {
  MessageMemory& memory = storage_.chosen(Use::reading);
  if (command.form == Form::test) {
    std::string indexes;
    for (int index = memory.first_index(); index <= memory.last_index(); ++index) {
      if (memory.at(index) != nullptr) indexes += (indexes.empty() ? "" : ",") + std::to_string(index);
    }
    lines.push_back("+CMGD: (" + indexes + "),(0-4)");
    return ok();
  }
  const AtArguments arguments(command.arguments);
  const auto index = arguments.number(0);
  const auto flag = arguments.number(1, 0);
  if (!index || !in_range(flag, 0, 4)) return cms(kInvalidPduParameter);
  if (habits_.deletion) return *habits_.deletion;
  if (*flag == 0) {
    if (!memory.has_index(*index)) return cms(kInvalidMemoryIndex);
    memory.erase(*index);
    return ok();
  }
  for (int i = memory.first_index(); i <= memory.last_index(); ++i) {
    const StoredPdu* const message = memory.at(i);
    if (message != nullptr && deleted_by(*flag, message->status)) memory.erase(i);
  }
  return ok();
}

FinalResult MessageService::open_prompt(const AtCommand& command, Entry::Command purpose) {
  if (command.form == Form::test) return ok();
  const AtArguments arguments(command.arguments);
  const auto length = arguments.number(0);
  const auto status = arguments.number(1, static_cast<int>(MessageStatus::stored_unsent));
  if (command.form != Form::set || !in_range(length, 1, kLongestTpdu)) return cms(kInvalidPduParameter);
  if (!in_range(status, 0, 3)) return cms(kInvalidPduParameter);
  entry_ = Entry{purpose, *length, static_cast<MessageStatus>(*status)};
  return {FinalResult::Kind::prompt, 0};
}

FinalResult MessageService::cmgs(const AtCommand& command, Lines&) {
  return open_prompt(command, Entry::Command::send);
}
FinalResult MessageService::cmgw(const AtCommand& command, Lines&) {
  return open_prompt(command, Entry::Command::store);
}

FinalResult MessageService::enter_pdu(std::string_view hex, Lines& lines) {
  const auto entry = std::exchange(entry_, std::nullopt);
  std::string digits(hex);
  std::erase_if(digits, [](char c) { return c == ' ' || c == '\r' || c == '\n'; });
  auto pdu = from_hex(digits);
  if (!entry || !pdu) return cms(kInvalidPduParameter);
  using Command = Entry::Command;
  if (entry->command == Command::acknowledge || entry->command == Command::refuse) {
    // The acknowledgement's TPDU goes to the network, which does not read it here; no service centre before
    // it.
    if (static_cast<int>(pdu->size()) != entry->length) return cms(kInvalidPduParameter);
    return acknowledge(entry->command == Command::acknowledge);
  }
  if (static_cast<int>(tpdu_length(*pdu)) != entry->length) return cms(kInvalidPduParameter);
  if (entry->command == Command::store) return write_to_memory(std::move(*pdu), entry->status, lines);
  if (!habits_.sends.empty()) {
    send_habit_ = std::move(habits_.sends.front());
    habits_.sends.erase(habits_.sends.begin());
  }
  return hand_over(*pdu, "+CMGS: ", lines);
}

FinalResult MessageService::write_to_memory(modem::Octets pdu, MessageStatus status, Lines& lines) {
  const auto index = storage_.chosen(Use::writing).put({status, std::move(pdu)});
  if (!index) return cms(kMemoryFull);
  lines.push_back("+CMGW: " + std::to_string(*index));
  return ok();
}

FinalResult MessageService::hand_over(const modem::Octets& pdu, std::string_view command, Lines& lines) {
  auto decoded = modem::decode_pdu(pdu, modem::Direction::from_mobile);
  if (!decoded || !std::holds_alternative<modem::Submit>(decoded->tpdu)) return cms(kInvalidPduParameter);
  if (!registered_) return cms(kMessageNoNetworkService);
  if (habits_.smsc_lost && pdu.front() == 0) return cms(kServiceCentreUnknown);
  SentPart part;
  part.submit = std::get<modem::Submit>(std::move(decoded->tpdu));
  part.reference = part.submit.reference = ++equipment_.reference;
  part.pdu.assign(pdu.end() - static_cast<std::ptrdiff_t>(tpdu_length(pdu)), pdu.end());
  part.at = steady_now();
  outgoing_ = std::move(part);
  lines.push_back(std::string(command) + std::to_string(equipment_.reference));
  return ok();
}

FinalResult MessageService::cmss(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) return ok();
  const AtArguments arguments(command.arguments);
  const auto index = arguments.number(0);
  StoredPdu* const message = index ? storage_.chosen(Use::writing).at(*index) : nullptr;
  if (message == nullptr) return cms(kInvalidMemoryIndex);
  if (arguments.given(1)) return cms(kMessageNotSupported);  // another recipient than the stored one
  const FinalResult result = hand_over(message->pdu, "+CMSS: ", lines);
  if (result.kind == FinalResult::Kind::ok) message->status = MessageStatus::stored_sent;
  return result;
}

FinalResult MessageService::cmms(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) lines.push_back("+CMMS: (0-2)");
  if (command.form == Form::read) lines.push_back("+CMMS: " + std::to_string(more_to_send_));
  if (command.form != Form::set) return ok();
  const auto value = AtArguments(command.arguments).number(0);
  if (!in_range(value, 0, 2)) return cms(kMessageNotSupported);
  more_to_send_ = *value;
  return ok();
}

FinalResult MessageService::cnma(const AtCommand& command, Lines& lines) {
  if (command.form == Form::test) {
    lines.push_back("+CNMA: (0-2)");
    return ok();
  }
  if (!unacknowledged_) return cms(kNoAcknowledgementExpected);
  const AtArguments arguments(command.arguments);
  const auto answer = arguments.number(0, 0);
  if (!in_range(answer, 0, 2)) return cms(kInvalidPduParameter);
  if (!arguments.given(1)) return acknowledge(*answer != 2);
  const auto length = arguments.number(1);
  if (*answer == 0 || !in_range(length, 1, kLongestTpdu)) return cms(kInvalidPduParameter);
  entry_ = Entry{*answer == 1 ? Entry::Command::acknowledge : Entry::Command::refuse, *length};
  return {FinalResult::Kind::prompt, 0};
}

FinalResult MessageService::acknowledge(bool accepted) {
  if (!unacknowledged_) return cms(kNoAcknowledgementExpected);
  auto message = std::exchange(unacknowledged_, std::nullopt);
  if (!accepted) refused_ = std::move(message->pdu);
  return ok();
}

}  // namespace pigeon::sim
