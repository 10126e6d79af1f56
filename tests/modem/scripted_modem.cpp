// See scripted_modem.h.
#include "tests/modem/scripted_modem.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace pigeon::test {

ScriptedModem::ScriptedModem(Script script) : script_(std::move(script)) {
  open_line();
}

ScriptedModem::ScriptedModem(std::vector<modem::TranscriptEntry> recording)
    : recording_(std::move(recording)) {
  open_line();
}

void ScriptedModem::open_line() {
  master_ = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, 64> name{};
  if (!master_ || ::grantpt(master_.get()) != 0 || ::unlockpt(master_.get()) != 0 ||
      ::ptsname_r(master_.get(), name.data(), name.size()) != 0) {
    throw std::runtime_error("no pseudo-terminal");
  }
  device_ = name.data();
  slave_ = Fd(::open(device_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  termios settings{};
  ::tcgetattr(slave_.get(), &settings);
  ::cfmakeraw(&settings);
  ::tcsetattr(slave_.get(), TCSANOW, &settings);
  thread_ = std::thread([this] { run(); });
}

ScriptedModem::~ScriptedModem() {
  stop_.notify();
  thread_.join();
}

void ScriptedModem::run() {
  if (!recording_.empty()) play();
  for (;;) {
    std::array<pollfd, 2> watched = {pollfd{master_.get(), POLLIN, 0}, pollfd{stop_.fd(), POLLIN, 0}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return hang_up();
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
    if (got > 0) hear({buffer.data(), static_cast<std::size_t>(got)});
  }
}

void ScriptedModem::hear(std::string_view bytes) {
  if (!recording_.empty()) {
    partial_ += bytes;
    play();
    return;
  }
  for (const char c : bytes) {
    if (c == '\x1b') {
      partial_.clear();
      hear_line("ESC");
    } else if (c == '\r' || c == '\x1a') {
      const std::string line = (c == '\x1a' ? "PDU " : "") + partial_;
      partial_.clear();
      if (!line.empty()) hear_line(line);
    } else {
      partial_ += c;
    }
  }
}

void ScriptedModem::hear_line(const std::string& line) {
  {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
  }
  const std::string answer = script_(line);
  if (answer == kHangUp)
    unplug();
  else
    say(answer);
}

void ScriptedModem::play() {
  using Kind = modem::TranscriptEntry::Kind;
  while (next_entry_ < recording_.size()) {
    const modem::TranscriptEntry& entry = recording_[next_entry_];
    if (entry.kind == Kind::from_modem) {
      say(entry.bytes);
    } else {
      const bool as_recorded = partial_.starts_with(entry.bytes) || entry.bytes.starts_with(partial_);
      if (!as_recorded) {
        const std::lock_guard lock(mutex_);
        if (problem_.empty()) problem_ = "expected " + entry.bytes + " but the host wrote " + partial_;
        return;
      }
      if (partial_.size() < entry.bytes.size()) return;  // the rest is under way
      partial_.erase(0, entry.bytes.size());
    }
    ++next_entry_;
  }
  const std::lock_guard lock(mutex_);
  played_ = true;
}

void ScriptedModem::say(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd watched{};
    {
      const std::lock_guard lock(mutex_);
      if (unplugged_) return;
      const ssize_t put = ::write(master_.get(), bytes.data(), bytes.size());
      if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
      watched = {master_.get(), POLLOUT, 0};
    }
    if (!bytes.empty()) ::poll(&watched, 1, 100);
  }
}

void ScriptedModem::inject(std::string_view bytes) {
  say(bytes);
}

void ScriptedModem::unplug() {
  stop_.notify();
}

// On the modem's own thread: a line that somebody polls stays up until he stops.
void ScriptedModem::hang_up() {
  const std::lock_guard lock(mutex_);
  unplugged_ = true;
  slave_.reset();
  master_.reset();
}

std::vector<std::string> ScriptedModem::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

int ScriptedModem::count(std::string_view line) const {
  const auto heard = lines();
  return static_cast<int>(std::count(heard.begin(), heard.end(), line));
}

bool ScriptedModem::played(milliseconds timeout) const {
  const auto give_up = steady_now() + timeout;
  do {
    {
      const std::lock_guard lock(mutex_);
      if (played_) return true;
      if (!problem_.empty()) return false;
    }
    std::this_thread::sleep_for(milliseconds(1));
  } while (steady_now() < give_up);
  return false;
}

std::string ScriptedModem::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

std::string framed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

ScriptedModem::Script modem_script(std::map<std::string, std::string> special) {
  std::map<std::string, std::string> answers = {
      {"ESC", ""},
      {"AT+CPIN?", "\n+CPIN: READY\n\nOK\n"},
      {"AT+CFUN?", "\n+CFUN: 1\n\nOK\n"},
      {"AT+CPMS=?", "\n+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")\n\nOK\n"},
      {"AT+CSCA?", "\n+CSCA: \"+491710760000\",145\n\nOK\n"},
      {"AT+CNMI=?", "\n+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)\n\nOK\n"},
      {"AT+CMEE?", "\n+CMEE: 1\n\nOK\n"},
      {"AT+CSCS?", "\n+CSCS: \"GSM\"\n\nOK\n"},
      {"AT+CSMS?", "\n+CSMS: 0,1,1,1\n\nOK\n"},
      {"AT+CGMI", "\nScripted\n\nOK\n"},
      {"AT+CGMM", "\nScript\n\nOK\n"},
      {"AT+CGMR", "\n1.0\n\nOK\n"},
      {"AT+CGSN", "\n490154203237518\n\nOK\n"},
  };
  for (auto& [line, answer] : special) answers[line] = answer;
  // Of what is asked before it is set, so as after a start until it is set.
  return [answers = std::move(answers), indicates = false, selected = false,
          in_pdu_mode = false](const std::string& line) mutable {
    in_pdu_mode = in_pdu_mode || line == "AT+CMGF=0";
    indicates = indicates || (line.starts_with("AT+CNMI=") && line != "AT+CNMI=?");
    selected = selected || line.starts_with("AT+CPMS=\"");
    const auto known = answers.find(line);
    if (known != answers.end()) return known->second == kHangUp ? kHangUp : framed(known->second);
    if (line == "AT+CNMI?")
      return framed(std::string("\n+CNMI: ") + (indicates ? "2,1,0,1,0" : "0,0,0,0,0") + "\n\nOK\n");
    if (line == "AT+CMGF?") return framed(std::string("\n+CMGF: ") + (in_pdu_mode ? "0" : "1") + "\n\nOK\n");
    if (line == "AT+CPMS?") {
      const std::string reads = selected ? "\"SM\"" : "\"ME\"";
      return framed("\n+CPMS: " + reads + ",0,30," + reads + ",0,30,\"SM\",0,30\n\nOK\n");
    }
    if (line.starts_with("AT+CMGS=")) return std::string("\r\n> ");
    if (line.starts_with("PDU ")) return framed("\n+CMGS: 7\n\nOK\n");
    return framed("\nOK\n");
  };
}

ScriptedModem::Script in_turn(const std::string& line, std::vector<std::string> answers) {
  return [line, answers = std::move(answers), next = std::size_t{0},
          others = modem_script({})](const std::string& heard) mutable {
    if (heard != line) return others(heard);
    const std::string& answer = answers[std::min(next, answers.size() - 1)];
    ++next;
    return framed(answer);
  };
}

}  // namespace pigeon::test
