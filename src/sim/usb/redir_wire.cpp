// Packets to octets and back; see redir_wire.h.
#include "sim/usb/redir_wire.h"

namespace pigeon::sim {
namespace {

// device version in the connect packet, packet sizes in ep_info, ids of 64 bits, lengths of 32 bits.
constexpr std::uint32_t kCapabilities = 1U << 1 | 1U << 4 | 1U << 5 | 1U << 6;
constexpr std::size_t kVersionField = 64;

}  // namespace

std::string wire_number(std::uint64_t number, std::size_t octets) {
  std::string out;
  for (std::size_t i = 0; i < octets; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}

std::uint64_t number_at(std::string_view body, std::size_t at, std::size_t octets) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < octets && at + i < body.size(); ++i)
    number |= std::uint64_t{static_cast<unsigned char>(body[at + i])} << (8 * i);
  return number;
}

std::string redir_hello() {
  std::string version = "pigeon-sim";
  version.resize(kVersionField);
  const std::string body = version + wire_number(kCapabilities, 4);
  return wire_number(static_cast<std::uint32_t>(RedirType::hello), 4) + wire_number(body.size(), 4) +
         wire_number(0, 4) + body;
}

std::string encode(const RedirPacket& packet) {
  return wire_number(static_cast<std::uint32_t>(packet.type), 4) + wire_number(packet.body.size(), 4) +
         wire_number(packet.id, 8) + packet.body;
}

Result<std::optional<RedirPacket>> RedirReader::next() {
  constexpr std::size_t kLongest = 16U << 20;
  const std::size_t id_size = greeted_ ? 8 : 4;
  const std::size_t header = 8 + id_size;
  if (pending_.size() < header) return std::nullopt;
  const std::size_t length = number_at(pending_, 4, 4);
  if (length > kLongest) return fail(Errc::bad_input, "usbredir: a packet of " + std::to_string(length));
  if (pending_.size() < header + length) return std::nullopt;
  RedirPacket packet{static_cast<RedirType>(number_at(pending_, 0, 4)), number_at(pending_, 8, id_size),
                     pending_.substr(header, length)};
  pending_.erase(0, header + length);
  if (greeted_) return packet;
  if (packet.type != RedirType::hello ||
      (number_at(packet.body, kVersionField, 4) & kCapabilities) != kCapabilities)
    return fail(Errc::bad_input, "usbredir: no hello of a host that can what QEMU's xhci can");
  greeted_ = true;
  return packet;
}

}  // namespace pigeon::sim
