// The measurements of a whole box that script/bench prints: latency, burst, durable intake, idle cost; with
// --peers beside gammu-smsd. The modem answers at once, so what is measured is the gateway; with --realistic
// it takes the time that real ones take, and only a burst is measured; with --slow-x X is slow or hangs,
// with --sd-card every sync takes as long as on an SD card.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/box_bench.h"
#include "bench/disk_bench.h"
#include "bench/peer_bench.h"
#include "bench/process_stats.h"
#include "modem/driver/serial_modem.h"
#include "sim/modem/sim_modem.h"
#include "tests/e2e/box.h"

namespace {

using namespace pigeon;
using bench::box_options;
using bench::kAda;
using bench::Latency;
using bench::post_times;
using bench::ProcessStats;
using bench::stats_of;
using e2e::Box;
using Microseconds = std::chrono::duration<double, std::micro>;

// Texts from senders nobody answers, so that only intake is measured: until all are committed and their slots
// free.
double measure_intake(Box& box, int texts) {
  const SteadyTime start = steady_now();
  for (int i = 0; i < texts; ++i) {
    if (!box.carrier.text("Sender" + std::to_string(i % 9), "intake " + std::to_string(i)))
      throw std::runtime_error("text refused");
  }
  if (!e2e::eventually(
          [&] { return box.modem.messages_stored() == 0 && box.modem.messages_waiting() == 0; })) {
    throw std::runtime_error("the modem is not emptied");
  }
  const double elapsed = std::chrono::duration<double>(steady_now() - start).count();
  if (box.query("SELECT count(*) FROM inbox WHERE text LIKE 'intake %'") != std::to_string(texts)) {
    throw std::runtime_error("texts are missing");
  }
  return texts / elapsed;
}

// A modem that is set already, as after a restart of pigeond: the median of 21 openings, and their commands.
void print_opening() {
  sim::SimModem modem;
  std::atomic<int> commands{0};
  modem.before_command([&](std::string_view) {
    ++commands;
    return sim::Intervention{};
  });
  modem::ModemOptions options;
  options.url = "pty:" + modem.device();
  constexpr int kTimes = 21;
  std::vector<double> took;
  for (int i = 0; i <= kTimes; ++i) {
    commands = 0;
    const SteadyTime begun = steady_now();
    if (auto opened = modem::SerialModem::open(options); !opened)
      throw std::runtime_error(opened.error().message);
    if (i > 0) took.push_back(std::chrono::duration<double, std::milli>(steady_now() - begun).count());
  }
  std::sort(took.begin(), took.end());
  std::printf("opening the modem           p50  %8.1f ms    (%d commands)\n", took[kTimes / 2],
              commands.load());
  modem.before_command({});
}

int run(bool peers, seconds idle_time) {
  print_opening();
  Box box(box_options());
  const SteadyTime launched = steady_now();
  if (!box.start()) throw std::runtime_error("pigeond does not start:\n" + box.log());
  std::printf("start to READY=1                 %8.0f ms    (aim: below 300)\n",
              std::chrono::duration<double, std::milli>(steady_now() - launched).count());
  box.link(kAda);
  const ProcessStats fresh = stats_of(box.pid());
  constexpr int kTexts = 200;
  const Latency latency = bench::measure_latency(box, kTexts);
  const ProcessStats worked = stats_of(box.pid());
  const double cpu = static_cast<double>((worked.cpu - fresh.cpu).count()) / 1000 / kTexts;
  std::printf("+CMTI to POST, 200 texts    p50  %8.2f ms    (aim: below 3)\n", latency.p50);
  std::printf("                            p95  %8.2f ms\n", latency.p95);
  std::printf("                            max  %8.2f ms\n", latency.max);
  std::printf("processor time a text            %8.2f ms    (aim: below 2)\n", cpu);
  std::printf("a burst of 200 texts to 200 posts%8.2f s     (aim: below 1)\n",
              bench::measure_burst(box, kTexts));
  std::printf("durable intake                   %8.0f texts/s\n", measure_intake(box, 300));
  if (!e2e::eventually([&] {
        return box.query("SELECT count(*) FROM outbox WHERE state IN ('queued','sending')") == "0";
      })) {
    throw std::runtime_error("replies are left");
  }
  std::this_thread::sleep_for(seconds(2));  // status reports and the last health check are through
  const ProcessStats before = stats_of(box.pid());
  std::this_thread::sleep_for(idle_time);
  const ProcessStats idle = stats_of(box.pid());
  const double wakeups =
      static_cast<double>(idle.wakeups - before.wakeups) * 60 / static_cast<double>(idle_time.count());
  std::printf("idle for %lld s:       wake-ups  %8.1f a minute  (aim: below 10)\n",
              static_cast<long long>(idle_time.count()), wakeups);
  std::printf("                processor time   %8.2f ms\n",
              static_cast<double>((idle.cpu - before.cpu).count()) / 1000);
  std::printf("                resident set     %8.1f MB    (aim: below 24)\n", idle.resident_mb);
  std::printf("                private dirty    %8.1f MB    (aim: below 4)\n", idle.private_dirty_mb);
  bench::measure_disk();
  if (!peers) return 0;
  const bench::PeerResult smsd = bench::measure_gammu_smsd(20, idle_time);
  std::printf("\ngammu-smsd on the same modem, 20 texts           ours is\n");
  std::printf("text to script              p50  %8lld ms  %8.0f times quicker\n",
              static_cast<long long>(smsd.p50.count()), static_cast<double>(smsd.p50.count()) / latency.p50);
  std::printf("                            p95  %8lld ms  %8.0f times quicker\n",
              static_cast<long long>(smsd.p95.count()), static_cast<double>(smsd.p95.count()) / latency.p95);
  const double smsd_cpu = static_cast<double>(smsd.cpu_per_text.count()) / 1000;
  std::printf("processor time a text            %8.2f ms  %8.1f times less\n", smsd_cpu,
              smsd_cpu / std::max(cpu, 0.01));
  std::printf("idle wake-ups                    %8.1f a minute  (ours %.1f)\n", smsd.wakeups_a_minute,
              wakeups);
  std::printf("resident set                     %8.1f MB    (ours %.1f)\n", smsd.idle.resident_mb,
              idle.resident_mb);
  return 0;
}

// Whether each phone's texts "<phone> <number>" stand among the posts in the order in which they were sent.
bool in_order(const std::vector<sim::SandboxPost>& posts) {
  std::map<std::string, int> last;
  for (const sim::SandboxPost& post : posts) {
    const std::size_t space = post.text.find(' ');
    const int number = std::stoi(post.text.substr(space + 1));
    const auto [entry, is_new] = last.try_emplace(post.text.substr(0, space), number);
    if (!is_new && std::exchange(entry->second, number) >= number) return false;
  }
  return true;
}

// 10–30 ms a command and 2–4 s an AT+CMGS, as people see it on real dongles.
int run_realistic() {
  constexpr int kTexts = 200;
  const std::vector<std::string> phones = {kAda, "+12025550124", "+12025550125", "+12025550126"};
  e2e::BoxOptions options = box_options();
  options.modem.answer_delay = milliseconds(10);
  options.modem.answer_spread = milliseconds(20);
  options.modem.send_delay = milliseconds(2000);
  options.modem.send_spread = milliseconds(2000);
  Box box(options);
  if (!box.start()) throw std::runtime_error("pigeond does not start:\n" + box.log());
  for (const std::string& phone : phones) box.link(phone);
  const SteadyTime start = steady_now();
  for (int i = 0; i < kTexts; ++i) {
    const std::string& phone = phones[static_cast<std::size_t>(i) % phones.size()];
    if (!box.carrier.text(phone, phone.substr(1) + " " + std::to_string(i)))
      throw std::runtime_error("text refused");
  }
  if (!e2e::eventually([&] { return post_times(box).size() >= kTexts; }, seconds(300)))
    throw std::runtime_error("posts are missing");
  const double elapsed = std::chrono::duration<double>(post_times(box).back() - start).count();
  std::printf("a burst of 200 texts to 200 posts at a real modem's pace%8.1f s     (aim: below 10)\n",
              elapsed);
  std::printf("each phone's texts in order                             %8s\n",
              in_order(box.x.posts()) ? "yes" : "no");
  return 0;
}

// From the text at the modem to the SMS that answers it, in ms.
double answer_delay(Box& box, const std::string& phone, const std::string& words) {
  const std::size_t before = box.carrier.inbox(phone).size();
  const auto parts = box.carrier.make_parts(phone, words);
  const SteadyTime start = steady_now();
  box.modem.deliver(parts->front(), false);
  if (!e2e::eventually([&] { return box.carrier.inbox(phone).size() > before; }))
    throw std::runtime_error("no answer to " + words);
  return Microseconds(steady_now() - start).count() / 1000;
}

// X that answers late, and X that does not answer a dozen people while sixty of their texts wait.
int run_slow_x() {
  constexpr int kPeople = 25;
  constexpr int kHung = 12;
  Box box(box_options());
  if (!box.start()) throw std::runtime_error("pigeond does not start:\n" + box.log());
  const std::vector<std::string> people = bench::link_people(box, kPeople);

  constexpr int kEach = 8;
  box.x.inject(
      {.match = "POST /2/tweets", .times = kPeople * kEach, .status = 0, .delay = milliseconds(300)});
  const SteadyTime start = steady_now();
  for (int i = 0; i < kPeople * kEach; ++i)
    static_cast<void>(
        box.carrier.text(people[static_cast<std::size_t>(i % kPeople)], "slow " + std::to_string(i)));
  if (!e2e::eventually([&] { return box.x.posts().size() >= kPeople * kEach; }, seconds(120)))
    throw std::runtime_error("posts are missing");
  std::printf("X answers in 300 ms, 25 people           %8.1f posts/s (aim: 25)\n",
              kPeople * kEach / std::chrono::duration<double>(steady_now() - start).count());

  box.x.inject({.match = "POST /2/tweets", .times = kHung, .status = 0, .delay = seconds(25)});
  for (int i = 0; i < kHung; ++i)
    static_cast<void>(box.carrier.text(people[static_cast<std::size_t>(i)], "hung " + std::to_string(i)));
  if (!e2e::eventually([&] {
        return box.query("SELECT count(*) FROM posts WHERE state = 'sending'") == std::to_string(kHung);
      }))
    throw std::runtime_error("nobody hangs");
  for (int i = 0; i < 60 - kHung; ++i)
    static_cast<void>(
        box.carrier.text(people[static_cast<std::size_t>(i % kHung)], "waits " + std::to_string(i)));
  const std::string link_of_stranger = "+12025550999";
  std::printf("12 people's posts hang, 60 texts wait:\n");
  std::printf("  a stranger's link                      %8.1f ms    (aim: below 50)\n",
              answer_delay(box, link_of_stranger, "who are you"));
  std::printf("  HELP                                   %8.1f ms    (aim: below 50)\n",
              answer_delay(box, people[0], "HELP"));
  std::vector<double> others;
  for (int i = 0; i < 60; ++i)
    others.push_back(answer_delay(box, people[static_cast<std::size_t>(kHung + i % (kPeople - kHung))],
                                  "quick " + std::to_string(i)));
  std::sort(others.begin(), others.end());
  std::printf("  others, text to \"Posted\"        p95    %8.1f ms    (aim: below 100)\n",
              others[others.size() * 95 / 100]);
  std::printf("  resident set                           %8.1f MB    (aim: below 26)\n",
              stats_of(box.pid()).resident_mb);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool peers = false;
  bool realistic = false;
  bool slow_x = false;
  bool sd_card = false;
  seconds idle_time{30};
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--peers") == 0)
      peers = true;
    else if (std::strcmp(argv[i], "--realistic") == 0)
      realistic = true;
    else if (std::strcmp(argv[i], "--slow-x") == 0)
      slow_x = true;
    else if (std::strcmp(argv[i], "--sd-card") == 0)
      sd_card = true;
    else if (std::strcmp(argv[i], "--quick") == 0)
      idle_time = seconds(5);
  }
  try {
    if (slow_x) return run_slow_x();
    if (sd_card) {
      bench::measure_sd_card();
      return 0;
    }
    return realistic ? run_realistic() : run(peers, idle_time);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gateway_bench: %s\n", error.what());
    return 1;
  }
}
