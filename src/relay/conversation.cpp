// Deciding about one text; see conversation.h.
#include "relay/conversation.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "relay/links.h"
#include "relay/outcomes.h"
#include "relay/replies.h"
#include "relay/settling.h"
#include "relay/unlinking.h"
#include "x/weight/weighted_length.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "conversation";
constexpr std::string_view kErasure = "erasure/";  // its queue is this and the number
constexpr std::chrono::minutes kErasureWaits{1};   // for what is still under way
constexpr milliseconds kTextInHand = seconds(1);   // until it is decided

store::NewReply reply_to(const store::Message& message, const std::string& words) {
  return {message.phone, words, message.modem, message.id};
}

// Of what is asked about a phone's PINs: behind none of its posts.
std::string pin_queue(std::string_view phone) {
  return "pin/" + std::string(phone);
}

}  // namespace

// A text in hand.
struct Conversation::Text {
  const store::Job& job;
  const store::Message& message;
  const PhoneNumber& phone;
  UtcTime now;
};

Conversation::Conversation(const Office& office) : office_(office), store_(office.store) {}

void Conversation::decide(const store::Job& job) {
  const UtcTime now = store_.time.now();
  const auto message = store_.inbox.find(job.subject);
  if (!message || message->ending) {
    finish(job);
    return;
  }
  const auto phone = PhoneNumber::parse(message->phone);
  if (!phone) {
    auto transaction = store_.begin();
    settle_quietly(office_, transaction, job, *message, store::Ending::ignored, message->note, now);
    transaction.commit();
    return;
  }
  const Text text{job, *message, *phone, now};
  const Command command = parse_command(message->text);
  if (command.kind != CommandKind::start && store_.opt_outs.contains(*phone)) {
    hear_after_stop(text, command);
    return;
  }
  switch (command.kind) {
    case CommandKind::stop:
      stop(text);
      return;
    case CommandKind::help:
    case CommandKind::unknown:
      answer(text, replies::help(linked_username(*phone)), "help");
      return;
    case CommandKind::start:
      start(text);
      return;
    case CommandKind::code:
      take_code(text, command.text);
      return;
    case CommandKind::post:
      post(text, command.text);
      return;
  }
}

// A link of a phone that has one replaces it: what was begun with it is over.
void Conversation::start(const Text& text) {
  if (const std::string name = linked_username(text.phone); !name.empty()) {
    answer(text, replies::already_linked(name), "start");
    return;
  }
  if (office_.pairing.by_pin) {
    ask_x_for_link(text);
    return;
  }
  {
    auto transaction = store_.begin();
    store_.opt_outs.remove(transaction, text.phone);
    const store::NewReply link = offer_link(office_, transaction, text.message, text.phone, false, text.now);
    if (answer(transaction, text, link, "link")) {
      transaction.commit_for_later();  // without it the text is decided again
      return;
    }
  }
  // Too many were asked for: the one that lives stays, and this one is counted.
  auto transaction = store_.begin();
  store_.opt_outs.remove(transaction, text.phone);
  store::NewReply unsent = reply_to(text.message, "");
  unsent.kind = store::ReplyKind::link;
  static_cast<void>(answer(transaction, text, std::move(unsent), "link"));
  transaction.commit();
}

void Conversation::post(const Text& text, const std::string& words) {
  const auto account = store_.accounts.find(text.phone);
  if (account && account->state == store::AccountState::linked) {
    plan_post(text, words);
    return;
  }
  if (office_.pairing.by_pin && needs_link(office_, text.phone, text.now)) {
    ask_x_for_link(text);
    return;
  }
  auto transaction = store_.begin();
  if (auto reply =
          ask_for_link(office_, transaction, text.message, text.phone, account.has_value(), text.now)) {
    const bool queued = answer(transaction, text, std::move(*reply), "link");
    store::commit_settled(transaction, queued);
    return;
  }
  close(transaction, text, "link waits");
  transaction.commit();
}

// X makes the link, so the answer waits for it in the other lane; what the answer would cost is asked before.
void Conversation::ask_x_for_link(const Text& text) {
  auto transaction = store_.begin();
  store_.opt_outs.remove(transaction, text.phone);
  if (!store_.budgets.allows(transaction, text.phone, store_.accounts.user_exists(text.phone),
                             text.message.text, text.now, text.message.id)) {
    close(transaction, text, "link");
    transaction.commit();
    return;
  }
  static_cast<void>(store_.pairings.offer_pin(transaction, text.phone, text.message.modem,
                                              office_.settings.pairing_expires, text.now));
  static_cast<void>(store_.jobs.add(
      transaction,
      {.kind = store::JobKind::pin_link, .queue = pin_queue(text.phone.e164()), .subject = text.message.id}));
  store_.jobs.done(transaction, text.job);
  transaction.commit_for_later();  // without it the text is decided again
  office_.wakeups.network.ring();
}

