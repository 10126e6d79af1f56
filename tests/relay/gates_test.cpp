// Gates: what closes one for everybody, who probes it and when, and what opens it.
#include "relay/gates.h"

#include <doctest/doctest.h>

using namespace pigeon;
using namespace pigeon::relay;

namespace {

store::Job job_of(std::int64_t id, const std::string& person) {
  store::Job job;
  job.id = id;
  job.queue = person;
  return job;
}

const store::Job kAda = job_of(1, "ada");
const store::Job kBob = job_of(2, "bob");
constexpr SteadyTime kNow{seconds(1000)};

}  // namespace

TEST_CASE("gates: one person's trouble closes nothing, two people's within a minute does") {
  Gates gates;
  CHECK_FALSE(gates.failed(Gate::api, kAda, Shut::alike, kNow));
  CHECK_FALSE(gates.failed(Gate::api, kAda, Shut::alike, kNow + seconds(10)));
  CHECK(gates.may_pass(Gate::api, 3));
  SUBCASE("within a minute") {
    CHECK(gates.failed(Gate::api, kBob, Shut::alike, kNow + seconds(69)));
    CHECK_FALSE(gates.may_pass(Gate::api, 3));
    CHECK(gates.may_pass(Gate::credits, 3));
  }
  SUBCASE("later") {
    CHECK_FALSE(gates.failed(Gate::api, kBob, Shut::alike, kNow + seconds(71)));
  }
  SUBCASE("somebody comes through in between") {
    CHECK_FALSE(gates.passed(Gate::api));
    CHECK_FALSE(gates.failed(Gate::api, kBob, Shut::alike, kNow + seconds(20)));
  }
}

TEST_CASE("gates: where nobody can pass, one failure is enough") {
  Gates gates;
  CHECK(gates.failed(Gate::api, kAda, Shut::at_once, kNow));
  CHECK_FALSE(gates.may_pass(Gate::api, kBob.id));
  CHECK(gates.passed(Gate::api));
  CHECK(gates.may_pass(Gate::api, kBob.id));
  CHECK_FALSE(gates.passed(Gate::api));
}

TEST_CASE("gates: a probe may pass, until it has failed or ended otherwise") {
  Gates gates;
  CHECK(gates.failed(Gate::api, kAda, Shut::at_once, kNow));
  gates.probing(Gate::api, {kBob.id, kBob.queue});
  CHECK(gates.is_probe(Gate::api, kBob.id));
  CHECK(gates.may_pass(Gate::api, kBob.id));
  CHECK_FALSE(gates.may_pass(Gate::api, kAda.id));
  CHECK(gates.last_probe(Gate::api) == "bob");
  SUBCASE("failed") {
    CHECK(gates.failed(Gate::api, kBob, Shut::at_once, kNow + seconds(2)));
    CHECK_FALSE(gates.may_pass(Gate::api, kBob.id));
  }
  SUBCASE("ended") {
    gates.ended(kBob.id);
    CHECK_FALSE(gates.may_pass(Gate::api, kBob.id));
  }
}

TEST_CASE(
    "gates: an outage of half a minute is found to be over within 15 s, one of a day is not hammered at") {
  for (const std::int64_t id : {1, 48, 96}) {  // the jitter is of the job
    CAPTURE(id);
    Gates gates;
    CHECK(gates.next_probe() == SteadyTime::max());
    CHECK(gates.failed(Gate::api, job_of(id, "ada"), Shut::at_once, kNow));
    std::vector<SteadyTime> probes;
    while (gates.next_probe() < kNow + std::chrono::hours(24)) {
      probes.push_back(gates.next_probe());
      CHECK(gates.wanting_probe(probes.back()) == std::vector{Gate::api});
      CHECK(gates.wanting_probe(probes.back()).empty());
    }
    for (std::size_t i = 1; i < probes.size() && probes[i - 1] < kNow + seconds(40); ++i)
      CHECK(probes[i] - probes[i - 1] <= seconds(15));
    CHECK(probes.front() >= kNow + seconds(2));
    CHECK(probes.size() < 320);
  }
}

TEST_CASE("gates: what only the operator can open is asked for every ten minutes; X's own time is kept") {
  Gates gates;
  CHECK(gates.failed(Gate::credits, kAda, Shut::at_once, kNow));
  CHECK(gates.next_probe() >= kNow + std::chrono::minutes(10));
  Gates limited;
  CHECK(limited.failed(Gate::app_limit, kAda, Shut::at_once, kNow, kNow + std::chrono::hours(5)));
  CHECK(limited.next_probe() == kNow + std::chrono::hours(5));
}
