// The outbox table: SMS that we owe people, sent by the modem's thread.
//
//   queued → sending → sent → delivered          sending: committed before AT+CMGS, so a crash is noticed
//      ↑________|         └→ undelivered         delivered/undelivered: what the status report said
//            └→ failed
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class ReplyState { queued, sending, sent, delivered, undelivered, failed };

struct NewReply {
  std::string phone;  // E.164
  std::string text;
  std::string modem;                       // the one the person texted
  std::optional<std::int64_t> message_id;  // what it answers
};

struct Reply {
  std::int64_t id = 0;
  std::string phone;
  std::string text;
  ReplyState state = ReplyState::queued;
  int attempts = 0;
  int parts_sent = 0;
};

class Outbox {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  explicit Outbox(Database& db);

  // Queued, due at once; returns the row's id. Waking the modem's thread is the caller's matter.
  [[nodiscard]] std::int64_t add(const NewReply& reply, UtcTime now);
  // The oldest reply of this modem that is due; one found in `sending` was interrupted.
  [[nodiscard]] std::optional<Reply> due(std::string_view modem, UtcTime now);
  [[nodiscard]] std::optional<UtcTime> next_due(std::string_view modem);  // the earliest, past ones too

  void begin_sending(std::int64_t id);                                      // counts the attempt
  void part_sent(std::int64_t id, int number, int reference, UtcTime now);  // reference: TP-MR
  void sent(std::int64_t id, UtcTime now);  // all its parts; the status report is still to come
  // Back to `queued` until `due_at`; `error` is kept for the operator.
  void postpone(std::int64_t id, UtcTime due_at, std::string_view error);
  void failed(std::int64_t id, std::string_view error);  // for good
  // A status report for the part with TP-MR `reference` last sent to `phone`. False: none of ours.
  [[nodiscard]] bool report(std::string_view phone, int reference, bool delivered);

  [[nodiscard]] std::int64_t count(ReplyState state);  // rows in this state

 private:
  Database& db_;
  Statement add_, due_, next_due_, begin_, add_part_, part_sent_, sent_, postpone_, failed_, find_part_,
      report_part_, report_, count_;
};

}  // namespace pigeon::store
