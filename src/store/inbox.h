// The inbox table: whole texts from people, open until something has become of them, then closed with what it
// was. A text comes with the job that decides about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/jobs.h"
#include "store/sqlite.h"

namespace pigeon::store {

// What became of a closed text.
enum class Ending {
  posted,
  answered,  // a command, a code or a link: it was never meant to be posted, or could not be yet
  refused,   // the person was told why it was not posted
  unclear,   // the person was told that nobody knows whether it was posted
  ignored,   // nobody was told anything
};

struct NewMessage {
  std::string modem;
  std::string sender;  // as delivered
  std::string phone;   // E.164, or empty when the sender cannot be answered
  std::string text;
  UtcTime sent_at{};
  UtcTime received_at{};
  std::string note{};  // why there is no phone, for the operator
};

struct Message {
  std::int64_t id = 0;
  std::string modem;
  std::string sender;
  std::string phone;
  std::string text;
  std::optional<Ending> ending;  // nothing: open
  UtcTime received_at{};
  std::string note;         // why there is no phone; closed: why it ended so
  bool told_saved = false;  // "Saved. …" was queued once
};

class Inbox {
 public:
  // Prepares the statements, so the tables must be there (StorageError). Both are borrowed.
  Inbox(Database& db, Jobs& jobs);

  // Open, with the job that decides about it, due whatever the clock says. Returns the row's id; the caller
  // rings the local lane.
  [[nodiscard]] std::int64_t add(Transaction& transaction, const NewMessage& message);
  [[nodiscard]] std::optional<Message> find(std::int64_t id);  // open or closed
  // "Saved. …" was queued: the person hears it once.
  void told_saved(Transaction& transaction, std::int64_t id);
  // `note` says why, for the operator.
  void close(Transaction& transaction, std::int64_t id, Ending ending, std::string_view note);

  [[nodiscard]] std::int64_t count_open();
  [[nodiscard]] std::int64_t count(Ending ending);

 private:
  Database& db_;
  Jobs& jobs_;
  Statement add_, find_, told_, close_, count_open_, count_;
};

}  // namespace pigeon::store
