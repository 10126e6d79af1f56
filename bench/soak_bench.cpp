// soak_bench MINUTES SEED: whole boxes, side by side since most of it is waiting, with the waits of real
// modems and a modem that does everything wrong that modems do (tests/transport/fault_campaign.h). Prints
// what went in and out, what was lost or doubled, how long a text has waited for a modem that was whole at
// most, and what each pigeond holds of memory and descriptors before and after. Exit status 1 when something
// of that is not as it must be.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/process_stats.h"
#include "tests/e2e/box.h"
#include "tests/transport/fault_campaign.h"

namespace {

using namespace pigeon;
using bench::ProcessStats;
using bench::stats_of;
using test::CampaignResult;

constexpr int kBoxes = 6;
constexpr unsigned kRarity = 40;  // one command in so many
constexpr milliseconds kLongestRecovery = seconds(60);
constexpr int kMostConnections = 40;  // with X, one a thread, kept for the next post
constexpr double kGrowthMb = 2;       // of what malloc and SQLite's cache keep back
const std::vector<std::string> kPhones = {"+12025550123", "+12025550124", "+12025550125", "+12025550126",
                                          "+12025550127"};

struct Outcome {
  CampaignResult campaign;
  int posts = 0;
  ProcessStats before, after;
  std::string failure;
};

sim::FaultTimes real_times() {
  sim::FaultTimes times;
  times.shortest_hang = seconds(1);
  times.longest_hang = seconds(90);
  times.dead = seconds(240);
  times.boot = seconds(5);
  times.gone = seconds(10);
  times.bad_slot = seconds(20);
  times.sending = seconds(185);  // what an AT+CMGS may take, and finding back
  return times;
}

// X saw each text once.
void judge_posts(const e2e::Box& box, const std::vector<std::string>& texts, Outcome& outcome) {
  std::map<std::string, int> seen;
  for (const sim::SandboxPost& post : box.x.posts()) ++seen[post.text];
  for (const std::string& text : texts) {
    const int count = seen[text];
    outcome.posts += count;
    if (count == 1) continue;
    ++(count == 0 ? outcome.campaign.lost : outcome.campaign.doubled);
    outcome.campaign.findings.push_back("\"" + text + "\" was posted " + std::to_string(count) + " times");
  }
}

void play(unsigned seed, SteadyTime until, Outcome& outcome) {
  constexpr int kWarmUp = 20;
  constexpr milliseconds kPatience = std::chrono::minutes(20);  // a reply that is refused waits for minutes
  e2e::BoxOptions options;
  options.modem.sim_slots = 5;
  options.modem.chunk = seed % 2;  // every other one writes one byte at a time
  options.x.limits.posts = 1'000'000;
  options.x.limits.app_posts_a_day = 1'000'000;
  options.modem.link = (std::filesystem::temp_directory_path() /
                        ("pigeon-soak-" + std::to_string(::getpid()) + '-' + std::to_string(seed)))
                           .string();
  e2e::Box box(options);
  box.set_modem_url("pty:" + options.modem.link);
  if (!box.start()) throw std::runtime_error("pigeond does not start:\n" + box.log());
  for (const std::string& phone : kPhones) box.link(phone);
  test::FaultCampaign campaign(box.modem, box.carrier, box.database(), kPhones, seed, real_times());
  for (int i = 0; i < kWarmUp; ++i) campaign.round(seconds(30));
  if (!campaign.settled(seconds(60))) throw std::runtime_error("an undisturbed box does not settle");
  outcome.before = stats_of(box.pid());
  campaign.faults().draw(kRarity);
  while (steady_now() < until && !box.ended()) campaign.round(seconds(30));
  campaign.faults().end();
  const auto is_posted = [&] { return box.x.posts().size() >= campaign.texts().size(); };
  if (!campaign.settled(kPatience) || !e2e::eventually(is_posted, seconds(60), milliseconds(100)) ||
      !campaign.settled(kPatience))
    outcome.failure = "it does not settle:\n" + box.log();
  outcome.campaign = campaign.judge();
  judge_posts(box, campaign.texts(), outcome);
  if (box.ended())
    outcome.failure = "pigeond has ended:\n" + box.log();
  else
    outcome.after = stats_of(box.pid());
}

// Of what there are more descriptors than before.
std::string grown(const Outcome& outcome) {
  std::string words;
  for (const auto& [what, count] : outcome.after.files) {
    const auto had = outcome.before.files.find(what);
    const int before = had == outcome.before.files.end() ? 0 : had->second;
    if (count > before)
      words += ' ' + what + ' ' + std::to_string(before) + " → " + std::to_string(count) + ',';
  }
  return words + '\n';
}

// What is not as it must be; "" when all is.
std::string complaint(const Outcome& outcome) {
  std::string said = outcome.failure;
  for (const std::string& finding : outcome.campaign.findings) said += finding + '\n';
  if (outcome.campaign.recovery >= kLongestRecovery) said += "it took too long to recover\n";
  if (outcome.after.resident_mb > outcome.before.resident_mb + kGrowthMb) said += "its memory grows\n";
  if (outcome.after.descriptors > outcome.before.descriptors)
    said += "its descriptors grow:" + grown(outcome);
  if (outcome.after.connections > kMostConnections) said += "it has too many connections\n";
  return said;
}

bool report(const std::vector<Outcome>& outcomes) {
  CampaignResult sum;
  bool is_good = true;
  int posts = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& each = outcomes[i];
    const CampaignResult& result = each.campaign;
    sum.texts_in += result.texts_in;
    sum.texts_out += result.texts_out;
    sum.unclear += result.unclear;
    sum.unclear_not_out += result.unclear_not_out;
    sum.lost += result.lost;
    sum.doubled += result.doubled;
    sum.recovery = std::max(sum.recovery, result.recovery);
    posts += each.posts;
    for (const auto& [fault, count] : result.faults) sum.faults[fault] += count;
    std::printf(
        "box %zu: %4d in, %4d out, recovery %5.1f s, resident %.1f → %.1f MB, descriptors %d → %d, "
        "connections %d → %d\n",
        i + 1, result.texts_in, result.texts_out, static_cast<double>(result.recovery.count()) / 1000,
        each.before.resident_mb, each.after.resident_mb, each.before.descriptors, each.after.descriptors,
        each.before.connections, each.after.connections);
    const std::string said = complaint(each);
    is_good = is_good && said.empty();
    std::fputs(said.c_str(), stdout);
    for (const std::string& wait : result.waits) std::fputs(wait.c_str(), stdout);
  }
  std::printf("texts in         %6d, posted %d\n", sum.texts_in, posts);
  std::printf("texts out        %6d\n", sum.texts_out);
  std::printf("lost             %6d    (aim: 0)\n", sum.lost);
  std::printf("doubled          %6d    (aim: 0)\n", sum.doubled);
  std::printf("unclear          %6d    replies that the outbox shows as such; %d of them did not arrive\n",
              sum.unclear, sum.unclear_not_out);
  std::printf("worst recovery   %6.1f s  (aim: below 60)\n",
              static_cast<double>(sum.recovery.count()) / 1000);
  std::printf("faults          ");
  for (const auto& [fault, count] : sum.faults)
    std::printf(" %s %d,", std::string(sim::word_of(fault)).c_str(), count);
  std::printf("\n");
  return is_good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: soak_bench MINUTES SEED\n");
    return 2;
  }
  const auto seed = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  const SteadyTime until = steady_now() + std::chrono::minutes(std::strtol(argv[1], nullptr, 10));
  std::printf("seed %u, %d boxes, one command in %u goes wrong\n", seed, kBoxes, kRarity);
  std::fflush(stdout);
  std::vector<Outcome> outcomes(kBoxes);
  {
    std::vector<std::jthread> players;
    for (unsigned i = 0; i < kBoxes; ++i) {
      players.emplace_back([&, i] {
        try {
          play(seed + i, until, outcomes[i]);
        } catch (const std::exception& error) {
          outcomes[i].failure = error.what() + std::string("\n");
        }
      });
    }
  }
  return report(outcomes) ? 0 : 1;
}
