// Budgets: how many answers there are for one number, for the same words and for everybody, across restarts
// and whatever the clock does.
#include "store/budgets.h"

#include <doctest/doctest.h>

#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using std::chrono::hours;
using std::chrono::minutes;
using test::TempStore;

namespace {

const UtcTime kNow = from_unix_ms(1'795'000'000'000);
constexpr milliseconds kMoment{1};

std::string phone(int number) {
  return "+1202555" + std::to_string(1000 + number);
}

// A box that answers, and how often it did.
struct Box {
  TempStore temp;
  int answered = 0;
  int texts = 0;

  bool text(int number, const std::string& words, bool linked, UtcTime now,
            ReplyKind kind = ReplyKind::answer, std::optional<std::int64_t> message = {}) {
    return text(in_one(*temp), number, words, linked, now, kind, message);
  }
  bool text(Transaction& transaction, int number, const std::string& words, bool linked, UtcTime now,
            ReplyKind kind = ReplyKind::answer, std::optional<std::int64_t> message = {}) {
    ++texts;
    const bool queued = temp->outbox.answer(transaction, {phone(number), "An answer.", "main", message, kind},
                                            words, linked, now);
    answered += queued ? 1 : 0;
    return queued;
  }
  // So many different texts at `now`.
  void flood(int number, int count, bool linked, UtcTime now) {
    auto transaction = temp->begin();
    flood(transaction, number, count, linked, now);
    transaction.commit();
  }
  void flood(Transaction& transaction, int number, int count, bool linked, UtcTime now) {
    for (int i = 0; i < count; ++i) text(transaction, number, "text " + std::to_string(texts), linked, now);
  }
  [[nodiscard]] std::int64_t refused(Budget budget) { return temp->budgets.refused(budget); }
};

}  // namespace

TEST_CASE("budgets: each limit is held, and a new hour or day begins anew") {
  struct Row {
    const char* name;
    bool linked;
    int numbers;  // who text in turn
    int allowed;
    hours window;
    Budget budget;
  };
  Limits limits;
  limits.linked_per_day = 60;  // of one hour, so that the day is what ends it
  const Row rows[] = {
      {"an unlinked number", false, 1, 3, hours(1), Budget::unlinked_per_hour},
      {"a linked number", true, 1, 60, hours(1), Budget::linked_per_hour},
      {"a linked number's day", true, 1, 60, hours(24), Budget::linked_per_day},
      {"the box", true, 50, 300, hours(1), Budget::box_per_hour},
      {"the box, of strangers", false, 150, 300, hours(1), Budget::box_per_hour},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Box box;
    if (row.budget == Budget::linked_per_day) {
      limits.linked_per_hour = 1000;
      box.temp->budgets.set_limits(limits);
    }
    const auto flood = [&](UtcTime now) {
      const int before = box.answered;
      auto transaction = box.temp->begin();
      for (int i = 0; i <= row.allowed / row.numbers; ++i) {
        for (int number = 0; number < row.numbers; ++number)
          box.flood(transaction, number, 1, row.linked, now);
      }
      transaction.commit();
      return box.answered - before;
    };
    CHECK(flood(kNow) == row.allowed);
    const std::int64_t refused = box.refused(row.budget);
    CHECK(refused == box.texts - box.answered);
    CHECK(flood(kNow + row.window - kMoment) == 0);
    CHECK(flood(kNow + row.window) == row.allowed);
  }
}

TEST_CASE("budgets: the default day is 200") {
  Box box;
  for (int hour = 0; hour < 5; ++hour) box.flood(1, 60, true, kNow + hours(hour));
  CHECK(box.answered == 200);
  CHECK(box.refused(Budget::linked_per_day) == 100);
}

TEST_CASE("budgets: the same words from one number are answered twice an hour") {
  Box box;
  CHECK(box.text(1, "Sorry, I am driving.", true, kNow));
  CHECK(box.text(1, " sorry, I am DRIVING. ", true, kNow));
  CHECK_FALSE(box.text(1, "Sorry, I am driving.", true, kNow));
  CHECK(box.refused(Budget::same_words_per_hour) == 1);
  CHECK(box.text(1, "Something else.", true, kNow));
  CHECK(box.text(2, "Sorry, I am driving.", true, kNow));
  CHECK_FALSE(box.text(1, "Sorry, I am driving.", true, kNow + hours(1) - kMoment));
  CHECK(box.text(1, "Sorry, I am driving.", true, kNow + hours(1)));
}

TEST_CASE("budgets: two answers to one text are no repetition of its words") {
  Box box;
  Store& store = *box.temp;
  const auto message = [&] {
    return store.inbox.add(in_one(store), {"main", phone(1), phone(1), "hi", kNow, kNow});
  };
  const auto first = message();
  CHECK(box.text(1, "hi", true, kNow, ReplyKind::answer, first));
  CHECK(box.text(1, "hi", true, kNow, ReplyKind::outcome, first));
  const auto second = message();
  CHECK(box.text(1, "hi", true, kNow, ReplyKind::answer, second));
  CHECK(box.text(1, "hi", true, kNow, ReplyKind::outcome, second));
  CHECK_FALSE(box.text(1, "hi", true, kNow, ReplyKind::answer, message()));
}

