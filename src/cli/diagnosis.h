// What `pigeon doctor` has found: a line for each thing that must be right, with the cause in plain words,
// the cure and a section of the documents, for people and machines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/pdu_json.h"

namespace pigeon::cli {

// What is looked at, in the order in which it is told: what is wrong further up is the cause of what is wrong
// below.
enum class Area {
  settings,  // the configuration
  disk,
  database,
  keys,  // secrets, and the key of the database
  clock,
  service,  // pigeond
  modem,
  sim,
  network,
  sms_centre,
  storages,  // for texts, of SIM and modem
  x,
  address,  // the public one
  texts,    // what waits, failed, or could not be read
};

enum class Verdict { ok, warning, failed, skipped };

struct Finding {
  Area area = Area::settings;
  Verdict verdict = Verdict::ok;
  std::string says;     // a sentence without a full stop
  std::string cure{};   // the same; empty: there is nothing to do
  std::string see{};    // "docs/modems.md#the-sim-and-its-pin"
  std::string cause{};  // for machines: "sim_blocked"
};

class Diagnosis {
 public:
  // Of one area those that were added first come first, and what is not ok only once for each cause.
  void add(Finding finding);
  [[nodiscard]] const std::vector<Finding>& findings() const {
    return findings_;
  }  // in the order of the areas
  [[nodiscard]] int count(Verdict verdict) const;
  [[nodiscard]] bool has_failed(Area area) const;

 private:
  std::vector<Finding> findings_;
};

[[nodiscard]] std::string_view word_of(Area area);        // "SMS centre"
[[nodiscard]] std::string_view word_of(Verdict verdict);  // "failed"

// At most 80 columns.
[[nodiscard]] std::string to_text(const Diagnosis& diagnosis, bool colour);
// {"fine", "failed", "warnings", "checks": [{"area", "verdict", "says", "cause"?, "cure"?, "see"?}]}
[[nodiscard]] Json to_json(const Diagnosis& diagnosis);

}  // namespace pigeon::cli
