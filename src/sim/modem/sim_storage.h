// The message memories of the simulated modem, "SM" (the SIM), "ME" (the device) and, where it has one, "SR"
// (status reports), and which of them reading, writing and receiving use (3GPP TS 27.005 §3.2.2). SM and ME
// are separate stores, where a client that lists both sees no message twice, or two names of one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modem/sms/pdu.h"

namespace pigeon::sim {

inline constexpr std::string_view kReports = "SR";  // the memory of status reports

// <stat> in PDU mode, 3GPP TS 27.005 §3.1.
enum class MessageStatus : std::uint8_t {
  received_unread = 0,
  received_read = 1,
  stored_unsent = 2,
  stored_sent = 3
};

struct StoredPdu {
  MessageStatus status = MessageStatus::received_unread;
  modem::Octets pdu;  // with the SMSC address in front
};

// One memory under one of its names: numbered slots, each empty or with one message.
class MessageMemory {
 public:
  using Slots = std::vector<std::optional<StoredPdu>>;

  // Numbers `slots` from `first_index`; memories that share them are one memory with several names.
  MessageMemory(std::string name, int first_index, std::shared_ptr<Slots> slots);

  [[nodiscard]] const std::string& name() const { return name_; }     // as +CPMS writes it: "SM", "ME"
  [[nodiscard]] int first_index() const { return first_index_; }      // 0 on some makes, 1 on others
  [[nodiscard]] int last_index() const;                               // of the last slot, taken or not
  [[nodiscard]] bool has_index(int index) const;                      // a slot of that number exists
  [[nodiscard]] std::size_t used() const;                             // taken slots
  [[nodiscard]] std::size_t total() const { return slots_->size(); }  // slots, taken or not

  // Into the first free slot; its index, or nothing when all are taken.
  [[nodiscard]] std::optional<int> put(StoredPdu message);
  // Into that slot; false when it is taken or does not exist.
  [[nodiscard]] bool put_at(int index, StoredPdu message);
  // Null when the slot is empty or does not exist. Valid until the memory changes.
  [[nodiscard]] StoredPdu* at(int index);
  // Frees the slot; one that is free or does not exist is left as it is.
  void erase(int index);

 private:
  std::string name_;
  int first_index_;
  std::shared_ptr<Slots> slots_;
};

// Not thread-safe.
class MessageStorage {
 public:
  // What +CPMS chooses: mem1 reads and deletes, mem2 writes and sends, mem3 receives.
  enum class Use : std::uint8_t { reading = 0, writing = 1, receiving = 2 };

  // All memories empty, or with `one_memory` one of `sim_slots` under both names; all three uses begin with
  // the memory named `receive_in`, "SM" or "ME" (std::invalid_argument for another). No `report_slots`: no
  // SR.
  MessageStorage(int first_index, int sim_slots, int device_slots, std::string_view receive_in,
                 bool one_memory = false, int report_slots = 0);

  [[nodiscard]] MessageMemory* find(std::string_view name);  // any case; null: no such memory
  [[nodiscard]] MessageMemory& chosen(Use use);              // what +CPMS chose last for this use
  void choose(Use use, MessageMemory& memory);               // `memory` is one that find() gave

  [[nodiscard]] std::size_t used() const;  // in all, each slot once

 private:
  std::vector<MessageMemory> memories_;
  bool one_memory_;
  std::array<std::size_t, 3> chosen_{};
};

}  // namespace pigeon::sim