TEST_CASE("budgets: a robot that answers every SMS is answered a few times") {
  Box box;
  Store& store = *box.temp;
  for (int round = 0; round < 12; ++round) {
    const UtcTime now = kNow + seconds(5 * round);
    const OfferedLink link =
        store.pairings.offer_link(in_one(store), *PhoneNumber::parse(phone(2)), "main", minutes(15), now);
    const bool queued = store.outbox.answer(
        in_one(store), {phone(2), "Open " + link.code, "main", std::nullopt, ReplyKind::link, link.id},
        "Sorry, I am driving and cannot answer now.", false, now);
    box.answered += queued ? 1 : 0;
    // A link that nobody will read is worth nothing to anybody.
    CHECK(store.pairings.find_by_code(link.code, now).has_value() == queued);
  }
  CHECK(box.answered >= 1);
  CHECK(box.answered <= 6);
  CHECK(store.outbox.count(ReplyState::queued) == box.answered);
}

TEST_CASE("budgets: the end of an account and of a pairing are always confirmed") {
  Box box;
  box.flood(1, 5, false, kNow);
  CHECK(box.answered == 3);
  for (int i = 0; i < 5; ++i) {
    CHECK(box.text(1, "stop", false, kNow, ReplyKind::stop));
    CHECK(box.text(1, "1234", false, kNow, ReplyKind::announcement));
  }
  Box calm;  // and they are no answers that count
  for (int i = 0; i < 5; ++i) calm.text(1, "stop", false, kNow, ReplyKind::stop);
  CHECK(calm.text(1, "hello", false, kNow));
}

TEST_CASE("budgets: a restart frees nobody, nor does clearing up the outbox") {
  Box box;
  box.flood(1, 5, false, kNow);
  box.temp.reopen();
  box.flood(1, 5, false, kNow + minutes(1));
  CHECK(box.answered == 3);
  Database(box.temp.database()).execute("DELETE FROM outbox");
  box.flood(1, 5, false, kNow + minutes(2));
  CHECK(box.answered == 3);
  CHECK(box.refused(Budget::unlinked_per_hour) == 12);
}

TEST_CASE("budgets: a clock that is set back holds nobody back") {
  Box box;
  box.flood(1, 3, false, kNow + hours(24 * 400));
  box.flood(1, 5, false, kNow);  // the answers of a time to come do not count
  CHECK(box.answered == 6);
  box.flood(1, 5, false, kNow + hours(1));
  CHECK(box.answered == 9);
}

TEST_CASE("budgets: what is never sent is given back") {
  Box box;
  Store& store = *box.temp;
  const auto message = store.inbox.add(in_one(store), {"main", phone(1), phone(1), "hi", kNow, kNow});
  Limits limits;
  limits.linked_per_hour = 1;
  store.budgets.set_limits(limits);
  CHECK(box.text(1, "hi", true, kNow, ReplyKind::saved, message));
  CHECK(box.text(1, "hi", true, kNow, ReplyKind::outcome, message));  // "Saved" goes, and makes room
  CHECK_FALSE(box.text(1, "more", true, kNow));

  limits.unlinked_per_hour = 1;
  store.budgets.set_limits(limits);
  const auto ask = [&](UtcTime now) {
    const OfferedLink link =
        store.pairings.offer_link(in_one(store), *PhoneNumber::parse(phone(2)), "main", minutes(15), now);
    return store.outbox.answer(in_one(store),
                               {phone(2), "Open", "main", std::nullopt, ReplyKind::link, link.id}, "hello",
                               false, now);
  };
  CHECK(ask(kNow));
  CHECK_FALSE(ask(kNow + hours(1) - kMoment));
  CHECK(store.outbox.drop_stale_links(in_one(store), "main", kNow + kLinkPatience) == 1);
  CHECK(ask(kNow + hours(1) - kMoment));  // a new link for the one that was never sent
}

TEST_CASE("budgets: 0 is no answer at all") {
  Box box;
  box.temp->budgets.set_limits({.unlinked_per_hour = 0});
  CHECK_FALSE(box.text(1, "hello", false, kNow));
  CHECK(box.text(1, "hello", true, kNow));
  box.temp->budgets.set_limits({.box_per_hour = 0});
  CHECK_FALSE(box.text(2, "hello", true, kNow));
}

TEST_CASE("budgets: who was linked and has stopped begins anew as a stranger") {
  Box box;
  box.flood(1, 10, true, kNow);
  REQUIRE(box.answered == 10);
  CHECK(box.text(1, "hello again", false, kNow));
  box.flood(1, 10, false, kNow);
  CHECK(box.answered == 13);
}
