// From unsolicited codes to events; see news.h.
#include "modem/driver/news.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {
namespace {

bool is_restart(const Event& event) {
  return event.kind == Event::Kind::restarted;
}

}  // namespace

void News::collect() {
  AtChannel& channel = line_.channel();
  if (channel.has_urcs()) {
    for (const Urc& urc : channel.take_urcs()) add_urc(urc);
  }
  // Whatever was dropped in a flood may have been a message: listing finds it.
  if (channel.take_urcs_lost()) ask_for_listing();
}

void News::ask_for_listing() {
  add(Event{Event::Kind::message_stored, std::nullopt, {}});
}

void News::forget_restarts() {
  collect();
  std::erase_if(events_, is_restart);
}

void News::add_urc(const Urc& urc) {
  Event event;
  switch (urc.kind) {
    case UrcKind::message_stored:
      event.kind = Event::Kind::message_stored;
      event.slot = storages_.known_slot(parse_indicated_slot(urc.text));
      break;
    case UrcKind::status_report_stored:
      event.kind = Event::Kind::status_report_stored;
      event.slot = parse_indicated_slot(urc.text);
      // Where there is an SR it lies there, whatever is named; then only a listing can tell its slot.
      if (!event.slot || event.slot->storage != "SR") {
        if (!storages_.offers_reports()) break;
        event.slot.reset();
      }
      named_reports_ = true;
      break;
    case UrcKind::message_direct:
      event.kind = Event::Kind::message_direct;
      direct_text_ = true;
      break;
    case UrcKind::status_report:
      event.kind = Event::Kind::status_report;
      break;
    case UrcKind::storage_full:
      event.kind = Event::Kind::storage_full;
      break;
    case UrcKind::ussd:
      event.kind = Event::Kind::ussd;
      event.ussd = parse_ussd(urc.text);
      break;
    case UrcKind::ussd_refused:
      event.kind = Event::Kind::ussd;
      event.ussd = {UssdReply::Kind::refused, -1, urc.text};
      break;
    case UrcKind::started:
      if (line_.channel().expects_start()) return;  // the end of the start that is known
      [[fallthrough]];
    case UrcKind::restarted:
      event.kind = Event::Kind::restarted;
      log::notice(line_.tag(), "the modem restarts: " + shorten(urc.text, 60));
      break;
    case UrcKind::noise:
    case UrcKind::cell_broadcast:
      return;
  }
  if (carries_pdu(urc.kind)) direct_ = true;
  if (carries_pdu(urc.kind)) event.pdu = from_hex(urc.pdu).value_or(Octets());
  if (is_restart(event) && std::any_of(events_.begin(), events_.end(), is_restart)) return;
  events_.push_back(std::move(event));
}

}  // namespace pigeon::modem
