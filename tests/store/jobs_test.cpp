// The queue of everything that must be done: whose turn it is, what waits for what, and what a restart keeps.
#include "store/jobs.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/manual_clock.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;

namespace {

struct Queue {
  test::ManualClock clock;
  test::TempStore store{clock};
  std::int64_t subject = 0;

  Jobs& jobs() { return store->jobs; }
  std::int64_t add(const std::string& queue, JobKind kind = JobKind::post,
                   milliseconds in = milliseconds(0)) {
    static_cast<void>(jobs().add(in_one(*store), {kind, queue, ++subject, clock.utc() + in}));
    return subject;
  }
  Jobs::Claim claim(Lane lane = Lane::network) { return store->claim(lane, clock.utc()); }
  // The subject of the next job, which stays leased; 0: none.
  std::int64_t take(Lane lane = Lane::network) {
    const auto claim = this->claim(lane);
    if (!claim.job) return 0;
    held.push_back(*claim.job);
    return claim.job->subject;
  }
  void finish(std::int64_t of) {
    for (const Job& job : held) {
      if (job.subject != of) continue;
      jobs().done(in_one(*store), job);
      jobs().release(job);
    }
  }
  std::vector<Job> held;
};

}  // namespace

TEST_CASE("jobs: one at a time of a queue, in its order; queues do not wait for each other") {
  Queue q;
  q.add("ada");
  q.add("ada");
  q.add("bob");
  CHECK(q.take() == 1);
  CHECK(q.take() == 3);
  CHECK(q.take() == 0);
  q.finish(1);
  CHECK(q.take() == 2);
}

TEST_CASE("jobs: when its time has come, a job takes the turn that it had, before who came later") {
  Queue q;
  q.add("ada");
  REQUIRE(q.take() == 1);
  q.jobs().postpone(in_one(*q.store), q.held[0], q.clock.utc() + seconds(60));
  q.jobs().release(q.held[0]);
  q.add("bob");
  q.add("cid");
  CHECK(q.take() == 2);
  q.clock.pass(seconds(60));
  CHECK(q.jobs().claim(Lane::network, q.clock.utc()).next <= q.clock.utc());
  CHECK(q.take() == 1);
  CHECK(q.take() == 3);
}

TEST_CASE("jobs: queues take turns, however much one of them holds") {
  Queue q;
  for (int i = 0; i < 40; ++i) q.add("ada");  // 1 … 40
  q.add("bob");                               // 41
  q.add("cy");                                // 42
  q.add("bob");                               // 43
  std::vector<std::int64_t> order;
  for (int i = 0; i < 6; ++i) {
    order.push_back(q.take());
    q.finish(order.back());
  }
  CHECK(order == std::vector<std::int64_t>{1, 41, 42, 2, 43, 3});
}

TEST_CASE("jobs: a claim says whether somebody else could go on at once") {
  Queue q;
  q.add("ada");
  q.add("ada");
  CHECK_FALSE(q.claim().more);
  q.add("bob");
  q.add("cy");
  CHECK(q.claim().more);
  CHECK_FALSE(q.claim().more);
  CHECK_FALSE(q.claim().job.has_value());
}

TEST_CASE("jobs: the lanes are apart") {
  Queue q;
  q.add("ada", JobKind::text);
  q.add("ada", JobKind::post);
  CHECK(q.take(Lane::local) == 1);
  CHECK(q.take(Lane::local) == 0);
  CHECK(q.take(Lane::network) == 2);
}

TEST_CASE("jobs: a lease ends with its process, and with a release") {
  Queue q;
  q.add("ada");
  const Jobs::Claim first = q.claim();
  REQUIRE(first.job.has_value());
  CHECK(q.take() == 0);
  q.jobs().release(*first.job);
  CHECK(q.take() == 1);
  q.store.reopen();
  CHECK(q.take() == 1);
}

TEST_CASE("jobs: what is put off holds its queue, is counted, and is due when its time comes") {
  Queue q;
  q.add("ada");
  q.add("ada");
  const Jobs::Claim claim = q.claim();
  q.jobs().postpone(in_one(*q.store), *claim.job, q.clock.utc() + seconds(60));
  q.jobs().release(*claim.job);
  CHECK(q.take() == 0);
  CHECK(q.jobs().claim(Lane::network, q.clock.utc()).next == q.clock.utc() + seconds(60));
  CHECK_FALSE(q.jobs().claim(Lane::local, q.clock.utc()).next.has_value());
  q.clock.pass(seconds(60));
  const Jobs::Claim again = q.claim();
  REQUIRE(again.job.has_value());
  CHECK(again.job->subject == 1);
  CHECK(again.job->attempts == 1);
}

