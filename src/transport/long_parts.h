// What the store keeps of the parts of long texts, as modem/sms/reassembly compares them; and which of those
// that wait are copies of what was joined before.
#pragma once

#include <cstdint>
#include <vector>

#include "modem/sms/reassembly.h"
#include "store/parts.h"

namespace pigeon::transport {

// What is no part of a long message after all is left out of both.
void add_key(std::vector<modem::PartKey>& keys, const store::LongPart& part);
[[nodiscard]] std::vector<modem::PartKey> keys_of(const std::vector<store::LongPart>& parts);

// Nothing but the network's repetition has the same time, or none: with another one it was sent once more.
[[nodiscard]] bool is_repetition(const modem::PartKey& part, const modem::PartKey& earlier);

// Parts that were sent once more after their message was joined wait for nothing, and must not make another
// message of the same reference whole; unless the newest one is such a part, too: then all of it was sent
// anew. Two texts may end alike: what was sent nearer to the newest part than to the joined one is no copy.
void leave_out_copies(std::vector<modem::PartKey>& waiting, std::int64_t newest,
                      const std::vector<store::LongPart>& settled);

}  // namespace pigeon::transport
