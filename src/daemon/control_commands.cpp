// Carrying out what `pigeon` asks for; see control_commands.h.
#include "daemon/control_commands.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "daemon/account_commands.h"
#include "daemon/modem_commands.h"
#include "net/json.h"

namespace pigeon::daemon {
namespace {

using control::Json;
using control::Request;
using store::ReplyState;
using store::UnsentReply;
using transport::Intake;

constexpr const char* kTag = "control";
constexpr int kMostAtOnce = 1000;  // of "all"

// What one part has come to, as the answer counts it.
std::string_view word_of(Intake::Retried retried) {
  switch (retried) {
    case Intake::Retried::taken:
      return "taken";
    case Intake::Retried::waiting:
      return "waiting";
    case Intake::Retried::ignored:
      return "ignored";
    case Intake::Retried::still_kept:
      return "still_kept";
    case Intake::Retried::taken_since:
      return "taken_since";
    case Intake::Retried::not_there:
      return "not_there";
  }
  return "not_there";
}

tl::unexpected<Error> no_such_part(std::int64_t id) {
  return fail(Errc::not_found, "part " + std::to_string(id) + " is not in the quarantine");
}

// The id under `key`; nothing where there is none, which means all.
Result<std::optional<std::int64_t>> id_in(const Request& request, const char* key) {
  if (net::member(request.body, key) == nullptr) return std::nullopt;
  const auto id = net::integer_member(request.body, key);
  if (!id) return fail(Errc::bad_input, std::string(key) + ": not a number");
  return *id;
}

// One part after the other, each in a transaction of its own: nobody's text waits for all of them.
Result<Json> retry(const ControlDesk& desk, const Request& request) {
  const auto id = id_in(request, "part");
  if (!id) return tl::unexpected(id.error());
  std::vector<store::KeptPart> parts;
  if (*id) {
    auto part = desk.store.parts.kept(**id);
    if (!part || part->state != store::PartState::quarantined) return no_such_part(**id);
    parts.push_back(std::move(*part));
  } else {
    parts = desk.store.parts.quarantined(kMostAtOnce);
  }
  Json counts = {{"taken", 0}, {"waiting", 0}, {"ignored", 0}, {"still_kept", 0}, {"taken_since", 0}};
  // The oldest first, as they came.
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Intake intake(part->slot.modem, desk.intake, desk.store);
    Intake::Taken taken;
    const auto retried = intake.retry(part->id, desk.store.time.now(), taken);
    if (!retried) return tl::unexpected(retried.error());
    for (int i = 0; i < taken.messages; ++i) desk.wakeups.local.ring();
    if (*retried == Intake::Retried::not_there) continue;  // went with an earlier one
    const std::string word(word_of(*retried));
    counts[word] = counts[word].get<int>() + 1;
    log::notice(kTag, "part " + std::to_string(part->id) + " of the quarantine, tried again: " + word);
  }
  return counts;
}

Result<Json> drop_parts(const ControlDesk& desk, const Request& request) {
  const auto id = id_in(request, "part");
  if (!id) return tl::unexpected(id.error());
  int dropped = 0;
  auto transaction = desk.store.begin();
  if (*id) {
    if (!desk.store.parts.drop(transaction, **id)) return no_such_part(**id);
    dropped = 1;
  } else {
    for (const store::KeptPart& part : desk.store.parts.quarantined(kMostAtOnce))
      dropped += desk.store.parts.drop(transaction, part.id) ? 1 : 0;
  }
  transaction.commit();
  log::notice(kTag, std::to_string(dropped) + " parts of the quarantine dropped");
  return Json{{"dropped", dropped}};
}

// Under the transaction: a reply that may be changed now.
Result<UnsentReply> reply_for_change(const ControlDesk& desk, const Request& request) {
  const auto id = net::integer_member(request.body, "reply");
  if (!id) return fail(Errc::bad_input, "reply: not a number");
  auto reply = desk.store.outbox.unsent(*id);
  if (!reply) return fail(Errc::not_found, "no reply " + std::to_string(*id) + " waits or has failed");
  if (reply->state == ReplyState::sending && desk.modems.contains(reply->modem)) {
    return fail(Errc::busy,
                "reply " + std::to_string(*id) + " is being sent right now: look again in a minute",
                Retry::yes);
  }
  return std::move(*reply);
}

// The condition is about replies that failed; the last of them has gone.
void end_failure(const ControlDesk& desk, store::Transaction& transaction, const std::string& modem) {
  for (const UnsentReply& other : desk.store.outbox.failed(kMostAtOnce)) {
    if (other.modem == modem) return;
  }
  static_cast<void>(desk.store.conditions.end(transaction, store::ConditionCode::replies_failed, modem));
}

// Whoever has said STOP since gets nothing but the answer to that.
bool is_for_nobody(const ControlDesk& desk, const UnsentReply& reply) {
  const auto phone = PhoneNumber::parse(reply.phone);
  if (!phone) return true;  // erased
  return reply.kind != store::ReplyKind::stop && desk.store.opt_outs.contains(*phone);
}

Result<Json> move(const ControlDesk& desk, const Request& request) {
  const std::string modem = net::string_member(request.body, "modem");
  if (!desk.modems.contains(modem))
    return fail(Errc::bad_input, "no modem \"" + escape_controls(modem) + "\" is configured");
  auto transaction = desk.store.begin();
  const auto reply = reply_for_change(desk, request);
  if (!reply) return tl::unexpected(reply.error());
  if (is_for_nobody(desk, *reply)) {
    return fail(Errc::unsupported,
                "reply " + std::to_string(reply->id) + " is for somebody who has texted STOP since: drop it");
  }
  desk.store.outbox.move(transaction, reply->id, modem, desk.store.time.now());
  if (reply->state == ReplyState::failed) end_failure(desk, transaction, reply->modem);
  transaction.commit();
  desk.wakeups.notify_modem(reply->modem);
  desk.wakeups.notify_modem(modem);
  log::notice(kTag,
              "reply " + std::to_string(reply->id) + " moved from modem " + reply->modem + " to " + modem);
  return Json{{"reply", reply->id}, {"from", reply->modem}, {"modem", modem}};
}

Result<Json> drop_reply(const ControlDesk& desk, const Request& request) {
  auto transaction = desk.store.begin();
  const auto reply = reply_for_change(desk, request);
  if (!reply) return tl::unexpected(reply.error());
  desk.store.outbox.drop(transaction, reply->id);
  if (reply->state == ReplyState::failed) end_failure(desk, transaction, reply->modem);
  transaction.commit();
  desk.wakeups.notify_modem(reply->modem);  // it held the same person's later ones
  log::notice(kTag, "reply " + std::to_string(reply->id) + " dropped");
  return Json{{"reply", reply->id}};
}

Result<Json> enter_pin_again(const ControlDesk& desk, const Request& request) {
  const auto modem = modem_in(desk, request);
  if (!modem) return tl::unexpected(modem.error());
  auto transaction = desk.store.begin();
  desk.store.pins.forget(transaction, *modem);
  transaction.commit();
  desk.try_again(*modem);
  log::notice(kTag, "modem " + *modem + ": its PIN may be entered again");
  return Json{{"modem", *modem}};
}

Result<Json> rotate_key(const ControlDesk& desk, const Request&) {
  const auto rotated = desk.store.rotate_key();
  if (!rotated) return tl::unexpected(rotated.error());
  return Json{{"sealed", rotated->sealed}, {"locked", rotated->locked}};
}

using Command = Result<Json> (*)(const ControlDesk& desk, const Request& request);
constexpr std::array<std::pair<const char*, Command>, 7> kCommands{{{"quarantine.retry", retry},
                                                                    {"quarantine.drop", drop_parts},
                                                                    {"outbox.move", move},
                                                                    {"outbox.drop", drop_reply},
                                                                    {"modem.pin", enter_pin_again},
                                                                    {"keys.rotate", rotate_key},
                                                                    {"accounts.unlink", unlink_account}}};

}  // namespace

control::Server::Handlers control_handlers(const ControlDesk& desk) {
  control::Server::Handlers handlers;
  for (const auto& [name, command] : kCommands) {
    handlers[name] = [desk, command = command](const Request& request,
                                               const std::shared_ptr<control::Answer>& answer) {
      const Result<Json> result = command(desk, request);
      if (result)
        answer->ok(*result);
      else
        answer->error(result.error());
    };
  }
  add_modem_handlers(desk, handlers);
  return handlers;
}

}  // namespace pigeon::daemon
