// The device's answers; see redir_device.h.
#include "sim/usb/redir_device.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/usb/mode_switch.h"

namespace pigeon::sim {
namespace {

constexpr std::uint8_t kTowardsHost = 0x80;
constexpr std::size_t kEndPointFields = 32;
constexpr std::size_t kControlHeader = 10, kBulkHeader = 10;

// Where an end point stands in ep_info: 0–15 towards the device, 16–31 towards the host.
std::size_t place_of(std::uint8_t address) {
  return (address & kTowardsHost) != 0 ? 16U + (address & 0x0fU) : address & 0x0fU;
}

}  // namespace

RedirDevice::RedirDevice() : output_(redir_hello()) {}

void RedirDevice::plug_in(const UsbStick& stick) {
  unplug();
  stick_ = &stick;
  points_ = end_points(stick);
  introduce();
}

void RedirDevice::unplug() {
  if (stick_ != nullptr && greeted_) send(RedirType::device_disconnect, 0, {});
  stick_ = nullptr;
  switch_asked_ = false;
  forget();
}

void RedirDevice::forget() {
  queues_.clear();
  alternates_.clear();
  for_modem_.clear();
}

void RedirDevice::introduce() {
  constexpr std::uint8_t kHighSpeed = 2;
  if (stick_ == nullptr || !greeted_) return;
  send_end_points();
  std::array<std::string, 4> fields;
  for (const UsbInterface& interface : stick_->interfaces) {
    const std::array<int, 4> values = {interface.number, interface.kind, interface.subclass,
                                       interface.protocol};
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] += static_cast<char>(values[i]);
  }
  std::string interfaces = wire_number(stick_->interfaces.size(), 4);
  for (std::string& field : fields) {
    field.resize(kEndPointFields);
    interfaces += field;
  }
  send(RedirType::interface_info, 0, std::move(interfaces));
  const std::string device = device_descriptor(*stick_);
  send(RedirType::device_connect, 0,
       wire_number(kHighSpeed, 1) + device.substr(4, 3) + device.substr(8, 6));  // class; ids and version
}

void RedirDevice::send(RedirType type, std::uint64_t id, std::string body) {
  output_ += encode({type, id, std::move(body)});
}

void RedirDevice::send_end_points() {
  constexpr char kControl = 0, kNone = static_cast<char>(255);
  std::string types(kEndPointFields, kNone), intervals(kEndPointFields, '\0'), interfaces = intervals;
  std::string sizes(2 * kEndPointFields, '\0');
  types[0] = types[place_of(kTowardsHost)] = kControl;
  for (const EndPoint& point : points_) {
    const auto alternate = alternates_.find(point.interface_number);
    if (point.alternate != (alternate == alternates_.end() ? 0 : alternate->second)) continue;
    const std::size_t place = place_of(point.address);
    types[place] = static_cast<char>(point.kind);
    intervals[place] = point.kind == EndPoint::Kind::interrupt ? 9 : 0;
    interfaces[place] = static_cast<char>(point.interface_number);
    sizes.replace(2 * place, 2, wire_number(point.packet_size, 2));
  }
  send(RedirType::ep_info, 0, types + intervals + interfaces + sizes);
}

Result<void> RedirDevice::receive(std::string_view octets) {
  reader_.add(octets);
  for (;;) {
    const auto packet = reader_.next();
    if (!packet) return tl::unexpected(packet.error());
    if (!packet->has_value()) return {};
    handle(**packet);
  }
}

void RedirDevice::handle(const RedirPacket& packet) {
  const std::string& body = packet.body;
  const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(number_at(body, at, 1)); };
  const std::string success = wire_number(static_cast<std::uint8_t>(RedirStatus::success), 1);
  switch (packet.type) {
    case RedirType::hello:
      greeted_ = true;
      introduce();
      return;
    case RedirType::reset:
      queues_.clear();
      return;
    case RedirType::set_configuration:
      configuration_ = octet(0);
      send_end_points();
      [[fallthrough]];
    case RedirType::get_configuration:
      send(RedirType::configuration_status, packet.id, success + wire_number(configuration_, 1));
      return;
    case RedirType::set_alt_setting:
      alternates_[octet(0)] = octet(1);
      send_end_points();
      [[fallthrough]];
    case RedirType::get_alt_setting:
      send(RedirType::alt_setting_status, packet.id,
           success + wire_number(octet(0), 1) + wire_number(alternates_[octet(0)], 1));
      return;
    case RedirType::start_interrupt_receiving:
    case RedirType::stop_interrupt_receiving:
      send(RedirType::interrupt_receiving_status, packet.id, success + wire_number(octet(0), 1));
      return;
    case RedirType::cancel_data_packet:
      cancel(packet.id);
      return;
    case RedirType::control_packet:
      control(packet);
      return;
    case RedirType::bulk_packet:
      bulk(packet);
      return;
    case RedirType::device_connect:
    case RedirType::device_disconnect:
    case RedirType::interface_info:
    case RedirType::ep_info:
    case RedirType::configuration_status:
    case RedirType::alt_setting_status:
    case RedirType::interrupt_receiving_status:
      return;  // of a device, not to one
  }
}

