// SQL of the modems table; see modem_states.h.
#include "store/modem_states.h"

#include <array>

#include "store/rows.h"
#include "store/states.h"

namespace pigeon::store {

std::string_view word_of(NetworkRegistration registration) {
  return state_word(registration);
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
  note(transaction, ConditionCode::no_network, registered(NetworkRegistration::not_registered), state);
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
