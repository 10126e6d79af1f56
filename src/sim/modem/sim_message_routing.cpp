// What a message from the network meets in the modem: +CNMI decides between a slot with an indication, the
// host itself, and nothing (3GPP TS 27.005 §3.4.1). See sim_message_service.h.
#include <utility>

#include "base/text.h"
#include "sim/modem/sim_message_service.h"
#include "sim/modem/sim_pdu.h"

namespace pigeon::sim {
namespace {

using Use = MessageStorage::Use;

constexpr std::size_t kMostHeldBack = 64;  // URCs kept while <mode> is 0; the oldest go first
constexpr int kSimSpecific = 2;            // message class 2: always to the SIM, never straight to the host

}  // namespace

bool MessageService::receive(const modem::Octets& pdu) {
  if (unacknowledged_) return false;  // the next one waits for the host's +CNMA
  return is_status_report(pdu) ? receive_report(pdu) : receive_message(pdu);
}

bool MessageService::receive_message(const modem::Octets& pdu) {
  const auto message_class = message_class_of(pdu);
  const bool to_host = routing_.mt == 2 || (routing_.mt == 3 && message_class == 3);
  if (to_host && message_class != kSimSpecific) {
    route_to_host("+CMT: ,", pdu);
    return true;
  }
  MessageMemory& memory =
      message_class == kSimSpecific ? *storage_.find("SM") : storage_.chosen(Use::receiving);
  const std::string_view code = habits_.announces ? "+CMTI: " : "";
  if (!store(pdu, memory, code)) return false;
  if (habits_.stores_twice) static_cast<void>(store(pdu, memory, code));  // where there is room
  return true;
}

bool MessageService::receive_report(const modem::Octets& pdu) {
  if (routing_.ds == 0) return true;  // nobody asked for it
  MessageMemory* const of_reports = storage_.find(kReports);
  if (routing_.ds == 2)
    return store(pdu, of_reports != nullptr ? *of_reports : storage_.chosen(Use::receiving), "+CDSI: ");
  route_to_host(habits_.report_code, pdu);
  return true;
}

void MessageService::route_to_host(std::string_view header, const modem::Octets& pdu) {
  indicate(std::string(header) + std::to_string(tpdu_length(pdu)) + "\r\n" + to_hex(pdu));
  if (service_ == 1) unacknowledged_ = Unacknowledged{pdu, steady_now() + options_.acknowledge_timeout};
}

bool MessageService::store(const modem::Octets& pdu, MessageMemory& memory, std::string_view code) {
  const auto index = memory.put({MessageStatus::received_unread, pdu});
  if (!index) return false;
  if (code.empty()) return true;
  const bool is_report = is_status_report(pdu);
  std::string named = "\"" + memory.name() + "\"," + std::to_string(*index);
  if (is_report && !habits_.stored_report_named.empty()) named = habits_.stored_report_named;
  for (MessageService* const port : equipment_.services) {
    if (is_report ? port->routing_.ds == 2 : port->routing_.mt != 0)
      port->indicate(std::string(code) + named);
  }
  if (memory.used() == memory.total() && !habits_.said_when_full.empty()) send_urc_(habits_.said_when_full);
  return true;
}

bool MessageService::put_in_slot(int index, const modem::Octets& pdu) {
  return storage_.chosen(Use::receiving).put_at(index, {MessageStatus::received_unread, pdu});
}

void MessageService::indicate(std::string text) {
  if (routing_.mode != 0) {
    send_urc_(std::move(text));
    return;
  }
  if (held_back_.size() == kMostHeldBack) held_back_.erase(held_back_.begin());
  held_back_.push_back(std::move(text));
}

std::optional<SteadyTime> MessageService::acknowledge_by() const {
  return unacknowledged_ ? std::optional(unacknowledged_->deadline) : std::nullopt;
}

modem::Octets MessageService::acknowledgement_missed() {
  routing_.mt = routing_.ds = 0;
  return std::exchange(unacknowledged_, std::nullopt)->pdu;
}

}  // namespace pigeon::sim
