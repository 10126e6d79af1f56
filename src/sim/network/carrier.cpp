// Phones and their inboxes; the PDUs of a text are made in carrier_parts.cpp. See carrier.h.
#include "sim/network/carrier.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "modem/sms/user_data.h"
#include "sim/network/carrier_parts.h"

namespace pigeon::sim {
namespace {

using std::chrono::sys_seconds;

// What parts of one long message have in common, TS 23.040 §9.2.3.24.1.
using LongMessage = std::tuple<std::string, std::uint16_t, bool, std::uint8_t>;

PhoneMessage read_message(const std::vector<const modem::UserData*>& parts, SteadyTime at) {
  PhoneMessage message;
  message.parts = parts.size();
  message.at = at;
  auto text = modem::decode_text(parts);
  if (text)
    message.text = *std::move(text);
  else
    message.error = text.error().message;
  return message;
}

}  // namespace

struct Carrier::State {
  explicit State(CarrierOptions start) : options(std::move(start)) {}

  void take(const SentPart& part);
  [[nodiscard]] CarrierOptions current_options() const {
    const std::lock_guard lock(mutex);
    return options;
  }
  [[nodiscard]] sys_seconds next_timestamp(std::string_view from);

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  CarrierOptions options;
  std::map<std::string, std::vector<PhoneMessage>, std::less<>> inboxes;
  std::map<LongMessage, std::map<std::uint8_t, modem::UserData>> incomplete;
  std::map<std::string, sys_seconds, std::less<>> last_timestamps;
  std::uint16_t reference = 0;
};

void Carrier::State::take(const SentPart& part) {
  const std::string number = part.submit.recipient.to_string();
  const modem::UserData& user_data = part.submit.user_data;
  const std::lock_guard lock(mutex);
  if (!user_data.header || !user_data.header->concatenation) {
    inboxes[number].push_back(read_message({&user_data}, part.at));
  } else {
    const modem::Concatenation& long_message = *user_data.header->concatenation;
    const LongMessage key{number, long_message.reference, long_message.wide, long_message.count};
    auto& parts = incomplete[key];
    parts[long_message.number] = user_data;
    if (parts.size() < long_message.count) return;
    std::vector<const modem::UserData*> in_order;
    for (const auto& [position, data] : parts) in_order.push_back(&data);
    inboxes[number].push_back(read_message(in_order, part.at));
    incomplete.erase(key);
  }
  changed.notify_all();
}

sys_seconds Carrier::State::next_timestamp(std::string_view from) {
  const auto now = std::chrono::floor<seconds>(utc_now());
  auto [entry, is_new] = last_timestamps.try_emplace(std::string(from), now);
  if (!is_new) entry->second = std::max(now, entry->second + seconds(1));
  return entry->second;
}

Carrier::Carrier(SimModem& modem, CarrierOptions options)
    : modem_(modem), state_(std::make_unique<State>(std::move(options))) {
  modem_.on_sent([this](const SentPart& part) {
    state_->take(part);
    bring_back(part);
    if (!part.submit.request_status_report) return;
    const CarrierOptions now = state_->current_options();
    const auto report = make_status_report(part, now.report_status, now.zone);
    if (report) modem_.deliver_after(now.report_delay, *report, false);
  });
}

void Carrier::bring_back(const SentPart& part) {
  const CarrierOptions now = state_->current_options();
  if (now.own_number.empty() || part.submit.recipient.to_string() != now.own_number) return;
  const std::string& from = now.own_sender.empty() ? now.own_number : now.own_sender;
  const auto sender = modem::Address::from_number(from);
  if (!sender) return;
  modem::Deliver deliver;
  deliver.sender = *sender;
  deliver.user_data = part.submit.user_data;
  {
    const std::lock_guard lock(state_->mutex);
    deliver.timestamp = {.utc = state_->next_timestamp(from), .offset = now.zone};
  }
  if (const auto octets = modem::encode_tpdu(deliver)) modem_.deliver_after(now.own_delay, *octets, false);
}

Carrier::~Carrier() {
  modem_.on_sent({});
}

void Carrier::configure(const CarrierOptions& options) {
  const std::lock_guard lock(state_->mutex);
  state_->options = options;
}

Result<std::vector<modem::Octets>> Carrier::make_parts(std::string_view from, std::string_view text,
                                                       const TextShape& shape) {
  const std::lock_guard lock(state_->mutex);
  const auto stamp = [&] {
    return modem::Timestamp{.utc = state_->next_timestamp(from), .offset = state_->options.zone};
  };
  return make_deliver_parts(from, text, shape, ++state_->reference, stamp);
}

Result<std::size_t> Carrier::text(std::string_view from, std::string_view text, const TextShape& shape) {
  const auto parts = make_parts(from, text, shape);
  if (!parts) return tl::unexpected(parts.error());
  const milliseconds gap = state_->current_options().part_gap;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    if (i == 0 || gap == milliseconds(0))
      modem_.deliver(parts->at(i), false);
    else
      modem_.deliver_after(gap * i, parts->at(i), false);
  }
  return parts->size();
}

std::vector<PhoneMessage> Carrier::inbox(const std::string& number) const {
  return wait_for(number, 0, milliseconds(0));
}

std::vector<PhoneMessage> Carrier::wait_for(const std::string& number, std::size_t count,
                                            milliseconds timeout) const {
  std::unique_lock lock(state_->mutex);
  const auto messages = [&] {
    const auto found = state_->inboxes.find(number);
    return found == state_->inboxes.end() ? std::vector<PhoneMessage>{} : found->second;
  };
  state_->changed.wait_for(lock, timeout, [&] { return messages().size() >= count; });
  return messages();
}

}  // namespace pigeon::sim
