// The outbox table: SMS that we owe people, sent by the modem's thread.
//
//   queued → sending ┬→ sent ────┬→ delivered    sending: committed before AT+CMGS, so a crash is noticed
//      │↑_______│    └→ unclear ─┴→ undelivered  delivered/undelivered: what the status reports said
//      │└→ failed                                failed: refused
//      └→ dropped                                dropped: not sent because it is worth nothing any more
//
// unclear: of one of its parts at least nobody knows whether the network has taken it (no result, or the
// power went). It is not repeated, for it may have arrived; a status report settles it, or its age
// (kUnclearLife).
//
// A reply of several parts goes through `sending` once a part. One person's replies leave a modem in the
// order in which they were added: one that is postponed holds the later ones of the same person, and nobody
// else's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/budgets.h"
#include "store/opt_outs.h"
#include "store/pairings.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class ReplyState { queued, sending, sent, unclear, delivered, undelivered, failed, dropped };

// A part that nobody has reported by then is not expected any more: a network keeps a text for a day or two.
inline constexpr std::chrono::hours kUnclearLife{48};

enum class ReplyKind {
  answer,        // to a text: help, who is linked, what could not be read
  link,          // asks to link; dropped with its pairing when it is not sent within kLinkPatience
  saved,         // the text is kept for later; dropped when its outcome is added before it is sent
  outcome,       // what became of a post
  announcement,  // what became of a pairing; never held back by a budget
  stop,          // an account was ended at its owner's wish; never held back by a budget
};

// Why a part was not sent, as is known for certain. Each is counted by itself.
enum class Setback {
  refused,    // the modem or the network could not do it now
  unplugged,  // the modem was gone before anything was handed over
};

struct NewReply {
  std::string phone;  // E.164
  std::string text;
  std::string modem;                       // the one the person texted
  std::optional<std::int64_t> message_id;  // what it answers
  ReplyKind kind = ReplyKind::answer;
  std::optional<std::int64_t> pairing_id{};  // of a link: OfferedLink::id
  bool despite_stop = false;                 // goes to somebody who has said STOP, too
  // Of a pairing of which it says that its link or code waits (Pairings::remind()); held back, it was not
  // said.
  std::optional<std::int64_t> reminds{};
};

struct Reply {
  std::int64_t id = 0;
  std::string phone;
  std::string text;
  ReplyState state = ReplyState::queued;
  int attempts = 0;  // AT+CMGS begun
  int refused = 0;
  int unplugged = 0;
  int parts_sent = 0;  // those that are unclear, too
  UtcTime due_at{};
};

// A reply that has not been sent, for whoever looks after the box.
struct UnsentReply {
  std::int64_t id = 0;
  std::string modem;
  std::string phone;
  std::string text;
  ReplyState state = ReplyState::queued;  // queued, sending, unclear or failed
  ReplyKind kind = ReplyKind::answer;
  int attempts = 0;
  int parts_sent = 0;
  UtcTime due_at{};
  UtcTime created_at{};
  std::string error;  // of the last try
};

class Outbox {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Borrowed.
  Outbox(Database& db, Pairings& pairings, Budgets& budgets, OptOuts& opt_outs);

  // The one way to answer a text: asks the opt-outs and the budgets, and adds. `words` is what the person
  // texted, `linked` whether the phone has an account. False: held back; a link's pairing is dropped then.
  // Waking the modem's thread is the caller's matter.
  [[nodiscard]] bool answer(Transaction& transaction, const NewReply& reply, std::string_view words,
                            bool linked, UtcTime now);
  // Queued, due at once and whatever the budgets say; returns the row's id.
  [[nodiscard]] std::int64_t add(Transaction& transaction, const NewReply& reply, UtcTime now);
  // Of this modem's replies that are due and behind no older one of their person, the one due first; one
  // found in `sending` was interrupted.
  [[nodiscard]] std::optional<Reply> due(std::string_view modem, UtcTime now);
  // When due() or drop_stale_links() has something to do again, past times included.
  [[nodiscard]] std::optional<UtcTime> next_due(std::string_view modem);
  // Closes this modem's links that were not sent in time or whose pairing is gone, with their pairings;
  // returns how many.
  int drop_stale_links(Transaction& transaction, std::string_view modem, UtcTime now);

  // The intent to send the next part; counts the attempt.
  void begin_sending(Transaction& transaction, std::int64_t id);
  // The network has taken part `number`; `reference` is its TP-MR. Back to `queued` for the next one.
  void part_sent(Transaction& transaction, std::int64_t id, int number, int reference);
  // Nobody knows whether the network has taken part `number`; `error` says why. It is not repeated: back to
  // `queued` for the next one. A link's life begins.
  void part_unclear(Transaction& transaction, std::int64_t id, int number, std::string_view error,
                    UtcTime now);
  // All its parts; the status report is still to come. A link's life begins. `unclear` when one of them is.
  void sent(Transaction& transaction, std::int64_t id, UtcTime now);
  // Back to `queued` until `due_at`; `error` is kept for the operator.
  void postpone(Transaction& transaction, std::int64_t id, Setback why, UtcTime due_at,
                std::string_view error);
  // For good. A link that certainly did not arrive takes its pairing with it.
  void failed(Transaction& transaction, std::int64_t id, std::string_view error);

  // At most `limit` open ones, a modem's together and the one due first in front; and as many of the newest
  // thousand replies that failed, the newest first.
  [[nodiscard]] std::vector<UnsentReply> open(int limit);
  [[nodiscard]] std::vector<UnsentReply> failed(int limit);
  // Of the same thousand, those that may still be settled by a report.
  [[nodiscard]] std::vector<UnsentReply> unclear(int limit, UtcTime now);
  [[nodiscard]] std::optional<UnsentReply> unsent(std::int64_t id);  // nothing for any other row
  // At the operator's wish, and only for an unsent() one that no thread has in hand. To be sent by `modem`
  // from its first part on, due at once:
  void move(Transaction& transaction, std::int64_t id, std::string_view modem, UtcTime now);
  // Not to be sent any more. A link that certainly did not arrive takes its pairing with it.
  void drop(Transaction& transaction, std::int64_t id);

  // Whether the reply that brought this pairing's link to this phone is, or has parts that are, unclear.
  [[nodiscard]] bool link_is_unclear(std::string_view phone, std::int64_t pairing);
  // The column as it is now: whoever set the wall clock meanwhile has shifted it. Nothing: no such row.
  [[nodiscard]] std::optional<UtcTime> due_at(std::int64_t id);
  [[nodiscard]] std::int64_t count(ReplyState state);  // rows in this state

 private:
  std::int64_t insert(Transaction& transaction, const NewReply& reply, UtcTime now);
  void drop_saved(Transaction& transaction, const NewReply& outcome);
  // Whose link a reply is; not of one that may have been sent, unless these count too.
  enum class Unclear { not_these, too };
  [[nodiscard]] std::optional<std::int64_t> pairing_of(std::int64_t id, Unclear unclear);

  Database& db_;
  Pairings& pairings_;
  Budgets& budgets_;
  OptOuts& opt_outs_;
  Statement add_, due_, next_due_, next_stale_, saved_, pairing_, stale_links_, drop_, begin_, add_part_,
      part_sent_, part_unclear_, sent_, postpone_, failed_, unclear_link_, due_at_, count_open_, count_sent_,
      count_ended_, open_, unsent_failed_, unclear_, unsent_, uncount_, move_, forget_parts_;
};

}  // namespace pigeon::store
