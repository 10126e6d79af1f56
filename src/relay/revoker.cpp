// Revoking; see revoker.h.
#include "relay/revoker.h"

#include <algorithm>

#include "base/log.h"
#include "pairing/revocation.h"
#include "relay/settling.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "revoker";
constexpr seconds kFirstRetry{30};
constexpr seconds kLastRetry = std::chrono::hours(1);
constexpr milliseconds kGiveUpAfter = std::chrono::hours(24 * 30);  // its tokens are long useless by then

seconds backoff(int attempts) {
  constexpr int kDoublings = 7;
  return std::min(kLastRetry, kFirstRetry * (1 << std::clamp(attempts, 0, kDoublings)));
}

}  // namespace

Revoker::Revoker(const Office& office, x::XClient& x) : office_(office), x_(x) {}

bool Revoker::end(const store::Revocations::Grant& grant) {
  if (grant.consumer_key.empty())
    return pairing::end_grant(x_.http(), office_.pairing.client, {grant.refresh_token, grant.access_token},
                              1);
  return pairing::end_token(x_.http(), office_.pairing.consumer, {grant.access_token, grant.refresh_token},
                            grant.consumer_key, x_.time_at_x());
}

void Revoker::work(const store::Job& job) {
  const UtcTime now = office_.store.time.now();
  store::Store& store = office_.store;
  for (const Gate gate : {Gate::token_endpoint, Gate::keys}) {
    if (office_.gates.may_pass(gate, job.id)) continue;
    auto transaction = store.begin();
    store.jobs.park(transaction, job, gate, store::Jobs::Tried::no);
    transaction.commit();
    return;
  }
  const auto grant = store.revocations.find(job.subject);
  const bool too_old = grant && now - grant->since > kGiveUpAfter;
  if (!grant || too_old) {
    log::warning(kTag, "a grant may live on at X: " +
                           (grant ? "it could not be ended for a month" : grant.error().message));
    auto transaction = store.begin();
    store.revocations.remove(transaction, job.subject);
    store.jobs.done(transaction, job);
    transaction.commit();
    return;
  }
  store.sync();  // a grant must not end at X before its account has ended here
  if (end(*grant)) {
    auto transaction = store.begin();
    store.revocations.remove(transaction, job.subject);
    store.jobs.done(transaction, job);
    transaction.commit();
    came_through(office_, Gate::token_endpoint, now);
    return;
  }
  const UtcTime again = store.time.now() + backoff(job.attempts);
  auto transaction = store.begin();
  store.jobs.postpone(transaction, job, again);
  transaction.commit();
}

}  // namespace pigeon::relay
