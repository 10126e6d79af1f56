// The inbox and posts tables: whole texts from people and what became of them. The inbox is the dispatcher's
// queue.
//
//   received → posting → posted            posting: the POST may have been sent (committed before it is)
//      │          ↓↑
//      │       waiting → …                 waiting: kept for later, due_at says when to try again
//      └→ answered | refused | ignored     ends without a post
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class MessageState { received, posting, waiting, posted, answered, refused, ignored };

struct NewMessage {
  std::string modem;
  std::string sender;  // as delivered
  std::string phone;   // E.164, or empty when the sender cannot be answered
  std::string text;
  UtcTime sent_at{};
  UtcTime received_at{};
};

struct Message {
  std::int64_t id = 0;
  std::string modem;
  std::string sender;
  std::string phone;
  std::string text;
  MessageState state = MessageState::received;
  UtcTime received_at{};
  int attempts = 0;         // POSTs begun
  bool told_saved = false;  // "Saved. …" was queued once
};

class Inbox {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  explicit Inbox(Database& db);

  // In state `received`, due at once; returns the row's id.
  [[nodiscard]] std::int64_t add(const NewMessage& message);
  // Open messages that are due and whose sender has no older open message; oldest first. What was found in
  // `posting` is among them: its outcome is unknown.
  [[nodiscard]] std::vector<Message> due(UtcTime now, int limit);
  // When the next message that is not due yet falls due.
  [[nodiscard]] std::optional<UtcTime> next_due(UtcTime now);
  [[nodiscard]] std::optional<Message> find(std::int64_t id);  // in any state

  // The intent, committed before the POST leaves: counts the attempt and makes the posts row.
  void begin_posting(std::int64_t id, std::string_view x_user_id, UtcTime now);
  // `post_id` is empty when X only told that the post exists already.
  void posted(std::int64_t id, std::string_view post_id, UtcTime now);
  // Back to the queue. `sent`: the attempt may have reached X, so the row stays in `posting`.
  void postpone(std::int64_t id, UtcTime due_at, bool sent);
  // "Saved. …" was queued: the person hears it once.
  void told_saved(std::int64_t id);
  // An end without a post: `state` is answered, refused or ignored, and `note` says why, for the operator.
  void finish(std::int64_t id, MessageState state, std::string_view note);

  [[nodiscard]] std::int64_t count(MessageState state);  // rows in this state

 private:
  Database& db_;
  Statement add_, due_, next_due_, find_, begin_, begin_post_, posted_, posted_post_, postpone_, told_,
      finish_, drop_post_, count_;
};

}  // namespace pigeon::store
