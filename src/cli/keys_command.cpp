// Asking the daemon for a new key, or making it; see keys_command.h.
#include "cli/keys_command.h"

#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/paragraph.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/open_modem.h"
#include "cli/pdu_json.h"
#include "net/json.h"
#include "preflight/service_user.h"
#include "store/key_reset.h"
#include "store/store.h"

namespace pigeon::cli {
namespace {

using store::LostWithKey;
using store::Reset;

constexpr milliseconds kPatience = std::chrono::minutes(10);  // many people's tokens on a slow card

constexpr const char* kBackUp =
    "Back the key up together with the database now. A backup of the database that is older than this needs "
    "the "
    "key that it was made with.";

std::string counted(std::int64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

// What the daemon says of a rotation, as it would say it of this one.
Json as_json(const store::Rotated& rotated) {
  return {{"sealed", rotated.sealed}, {"locked", rotated.locked}};
}

// Where no pigeond runs. With its rights: what is made here must be its own.
Result<Json> rotate_here(const Call& call, const Config& config, std::string& cure) {
  preflight::become_service_user(call.config_path);
  auto there = store::Store::open(follow_links(config.store.path), config.store.key_file,
                                  store::Store::Access::reader);  // none is made here
  if (!there) return fail("store", there.error());
  there->reset();
  auto store = store::Store::open(follow_links(config.store.path), config.store.key_file);
  if (!store && store.error().code == Errc::conflict) cure = "ask again in a moment";
  if (!store) return tl::unexpected(store.error());
  const auto rotated = (*store)->rotate_key();
  if (!rotated) return tl::unexpected(rotated.error());
  return as_json(*rotated);
}

Result<Json> rotate(const Call& call, const std::string& database, std::string& cure) {
  if (has_daemon(database)) return ask_pigeond(database, "keys.rotate", Json::object(), cure, {}, kPatience);
  const auto config = configuration(call);
  if (!config) return fail(Errc::bad_input, "the configuration cannot be read");
  return rotate_here(call, *config, cure);
}

void say_lost(const LostWithKey& lost, bool done, std::ostream& out) {
  const auto say = [&out](const std::string& words) { out << paragraph("", words, kWidth); };
  const std::string must = done ? " must" : " would have to";
  say(counted(lost.accounts, "person", "people") + must + " link again; each is asked to at the next text.");
  if (lost.pairings > 0)
    say(counted(lost.pairings, "person", "people") + " linking just now" + must + " text START.");
  if (lost.revocations > 0)
    say(counted(lost.revocations, "grant", "grants") +
        " that should have been ended at X live on there: their owners can end them in X's settings.");
  if (lost.opt_outs > 0)
    say(counted(lost.opt_outs, "person", "people") +
        " who texted STOP are not known any more: a new text of theirs is answered.");
  say("Texts that wait are kept, and posted when their author has linked again.");
}

Json as_json(const LostWithKey& lost, bool done) {
  return {{"accounts", lost.accounts},
          {"pairings", lost.pairings},
          {"revocations", lost.revocations},
          {"opt_outs", lost.opt_outs},
          {"done", done}};
}

int tell_reset_error(const Call& call, const Error& error) {
  std::string cure;
  if (error.code == Errc::conflict) cure = "sudo systemctl stop carrier-pigeon, and ask again";
  if (error.code == Errc::not_found) cure = "there is nothing to reset: pigeond makes database and key";
  return complain(call, control::word_of(error.code), error.message, cure, kWrong);
}

}  // namespace

int run_keys_rotate(const Call& call) {
  const auto database = database_of(call);
  if (!database) return kUsage;
  std::string cure;
  const auto result = rotate(call, *database, cure);
  if (!result)
    return complain(call, control::word_of(result.error().code), result.error().message, cure, kWrong);
  if (call.json) {
    call.out << dumped(*result) << "\n";
    return kFine;
  }
  const auto sealed = net::integer_member(*result, "sealed").value_or(0);
  const auto locked = net::integer_member(*result, "locked").value_or(0);
  call.out << counted(sealed, "secret is", "secrets are") << " sealed with a new key.\n";
  if (locked > 0)
    call.out << counted(locked, "secret", "secrets")
             << " did not open with the old key either: their owners link again with START.\n";
  call.out << paragraph("", kBackUp, kWidth);
  return kFine;
}

int run_keys_reset(const Call& call) {
  const auto config = configuration(call);
  if (!config) return kUsage;
  preflight::become_service_user(call.config_path);
  const std::string database = follow_links(config->store.path);
  const bool done = call.has("--yes");
  const auto lost =
      store::reset_key(database, config->store.key_file, done ? Reset::done : Reset::only_look, utc_now());
  if (!lost) return tell_reset_error(call, lost.error());
  if (call.json)
    call.out << dumped(as_json(*lost, done)) << "\n";
  else
    say_lost(*lost, done, call.out);
  if (done) return kFine;
  return complain(
      call.err, "nothing is changed yet",
      "'pigeon keys reset --yes' does it; a key from a backup, put back in its place, loses nobody", kUsage);
}

}  // namespace pigeon::cli
