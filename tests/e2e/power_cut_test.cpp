// The power goes at every act: of the database only that is left which was synced, the modem and X know what
// they were told. No act may come before what it rests on is on the disk. And the card refuses each of its
// syncs.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/e2e/box.h"

using namespace pigeon;
using e2e::Box;
namespace fs = std::filesystem;

namespace {

const std::string kAda = "+12025550123";
const std::string kSanitizer = "ASAN_OPTIONS=verify_asan_link_order=0";

long count_posts(const Box& box, const std::string& text) {
  const auto posts = box.x.posts();
  return std::count_if(posts.begin(), posts.end(),
                       [&](const sim::SandboxPost& post) { return post.text == text; });
}

long count_replies(const Box& box, const std::string& text) {
  const auto inbox = box.carrier.inbox(kAda);
  return std::count_if(inbox.begin(), inbox.end(),
                       [&](const sim::PhoneMessage& message) { return message.text == text; });
}

// The card of a box: what it would hold if the power went now.
class Card {
 public:
  explicit Card(const Box& box) : box_(box), folder_(box.folder() / "card") {}

  // `when` is what the shim is told, "PIGEON_CUT_AT=7".
  [[nodiscard]] std::vector<std::string> environment(const std::string& when) const {
    return {kSanitizer, std::string("LD_PRELOAD=") + POWER_CUT, "PIGEON_DISK=" + folder_.string(), when};
  }
  // All that is written is synced: the box does not run, or has been given time.
  void is_what_is_written() const {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    copy(box_.folder(), folder_);
  }
  // The power went.
  void is_all_that_is_left() const {
    for (const char* name : {"pigeon.db", "pigeon.db-wal", "pigeon.db-shm"}) fs::remove(box_.folder() / name);
    copy(folder_, box_.folder());
  }

 private:
  static void copy(const fs::path& from, const fs::path& to) {
    for (const char* name : {"pigeon.db", "pigeon.db-wal"}) {
      if (fs::exists(from / name))
        fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing);
    }
  }
  const Box& box_;
  fs::path folder_;
};

// Runs with the power cut before the `at`-th act; true: it was cut before `done`.
bool cut(Box& box, const Card& card, int at, const std::function<bool()>& done) {
  card.is_what_is_written();
  box.set_environment(card.environment("PIGEON_CUT_AT=" + std::to_string(at)));
  static_cast<void>(box.start());
  const bool was_cut = !e2e::eventually([&] { return box.ended() || done(); }) || box.ended();
  box.kill9();
  card.is_all_that_is_left();
  box.set_environment({kSanitizer});
  REQUIRE(box.start());
  return was_cut;
}

}  // namespace

TEST_CASE("power cut: at every act on the way of a text, it is posted once and answered") {
  e2e::BoxOptions options;
  options.environment = {kSanitizer};
  options.x.limits.posts = 10'000;
  Box box(std::move(options));
  const Card card(box);
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop().has_value());
  int cuts = 0;
  for (int at = 1;; at += CUT_STRIDE) {
    const std::string text = "the power went at act " + std::to_string(at);
    const std::string reply = "Posted: " + text;
    CAPTURE(text);
    REQUIRE(box.carrier.text(kAda, text).has_value());
    const bool was_cut = cut(box, card, at, [&] { return count_replies(box, reply) > 0; });
    REQUIRE_MESSAGE(e2e::eventually([&] { return box.has_answered(kAda, reply); }), box.log());
    CHECK(count_posts(box, text) == 1);
    CHECK(count_replies(box, reply) <= 1);
    REQUIRE(box.stop().has_value());
    if (!was_cut) break;
    ++cuts;
  }
  CHECK(cuts >= 20 / CUT_STRIDE);
  MESSAGE("cut at ", cuts, " acts");
}