// Whether it is the right one, only X knows.
void Conversation::take_pin(store::Transaction& transaction, const Text& text) {
  static_cast<void>(store_.jobs.add(
      transaction,
      {.kind = store::JobKind::pin, .queue = pin_queue(text.phone.e164()), .subject = text.message.id}));
  store_.jobs.done(transaction, text.job);
  transaction.commit_for_later();  // without it the text is decided again
  office_.wakeups.network.ring();
}

// Only from the phone that asked is a code worth anything. The right one from another phone means that it was
// given away, or that somebody sent his own link to somebody else: that pairing is over. Wrong ones count for
// the pairing of the phone that texts them, and for nobody else's.
void Conversation::take_code(const Text& text, std::string_view digits) {
  auto transaction = store_.begin();
  const auto meant = store_.pairings.find_by_text_back(digits, text.message.received_at);
  if (meant && meant->phone == text.message.phone) {
    link(transaction, text, meant->id);
    return;
  }
  if (!meant && store_.pairings.awaiting_pin(text.phone, text.message.received_at)) {
    take_pin(transaction, text);
    return;
  }
  if (meant) store_.pairings.fail(transaction, meant->id, store::PairingFailure::other_phone, text.now);
  const auto own = store_.pairings.awaiting_text_back(text.phone, text.message.received_at);
  const bool over = own && store_.pairings.count_wrong_code(transaction, own->id, text.now);
  if (meant) {
    store::NewReply reply = reply_to(text.message, replies::code_of_other_phone());
    reply.kind = store::ReplyKind::announcement;
    answer(transaction, text, std::move(reply), "another phone's code");
  } else if (over) {
    close(transaction, text, "wrong code");  // the announcement says so
  } else if (own) {
    answer(transaction, text, reply_to(text.message, replies::wrong_code()), "wrong code");
  } else {
    answer(transaction, text, reply_to(text.message, replies::looks_like_code()), "code");
  }
  transaction.commit();
  office_.wakeups.local.ring();
  office_.wakeups.network.ring();
}

void Conversation::link(store::Transaction& transaction, const Text& text, std::int64_t pairing) {
  if (auto linked = store_.pairings.link(transaction, pairing, text.now); !linked) {
    log::error(kTag, linked.error().message);
    store_.pairings.fail(transaction, pairing, store::PairingFailure::error, text.now);
  }
  close(transaction, text, "text-back code");
  transaction.commit();
  office_.wakeups.local.ring();  // the announcement tells the person
}

void Conversation::plan_post(const Text& text, const std::string& words) {
  if (words.empty()) {
    settle(office_, text.job, text.message, std::nullopt, Happened::empty, {}, text.now);
    return;
  }
  if (x::weighted_length(words) > x::kMaxWeightedLength) {
    settle(office_, text.job, text.message, std::nullopt, Happened::over_long, {}, text.now);
    return;
  }
  auto transaction = store_.begin();
  const std::int64_t post = store_.posts.plan(transaction, text.message.id, 1, text.phone.e164(), words);
  static_cast<void>(store_.jobs.add(
      transaction, {.kind = store::JobKind::post, .queue = text.phone.e164(), .subject = post}));
  store_.jobs.done(transaction, text.job);
  transaction.commit_for_later();  // without it the text is decided again; the intent to post syncs both
  office_.wakeups.network.ring();
}

// The account and its pairings go at once, and what waits to be posted is wanted no more; ending the grant at
// X and clearing up behind the person are jobs. A grant that is on its way finds its pairing ended.
void Conversation::stop(const Text& text) {
  auto transaction = store_.begin();
  const Unlinked unlinked = unlink(store_, transaction, text.phone, "stopped", text.now);
  answer(transaction, text,
         {text.message.phone,
          unlinked.had_account ? replies::stopped(unlinked.ends_at_x) : replies::not_linked(),
          text.message.modem, text.message.id,
          unlinked.had_account ? store::ReplyKind::stop : store::ReplyKind::answer},
         "stop");
  store_.opt_outs.add(transaction, text.phone, text.now);  // behind the one confirmation
  clear_up(transaction, text);
  transaction.commit();
  office_.wakeups.local.ring();
  office_.wakeups.network.ring();
}

void Conversation::clear_up(store::Transaction& transaction, const Text& text) {
  store_.erasure.begin(transaction, text.phone);
  static_cast<void>(store_.jobs.add(transaction, {.kind = store::JobKind::erasure,
                                                  .queue = std::string(kErasure) + text.phone.e164(),
                                                  .subject = text.message.id}));
}

