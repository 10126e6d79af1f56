// Showing what is not sent; see outbox_command.h.
#include "cli/outbox_command.h"

#include <algorithm>
#include <ostream>
#include <vector>

#include "base/paragraph.h"
#include "base/text.h"
#include "cli/cells.h"
#include "cli/console.h"
#include "cli/pdu_json.h"
#include "cli/status_report.h"

namespace pigeon::cli {
namespace {

using store::ReplyState;
using store::UnsentReply;

constexpr int kShown = 100;
constexpr std::size_t kColumns = 80;

std::string_view word_of(ReplyState state) {
  switch (state) {
    case ReplyState::queued:
      return "waits";
    case ReplyState::sending:
      return "sending";
    case ReplyState::unclear:
      return "unclear";
    case ReplyState::failed:
      return "failed";
    case ReplyState::sent:
    case ReplyState::delivered:
    case ReplyState::undelivered:
    case ReplyState::dropped:
      break;
  }
  return "over";
}

std::string row(const std::string& id, const std::string& added, const std::string& to,
                const std::string& modem, const std::string& state) {
  const std::string begin = right(id, 6) + "  " + left(added, 16) + "  " + left(cut(to, 16), 16) + "  " +
                            left(cut(modem, 12), 12) + "  ";
  return begin + cut(state, kColumns - columns(begin)) + "\n";
}

Json to_json(const UnsentReply& reply, bool has_modem) {
  return {{"id", reply.id},
          {"state", word_of(reply.state)},
          {"to", reply.phone},
          {"modem", reply.modem},
          {"modem_configured", has_modem},
          {"text", reply.text},
          {"attempts", reply.attempts},
          {"parts_sent", reply.parts_sent},
          {"added", to_rfc3339(reply.created_at)},
          {"due", to_rfc3339(reply.due_at)},
          {"error", reply.error}};
}

void print(const UnsentReply& reply, bool has_modem, std::ostream& out) {
  std::string state(word_of(reply.state));
  if (!has_modem) state += ", modem gone";
  out << row(std::to_string(reply.id), to_the_minute(reply.created_at), escape_controls(reply.phone),
             escape_controls(reply.modem), state);
  std::string words = "\"" + escape_controls(reply.text) + "\"";
  if (!reply.error.empty()) words = escape_controls(reply.error) + ": " + words;
  out << right("", 8) << cut(words, kColumns - 8) << "\n";
}

}  // namespace

void list_outbox(store::Store& store, const std::set<std::string>& modems, bool json, std::ostream& out) {
  std::vector<UnsentReply> replies = store.outbox.open(kShown);
  for (UnsentReply& unclear : store.outbox.unclear(kShown, store.time.now()))
    replies.push_back(std::move(unclear));
  for (UnsentReply& failed : store.outbox.failed(kShown)) replies.push_back(std::move(failed));
  if (json) {
    Json all = Json::array();
    for (const UnsentReply& reply : replies) all.push_back(to_json(reply, modems.contains(reply.modem)));
    out << dumped(all) << "\n";
    return;
  }
  if (replies.empty()) {
    out << "No reply waits, and none has failed or is unclear lately.\n";
    return;
  }
  out << row("id", "added (UTC)", "to", "modem", "state");
  for (const UnsentReply& reply : replies) print(reply, modems.contains(reply.modem), out);
  const std::int64_t open = store.outbox.count(ReplyState::queued) + store.outbox.count(ReplyState::sending);
  if (open > kShown) out << right("", 8) << "and " << open - kShown << " more that wait\n";
}

int run_outbox_list(const Call& call) {
  const auto config = configuration(call);
  if (!config) return kUsage;
  const auto store = open_store(*config);
  if (!store) return cannot_read(call, *config, store.error());
  std::set<std::string> modems;
  for (const ModemConfig& modem : config->modems) modems.insert(modem.name);
  list_outbox(**store, modems, call.json, call.out);
  return kFine;
}

}  // namespace pigeon::cli