//     | end point 1 | request 1 | request type 1 | status 1 | value 2 | index 2 | length 2 | data
void RedirDevice::control(const RedirPacket& packet) {
  constexpr std::size_t kStatusAt = 3, kLengthAt = 8;
  std::string header = packet.body.substr(0, kControlHeader);
  header.resize(kControlHeader);
  RedirStatus status = RedirStatus::success;
  const bool towards_host = (number_at(header, 2, 1) & kTowardsHost) != 0;
  const std::size_t wanted = number_at(header, kLengthAt, 2);
  const std::string data = towards_host ? answer_to_control(header, status).substr(0, wanted) : std::string();
  header.replace(kStatusAt, 1, wire_number(static_cast<std::uint8_t>(status), 1));
  if (towards_host) header.replace(kLengthAt, 2, wire_number(data.size(), 2));
  send(RedirType::control_packet, packet.id, header + data);
}

// Requests that want data: descriptors and the status of what stands in the standard; everything else stalls.
std::string RedirDevice::answer_to_control(std::string_view header, RedirStatus& status) const {
  constexpr int kGetStatus = 0, kGetDescriptor = 6;
  constexpr std::uint64_t kDevice = 1, kConfiguration = 2, kString = 3, kStandard = 0x60;
  const std::uint64_t request = number_at(header, 1, 1), value = number_at(header, 4, 2);
  const bool standard = (number_at(header, 2, 1) & kStandard) == 0;
  std::string data;
  if (stick_ != nullptr && standard && request == kGetDescriptor) {
    if (value >> 8 == kDevice) data = device_descriptor(*stick_);
    if (value >> 8 == kConfiguration) data = configuration_descriptor(*stick_);
    if (value >> 8 == kString) data = string_descriptor(*stick_, static_cast<int>(value & 0xff));
  }
  if (standard && request == kGetStatus) data = wire_number(0, 2);
  if (data.empty()) status = RedirStatus::stall;
  return data;
}

//     | end point 1 | status 1 | length 2 | stream 4 | length, high half 2 | data
void RedirDevice::bulk(const RedirPacket& packet) {
  const auto address = static_cast<std::uint8_t>(number_at(packet.body, 0, 1));
  const std::size_t size = number_at(packet.body, 2, 2) | number_at(packet.body, 8, 2) << 16;
  const Waiting waiting{packet.id, static_cast<std::uint32_t>(number_at(packet.body, 4, 4)), size};
  const auto point = std::find_if(points_.begin(), points_.end(),
                                  [&](const EndPoint& known) { return known.address == address; });
  if (stick_ == nullptr || point == points_.end()) {
    send_bulk(address, waiting, RedirStatus::invalid, {});
  } else if ((address & kTowardsHost) != 0) {
    queues_[address].waiting.push_back(waiting);
    fill(address);
  } else {
    output_ += encode({RedirType::bulk_packet, packet.id, packet.body.substr(0, kBulkHeader)});  // all taken
    bulk_out(*point, std::string_view(packet.body).substr(std::min(kBulkHeader, packet.body.size())));
  }
}

void RedirDevice::bulk_out(const EndPoint& point, std::string_view data) {
  constexpr std::uint8_t kStorage = 0x08;
  for (std::size_t port = 0; port < stick_->at_interfaces.size(); ++port) {
    if (point.interface_number == data_interface(*stick_, stick_->at_interfaces[port]))
      for_modem_[port] += data;
  }
  for (const UsbInterface& interface : stick_->interfaces) {
    if (interface.number != point.interface_number || interface.kind != kStorage) continue;
    const StorageAnswer answer = answer_storage(data);
    switch_asked_ = switch_asked_ || (answer.switches && !stick_->switches_to.empty());
    queue(interface.number, answer.towards_host);
  }
}

void RedirDevice::from_modem(std::size_t port, std::string_view octets) {
  if (stick_ != nullptr && port < stick_->at_interfaces.size())
    queue(data_interface(*stick_, stick_->at_interfaces[port]), octets);
}

void RedirDevice::queue(int interface_number, std::string_view data) {
  constexpr std::size_t kRoom = 65536;
  for (const EndPoint& point : points_) {
    if (point.interface_number != interface_number || point.kind != EndPoint::Kind::bulk ||
        (point.address & kTowardsHost) == 0)
      continue;
    std::string& octets = queues_[point.address].octets;
    octets += data.substr(0, kRoom - std::min(kRoom, octets.size()));
    fill(point.address);
  }
}

void RedirDevice::fill(std::uint8_t address) {
  Queue& queue = queues_[address];
  while (!queue.waiting.empty() && !queue.octets.empty()) {
    const std::string data = queue.octets.substr(0, queue.waiting.front().size);
    send_bulk(address, queue.waiting.front(), RedirStatus::success, data);
    queue.octets.erase(0, data.size());
    queue.waiting.pop_front();
  }
}

void RedirDevice::send_bulk(std::uint8_t address, const Waiting& waiting, RedirStatus status,
                            std::string_view data) {
  send(RedirType::bulk_packet, waiting.id,
       wire_number(address, 1) + wire_number(static_cast<std::uint8_t>(status), 1) +
           wire_number(data.size() & 0xffff, 2) + wire_number(waiting.stream, 4) +
           wire_number(data.size() >> 16, 2) + std::string(data));
}

void RedirDevice::cancel(std::uint64_t id) {
  for (auto& [address, queue] : queues_) {
    const auto found = std::find_if(queue.waiting.begin(), queue.waiting.end(),
                                    [&](const Waiting& waiting) { return waiting.id == id; });
    if (found == queue.waiting.end()) continue;
    send_bulk(address, *found, RedirStatus::cancelled, {});
    queue.waiting.erase(found);
    return;
  }
}

std::string RedirDevice::take_output() {
  return std::exchange(output_, {});
}

std::string RedirDevice::take_for_modem(std::size_t port) {
  return std::exchange(for_modem_[port], {});
}

}  // namespace pigeon::sim
