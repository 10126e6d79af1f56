// The jobs table: everything that must be done, one row each, from the commit that makes it necessary to the
// commit that settles it. Workers take jobs here and nowhere else.
//
// A job waits in a queue, in which one is done after the other: a person's texts are a queue in each lane, so
// that her texts keep their order and nobody waits for somebody else. Only the first of a queue can be
// claimed; queues take turns. A job that is kept by a gate (something at X that is down for everybody) is
// parked there until the gate opens or the job is its probe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class JobKind {
  text,          // decide what a text is; subject: inbox row
  post,          // make a post; subject: posts row
  pin_link,      // ask X for a link that ends in a PIN; subject: inbox row of whoever wants it
  pin,           // ask X about a PIN; subject: the inbox row that holds it
  revocation,    // end a grant at X; subject: revocations row
  expiry,        // end a pairing whose time is up; subject: pairings row
  announcement,  // tell a person how the pairing ended; subject: pairings row
  pruning,       // delete what nobody needs any more; no subject
  erasure,       // delete what a person who said STOP has left; subject: the inbox row that says so
};

// The local lane never waits for the network.
enum class Lane { local, network };
[[nodiscard]] Lane lane_of(JobKind kind);

// What can be down for everybody.
enum class Gate { api, token_endpoint, credits, keys, app_limit };
inline constexpr std::array kGates = {Gate::api, Gate::token_endpoint, Gate::credits, Gate::keys,
                                      Gate::app_limit};
[[nodiscard]] std::string_view word_of(Gate gate);

struct NewJob {
  JobKind kind = JobKind::text;
  std::string queue;  // a person's E.164, or a word of the kind
  std::int64_t subject = 0;
  UtcTime due_at{};
};

struct Job {
  std::int64_t id = 0;
  JobKind kind = JobKind::text;
  std::string queue;
  std::int64_t subject = 0;
  UtcTime due_at{};
  int attempts = 0;  // tries that ended, whatever their end was
  int crashes = 0;   // of these with an exception
  int probes = 0;    // of these as a gate's probe, in vain
};

// After so many exceptions a job is set aside: never claimed again, its queue goes on.
inline constexpr int kMaxCrashes = 5;

class Jobs {
 public:
  // Prepares the statements, so the table must be there (StorageError). Borrowed.
  explicit Jobs(Database& db);

  [[nodiscard]] std::int64_t add(Transaction& transaction, const NewJob& job);
  // Only when no job of this kind is there.
  void add_once(Transaction& transaction, const NewJob& job);
  // At start: no job is parked any more, the gates are found anew.
  void start(Transaction& transaction, UtcTime now);

  struct Claim {
    std::optional<Job> job;       // leased to the caller until it is settled or released
    bool more = false;            // another one could be claimed at once
    std::optional<UtcTime> next;  // when the next of those falls due that wait for their time
  };
  // The job whose queue has waited longest for its turn, of those that are due and in nobody's hands.
  // Writes nothing: leases are kept in memory. Nothing, and a `next` that is not in the future, when
  // fall_due() has to be called first. See Store::claim.
  [[nodiscard]] Claim claim(Lane lane, UtcTime now);
  // Whose time has come can be claimed.
  void fall_due(Transaction& transaction, Lane lane, UtcTime now);
  // Ends a lease; after a settlement or instead of one. Its queue goes on.
  void release(const Job& job);

  // The settlements; one of them for each claim, in the transaction that writes what the job has done.
  void done(Transaction& transaction, const Job& job);
  enum class Tried { no, yes, as_probe };
  void postpone(Transaction& transaction, const Job& job, UtcTime due_at, Tried tried = Tried::yes);
  void park(Transaction& transaction, const Job& job, Gate gate, Tried tried);
  // The try ended with an exception: again at `due_at`, or set aside. True: it was set aside.
  [[nodiscard]] bool crashed(Transaction& transaction, const Job& job, UtcTime due_at);

  // The oldest parked job of a queue other than `last_queue`, if there is one, else the oldest: it is due
  // now, and its id is returned.
  struct Probe {
    std::int64_t id = 0;
    std::string queue;
  };
  [[nodiscard]] std::optional<Probe> take_probe(Transaction& transaction, Gate gate,
                                                std::string_view last_queue, UtcTime now);
  // The gate is open: all that is parked there is due now, in the old order. How many those were.
  int unpark(Transaction& transaction, Gate gate, UtcTime now);

  // Deletes the jobs of this kind and queue that nobody has in hand (what a person wants no more); returns
  // their subjects, oldest first.
  [[nodiscard]] std::vector<std::int64_t> drop(Transaction& transaction, JobKind kind,
                                               std::string_view queue);

  // The subjects of those that drop() leaves: somebody has them in hand.
  [[nodiscard]] std::vector<std::int64_t> in_hand(JobKind kind, std::string_view queue);

  // Whether a job of this kind and queue is not done yet, in somebody's hands or not.
  [[nodiscard]] bool waits(JobKind kind, std::string_view queue);
  [[nodiscard]] std::int64_t count(JobKind kind);
  [[nodiscard]] std::int64_t count_parked(Gate gate);
  [[nodiscard]] std::int64_t count_set_aside();

 private:
  struct Numbers {
    std::int64_t id = 0, turn = 0;
  };
  [[nodiscard]] Numbers& numbers();                     // the last ones given out
  void lead(Transaction& transaction, const Job& job);  // the queue of `job` gets its next leader
  Database& db_;
  Statement add_, exists_, start_, claim_, next_due_, fall_due_, done_, postpone_, again_, park_, crash_,
      lead_, find_other_probe_, find_probe_, take_probe_, unpark_, waiting_, count_, count_parked_,
      count_aside_, last_;
  std::set<std::int64_t> leased_;  // in some thread's hands; guarded by the database's lock
  // An id comes twice only in different runs: leases and gates forget between them.
  std::optional<Numbers> numbers_;
};

}  // namespace pigeon::store
