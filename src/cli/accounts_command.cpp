// Showing who is linked, and ending a link; see accounts_command.h.
#include "cli/accounts_command.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <vector>

#include "base/paragraph.h"
#include "base/text.h"
#include "cli/cells.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/pdu_json.h"
#include "cli/status_report.h"
#include "net/json.h"

namespace pigeon::cli {
namespace {

using store::AccountState;
using store::Pairing;
using store::PairingFailure;
using store::PairingState;
using store::Person;

constexpr int kShown = 100;  // pairings
constexpr int kBatch = 500;  // accounts that are read at once
constexpr const char* kNobody = "Nobody is linked.\n";

std::string day(std::optional<UtcTime> time) {
  return time ? to_rfc3339(*time).substr(0, 10) : "-";
}

std::string at_name(const std::string& username) {
  return username.empty() ? "-" : "@" + escape_controls(username);
}

std::string account_row(const std::string& phone, const std::string& name, const std::string& state,
                        const std::string& linked, const std::string& last, const std::string& waits) {
  return left(phone, 16) + "  " + left(cut(name, 16), 16) + "  " + left(state, 10) + "  " + left(linked, 10) +
         "  " + left(last, 10) + "  " + right(waits, 5) + "\n";
}

std::string pairing_row(const std::string& id, const std::string& phone, const std::string& until,
                        const std::string& state) {
  const std::string begin = right(id, 6) + "  " + left(cut(phone, 16), 16) + "  " + left(until, 16) + "  ";
  return begin + cut(state, kWidth - columns(begin)) + "\n";
}

Json time_or_null(std::optional<UtcTime> time) {
  if (!time) return nullptr;
  return to_rfc3339(*time);
}

bool by_pin(const store::Account& account) {
  return !account.consumer_key.empty();  // OAuth 1.0a
}

// No token and nothing that opens one.
Json to_json(const Person& person) {
  const store::Account& account = person.account;
  return {{"phone", account.phone},
          {"state", account.state == AccountState::linked ? "linked" : "broken"},
          {"x_user_id", account.x_user_id},
          {"username", account.username},
          {"linked", to_rfc3339(account.linked_at)},
          {"broken", time_or_null(person.broken_at)},
          {"grant", by_pin(account) ? "oauth1" : "oauth2"},
          {"renewable", account.has_refresh_token},
          {"scope", person.scope},
          {"access_until", by_pin(account) ? Json() : Json(to_rfc3339(account.access_expires_at))},
          {"last_post", time_or_null(person.last_post)},
          {"waiting", person.waiting}};
}

// All accounts, however many there are.
std::vector<Person> everybody(store::Store& store) {
  std::vector<Person> people;
  for (std::string after;;) {
    std::vector<Person> batch = store.people.list(after, kBatch);
    if (batch.empty()) return people;
    after = batch.back().account.phone;
    people.insert(people.end(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
  }
}

Json all_as_json(store::Store& store) {
  Json all = Json::array();
  for (const Person& person : everybody(store)) all.push_back(to_json(person));
  return all;
}

std::string grant_of(const store::Account& account) {
  if (by_pin(account)) return "OAuth 1.0a, until it is revoked at X";
  if (account.has_refresh_token) return "OAuth 2.0, renewed by itself";
  return "OAuth 2.0, until " + to_the_minute(account.access_expires_at) + " UTC";
}

std::string_view words_of(PairingFailure failure) {
  switch (failure) {
    case PairingFailure::read_only:
      return "failed: X lets it only read";
    case PairingFailure::cancelled:
      return "failed: refused at X";
    case PairingFailure::expired:
      return "failed: no code in time";
    case PairingFailure::wrong_code:
      return "failed: wrong codes";
    case PairingFailure::other_phone:
      return "failed: another phone's code";
    case PairingFailure::error:
      break;
  }
  return "failed: see the log";
}

std::string words_of(const Pairing& pairing, UtcTime now) {
  const bool over = pairing.expires_at <= now;
  switch (pairing.state) {
    case PairingState::offered:
      return over ? "the link was not opened" : "its link waits";
    case PairingState::started:
      return over ? "begun, and not ended at X" : "is at X";
    case PairingState::authorised:
      return (over ? "no code came from " : "its code waits: ") + at_name(pairing.username);
    case PairingState::linked:
      return "linked to " + at_name(pairing.username);
    case PairingState::failed:
      return std::string(words_of(pairing.failure.value_or(PairingFailure::error)));
    case PairingState::dropped:
      break;
  }
  return "replaced, or never sent";
}

std::string_view state_of(PairingState state) {
  switch (state) {
    case PairingState::offered:
      return "offered";
    case PairingState::started:
      return "started";
    case PairingState::authorised:
      return "authorised";
    case PairingState::linked:
      return "linked";
    case PairingState::failed:
      return "failed";
    case PairingState::dropped:
      break;
  }
  return "dropped";
}

Json to_json(const Pairing& pairing, UtcTime now) {
  return {{"id", pairing.id},
          {"phone", pairing.phone},
          {"modem", pairing.modem},
          {"state", state_of(pairing.state)},
          {"live", !store::has_ended(pairing.state) && pairing.expires_at > now},
          {"until", to_rfc3339(pairing.expires_at)},
          {"username", pairing.username},
          {"words", words_of(pairing, now)}};
}

std::string without_account(const PhoneNumber& phone) {
  return phone.e164() + " has no account";
}

// The number that the command's first argument is; nothing, said, where it is none.
std::optional<PhoneNumber> number_in(const Call& call) {
  std::string digits;
  for (const char c : call.arguments.front())
    if (c != ' ' && c != '-' && c != '(' && c != ')') digits += c;  // as people write them
  const auto phone = PhoneNumber::parse(digits);
  if (phone) return *phone;
  complain(call, "usage", "'" + call.arguments.front() + "' is no number with + and the calling code",
           "'pigeon accounts list' shows them", kUsage);
  return std::nullopt;
}

// What `look` does with the box's database.
template <typename Look>
int look_at(const Call& call, const Look& look) {
  const auto config = configuration(call);
  if (!config) return kUsage;
  const auto store = open_store(*config);
  if (!store) return cannot_read(call, *config, store.error());
  const Result<void> looked = look(**store);
  if (looked) return kFine;
  return complain(call, "not_found", looked.error().message, "'pigeon accounts list' shows who has one",
                  kUsage);
}

}  // namespace

void list_accounts(store::Store& store, bool json, std::ostream& out) {
  if (json) {
    out << dumped(all_as_json(store)) << "\n";
    return;
  }
  const std::vector<Person> people = everybody(store);
  if (people.empty()) {
    out << kNobody;
    return;
  }
  out << account_row("phone", "account", "state", "linked", "last post", "waits");
  for (const Person& person : people) {
    const store::Account& account = person.account;
    out << account_row(account.phone, at_name(account.username),
                       account.state == AccountState::linked ? "linked" : "link again",
                       day(account.linked_at), day(person.last_post), std::to_string(person.waiting));
  }
}

Result<void> show_account(store::Store& store, const PhoneNumber& phone, UtcTime now, bool json,
                          std::ostream& out) {
  const auto person = store.people.find(phone);
  if (!person) return fail(Errc::not_found, without_account(phone));
  if (json) {
    out << dumped(to_json(*person)) << "\n";
    return {};
  }
  const store::Account& account = person->account;
  const auto line = [&out](const char* label, const std::string& text) {
    out << paragraph(left(label, 11), text, kWidth);
  };
  line("phone", account.phone);
  line("account", at_name(account.username) + " (X's user " + escape_controls(account.x_user_id) + ")");
  std::string state = "linked";
  if (account.state == AccountState::broken)
    state = "the link has ended" +
            (person->broken_at ? " on " + to_the_minute(*person->broken_at) + " UTC" : std::string()) +
            "; the next text is answered with a new one";
  line("state", state);
  line("linked", to_the_minute(account.linked_at) + " UTC");
  line("grant", account.state == AccountState::linked ? grant_of(account) : "none that is good");
  line("last post",
       person->last_post ? to_the_minute(*person->last_post) + " UTC" : "none that is remembered");
  line("waits", std::to_string(person->waiting) + (person->waiting == 1 ? " text" : " texts"));
  if (const auto pairing = store.pairings.live(phone, now))
    line("pairing", words_of(*pairing, now) + ", until " + to_the_minute(pairing->expires_at) + " UTC");
  return {};
}

void list_pairings(store::Store& store, UtcTime now, bool json, std::ostream& out) {
  const std::vector<Pairing> pairings = store.people.pairings(kShown);
  if (json) {
    Json all = Json::array();
    for (const Pairing& pairing : pairings) all.push_back(to_json(pairing, now));
    out << dumped(all) << "\n";
    return;
  }
  if (pairings.empty()) {
    out << "Nobody is linking, and nobody was lately.\n";
    return;
  }
  out << pairing_row("id", "phone", "until (UTC)", "state");
  for (const Pairing& pairing : pairings)
    out << pairing_row(std::to_string(pairing.id), pairing.phone, to_the_minute(pairing.expires_at),
                       words_of(pairing, now));
}

int run_accounts_list(const Call& call) {
  return look_at(call, [&](store::Store& store) -> Result<void> {
    list_accounts(store, call.json, call.out);
    return {};
  });
}

int run_accounts_show(const Call& call) {
  const auto phone = number_in(call);
  if (!phone) return kUsage;
  return look_at(
      call, [&](store::Store& store) { return show_account(store, *phone, utc_now(), call.json, call.out); });
}

int run_accounts_export(const Call& call) {
  if (call.arguments.empty())
    return look_at(call, [&](store::Store& store) -> Result<void> {
      list_accounts(store, true, call.out);
      return {};
    });
  const auto phone = number_in(call);
  if (!phone) return kUsage;
  return look_at(call,
                 [&](store::Store& store) { return show_account(store, *phone, utc_now(), true, call.out); });
}

int run_accounts_unlink(const Call& call) {
  const auto phone = number_in(call);
  if (!phone) return kUsage;
  if (!call.has("--yes"))
    return complain(call, "usage", "this ends the link of " + phone->e164() + " for good, here and at X",
                    "with --yes it is done", kUsage);
  int status = kFine;
  const auto result = ask(call, "accounts.unlink", {{"phone", phone->e164()}}, status);
  if (!result || call.json) return status;
  const auto texts = net::integer_member(*result, "texts").value_or(0);
  call.out << phone->e164() << " is not linked any more";
  if (texts > 0)
    call.out << ", and " << texts << (texts == 1 ? " text" : " texts") << " that waited not posted";
  call.out << ".\n";
  if (const auto revoked = result->find("revoked"); revoked != result->end() && *revoked == true)
    call.out << "X is asked to end the grant, until it has.\n";
  else
    call.out << paragraph(
        "",
        "Its tokens do not open, so that X cannot be asked to end the grant: its owner can, in "
        "X's settings.",
        kWidth);
  return status;
}

int run_pairings(const Call& call) {
  return look_at(call, [&](store::Store& store) -> Result<void> {
    list_pairings(store, utc_now(), call.json, call.out);
    return {};
  });
}

}  // namespace pigeon::cli
