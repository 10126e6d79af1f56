// See exchange.h.
#include "tests/modem/exchange.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/text.h"
#include "modem/port/transcript.h"
#include "modem/sms/user_data.h"
#include "tests/modem/modem_helpers.h"
#include "tests/modem/scripted_modem.h"

namespace pigeon::test {
namespace {

using Lines = std::vector<std::string>;

// What disturbs, and the event that comes of it; empty: none.
struct Disturbing {
  std::string_view words, event;
};
constexpr Disturbing kDisturbing[] = {
    {"\r\n+CMTI: \"SM\",99\r\n", "stored SM 99"},
    {"\r\n+CDS: 25\r\n0006090B912120550521F36211929152750062119291527500"
     "00\r\n",
     "report 0006090B912120550521F3621192915275006211929152750000"},
    {"\r\n+CUSD: 2,\"it is late\",15\r\n", "ussd ended: it is late"},
    {"\r\n+CREG: 5\r\n", ""},
    {"\r\nRING\r\n", ""},
    {"\r\n^HCSQ:\"LTE\",41,37,87,20\r\n", ""},
};

std::string unescaped(std::string_view text) {
  const auto entry = modem::parse_entry("0.000000 < " + std::string(text));
  if (!entry) throw std::runtime_error(entry.error().message);
  return entry->bytes;
}

// "SM 1" → its two words; the second one is empty when there is only one.
std::pair<std::string, std::string> split_word(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
}

void read_line(Exchange& exchange, const std::string& line) {
  const char kind = line.front();
  const std::string rest = line.size() > 2 ? line.substr(2) : "";
  if (kind == '%') {
    exchange.options.insert(split_word(rest));
  } else if (kind == '>') {
    exchange.answers.push_back({rest, {}});
  } else if (kind == '<' && !exchange.answers.empty()) {
    exchange.answers.back().second.push_back(rest == "<hang up>"   ? kHangUp
                                             : rest == "<nothing>" ? ""
                                                                   : unescaped(rest));
  } else if (kind == '@') {
    exchange.steps.push_back({rest, {}, {}});
  } else if (kind == '=' && !exchange.steps.empty()) {
    exchange.steps.back().expected.push_back(rest);
  } else if (kind == '?' && !exchange.steps.empty()) {
    const auto [count, heard] = split_word(rest);
    exchange.steps.back().heard.emplace_back(std::stoi(count), heard);
  } else {
    throw std::runtime_error("what is \"" + line + "\"?");
  }
}

// Each play is of another stick: what the driver remembers of one is no matter of the next.
std::string fresh_imei() {
  static std::atomic<int> plays{0};
  return std::to_string(350'000'000'000'000 + ++plays);
}

// A "*" at the end of the pattern stands for anything.
bool fits(const std::string& line, const std::string& pattern) {
  if (pattern.ends_with('*')) return line.starts_with(pattern.substr(0, pattern.size() - 1));
  return line == pattern;
}

// Answers as the file says, disturbed as wanted; on the modem's thread.
class Speaker {
 public:
  Speaker(const Exchange& exchange, const Disturbance& disturbance)
      : exchange_(exchange),
        disturbance_(disturbance),
        next_(exchange.answers.size()),
        modem_([this](const std::string& line) { return answer(line); }) {}

  [[nodiscard]] ScriptedModem& modem() { return modem_; }
  [[nodiscard]] std::string said() const {
    const std::lock_guard lock(mutex_);
    return said_;
  }
  [[nodiscard]] std::vector<std::size_t> starts() const {
    const std::lock_guard lock(mutex_);
    return starts_;
  }
  void say(std::string_view bytes) {
    const std::string rest = disturbed(std::string(bytes));
    modem_.inject(rest);
  }

 private:
  std::string answer(const std::string& line) {
    for (std::size_t i = 0; i < exchange_.answers.size(); ++i) {
      const auto& [pattern, answers] = exchange_.answers[i];
      const bool fits =
          pattern.ends_with('*') ? line.starts_with(pattern.substr(0, pattern.size() - 1)) : line == pattern;
      if (!fits) continue;
      const std::string& said = answers.at(std::min(next_[i]++, answers.size() - 1));
      return said == kHangUp ? said : disturbed(framed_as_heard(line, said));
    }
    std::string usual = framed_as_heard(line, line == "AT+CGSN" ? imei_ : others_(line));
    return exchange_.options.contains("all") ? disturbed(std::move(usual)) : usual;
  }

