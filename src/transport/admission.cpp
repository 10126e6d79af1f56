// What is no text to us; see admission.h.
#include "transport/admission.h"

namespace pigeon::transport {
namespace {

using store::PartReason;

// TP-PID, TS 23.040 §9.2.3.9.
constexpr std::uint8_t kPidType0 = 0x40;          // acknowledged and discarded: a "silent SMS"
constexpr std::uint8_t kPidFirstDownload = 0x7C;  // ANSI-136 R-DATA, ME data download, ME de-personalization
constexpr std::uint8_t kPidSimDownload = 0x7F;    // (U)SIM data download, the last of them

// TP-DCS, TS 23.038 §4: groups 1100 (discard), 1101 (store) and 1110 (store, UCS-2), whether the indication
// is set or cleared.
bool is_message_waiting(std::uint8_t dcs) {
  return dcs >= 0xC0 && dcs < 0xF0;
}

// To the SIM by its TP-PID, or octets of class 2, which a phone hands to the SIM unread.
bool is_download(const modem::Deliver& deliver) {
  if (deliver.pid >= kPidFirstDownload && deliver.pid <= kPidSimDownload) return true;
  const modem::UserData& user_data = deliver.user_data;
  return user_data.message_class() == 2 && user_data.alphabet() == modem::Alphabet::octets;
}

}  // namespace

PartReason not_for_us(const modem::Deliver& deliver, std::optional<UtcTime> oldest) {
  if (deliver.pid == kPidType0) return PartReason::type_0;
  const auto& header = deliver.user_data.header;
  if (header && header->ports) return PartReason::application_port;
  if (is_message_waiting(deliver.user_data.dcs)) return PartReason::message_waiting;
  if (header && header->message_waiting) return PartReason::message_waiting;
  if (is_download(deliver)) return PartReason::sim_download;
  if (oldest && deliver.timestamp.is_date() && deliver.timestamp.utc < *oldest) return PartReason::too_old;
  return PartReason::none;
}

PartReason not_for_us(const modem::Tpdu& tpdu, std::optional<UtcTime> oldest) {
  const auto* deliver = std::get_if<modem::Deliver>(&tpdu);
  return deliver == nullptr ? PartReason::not_a_deliver : not_for_us(*deliver, oldest);
}

}  // namespace pigeon::transport
