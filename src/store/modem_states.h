// The modems table: what each modem's thread last knew about it, for `pigeon status` and the pages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/conditions.h"
#include "store/sqlite.h"

namespace pigeon::store {

// Whether the network has let the SIM in (3GPP TS 27.007 §7.2).
enum class NetworkRegistration { unknown, not_registered, searching, denied, home, roaming };
// As people read it and the table holds it: "not registered".
[[nodiscard]] std::string_view word_of(NetworkRegistration registration);

// Whether one of "SM 20 of 20, ME 0 of 23" takes no more.
[[nodiscard]] bool is_one_full(std::string_view storages);

struct ModemState {
  std::string name;
  bool ready = false;  // answers and accepts messages
  std::string detail;  // what is wrong and what to do when not ready
  std::string device, model, imei;
  std::string manufacturer, revision;
  std::string smsc;                                 // the service centre in use; empty: none is set
  std::string technology;                           // "LTE"; empty: not told
  std::string storages;                             // "SM 3 of 20, ME 0 of 23"
  std::optional<NetworkRegistration> registration;  // nothing: not asked yet
  std::optional<int> signal_dbm;
  std::string network;
  UtcTime updated_at{};  // the last look, or when something changed since
  bool operator==(const ModemState&) const = default;
};

class ModemStates {
 public:
  // Prepares the statements, so the table must be there (StorageError). Borrowed.
  ModemStates(Database& db, Conditions& conditions);
  // Replaces what was known of this name; the conditions that it shows begin or end with it.
  void put(Transaction& transaction, const ModemState& state);
  [[nodiscard]] std::vector<ModemState> list();  // by name
  void clear(Transaction& transaction);          // at start: what an earlier run knew is no news

 private:
  void note(Transaction& transaction, ConditionCode code, bool is_so, const ModemState& state);
  Database& db_;
  Conditions& conditions_;
  Statement put_, list_, clear_;
};

}  // namespace pigeon::store
