// Measuring a box from outside; see box_bench.h.
#include "bench/box_bench.h"

#include <algorithm>
#include <stdexcept>

namespace pigeon::bench {

e2e::BoxOptions box_options() {
  e2e::BoxOptions options;
  options.modem.sim_slots = 400;
  options.x.limits.posts = 1'000'000;
  options.x.limits.app_posts_a_day = 1'000'000;
  options.verbose = false;
  return options;
}

std::vector<SteadyTime> post_times(const e2e::Box& box) {
  std::vector<SteadyTime> times;
  for (const sim::RequestRecord& record : box.x.request_records()) {
    if (record.method_path == "POST /2/tweets") times.push_back(record.arrived);
  }
  return times;
}

Latency measure_latency(e2e::Box& box, int texts, std::size_t length) {
  std::vector<double> delays;
  for (int i = 0; i < texts; ++i) {
    const std::size_t before = post_times(box).size();
    const std::size_t replies = box.carrier.inbox(kAda).size();
    std::string text = "latency " + std::to_string(i);
    text.append(length > text.size() ? length - text.size() : 0, '.');
    const auto parts = box.carrier.make_parts(kAda, text);
    const SteadyTime start = steady_now();
    box.modem.deliver(parts->front(), false);
    // The sandbox files a request's record when it has answered, with the time at which it arrived.
    if (!e2e::eventually([&] { return post_times(box).size() > before; }))
      throw std::runtime_error("no post");
    delays.push_back(std::chrono::duration<double, std::milli>(post_times(box)[before] - start).count());
    static_cast<void>(
        box.carrier.wait_for(kAda, replies + 1, e2e::kPatience));  // quiet again before the next
  }
  std::sort(delays.begin(), delays.end());
  return {delays[delays.size() / 2], delays[delays.size() * 95 / 100], delays.back()};
}

std::vector<std::string> link_people(e2e::Box& box, int count) {
  std::vector<std::string> people;
  for (int i = 0; i < count; ++i) {
    people.push_back("+12025550" + std::to_string(130 + i));
    box.link(people.back());
  }
  return people;
}

double measure_burst(e2e::Box& box, int texts, const std::vector<std::string>& people) {
  const std::size_t before = box.x.posts().size();
  const SteadyTime start = steady_now();
  for (int i = 0; i < texts; ++i) {
    const std::string& phone = people[static_cast<std::size_t>(i) % people.size()];
    if (!box.carrier.text(phone, "burst " + std::to_string(before) + " " + std::to_string(i)))
      throw std::runtime_error("text refused");
  }
  const auto posts = box.x.wait_for_posts(before + static_cast<std::size_t>(texts), e2e::kPatience);
  if (posts.size() < before + static_cast<std::size_t>(texts)) throw std::runtime_error("posts are missing");
  return std::chrono::duration<double>(post_times(box).back() - start).count();
}

}  // namespace pigeon::bench
