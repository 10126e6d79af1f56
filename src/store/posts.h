// The posts table: what goes out to a network, one row a post, planned when a text is decided.
//
//   planned → sending → posted → deleted
//      │        │ ↑ └→ unclear               unclear: nobody can tell whether it is out; told, never repeated
//      └────────┴─┴──→ refused
//
// `sending` is committed before the request leaves. A row in `sending` that nobody has in hand is in doubt:
// the network is asked before anything is sent again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class PostState { planned, sending, posted, unclear, refused, deleted };

// Why a post in `sending` may be out.
enum class Doubt {
  none,
  answered,   // the network answered with an error of its own (5xx), or with what cannot be read
  silence,    // nothing was heard once the request could have arrived
  duplicate,  // the network says that it has this text already
};

struct Post {
  std::int64_t id = 0;
  std::int64_t message_id = 0;
  int ordinal = 1;      // within its message
  std::string phone;    // E.164: whose account
  std::string user_id;  // at the network, since the first attempt
  std::string text;
  PostState state = PostState::planned;
  std::string network_id;  // of the post there; may stay empty
  int attempts = 0;        // requests begun that could have made the post
  UtcTime begun_at{};      // of the first one that may be out
  Doubt doubt = Doubt::none;
  UtcTime doubt_since{};
  int looks = 0;   // how often the network was asked since and did not show it
  int doubts = 0;  // how often it was in doubt: whether an attempt of ours may have brought it
};

class Posts {
 public:
  // Prepares the statements, so the table must be there (StorageError). Borrowed.
  explicit Posts(Database& db);

  [[nodiscard]] std::int64_t plan(Transaction& transaction, std::int64_t message_id, int ordinal,
                                  std::string_view phone, std::string_view text);
  [[nodiscard]] std::optional<Post> find(std::int64_t id);
  // The intent, committed before the request leaves. `begun_at` is kept from an attempt that may be out.
  void begin(Transaction& transaction, std::int64_t id, std::string_view user_id, UtcTime now);
  // Begins or goes on; counts no look.
  void doubt(Transaction& transaction, std::int64_t id, Doubt doubt, UtcTime since);
  void looked(Transaction& transaction, std::int64_t id);  // the network was asked and did not show it
  // At start: what is in doubt is so from now on, however long the box was off.
  void start(Transaction& transaction, UtcTime now);
  // Planned again: no attempt so far has made the post.
  void not_out(Transaction& transaction, std::int64_t id);
  void end(Transaction& transaction, std::int64_t id, PostState state, std::string_view network_id,
           UtcTime now);

  // Whether another row of ours holds this post of the network.
  [[nodiscard]] bool holds(std::string_view network_id);
  // Whether an older post of this account says the same: then X calls this one a duplicate of that.
  [[nodiscard]] bool said_before(const Post& post);
  [[nodiscard]] std::int64_t count(PostState state);  // planned or sending
  [[nodiscard]] std::int64_t count_in_doubt();

 private:
  Database& db_;
  Statement plan_, find_, begin_, doubt_, looked_, doubt_anew_, not_out_, end_, holds_, said_before_, count_,
      count_in_doubt_;
};

}  // namespace pigeon::store
