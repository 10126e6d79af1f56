// The box of a line, and what is seen of it; the steps are in field_steps.cpp. See field_player.h.
#include "tests/e2e/field_player.h"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/text.h"

namespace pigeon::e2e {
namespace {

using nlohmann::json;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSlowness = 3;
#else
constexpr int kSlowness = 1;
#endif
constexpr milliseconds kUsualTimeout = seconds(10);
constexpr milliseconds kLate = seconds(3);  // for what no step waits for
constexpr milliseconds kPause = milliseconds(300);
constexpr milliseconds kLook = milliseconds(25);  // a look at a whole box is dear

bool has_step(const json& input, const char* name) {
  const json& steps = input.at("steps");
  return std::any_of(steps.begin(), steps.end(), [&](const json& step) { return step.contains(name); });
}

// A port whose link comes back needs one that no other line has; "" where the port stays.
std::string modem_link_of(const json& input) {
  static int links = 0;
  if (!has_step(input, "replug")) return {};
  return "/tmp/pigeon-field-" + std::to_string(::getpid()) + "-" + std::to_string(++links);
}

// What a secret file's octets mean: without a byte order mark and the white space around.
std::string meant_by(std::string_view octets) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (octets.starts_with(kMark)) octets.remove_prefix(kMark.size());
  return std::string(trim(octets));
}

BoxOptions options_of(const json& input, const std::string& modem_link) {
  BoxOptions options;
  options.default_limits = true;
  options.country = input.value("country", options.country);
  options.gateway_config = "oldest = \"36500d\"\n";  // the PDUs are of a fixed day
  options.modem_config = input.value("modem_config", std::string());
  options.saved_by_windows = input.contains("windows");
  if (input.contains("secret")) {
    options.client_secret = input["secret"];
    options.x.client_secret = meant_by(options.client_secret);
  }
  if (input.contains("clock") || has_step(input, "clock")) options.clock = input.value("clock", "-0d");
  const json modem = input.value("modem", json::object());
  options.modem.first_index = modem.value("first", options.modem.first_index);
  options.modem.sim_slots = modem.value("size", options.modem.sim_slots);
  options.modem.one_memory = modem.value("alias", false);
  options.modem.link = modem_link;
  return options;
}

// A final result as a modem writes it: "OK", "ERROR", "+CMS ERROR: 321".
sim::FinalResult final_result(const std::string& text) {
  if (text == "OK") return sim::ok();
  if (text == "ERROR") return sim::error();
  for (const auto& [begin, make] :
       {std::pair("+CMS ERROR: ", &sim::cms), std::pair("+CME ERROR: ", &sim::cme)}) {
    if (text.starts_with(begin)) return make(std::stoi(text.substr(std::string_view(begin).size())));
  }
  throw std::invalid_argument("no final result: " + text);
}

sim::SendHabit send_habit(const json& described) {
  sim::SendHabit habit;
  habit.before = described.value("before", std::string());
  habit.delay = seconds_of(described.value("delay", json(0)));
  return habit;
}

void take_habit(sim::ModemHabits& habits, const std::string& name, const json& value) {
  if (name == "cmgd") {
    const std::string how = value;
    habits.deletion =
        how == "ok" ? std::nullopt : std::optional(how == "lie" ? sim::ok() : final_result(how));
  } else if (name == "used") {
    habits.used = value.get<int>();
  } else if (name == "cpms") {
    if (value != "two_only_one") throw std::invalid_argument("no such +CPMS: " + value.dump());
    habits.one_storage = true;
  } else if (name == "cmgs") {
    habits.sends.clear();
    for (const json& one : value) habits.sends.push_back(send_habit(one));
  } else if (name == "csca_lost") {
    habits.smsc_lost = value;
  } else if (name == "noise") {
    habits.noise = value;
  } else if (name == "twice") {
    habits.stores_twice = value;
  } else if (name == "cnmi_tell") {
    habits.announces = value;
  } else if (name != "first" && name != "size" && name != "alias") {  // those are what the modem is made with
    throw std::invalid_argument("no such habit: " + name);
  }
}

}  // namespace

milliseconds seconds_of(const json& value) {
  return std::chrono::round<milliseconds>(std::chrono::duration<double>(value.get<double>()));
}

milliseconds timeout_of(const json& step) {
  return (step.contains("timeout") ? seconds_of(step["timeout"]) : kUsualTimeout) * kSlowness;
}

