// What a text costs the disk, counted under the program: syncs are what an SD card is slow at, and what it
// writes is what it wears out by.
#include <doctest/doctest.h>

#include <string>

#include "tests/e2e/box.h"
#include "tests/e2e/disk_meter.h"

using namespace pigeon;
using namespace pigeon::e2e;

namespace {

const std::string kAda = "+12025550123";

// One text of 70 characters after the other, each until its reply is delivered.
void text(Box& box, int count, const std::string& name) {
  for (int i = 0; i < count; ++i) {
    std::string words = name + " " + std::to_string(i) + " ";
    words.resize(70, 'x');
    const std::size_t before = box.carrier.inbox(kAda).size();
    REQUIRE(box.carrier.text(kAda, words));
    REQUIRE(box.carrier.wait_for(kAda, before + 1, kPatience).size() == before + 1);
    REQUIRE(eventually([&] {
      return box.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending','sent')") == "0";
    }));
  }
}

}  // namespace

TEST_CASE("disk cost: a text takes three syncs of the log and a third of what it once wrote") {
  constexpr int kTexts = 20;
  Box box;
  attach_disk_meter(box, DISK_METER);
  REQUIRE(box.start());
  box.link(kAda);
  text(box, 5, "before");
  const DiskCounts before = disk_counts(box);
  text(box, kTexts, "counted");
  const DiskCounts after = disk_counts(box);
  const double syncs = static_cast<double>(after.log_syncs - before.log_syncs) / kTexts;
  const double octets = static_cast<double>(after.log_octets - before.log_octets) / kTexts;
  MESSAGE("a text: " << syncs << " syncs of the log, " << octets << " octets into it");
  CHECK(syncs > 1);    // it counts at all
  CHECK(syncs < 3.5);  // part and text; intent; outcome and reply; what was sent rides along with the next
  CHECK(octets < 49'000);  // of 149,000
}
