// Deciding about one text; see conversation.h.
#include "relay/conversation.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "pairing/revocation.h"
#include "relay/commands.h"
#include "relay/replies.h"

namespace pigeon::relay {
namespace {

constexpr const char* kTag = "conversation";

bool is_text_back_code(std::string_view text) {
  return text.size() == 4 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Conversation::Conversation(const RelaySettings& settings, const pairing::PairingSettings& pairing,
                           store::Store& store, x::XClient& x, Poster& poster)
    : settings_(settings), pairing_(pairing), store_(store), x_(x), poster_(poster) {}

void Conversation::handle(const store::Message& message) {
  const auto phone = PhoneNumber::parse(message.phone);
  if (!phone) {
    store_.inbox.finish(message.id, store::MessageState::ignored, "the sender cannot be answered");
    return;
  }
  const Command command = parse_command(message.text);
  switch (command.kind) {
    case CommandKind::stop:
      stop(message, *phone);
      return;
    case CommandKind::help:
    case CommandKind::unknown:
      answer(message, replies::help(linked_username(*phone)), "help");
      return;
    case CommandKind::start:
      if (const std::string name = linked_username(*phone); !name.empty()) {
        answer(message, replies::already_linked(name), "start");
      } else {
        offer_link(message, *phone, false);
      }
      return;
    case CommandKind::post:
      break;
  }
  if (finish_pairing(message, *phone, command.text)) return;
  const auto account = store_.accounts.find(*phone);
  if (!account) {
    offer_link(message, *phone, false);
    return;
  }
  if (account->state == store::AccountState::broken ||
      poster_.post(message, *phone, command.text) == Poster::End::link_again) {
    store_.accounts.mark_broken(*phone, account->grant);
    offer_link(message, *phone, true);
  }
}

// Whether the text belongs to a pairing that waits for its code.
bool Conversation::finish_pairing(const store::Message& message, const PhoneNumber& phone,
                                  std::string_view text) {
  const auto pairing = store_.pairings.awaiting_text_back(phone, utc_now());
  if (!pairing) return false;
  if (!is_text_back_code(text)) {
    if (!linked_username(phone).empty()) return false;  // links another account and posts meanwhile
    answer(message, replies::code_awaited(), "code awaited");
    return true;
  }
  auto transaction = store_.begin();
  if (!store_.pairings.check_text_back(pairing->id, text)) {
    // After too many wrong codes the pairing has failed, and its announcement says so.
    if (store_.pairings.awaiting_text_back(phone, utc_now()))
      answer(message, replies::wrong_code(), "wrong code");
    else
      store_.inbox.finish(message.id, store::MessageState::answered, "wrong code");
    transaction.commit();
    return true;
  }
  if (auto linked = store_.pairings.link(pairing->id, utc_now()); !linked) {
    log::error(kTag, linked.error().message);
    store_.pairings.fail(pairing->id, store::PairingFailure::error);
  }
  store_.inbox.finish(message.id, store::MessageState::answered, "text-back code");
  transaction.commit();
  return true;  // announce_pairings() tells the person
}

void Conversation::offer_link(const store::Message& message, const PhoneNumber& phone, bool again) {
  const UtcTime now = utc_now();
  const long minutes = std::max(
      1L, static_cast<long>(std::chrono::ceil<std::chrono::minutes>(settings_.pairing_expires).count()));
  auto transaction = store_.begin();
  const std::string code = store_.pairings.offer(phone, message.modem, now + settings_.pairing_expires);
  const std::string url = settings_.public_url + "/auth/" + code;
  answer(message, again ? replies::link_again(url, minutes) : replies::link(url, minutes), "link");
  transaction.commit();
}

void Conversation::stop(const store::Message& message, const PhoneNumber& phone) {
  auto credentials = store_.accounts.credentials(phone);
  const bool had_account = store_.accounts.user_exists(phone);
  bool revoked = true;
  if (credentials && *credentials) revoked = revoke(**credentials);
  auto transaction = store_.begin();
  store_.accounts.remove(phone);
  answer(message, had_account ? replies::stopped(revoked) : replies::not_linked(), "stop");
  transaction.commit();
}

bool Conversation::revoke(const store::Credentials& credentials) {
  constexpr int kTries = 2;
  return pairing::end_grant(x_.http(), pairing_.client, {credentials.refresh_token, credentials.access_token},
                            kTries);
}

void Conversation::answer(const store::Message& message, const std::string& reply, std::string_view note) {
  auto transaction = store_.begin();
  store_.inbox.finish(message.id, store::MessageState::answered, note);
  static_cast<void>(store_.outbox.add({message.phone, reply, message.modem, message.id}, utc_now()));
  transaction.commit();
}

std::string Conversation::linked_username(const PhoneNumber& phone) {
  const auto account = store_.accounts.find(phone);
  return account && account->state == store::AccountState::linked ? account->username : std::string();
}

bool Conversation::announce_pairings(UtcTime now) {
  constexpr int kBatch = 20;
  for (const store::Pairing& expired : store_.pairings.expired_authorised(now, kBatch)) {
    // The person agreed at X but never texted the code: the grant must not stay behind.
    auto kept = store_.pairings.kept_credentials(expired.id);
    if (kept && *kept) static_cast<void>(revoke(**kept));
    store_.pairings.fail(expired.id, store::PairingFailure::expired);
  }
  if (store_.pairings.unannounced(1).empty()) return false;
  bool queued = false;
  auto transaction = store_.begin();  // another thread may announce the same rows: read them again inside
  for (const store::Pairing& pairing : store_.pairings.unannounced(kBatch)) {
    const std::string text =
        pairing.state == store::PairingState::linked
            ? replies::linked(pairing.username)
            : replies::pairing_failed(pairing.failure.value_or(store::PairingFailure::error));
    static_cast<void>(store_.outbox.add({pairing.phone, text, pairing.modem, std::nullopt}, now));
    store_.pairings.announced(pairing.id);
    queued = true;
  }
  transaction.commit();
  return queued;
}

}  // namespace pigeon::relay