  [[nodiscard]] std::string framed_as_heard(const std::string& line, const std::string& answer) const {
    if (line == "ESC") return answer;
    std::string out = option("before");
    if (exchange_.options.contains("echo") && !line.starts_with("PDU ")) out += line + '\r';
    return out + answer + option("after");
  }

  [[nodiscard]] std::string option(const std::string& name) const {
    const auto found = exchange_.options.find(name);
    return found == exchange_.options.end() ? "" : unescaped(found->second);
  }

  // Writes what comes before a disturbance and returns the rest.
  std::string disturbed(std::string bytes) {
    const std::lock_guard lock(mutex_);
    const std::size_t begin = said_.size();
    if (bytes.empty()) return bytes;
    said_ += bytes;
    starts_.push_back(begin);
    const bool is_first = disturbance_.is_ahead && disturbance_.speaks_at == begin;
    if (is_first) return std::string(disturbance_.words) + bytes;
    const auto within = [&](std::size_t place) { return place > begin && place <= begin + bytes.size(); };
    if (disturbance_.pause_at && within(*disturbance_.pause_at)) {
      const std::size_t at = *disturbance_.pause_at - begin;
      modem_.inject(std::string_view(bytes).substr(0, at));
      std::this_thread::sleep_for(milliseconds(3));  // the modem's pace, and two reads for the host
      bytes.erase(0, at);
    } else if (disturbance_.speaks_at && !disturbance_.is_ahead && within(*disturbance_.speaks_at)) {
      bytes.insert(*disturbance_.speaks_at - begin, disturbance_.words);
    }
    return bytes;
  }

  const Exchange& exchange_;
  Disturbance disturbance_;
  std::vector<std::size_t> next_;
  ScriptedModem::Script others_ = modem_script({});
  const std::string imei_ = "\r\n" + fresh_imei() + "\r\n\r\nOK\r\n";
  mutable std::mutex mutex_;
  std::string said_;                 // guarded by mutex_
  std::vector<std::size_t> starts_;  // the same
  ScriptedModem modem_;
};

Lines failure(const Error& error) {
  return {"error " + std::string(to_string(error.code)) + ": " + error.message};
}

std::string in_words(modem::Registration registration) {
  constexpr const char* kWords[] = {"unknown", "not registered", "searching", "denied", "home", "roaming"};
  return kWords[static_cast<std::size_t>(registration)];
}

// "from +49… at 2026-…: words", or the octets that nobody can read.
std::string in_words(const modem::Octets& octets) {
  const auto pdu = modem::decode_pdu(octets, modem::Direction::to_mobile);
  const auto* deliver = pdu ? std::get_if<modem::Deliver>(&pdu->tpdu) : nullptr;
  const auto text = deliver ? modem::decode_text(deliver->user_data) : fail(Errc::bad_input, "");
  return text ? "text from " + deliver->sender.to_string() + ": " + *text : "octets " + to_hex(octets);
}

std::string in_words(const modem::Event& event) {
  using Kind = modem::Event::Kind;
  const std::string slot =
      event.slot ? ' ' + event.slot->storage + ' ' + std::to_string(event.slot->index) : "";
  switch (event.kind) {
    case Kind::message_stored:
      return "stored" + slot;
    case Kind::status_report:
      return "report " + to_hex(event.pdu);
    case Kind::status_report_stored:
      return "report stored" + slot;
    case Kind::message_direct:
      return "direct " + in_words(event.pdu);
    case Kind::storage_full:
      return "storage full";
    case Kind::ussd:
      return "ussd " + std::string(modem::word_of(event.ussd.kind)) + ": " + event.ussd.text;
    case Kind::sent:
    case Kind::woken:
      return "woken";
    case Kind::restarted:
      return "restarted";
  }
  return "";
}

// One driver on the exchange's modem, and its steps by name.
class Player {
 public:
  Player(const Exchange& exchange, const Disturbance& disturbance) : speaker_(exchange, disturbance) {
    options_ = options_for(speaker_.modem().device());
    const auto option = [&](const char* name) {
      const auto found = exchange.options.find(name);
      return found == exchange.options.end() ? std::string() : found->second;
    };
    options_.pin = option("pin");
    options_.smsc = option("smsc");
    if (exchange.options.contains("impatient")) options_ = impatient(options_);
  }

