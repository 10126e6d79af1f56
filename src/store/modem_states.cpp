// SQL of the modems table; see modem_states.h.
#include "store/modem_states.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {

std::string_view word_of(NetworkRegistration registration) {
  return state_word(registration);
}

bool is_one_full(std::string_view storages) {
  const auto number = [](std::string_view digits) {
    int value = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  while (!storages.empty()) {
    const std::size_t comma = std::min(storages.find(", "), storages.size());
    const std::string_view one = storages.substr(0, comma);
    const std::size_t name = one.find(' ');
    const std::size_t of = one.find(" of ");
    if (of != std::string_view::npos && name < of) {
      const int used = number(one.substr(name + 1));
      const int total = number(one.substr(of + 4));
      if (total > 0 && used >= total) return true;
    }
    storages.remove_prefix(std::min(comma + 2, storages.size()));
  }
  return false;
}

ModemStates::ModemStates(Database& db, Conditions& conditions)
    : db_(db),
      conditions_(conditions),
      put_(
          db,
          "INSERT OR REPLACE INTO modems (name, ready, detail, device, model, imei, registration, signal_dbm,"
          " network, updated_at, manufacturer, revision, smsc, technology, storages)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"),
      list_(db, "SELECT " MODEM_COLUMNS " FROM modems ORDER BY name"),
      clear_(db, "DELETE FROM modems") {}

void ModemStates::put(Transaction& transaction, const ModemState& state) {
  put_.bind(state.name, state.ready, state.detail, state.device, state.model, state.imei,
            state.registration ? word_of(*state.registration) : std::string_view(), state.signal_dbm,
            state.network, state.updated_at, state.manufacturer, state.revision, state.smsc, state.technology,
            state.storages)
      .run(transaction);
  const auto registered = [&state](NetworkRegistration as) {
    return state.ready && state.registration == as;
  };
  note(transaction, ConditionCode::modem_not_ready, !state.ready, state);
  note(transaction, ConditionCode::sim_refused, registered(NetworkRegistration::denied), state);
  const bool outside =
      registered(NetworkRegistration::not_registered) || registered(NetworkRegistration::searching);
  note(transaction, ConditionCode::no_signal, outside && !state.signal_dbm, state);
  note(transaction, ConditionCode::no_network, outside && state.signal_dbm.has_value(), state);
  note(transaction, ConditionCode::modem_storage_full, state.ready && is_one_full(state.storages), state);
  note(transaction, ConditionCode::no_service_centre, state.ready && state.smsc.empty(), state);
}

void ModemStates::note(Transaction& transaction, ConditionCode code, bool is_so, const ModemState& state) {
  if (is_so)
    conditions_.begin(transaction, code, state.name, state.detail, state.updated_at);
  else
    conditions_.end(transaction, code, state.name);
}

std::vector<ModemState> ModemStates::list() {
  const auto lock = db_.lock();
  std::vector<ModemState> states;
  Query query = list_.bind();
  while (query.next()) states.push_back(modem_state_of(query));
  return states;
}

void ModemStates::clear(Transaction& transaction) {
  clear_.bind().run(transaction);
}

}  // namespace pigeon::store