// The log holds what many texts wrote, and the checkpoint's thread carries it over while nobody commits.
TEST_CASE("power cut: within a checkpoint, nothing of the log is lost and nothing is done again") {
  std::string when;
  SUBCASE("its pages are written and not synced") {
    when = "before";
  }
  SUBCASE("its pages are synced") {
    when = "after";
  }
  e2e::BoxOptions options;
  options.environment = {kSanitizer};
  options.x.limits.posts = 10'000;
  Box box(std::move(options));
  const Card card(box);
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop().has_value());
  card.is_what_is_written();
  box.set_environment(card.environment("PIGEON_CUT_CHECKPOINT=" + when));
  REQUIRE(box.start());
  constexpr int kTexts = 14;
  for (int i = 0; i < kTexts; ++i) REQUIRE(box.carrier.text(kAda, "before " + std::to_string(i)).has_value());
  REQUIRE(e2e::eventually(
      [&] { return count_replies(box, "Posted: before " + std::to_string(kTexts - 1)) > 0; }));
  REQUIRE(e2e::eventually([&] { return box.ended(); }));  // a checkpoint began
  box.kill9();
  card.is_all_that_is_left();
  box.set_environment({kSanitizer});
  REQUIRE(box.start());
  CHECK(box.ask(kAda, "afterwards") == "Posted: afterwards");
  for (int i = 0; i < kTexts; ++i) {
    CHECK(count_posts(box, "before " + std::to_string(i)) == 1);
    CHECK(count_replies(box, "Posted: before " + std::to_string(i)) == 1);
  }
  CHECK(box.query("PRAGMA integrity_check") == "ok");
}

TEST_CASE("power cut: at every act of a STOP, the account ends here and at X, and its end is told") {
  e2e::BoxOptions options;
  options.environment = {kSanitizer};
  int cuts = 0;
  Box box(std::move(options));
  const Card card(box);
  for (int at = 1;; at += 3 * CUT_STRIDE) {
    CAPTURE(at);
    const std::string person = "+12025550" + std::to_string(200 + at);
    REQUIRE(box.start());
    box.link(person);
    REQUIRE(box.stop().has_value());
    REQUIRE(box.carrier.text(person, "STOP").has_value());
    const auto ended = [&] {
      return box.has_answered(person, "Unlinked.") &&
             box.query("SELECT count(*) FROM jobs WHERE kind = 'revocation'") == "0";
    };
    const bool was_cut = cut(box, card, at, ended);
    REQUIRE_MESSAGE(e2e::eventually(ended), box.log());
    CHECK(box.query("SELECT count(*) FROM accounts") == "0");
    const auto grants = box.x.grants();
    CHECK(std::none_of(grants.begin(), grants.end(),
                       [](const sim::SandboxGrant& grant) { return grant.alive; }));
    REQUIRE(box.stop().has_value());
    if (!was_cut) break;
    ++cuts;
  }
  CHECK(cuts >= 5 / CUT_STRIDE);
  MESSAGE("cut at ", cuts, " acts");
}

TEST_CASE(
    "power cut: whichever sync the card refuses, the text is posted once and answered, and so is the next") {
  e2e::BoxOptions options;
  options.environment = {kSanitizer};
  options.x.limits.posts = 10'000;
  Box box(std::move(options));
  REQUIRE(box.start());
  box.link(kAda);
  REQUIRE(box.stop().has_value());
  int refusals = 0;
  for (int at = 1;; at += CUT_STRIDE) {
    const std::string text = "the card refused its sync " + std::to_string(at);
    CAPTURE(text);
    REQUIRE(box.carrier.text(kAda, text).has_value());
    const std::size_t before = box.log().size();
    box.set_environment(
        {kSanitizer, std::string("LD_PRELOAD=") + POWER_CUT, "PIGEON_REFUSE_AT=" + std::to_string(at)});
    if (!box.start()) {  // at the start itself: the service manager starts it again
      box.set_environment({kSanitizer});
      REQUIRE(box.start());
    }
    REQUIRE_MESSAGE(e2e::eventually([&] { return box.has_answered(kAda, "Posted: " + text); }), box.log());
    const std::string next = "and took " + std::to_string(at);
    CHECK(box.ask(kAda, next) == "Posted: " + next);
    REQUIRE(box.stop().has_value());
    CHECK(count_posts(box, text) == 1);
    CHECK(count_replies(box, "Posted: " + text) <= 1);
    CHECK(count_posts(box, next) == 1);
    if (box.log().find("disk I/O error", before) == std::string::npos) break;
    ++refusals;
  }
  CHECK(refusals >= 6 / CUT_STRIDE);
  MESSAGE("refused ", refusals, " syncs");
}