// Nothing is kept, posted or answered, but for HELP once a day. A code ends its pairing all the same: it is
// another phone's.
void Conversation::hear_after_stop(const Text& text, const Command& command) {
  auto transaction = store_.begin();
  if (command.kind == CommandKind::code) {
    if (const auto meant = store_.pairings.find_by_text_back(command.text, text.message.received_at))
      store_.pairings.fail(transaction, meant->id, store::PairingFailure::other_phone, text.now);
  }
  if (command.kind == CommandKind::help && store_.opt_outs.help_is_due(transaction, text.phone, text.now)) {
    store::NewReply reply = reply_to(text.message, replies::help_after_stop());
    reply.despite_stop = true;
    answer(transaction, text, std::move(reply), "help");
    clear_up(transaction, text);
  } else {
    settle_quietly(office_, transaction, text.job, text.message, store::Ending::ignored, "after STOP",
                   text.now);
    store_.erasure.erase_text(transaction, text.message.id);
  }
  transaction.commit();
  office_.wakeups.local.ring();
  office_.wakeups.network.ring();
}

void Conversation::erase(const store::Job& job) {
  using store::Erasure;
  const auto phone = PhoneNumber::parse(job.queue.substr(std::min(job.queue.size(), kErasure.size())));
  const UtcTime now = store_.time.now();
  auto transaction = store_.begin();
  const Erasure::Progress progress =
      phone ? store_.erasure.erase(transaction, *phone, job.subject) : Erasure::Progress::over;
  if (progress == Erasure::Progress::over)
    store_.jobs.done(transaction, job);
  else
    store_.jobs.postpone(transaction, job, progress == Erasure::Progress::more ? now : now + kErasureWaits);
  transaction.commit_for_later();  // what a crash undoes is erased again
}

void Conversation::answer(const Text& text, const std::string& reply, std::string_view note) {
  auto transaction = store_.begin();
  store::commit_settled(transaction, answer(transaction, text, reply_to(text.message, reply), note));
}

bool Conversation::answer(store::Transaction& transaction, const Text& text, store::NewReply reply,
                          std::string_view note) {
  store::Settlement settlement;
  settlement.ending = store::Ending::answered;
  settlement.note = note;
  settlement.reply = std::move(reply);
  const bool queued = store_.settle(transaction, text.job, text.message, std::nullopt, settlement, text.now);
  office_.wakeups.notify_modem(text.message.modem);
  return queued;
}

void Conversation::close(store::Transaction& transaction, const Text& text, std::string_view note) {
  settle_quietly(office_, transaction, text.job, text.message, store::Ending::answered, note, text.now);
}

// Nothing is to be done about the subject of this job any more.
void Conversation::finish(const store::Job& job) {
  auto transaction = store_.begin();
  store_.jobs.done(transaction, job);
  transaction.commit();
}

std::string Conversation::linked_username(const PhoneNumber& phone) {
  const auto account = store_.accounts.find(phone);
  return account && account->state == store::AccountState::linked ? account->username : std::string();
}

void Conversation::announce(const store::Job& job) {
  const auto pairing = store_.pairings.find(job.subject);
  const UtcTime now = store_.time.now();
  auto transaction = store_.begin();
  if (pairing && !pairing->phone.empty()) {
    const std::string text =
        pairing->state == store::PairingState::linked
            ? replies::linked(pairing->username)
            : replies::pairing_failed(pairing->failure.value_or(store::PairingFailure::error));
    static_cast<void>(store_.outbox.add(
        transaction, {pairing->phone, text, pairing->modem, std::nullopt, store::ReplyKind::announcement},
        now));
  }
  store_.jobs.done(transaction, job);
  transaction.commit_for_later();  // made durable by the intent to send it
  if (pairing) office_.wakeups.notify_modem(pairing->modem);
}

void Conversation::expire(const store::Job& job) {
  const UtcTime now = store_.time.now();
  const auto pairing = store_.pairings.find(job.subject);
  const bool awaits_pin = pairing && pairing->by_pin && !store::has_ended(pairing->state);
  const bool waits = awaits_pin || (pairing && pairing->state == store::PairingState::authorised);
  auto transaction = store_.begin();
  // A text of this phone that is here already may hold the code, in time.
  const bool undecided = waits && (store_.jobs.waits(store::JobKind::text, pairing->phone) ||
                                   store_.jobs.waits(store::JobKind::pin, pin_queue(pairing->phone)));
  if (waits && (pairing->expires_at > now || undecided)) {
    store_.jobs.postpone(transaction, job, std::max(pairing->expires_at, now + kTextInHand));
    transaction.commit();
    return;
  }
  if (awaits_pin) store_.pairings.give_up(transaction, pairing->id, now);
  if (waits) store_.pairings.fail(transaction, pairing->id, store::PairingFailure::expired, now);
  store_.jobs.done(transaction, job);
  transaction.commit();
  office_.wakeups.local.ring();
  office_.wakeups.network.ring();
}

}  // namespace pigeon::relay
