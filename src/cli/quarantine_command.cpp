// Showing what could not be read; see quarantine_command.h.
#include "cli/quarantine_command.h"

#include <algorithm>
#include <charconv>
#include <ostream>
#include <string>
#include <vector>

#include "base/paragraph.h"
#include "base/text.h"
#include "cli/cells.h"
#include "cli/console.h"
#include "cli/pdu_json.h"
#include "cli/status_report.h"

namespace pigeon::cli {
namespace {

using store::KeptPart;
using store::PartState;

constexpr int kShown = 100;
constexpr std::size_t kColumns = 80;

std::string row(const std::string& id, const std::string& received, const std::string& from,
                const std::string& why) {
  const std::string begin = right(id, 6) + "  " + left(received, 16) + "  " + left(cut(from, 16), 16) + "  ";
  return begin + cut(why, kColumns - columns(begin)) + "\n";
}

std::string place_of(const KeptPart& part) {
  std::string place = "modem " + part.slot.modem;
  if (part.slot.index >= 0) place += ", slot " + std::to_string(part.slot.index) + " of " + part.slot.storage;
  return place;
}

Json to_json(const KeptPart& part) {
  Json json = {{"id", part.id},
               {"state", part.state == PartState::quarantined ? "quarantined" : "ignored"},
               {"received", to_rfc3339(part.received_at)},
               {"modem", part.slot.modem},
               {"storage", part.slot.storage},
               {"slot", part.slot.index},
               {"from", part.sender},
               {"why", part.reason},
               {"pdu", to_hex(part.pdu)}};
  if (auto decoded = json_from_octets(part.pdu)) json["decoded"] = std::move(*decoded);
  return json;
}

}  // namespace

void list_quarantine(store::Store& store, bool json, std::ostream& out) {
  const std::vector<KeptPart> parts = store.parts.quarantined(kShown);
  if (json) {
    Json all = Json::array();
    for (const KeptPart& part : parts) all.push_back(to_json(part));
    out << dumped(all) << "\n";
    return;
  }
  if (parts.empty()) {
    out << kEmptyQuarantine;
    return;
  }
  out << row("id", "received (UTC)", "from", "why");
  for (const KeptPart& part : parts) {
    out << row(std::to_string(part.id), to_the_minute(part.received_at),
               part.sender.empty() ? "?" : escape_controls(part.sender), escape_controls(part.reason));
  }
  const std::int64_t older =
      store.parts.count(PartState::quarantined) - static_cast<std::int64_t>(parts.size());
  if (older > 0) out << right("", 8) << "and " << older << " older ones\n";
}

Result<void> show_quarantined(store::Store& store, std::int64_t id, bool json, std::ostream& out) {
  const auto part = store.parts.kept(id);
  if (!part) return fail(Errc::not_found, "part " + std::to_string(id) + " is not in the quarantine");
  if (json) {
    out << dumped(to_json(*part)) << "\n";
    return {};
  }
  const auto line = [&out](std::string_view label, const std::string& text) {
    out << paragraph(left(std::string(label), 10), text, kColumns);
  };
  line("part", std::to_string(id) + (part->state == PartState::quarantined ? "" : " (left alone)"));
  line("received", to_rfc3339(part->received_at) + " by " + escape_controls(place_of(*part)));
  line("from", part->sender.empty() ? "?" : escape_controls(part->sender));
  line("why", escape_controls(part->reason));
  if (const auto decoded = json_from_octets(part->pdu))
    line("decoded", escape_controls(decoded->dump()));  // JSON lets C1 controls through
  else
    line("decoded", "nothing: " + decoded.error().message);
  out << "octets    " << to_hex(part->pdu) << "\n";  // in one piece, for pigeon pdu decode
  return {};
}

int run_quarantine_list(const Call& call) {
  const auto config = configuration(call);
  if (!config) return kUsage;
  const auto store = open_store(*config);
  if (!store) return cannot_read(call, *config, store.error());
  list_quarantine(**store, call.json, call.out);
  return kFine;
}

int run_quarantine_show(const Call& call) {
  const std::string& word = call.arguments.front();
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc() || end != word.data() + word.size())
    return complain(call, "usage", "'" + word + "' is no number", "'pigeon quarantine list' shows them",
                    kUsage);
  const auto config = configuration(call);
  if (!config) return kUsage;
  const auto store = open_store(*config);
  if (!store) return cannot_read(call, *config, store.error());
  const auto shown = show_quarantined(**store, id, call.json, call.out);
  if (shown) return kFine;
  return complain(call, "not_found", shown.error().message, "'pigeon quarantine list' shows what is there",
                  kUsage);
}

}  // namespace pigeon::cli
