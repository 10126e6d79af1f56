// Commands of a recording and what became of them; see replay.h.
#include "sim/modem/replay.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "modem/port/transcript.h"

namespace pigeon::sim {
namespace {

using modem::TranscriptEntry;

constexpr milliseconds kTogether{50};  // what comes so soon behind the rest belongs to it

// What is known by its name alone: its arguments are masked in a recording.
constexpr std::array<std::string_view, 8> kMasked{
    "AT+CPIN=", "AT+CLCK=", "AT+CPWD=", "AT+CUSD=", "AT+CMGS=", "AT+CMGW=", "AT+CSCA=", "AT+CPBW="};

// A line that is the same command; a long number is any number, because it is masked as well.
std::string key_of(std::string_view line) {
  if (line.starts_with("PDU ")) return "PDU";
  for (const std::string_view name : kMasked) {
    if (line.starts_with(name) && !line.ends_with("=?")) return std::string(name);
  }
  constexpr std::size_t kLong = 6;
  std::string key;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    while (end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
    if (end - i >= kLong)
      key += '#';
    else
      key += line.substr(i, std::max<std::size_t>(end - i, 1));
    i = std::max(end, i + 1);
  }
  return key;
}

// The key of what went to the modem in one go; empty: no command (ESC, a blank line).
std::string key_of_written(std::string_view bytes) {
  if (bytes.ends_with('\x1a')) return "PDU";
  const std::size_t begin = std::min(bytes.find("AT"), bytes.size());
  return key_of(trim(bytes.substr(begin)));
}

bool ends_in_prompt(std::string_view bytes) {
  return trim(bytes).ends_with('>');
}

}  // namespace

Result<Replay> Replay::parse(std::string_view transcript) {
  const auto entries = modem::parse_transcript(transcript);
  if (!entries) return tl::unexpected(entries.error());
  std::map<std::string, Script> scripts;
  struct Asked {
    std::vector<Said>* answer = nullptr;
    std::chrono::microseconds asked{0}, last{0};
  };
  std::map<int, Asked> ports;
  for (const TranscriptEntry& entry : *entries) {
    auto& [current, asked, last] = ports[entry.port];
    if (entry.kind == TranscriptEntry::Kind::to_modem) {
      const std::string key = key_of_written(entry.bytes);
      current = key.empty() ? nullptr : &scripts[key].answers.emplace_back();
      asked = last = entry.at;
      continue;
    }
    if (current == nullptr) continue;
    const bool together = !current->empty() && entry.at - last < kTogether;
    if (together)
      current->back().bytes += entry.bytes;
    else
      current->push_back({std::chrono::duration_cast<milliseconds>(entry.at - asked), entry.bytes});
    last = entry.at;
  }
  return Replay(std::move(scripts));
}

void Replay::answer_for(SimModem& modem) {
  modem.before_command([this, &modem](std::string_view line) { return answer(modem, line); });
}

Intervention Replay::answer(SimModem& modem, std::string_view line) {
  std::vector<Said> said;
  {
    const std::lock_guard lock(mutex_);
    const auto found = scripts_.find(key_of(line));
    if (found == scripts_.end()) return {};
    Script& script = found->second;
    said = script.answers[std::min(script.next++, script.answers.size() - 1)];
  }
  if (said.empty()) return {Intervention::Kind::silence};
  for (std::size_t i = 1; i < said.size(); ++i) modem.inject_after(said[i].after, said[i].bytes);
  const bool prompts = ends_in_prompt(said.front().bytes);
  return {Intervention::Kind::answer, std::move(said.front().bytes), said.front().after, prompts};
}

}  // namespace pigeon::sim