  Lines step(const std::string& action) {
    const auto [verb, rest] = split_word(action);
    if (verb == "open") return open();
    if (verb == "say") {
      speaker_.say(unescaped(rest));
      return {};
    }
    if (!driver_) throw std::runtime_error("\"" + action + "\" without a modem that is open");
    if (verb == "read") return read(rest);
    if (verb == "delete") {
      const auto freed = driver_->delete_message(slot(rest));
      return freed ? Lines{"freed"} : failure(freed.error());
    }
    if (verb == "list") return list();
    if (verb == "send") return send(rest);
    if (verb == "ussd") return ussd(rest);
    if (verb == "health") return health();
    if (verb == "wait") return wait(seconds(3));
    if (verb == "rest") return wait(milliseconds(60));
    throw std::runtime_error("no step is called \"" + verb + "\"");
  }

  [[nodiscard]] Speaker& speaker() { return speaker_; }

 private:
  Lines open() {
    driver_.reset();
    auto driver = modem::SerialModem::open(options_);
    if (!driver) return failure(driver.error());
    driver_ = std::move(*driver);
    const auto& settings = driver_->settings();
    const auto& identity = driver_->identity();
    return {"ready",
            "family " + identity.family,
            "maker " + identity.manufacturer,
            "storage " + settings.receive_storage,
            "cnmi " + settings.cnmi,
            "smsc " + settings.smsc};
  }

  static modem::Slot slot(const std::string& text) {
    const auto [storage, index] = split_word(text);
    return {storage, std::stoi(index)};
  }

  Lines read(const std::string& where) {
    const auto message = driver_->read_message(slot(where));
    if (!message) return failure(message.error());
    return {*message ? in_words((*message)->pdu) : "empty"};
  }

  Lines list() {
    const auto messages = driver_->list_messages();
    if (!messages) return failure(messages.error());
    Lines lines = {std::to_string(messages->size()) + " listed"};
    for (const auto& message : *messages) {
      lines.push_back(message.slot.storage + ' ' + std::to_string(message.slot.index) + ": " +
                      in_words(message.pdu));
    }
    return lines;
  }

  Lines send(const std::string& number) {
    const auto sent = driver_->send(submit_to(number));
    return sent ? Lines{"sent " + std::to_string(sent->reference)} : failure(sent.error());
  }

  // Asks, and waits for what comes of it.
  Lines ussd(const std::string& code) {
    const auto asked = driver_->request_ussd(code);
    return asked ? wait(seconds(3)) : failure(asked.error());
  }

  Lines health() {
    const auto health = driver_->health();
    if (!health) return failure(health.error());
    return {"registration " + in_words(health->registration),
            "signal " + (health->signal_dbm ? std::to_string(*health->signal_dbm) : "unknown"),
            "network " + health->network,
            "slots " + std::to_string(health->slots_used) + " of " + std::to_string(health->slots_total)};
  }

  // All that comes until nothing does; at most `patience` for the first.
  Lines wait(milliseconds patience) {
    Lines lines;
    for (;;) {
      const auto events = driver_->wait(steady_now() + patience);
      if (!events) return failure(events.error());
      if (events->empty()) return lines;
      for (const auto& event : *events) {
        std::string words = in_words(event);
        const auto is_it = [&](const Disturbing& disturbing) { return disturbing.event == words; };
        if (std::none_of(std::begin(kDisturbing), std::end(kDisturbing), is_it))
          lines.push_back(std::move(words));
      }
      if (!lines.empty()) patience = milliseconds(20);
    }
  }

  Speaker speaker_;
  modem::ModemOptions options_;
  std::unique_ptr<modem::SerialModem> driver_;
};

}  // namespace

std::vector<std::string_view> disturbing_words() {
  std::vector<std::string_view> words;
  for (const Disturbing& disturbing : kDisturbing) words.push_back(disturbing.words);
  return words;
}

Exchange read_exchange(const std::string& path) {
  Exchange exchange;
  exchange.name = std::filesystem::path(path).stem().string();
  std::ifstream file(path);
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    try {
      read_line(exchange, line);
    } catch (const std::exception& error) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": " + error.what());
    }
  }
  if (exchange.steps.empty()) throw std::runtime_error(path + ": nothing is done");
  return exchange;
}

Play play(const Exchange& exchange, const Disturbance& disturbance) {
  Player player(exchange, disturbance);
  Play result;
  for (const ExchangeStep& step : exchange.steps) {
    result.outcomes.push_back(player.step(step.action));
    auto& heard = result.heard.emplace_back();
    const auto lines = player.speaker().modem().lines();
    for (const auto& [count, pattern] : step.heard) {
      heard.push_back(static_cast<int>(std::count_if(
          lines.begin(), lines.end(), [&](const std::string& line) { return fits(line, pattern); })));
    }
  }
  result.said = player.speaker().said();
  result.starts = player.speaker().starts();
  return result;
}

}  // namespace pigeon::test
