// The state of a box as data: what `pigeon status` shows, for people and for machines.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "store/store.h"

namespace pigeon::cli {

// What is wrong, in one sentence, and what to do; for machines a word, too.
struct Problem {
  std::string code;
  std::string text;
  std::string cure{};
  std::string see{};               // a section of the documents: "docs/modems.md#the-sim-and-its-pin"
  std::optional<UtcTime> since{};  // of a condition of the store, as is `count`: how often it was met
  std::int64_t count = 1;
};

struct StatusReport {
  std::string number;
  bool daemon_running = false;
  std::vector<store::ModemState> modems;
  std::int64_t accounts_linked = 0, accounts_broken = 0;
  std::int64_t inbox_open = 0, posted = 0, answered = 0, refused = 0, parts_waiting = 0, quarantined = 0;
  std::int64_t too_old = 0;  // parts of texts that were neither posted nor answered for their age
  std::int64_t outbox_open = 0, sent = 0, unclear = 0, failed = 0, dropped = 0;
  std::vector<std::pair<std::string_view, std::int64_t>> unanswered;  // by key of [limits], those above 0
  std::vector<Problem> problems;                                      // empty: all is well
};

// "12 s ago", "5 min ago", "3 h ago".
[[nodiscard]] std::string ago(UtcTime then, UtcTime now);

// The store, to read it beside a running daemon. An error: there is none to read, or not by this user.
[[nodiscard]] Result<std::unique_ptr<store::Store>> open_store(const Config& config);

// The same errors.
[[nodiscard]] Result<StatusReport> read_status(const Config& config);

// At most 80 columns; colour only if asked for.
[[nodiscard]] std::string to_text(const StatusReport& report, UtcTime now, bool colour);
[[nodiscard]] nlohmann::ordered_json to_json(const StatusReport& report);

}  // namespace pigeon::cli