sim::ModemHabits with_habits(sim::ModemHabits habits, const json& described) {
  for (const auto& [name, value] : described.items()) take_habit(habits, name, value);
  return habits;
}

Player::Player(const json& input) : input_(input) {
  const std::string link = modem_link_of(input);
  const BoxOptions options = options_of(input, link);
  clocked_ = !options.clock.empty();
  box_ = std::make_unique<Box>(options);
  if (has_step(input, "front")) {
    front_ = std::make_unique<Front>(box_->x.url());
    box_->set_api_url(front_->url());
  }
  if (!link.empty()) box_->set_modem_url("pty:" + link);
  box_->modem.set_habits(with_habits({}, input.value("modem", json::object())));
  box_->modem.before_command([this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    commands_.emplace_back(line);
    last_command_ = steady_now();
    return sim::Intervention{};
  });
}

Player::~Player() {
  box_->modem.before_command({});
}

void Player::play() {
  start();
  int number = 0;
  for (const json& step : input_.at("steps")) {
    ++number;
    try {
      play_step(step);
    } catch (const std::exception& error) {
      throw std::runtime_error("step " + std::to_string(number) + " " + step.dump() + ": " + error.what());
    }
  }
}

void Player::play_step(const json& step) {
  for (const auto& [name, value] : step.items()) {
    if (name == "timeout" || name == "slot") continue;  // of the step beside them
    const auto known = kSteps.find(name);
    if (known == kSteps.end()) throw std::invalid_argument("no such step");
    (this->*known->second)(value, step);
  }
}

void Player::start() {
  exit_.reset();
  if (!box_->start()) exit_ = box_->wait_for_exit();
  // The modem's first listing is over: what a box without a clock finds there waits for one.
  else if (clocked_)
    static_cast<void>(eventually([&] { return box_->query("SELECT registration FROM modems") != ""; }));
}

std::vector<std::string> Player::requests() const {
  if (front_) return front_->requests();
  std::vector<std::string> out;
  for (const sim::RequestRecord& request : box_->x.request_records()) out.push_back(request.method_path);
  return out;
}

void Player::wait_until_quiet() const {
  const auto quiet = [&] {
    const std::lock_guard lock(mutex_);
    return steady_now() - last_command_ > kPause * kSlowness;
  };
  if (!eventually(quiet, kUsualTimeout, kLook)) throw std::runtime_error("the modem has no rest");
}

Observed Player::observe() {
  Observed seen;
  for (const sim::SandboxPost& post : box_->x.posts()) seen.posts.push_back(post.text);
  std::set<std::string> people;
  for (const json& phone : input_.value("people", json::array())) {
    people.insert(phone.get<std::string>());
    auto& texts = seen.replies[phone.get<std::string>()];
    for (const sim::PhoneMessage& message : box_->carrier.inbox(phone.get<std::string>()))
      texts.push_back(message.text);
  }
  for (const sim::SentPart& part : box_->modem.sent())
    seen.strangers += people.contains(part.submit.recipient.to_string()) ? 0U : 1U;
  seen.used = box_->modem.messages_stored();
  seen.alive = !box_->ended();
  if (!seen.alive && box_->pid() > 0) exit_ = box_->wait_for_exit();
  seen.exit = exit_;
  seen.log = box_->log();
  seen.requests = requests();
  for (const sim::RequestRecord& request : box_->x.request_records()) {
    const bool refused = request.status == 400 || request.status == 401;
    if (refused && request.method_path == "POST /2/oauth2/token")
      seen.violations.push_back(request.method_path + " " + std::to_string(request.status));
  }
  seen.marks = marks_;
  const std::lock_guard lock(mutex_);
  seen.commands = commands_;
  return seen;
}

std::vector<std::string> Player::verdict(const json& expected, bool in_vain) {
  const SteadyTime began = steady_now();
  const milliseconds settle = seconds_of(input_.value("settle", json(kPause.count() / 1000.0)));
  const auto problems = [&] { return judge(expected, observe()); };
  if (!in_vain && eventually([&] { return problems().empty(); }, settle + kLate * kSlowness, kLook)) {
    const auto left = std::chrono::ceil<milliseconds>(began + settle - steady_now());
    static_cast<void>(eventually([&] { return !problems().empty(); }, left, kLook));
  }
  return problems();
}

}  // namespace pigeon::e2e
