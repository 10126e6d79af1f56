// What one try at a job came to, in the transaction of whoever has tried: the job itself, the post and the
// text it was for, the account, and the reply that the person is owed.
#pragma once

#include <optional>
#include <string>

#include "base/phone_number.h"
#include "store/accounts.h"
#include "store/inbox.h"
#include "store/jobs.h"
#include "store/outbox.h"
#include "store/posts.h"

namespace pigeon::store {

// What happens to a posts row.
enum class PostChange {
  none,
  planned,  // no attempt so far has made the post
  doubt,    // an attempt may have made it
  looked,   // the network was asked and did not show it
  ended,    // `post_state` is its end
};

struct Settlement {
  enum class JobChange { done, due, parked };
  JobChange job = JobChange::done;
  UtcTime due_at{};                      // of `due`
  Gate gate = Gate::api;                 // of `parked`
  Jobs::Tried tried = Jobs::Tried::yes;  // of `due` and `parked`

  PostChange post = PostChange::none;
  PostState post_state = PostState::posted;  // of `ended`
  std::string network_id;                    // of a post that is out, where it is known
  Doubt doubt = Doubt::none;                 // of `doubt`

  std::optional<Ending> ending;  // the text is closed with it
  std::string note;              // why, for the operator
  bool told_saved = false;       // the reply is "Saved. …", which is said once

  bool breaks_account = false;  // the person must link again; only if `grant` is still the account's
  std::int64_t grant = 0;

  std::optional<NewReply> reply;  // as far as the budgets allow
};

// The tables that a settlement writes; borrowed for the call.
struct SettlementTables {
  Jobs& jobs;
  Inbox& inbox;
  Posts& posts;
  Outbox& outbox;
  Accounts& accounts;
};

// `post`: of a job that makes one. Whether the reply is queued, for commit_settled(). StorageError.
[[nodiscard]] bool settle(Transaction& transaction, const SettlementTables& tables, const Job& job,
                          const Message& message, const std::optional<Post>& post,
                          const Settlement& settlement, UtcTime now);
// Nobody outside learns of an outcome before the intent to send its reply is committed, which makes both
// durable; so the outcome itself waits for the disk only where no reply is `queued`.
void commit_settled(Transaction& transaction, bool queued);

}  // namespace pigeon::store
