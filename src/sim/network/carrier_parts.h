// The TPDUs that a network brings for a phone's text, and its status reports. Pure. It cuts texts by itself,
// not with the gateway's segmenter: phones choose 16-bit references and cut emoji in two, which the gateway
// never does.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "modem/sms/pdu.h"
#include "sim/network/carrier.h"

namespace pigeon::sim {

// SMS-DELIVER TPDUs without an SMSC address, in the order of arrival. `stamp` gives each part's TP-SCTS.
[[nodiscard]] Result<std::vector<modem::Octets>> make_deliver_parts(
    std::string_view from, std::string_view text, const TextShape& shape, std::uint16_t reference,
    const std::function<modem::Timestamp()>& stamp);

// The SMS-STATUS-REPORT for a part, as of now.
[[nodiscard]] Result<modem::Octets> make_status_report(const SentPart& part, std::uint8_t status,
                                                       std::chrono::minutes zone);

}  // namespace pigeon::sim
