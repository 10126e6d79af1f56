// A box under the disk meter; see disk_bench.h.
#include "bench/disk_bench.h"

#include <cstdio>
#include <set>
#include <stdexcept>
#include <string>

#include "bench/box_bench.h"
#include "tests/e2e/disk_meter.h"

namespace pigeon::bench {
namespace {

using e2e::Box;
using e2e::DiskCounts;

constexpr std::size_t kLength = 70;
constexpr milliseconds kCard{20};  // what a sync takes on a worn SD card

void start(Box& box, milliseconds sync_takes) {
  e2e::attach_disk_meter(box, DISK_METER, sync_takes);
  if (!box.start()) throw std::runtime_error("pigeond does not start:\n" + box.log());
  box.link(kAda);
}

void wait_for_reports(const Box& box) {
  if (!e2e::eventually([&] {
        return box.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending','sent')") == "0";
      }))
    throw std::runtime_error("status reports are missing");
}

bool once_each(const Box& box) {
  std::multiset<std::string> texts;
  for (const sim::SandboxPost& post : box.x.posts()) texts.insert(post.text);
  for (const std::string& text : texts)
    if (texts.count(text) != 1) return false;
  return true;
}

}  // namespace

void measure_disk() {
  constexpr int kTexts = 100;
  Box box(box_options());
  start(box, {});
  static_cast<void>(measure_latency(box, kTexts / 2, kLength));  // the tables have some rows
  wait_for_reports(box);
  const DiskCounts before = e2e::disk_counts(box);
  static_cast<void>(measure_latency(box, kTexts, kLength));
  wait_for_reports(box);
  const DiskCounts after = e2e::disk_counts(box);
  std::printf("fsyncs a text                    %8.1f       (aim: at most 4)\n",
              static_cast<double>(after.log_syncs + after.file_syncs - before.log_syncs - before.file_syncs) /
                  kTexts);
  std::printf("WAL octets a text                %8.1f kB    (aim: below 39)\n",
              static_cast<double>(after.log_octets - before.log_octets) / kTexts / 1000);
}

void measure_sd_card() {
  Box box(box_options());
  start(box, kCard);
  const Latency latency = measure_latency(box, 100, kLength);
  constexpr int kBurst = 200;
  const double alone = measure_burst(box, kBurst);
  wait_for_reports(box);
  const std::vector<std::string> people = link_people(box, 20);
  const DiskCounts before = e2e::disk_counts(box);
  const double together = measure_burst(box, kBurst, people);
  wait_for_reports(box);
  const DiskCounts after = e2e::disk_counts(box);
  wait_for_reports(box);
  const bool all_answered = box.query("SELECT count(*) FROM outbox WHERE state <> 'delivered'") == "0";
  std::printf("with 20 ms a sync, as an SD card has them:\n");
  std::printf("+CMTI to POST, 100 texts    p50  %8.1f ms    (aim: below 60)\n", latency.p50);
  std::printf("                            p95  %8.1f ms\n", latency.p95);
  std::printf("                            max  %8.1f ms\n", latency.max);
  std::printf("200 texts of 20 people at once   %8.1f texts/s (aim: 60)\n", kBurst / together);
  std::printf("                fsyncs a text    %8.1f\n",
              double(after.log_syncs + after.file_syncs - before.log_syncs - before.file_syncs) / kBurst);
  std::printf("200 texts of one person at once  %8.1f texts/s (a post after the other)\n", kBurst / alone);
  std::printf("each posted once and answered    %8s\n", once_each(box) && all_answered ? "yes" : "no");
}

}  // namespace pigeon::bench
