// Carrying out what the table of outcomes says: one commit, and then the gates and the wake-ups that follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "relay/office.h"
#include "relay/outcomes.h"

namespace pigeon::relay {

// Probes in vain after which a text is tried by itself and others probe.
inline constexpr int kMaxProbes = 3;

// What came with it.
struct Told {
  std::string detail;                 // X's words
  std::optional<UtcTime> retry_at{};  // the time that X named, by our clock
  std::int64_t grant = 0;             // that was used
  std::string network_id{};           // of a post that is out, where it is known
};

// Commits what happened to a text, with the reply to the person. `post`: of a job that makes one. Throws
// StorageError, and then nothing has happened.
void settle(const Office& office, const store::Job& job, const store::Message& message,
            const std::optional<store::Post>& post, Happened happened, const Told& told, UtcTime now);
// Closes a text without a word to anybody; `note` says why, for the operator.
void settle_quietly(const Office& office, store::Transaction& transaction, const store::Job& job,
                    const store::Message& message, store::Ending ending, std::string_view note, UtcTime now);
// The job waits at `gate`, which is closed, without having been tried. Nothing is parked that is in doubt:
// its time goes on.
void wait_at(const Office& office, Gate gate, const store::Job& job, const store::Message& message,
             const std::optional<store::Post>& post, UtcTime now);
// `job` was set aside: its text is closed, and the person is told.
void tell_set_aside(const Office& office, store::Transaction& transaction, const store::Job& job,
                    UtcTime now);
// Every closed gate that wants a probe gets one; a gate at which nobody waits is open again.
void offer_probes(const Office& office);
// Somebody came through `gate`: if it was closed, all that is parked there is let in.
void came_through(const Office& office, Gate gate, UtcTime now);

}  // namespace pigeon::relay
