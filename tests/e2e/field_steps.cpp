// The steps of a line, a function for each row of the table in tests/data/field/SOURCE.md. See
// field_player.h.
#include <algorithm>
#include <stdexcept>

#include "base/text.h"
#include "tests/e2e/field_damage.h"
#include "tests/e2e/field_player.h"

namespace pigeon::e2e {
namespace {

using nlohmann::json;

constexpr milliseconds kRobotGivesUp = seconds(2);  // when no SMS comes that it could answer

[[noreturn]] void fail_with(const std::string& why) {
  throw std::runtime_error(why);
}

modem::Octets octets_of(const json& hex) {
  auto octets = from_hex(hex.get<std::string>());
  if (!octets) fail_with("no hex");
  return *std::move(octets);
}

}  // namespace

const std::map<std::string, Player::Step> Player::kSteps = {
    {"link", &Player::link},
    {"try_link", &Player::try_link},
    {"link_twice", &Player::link_twice},
    {"open_link", &Player::open_link},
    {"send_code", &Player::send_code},
    {"text", &Player::text},
    {"ask", &Player::ask},
    {"robot", &Player::robot},
    {"pdu", &Player::pdu},
    {"store", &Player::store},
    {"modem", &Player::modem},
    {"rescan", &Player::rescan},
    {"urc", &Player::urc},
    {"replug", &Player::replug},
    {"front", &Player::front},
    {"fault", &Player::fault},
    {"expire", &Player::expire},
    {"stop", &Player::stop},
    {"try_start", &Player::try_start},
    {"restart", &Player::restart},
    {"damage", &Player::damage},
    {"full", &Player::full},
    {"room", &Player::room},
    {"clock", &Player::clock},
    {"wait", &Player::wait},
    {"wait_posts", &Player::wait_posts},
    {"wait_replies", &Player::wait_replies},
    {"wait_log", &Player::wait_log},
    {"mark", &Player::mark},
};

void Player::link(const json& value, const json&) {
  box_->link(value);
}

void Player::try_link(const json& value, const json&) {
  try {
    box_->link(value);
  } catch (const std::runtime_error&) {  // what has become of it is for the line's expectations
  }
}

void Player::link_twice(const json& value, const json&) {
  const std::string phone = value;
  page_ = box_->follow_link(box_->ask(phone, "hello"), true, 2);
  if (page_.find("body=") != std::string::npos)
    static_cast<void>(
        box_->ask(phone, code_on_page(page_)));  // a page without a code leaves the person there
}

void Player::open_link(const json& value, const json&) {
  const auto inbox = box_->carrier.inbox(value);
  const auto newest = std::find_if(inbox.rbegin(), inbox.rend(), [](const sim::PhoneMessage& message) {
    return message.text.find("/auth/") != std::string::npos;
  });
  if (newest == inbox.rend()) fail_with("no link came");
  page_ = box_->follow_link(newest->text);
}

void Player::send_code(const json& value, const json&) {
  if (!box_->carrier.text(value.get<std::string>(), code_on_page(page_))) fail_with("not texted");
}

void Player::text(const json& value, const json&) {
  const auto sent = box_->carrier.text(value.at(0).get<std::string>(), value.at(1).get<std::string>());
  if (!sent) fail_with(sent.error().message);
}

void Player::ask(const json& value, const json&) {
  static_cast<void>(box_->ask(value.at(0), value.at(1)));
}

void Player::robot(const json& value, const json&) {
  const std::string phone = value.at(0), words = value.at(1);
  std::size_t answered = box_->carrier.inbox(phone).size();
  for (int round = 0; round < value.at(2).get<int>(); ++round) {
    if (!box_->carrier.text(phone, words)) fail_with("not texted");
    if (box_->carrier.wait_for(phone, answered + 1, kRobotGivesUp).size() <= answered) return;
    ++answered;
  }
}

void Player::pdu(const json& value, const json&) {
  box_->modem.deliver(octets_of(value));
}

void Player::store(const json& value, const json& step) {
  if (!box_->modem.put_in_slot(step.at("slot"), octets_of(value))) fail_with("the slot is taken");
}

void Player::modem(const json& value, const json&) {
  box_->modem.set_habits(with_habits(box_->modem.habits(), value));
}

void Player::rescan(const json&, const json&) {
  box_->modem.inject("\r\n+CMTI: \"SM\",-1\r\n");
}

void Player::urc(const json& value, const json&) {
  box_->modem.inject(value.get<std::string>());
}

void Player::replug(const json& value, const json& step) {
  box_->modem.unplug();
  wait(value, step);
  box_->modem.plug_in();
}

void Player::front(const json& value, const json&) {
  front_->answer(FrontAnswer::from_json(value));
}

void Player::fault(const json& value, const json&) {
  sim::InjectedAnswer answer;
  answer.match = value.value("method", "POST") + std::string(" ") + value.at("path").get<std::string>();
  answer.times = value.value("count", 1);
  answer.status = value.value("status", answer.status);
  answer.carry_out_first = value.value("pass", false);
  answer.drop_connection = value.value("drop", false);
  answer.delay = seconds_of(value.value("delay", json(0)));
  if (value.contains("body")) answer.body = as_text(value["body"]);
  box_->x.inject(std::move(answer));
}

void Player::expire(const json&, const json&) {
  box_->x.expire_access_tokens();
}

void Player::stop(const json&, const json&) {
  if (!box_->stop(kPatience)) fail_with("it did not stop");
}

void Player::try_start(const json&, const json&) {
  start();
}

void Player::restart(const json& value, const json& step) {
  stop(value, step);
  start();
  if (exit_) fail_with("it did not start");
}

void Player::damage(const json& value, const json&) {
  damage_database(box_->database(), value);
}

void Player::full(const json&, const json&) {
  wait_until_quiet();  // the card fills up behind what the steps so far have led to
  box_->set_full(true);
}

void Player::room(const json&, const json&) {
  box_->set_full(false);
}

void Player::clock(const json& value, const json&) {
  box_->set_clock(value);
}

// Time passes; sooner when the box has ended, which nothing that follows could change.
void Player::wait(const json& value, const json&) {
  static_cast<void>(eventually([&] { return box_->ended(); }, seconds_of(value)));
}

void Player::wait_posts(const json& value, const json& step) {
  const auto got = box_->x.wait_for_posts(value, timeout_of(step)).size();
  if (got < value.get<std::size_t>()) fail_with("only " + std::to_string(got) + " came");
}

void Player::wait_replies(const json& value, const json& step) {
  const std::size_t wanted = value.at(1);
  const auto got = box_->carrier.wait_for(value.at(0), wanted, timeout_of(step)).size();
  if (got < wanted) fail_with("only " + std::to_string(got) + " came");
}

void Player::wait_log(const json& value, const json& step) {
  const auto said = [&] { return found(value, box_->log()); };
  if (!eventually(said, timeout_of(step), milliseconds(25))) fail_with("it was not said");
}

void Player::mark(const json& value, const json&) {
  const std::lock_guard lock(mutex_);
  marks_[value] = {commands_.size(), requests().size()};
}

}  // namespace pigeon::e2e
