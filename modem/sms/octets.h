// A run of octets, as PDUs and user data are passed around: owned, and without a meaning of its own.
#pragma once

#include <cstdint>
#include <vector>

namespace pigeon::modem {

using Octets = std::vector<std::uint8_t>;

}  // namespace pigeon::modem