TEST_CASE("jobs: revocations do not hold one another") {
  Queue q;
  q.add("revocation", JobKind::revocation);
  q.add("revocation", JobKind::revocation);
  const Jobs::Claim claim = q.claim();
  CHECK(q.take() == 0);  // one at a time
  q.jobs().postpone(in_one(*q.store), *claim.job, q.clock.utc() + seconds(60));
  q.jobs().release(*claim.job);
  CHECK(q.take() == 2);
  q.finish(2);
  CHECK(q.take() == 0);
  q.clock.pass(seconds(60));
  CHECK(q.take() == 1);
  CHECK(q.held.back().attempts == 1);
}

TEST_CASE("jobs: what is parked waits for its gate; a probe is of somebody else than the last one") {
  Queue q;
  for (const char* person : {"ada", "ada", "bob", "cy"}) q.add(person);
  for (int i = 0; i < 3; ++i) {
    const Jobs::Claim claim = q.claim();
    REQUIRE(claim.job.has_value());
    q.jobs().park(in_one(*q.store), *claim.job, Gate::api, Jobs::Tried::yes);
    q.jobs().release(*claim.job);
  }
  CHECK(q.take() == 0);  // ada's second waits behind her first
  CHECK(q.jobs().count_parked(Gate::api) == 3);
  CHECK_FALSE(q.jobs().take_probe(in_one(*q.store), Gate::credits, "", q.clock.utc()).has_value());
  const auto probe = q.jobs().take_probe(in_one(*q.store), Gate::api, "ada", q.clock.utc());
  REQUIRE(probe.has_value());
  CHECK(probe->queue == "bob");
  const Jobs::Claim claim = q.claim();
  REQUIRE(claim.job.has_value());
  CHECK(claim.job->id == probe->id);
  q.jobs().park(in_one(*q.store), *claim.job, Gate::api, Jobs::Tried::as_probe);
  q.jobs().release(*claim.job);

  SUBCASE("open for all, in order") {
    CHECK(q.jobs().unpark(in_one(*q.store), Gate::api, q.clock.utc()) == 3);
    CHECK(q.take() == 1);
    CHECK(q.take() == 3);
    CHECK(q.take() == 4);
    CHECK(q.held[1].probes == 1);
    CHECK(q.held[1].attempts == 2);
  }
  SUBCASE("a restart knows of no gate") {
    q.store.reopen();
    q.jobs().start(in_one(*q.store), q.clock.utc());
    CHECK(q.jobs().count_parked(Gate::api) == 0);
    CHECK(q.take() == 1);
  }
  SUBCASE("the only one who waits probes again") {
    q.jobs().unpark(in_one(*q.store), Gate::api, q.clock.utc());
    const Jobs::Claim one = q.claim();
    q.jobs().park(in_one(*q.store), *one.job, Gate::api, Jobs::Tried::as_probe);
    CHECK(q.jobs().take_probe(in_one(*q.store), Gate::api, one.job->queue, q.clock.utc())->id == one.job->id);
  }
}

TEST_CASE("jobs: one that throws again and again is set aside, and its queue goes on") {
  Queue q;
  q.add("ada");
  q.add("ada");
  for (int i = 1; i <= kMaxCrashes; ++i) {
    CAPTURE(i);
    const Jobs::Claim claim = q.claim();
    REQUIRE(claim.job.has_value());
    CHECK(claim.job->subject == 1);
    CHECK(q.jobs().crashed(in_one(*q.store), *claim.job, q.clock.utc()) == (i == kMaxCrashes));
    q.jobs().release(*claim.job);
  }
  CHECK(q.jobs().count_set_aside() == 1);
  CHECK(q.take() == 2);
  q.finish(2);
  q.add("ada");
  CHECK(q.take() == 3);
}

TEST_CASE("jobs: what a person wants no more is dropped, except what is in hand") {
  Queue q;
  for (int i = 0; i < 3; ++i) q.add("ada");
  q.add("bob");
  CHECK(q.take() == 1);
  CHECK(q.jobs().drop(in_one(*q.store), JobKind::post, "ada") == std::vector<std::int64_t>{2, 3});
  CHECK(q.take() == 4);
  q.finish(1);
  CHECK(q.take() == 0);
}

TEST_CASE("jobs: a settlement that is not committed has not happened") {
  Queue q;
  q.add("ada");
  const Jobs::Claim claim = q.claim();
  {
    auto transaction = q.store->begin();
    q.jobs().done(transaction, *claim.job);
  }
  q.jobs().release(*claim.job);
  CHECK(q.take() == 1);
}
