// Who a line belongs to; see at_dialogue.h.
#include "modem/at/at_dialogue.h"

#include <algorithm>
#include <utility>

namespace pigeon::modem {
namespace {

constexpr std::size_t kMaxAnswerBytes = 1 << 20;  // 255 slots of 400 bytes are 100 kB
constexpr std::size_t kMaxUrcs = 512;
constexpr int kMostUssdLines = 12;

// One quotation mark without its other: a text begins here or ends here.
bool has_open_quote(std::string_view line) {
  return std::count(line.begin(), line.end(), '"') % 2 != 0;
}

std::string_view without_prompt(std::string_view line) {
  const std::size_t start = line.find_first_not_of("> ");
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

}  // namespace

void AtDialogue::begin(std::string_view command, bool expects_prompt) {
  previous_command_ = std::move(command_);
  command_ = command;
  payload_.clear();
  shape_ = answer_shape(command);
  answer_ = Answer();
  answer_bytes_ = 0;
  prompted_ = false;
  fragment_.clear();
  heard_restart_ = heard_start_ = heard_echo_ = false;
  if (command.starts_with("AT+CUSD=")) ussd_pending_ = command.starts_with("AT+CUSD=1,");
  phase_ = expects_prompt ? Phase::prompt : Phase::answer;
}

void AtDialogue::begin_payload(std::string_view payload) {
  payload_ = payload;
  prompted_ = false;
  phase_ = Phase::answer;
  fragment_.clear();
}

void AtDialogue::abandon() {
  phase_ = Phase::idle;
  fragment_.clear();
}

Answer AtDialogue::take_answer() {
  abandon();
  return std::exchange(answer_, Answer());
}

std::vector<Urc> AtDialogue::take_urcs() {
  return std::exchange(urcs_, {});
}

bool AtDialogue::take_urcs_lost() {
  return std::exchange(urcs_lost_, false);
}

void AtDialogue::receive(std::string_view bytes) {
  while (const auto line = splitter_.next(bytes)) on_line(*line);
  if (phase_ == Phase::prompt && is_prompt(splitter_.partial())) {
    prompted_ = true;
    splitter_.clear();
  }
}

void AtDialogue::on_line(std::string_view line) {
  if (line.front() == '>') {
    if (phase_ == Phase::prompt) prompted_ = true;
    line = without_prompt(line);
    if (line.empty()) return;
  }
  const Token token = classify(line);
  if (inside_ussd(line)) return;
  if (take_urc_pdu(line, token)) return;
  if (is_echo(line)) return;
  if (ends_torn(line, token)) return;
  dispatch(line, token);
}

AtDialogue::Token AtDialogue::classify(std::string_view line) const {
  if (const auto result = parse_final(line)) {
    const bool someone_elses_call = result->kind == FinalResult::Kind::call_ended && !shape_.dials;
    return someone_elses_call ? Token::urc : Token::final_result;
  }
  if (active() && has_prefix(line, shape_.prefix)) return Token::answer;
  if (active() && wants_pdu() && is_hex_line(line)) return Token::pdu;
  if (active() && shape_.any_line) return classify_urc(line, vendor_urcs_) ? Token::urc : Token::answer;
  if (classify_urc(line, vendor_urcs_) || looks_like_urc(line)) return Token::urc;
  if (active() && shape_.plain_text) return Token::answer;
  return Token::unknown;
}

bool AtDialogue::wants_pdu() const {
  return shape_.pdu_follows && !answer_.lines.empty() && answer_.lines.back().pdu.empty();
}

// The modem writes +CMT and its PDU in one go, so the next line is its PDU even inside an answer; only other
// unsolicited codes may slip in between.
bool AtDialogue::take_urc_pdu(std::string_view line, Token token) {
  if (!urc_header_ || token == Token::urc) return false;
  Urc urc = std::move(*urc_header_);
  urc_header_.reset();
  if (!is_hex_line(line)) {
    ++counters_.noise;
    return false;
  }
  urc.pdu = line;
  enqueue(std::move(urc));
  return true;
}

bool AtDialogue::is_echo(std::string_view line) {
  const bool of_command = !command_.empty() && line == command_;
  heard_echo_ = heard_echo_ || of_command;
  if (of_command) ++counters_.echoes;
  return of_command || (!payload_.empty() && line == payload_) ||
         (!previous_command_.empty() && line == previous_command_);
}

// The text of +CUSD may go on over several lines, whatever stands on them. What can only be the modem's own
// ends a text whose quotation mark was lost.
bool AtDialogue::inside_ussd(std::string_view line) {
  if (ussd_lines_ == 0) return false;
  if ((active() && has_prefix(line, shape_.prefix)) || line.starts_with("+CMT")) {
    end_ussd();
    return false;
  }
  --ussd_lines_;
  if (ussd_) ussd_->text.append("\n").append(line);
  if (has_open_quote(line) || ussd_lines_ == 0) end_ussd();
  return true;
}

void AtDialogue::end_ussd() {
  ussd_lines_ = 0;
  if (ussd_) enqueue(*std::exchange(ussd_, std::nullopt));
}

// Something unsolicited stood in the middle of a final result or of an echo.
bool AtDialogue::ends_torn(std::string_view line, Token token) {
  if (!active() || fragment_.empty() || token != Token::unknown) return false;
  const std::string whole = fragment_ + std::string(line);
  if (is_echo(whole)) return true;
  if (classify(whole) != Token::final_result) return false;
  on_final(whole);
  return true;
}

void AtDialogue::dispatch(std::string_view line, Token token) {
  switch (token) {
    case Token::final_result:
      on_final(line);
      break;
    case Token::answer:
      on_answer(line);
      break;
    case Token::pdu:
      on_pdu(line);
      break;
    case Token::urc:
      on_urc(line);
      break;
    case Token::unknown:
      on_unknown(line);
      break;
  }
}

void AtDialogue::on_final(std::string_view line) {
  if (!active() && ussd_pending_ && line != "OK") {
    ussd_pending_ = false;
    enqueue({UrcKind::ussd_refused, std::string(line), {}});
    return;
  }
  if (!active()) {
    ++counters_.late_results;
    return;
  }
  answer_.result = *parse_final(line);
  if (!answer_.ok() && command_.starts_with("AT+CUSD=")) ussd_pending_ = false;  // it was not even taken
  phase_ = Phase::answered;
}

void AtDialogue::on_answer(std::string_view line) {
  if (answer_bytes_ + line.size() > kMaxAnswerBytes) return;
  answer_bytes_ += line.size() + sizeof(AnswerLine);
  answer_.lines.push_back({std::string(line), {}});
}

void AtDialogue::on_pdu(std::string_view line) {
  if (answer_bytes_ + line.size() > kMaxAnswerBytes) return;
  answer_bytes_ += line.size();
  answer_.lines.back().pdu = line;
}

void AtDialogue::on_urc(std::string_view line) {
  Urc urc{classify_urc(line, vendor_urcs_).value_or(UrcKind::noise), std::string(line), {}};
  if (urc.kind == UrcKind::restarted) ++counters_.restarts;
  heard_restart_ = heard_restart_ || urc.kind == UrcKind::restarted;
  heard_start_ = heard_start_ || urc.kind == UrcKind::started;
  if (urc.kind == UrcKind::ussd) {
    ussd_pending_ = false;
    end_ussd();
    if (has_open_quote(line)) {
      ussd_lines_ = kMostUssdLines;
      ussd_ = std::move(urc);
      return;
    }
  }
  if (carries_pdu(urc.kind))
    urc_header_ = std::move(urc);
  else
    enqueue(std::move(urc));
}

void AtDialogue::on_unknown(std::string_view line) {
  if (active()) {
    answer_.damaged = true;
    fragment_ = line;
  }
  const bool command_like = line.size() > 2 && (line.starts_with("AT") || line.starts_with("at"));
  if (command_like && !command_.starts_with(line))
    ++counters_.foreign_commands;
  else
    ++counters_.noise;
}

void AtDialogue::enqueue(Urc urc) {
  if (urc.kind == UrcKind::noise || urc.kind == UrcKind::cell_broadcast) {
    ++counters_.noise;
  } else if (urcs_.size() >= kMaxUrcs) {
    urcs_lost_ = true;
  } else {
    urcs_.push_back(std::move(urc));
  }
}

}  // namespace pigeon::modem
