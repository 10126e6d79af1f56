// Giving errands to the modems' threads; see modem_commands.h.
#include "daemon/modem_commands.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_channel.h"
#include "modem/at/raw_command.h"
#include "modem/at/traffic_mask.h"
#include "modem/at/ussd.h"
#include "modem/driver/profile.h"
#include "net/json.h"
#include "transport/texting.h"

namespace pigeon::daemon {
namespace {

using control::Json;
using control::Request;

constexpr const char* kTag = "control";
constexpr seconds kModemAnswers{180};   // AT+COPS=? takes as long
constexpr seconds kNetworkAnswers{60};  // by USSD, or not at all
constexpr seconds kSelfTestReturns{120}, kLongestSelfTest{3600};

Result<void> give(const ControlDesk& desk, const std::string& modem, transport::AnyErrand errand) {
  if (desk.errand(modem, std::move(errand))) return {};
  return fail(Errc::busy, "too many commands wait for this modem", Retry::yes);
}

// The modem's thread does it in its turn, and says what came of it.
Result<void> ask_raw(const ControlDesk& desk, const Request& request,
                     const std::shared_ptr<control::Answer>& answer) {
  const auto modem = modem_in(desk, request);
  if (!modem) return tl::unexpected(modem.error());
  auto command = modem::raw_command(net::string_member(request.body, "at"));
  if (!command) return tl::unexpected(command.error());
  const std::string harm(modem::harm_of(*command));
  const Json* force = net::member(request.body, "force");
  if (!harm.empty() && (force == nullptr || *force != true)) return fail(Errc::bad_input, harm + ": --force");
  log::notice(kTag, "modem " + *modem + ": " + std::string(modem::command_name(*command)) +
                        (harm.empty() ? "" : ", although " + harm));
  const auto done = [answer](const Result<modem::RawAnswer>& said) {
    if (!said) return answer->error(said.error());
    for (const std::string& line : said->lines) answer->line(line);
    answer->ok({{"result", said->result}, {"ok", said->ok}});
  };
  return give(desk, *modem, transport::Errand{std::move(*command), kModemAnswers, !harm.empty(), done});
}

// The code may be a voucher's: it stays out of the log.
Result<void> ask_ussd(const ControlDesk& desk, const Request& request,
                      const std::shared_ptr<control::Answer>& answer) {
  const auto modem = modem_in(desk, request);
  if (!modem) return tl::unexpected(modem.error());
  const std::string text = net::string_member(request.body, "text");
  if (!text.empty() && !modem::is_ussd_text(text)) return fail(Errc::bad_input, "this is no USSD code");
  log::notice(kTag, "modem " + *modem + (text.empty() ? ": the USSD session is over" : ": a USSD code"));
  const auto done = [answer](const Result<modem::UssdReply>& said) {
    if (!said) return answer->error(said.error());
    answer->ok({{"status", said->status},
                {"kind", modem::word_of(said->kind)},
                {"text", said->text},
                {"answer", modem::is_answer(*said)}});
  };
  return give(desk, *modem, transport::UssdErrand{text, kNetworkAnswers, done});
}

// Not by the outbox, which would try for a day what somebody waits for now: tried once, and said what came of
// it. A daemon that ends meanwhile says that it is not known.
Result<void> send_text(const ControlDesk& desk, const Request& request,
                       const std::shared_ptr<control::Answer>& answer) {
  const auto modem = modem_in(desk, request);
  if (!modem) return tl::unexpected(modem.error());
  auto text =
      transport::own_text(net::string_member(request.body, "to"), net::string_member(request.body, "text"),
                          desk.intake.country, &desk.store.opt_outs);
  if (!text) return tl::unexpected(text.error());
  log::notice(kTag, "modem " + *modem + ": a text of the operator's to " + log::masked(text->to.e164()));
  const std::string tag = "modem " + *modem + ": ";
  const auto done = [answer, tag, to = text->to.e164(),
                     parts = text->parts.size()](const transport::SendOutcome& outcome) {
    const std::string word(transport::word_of(outcome));
    log::notice(kTag, tag + "the text of the operator's: " + word +
                          (outcome.error ? ": " + outcome.error->message : ""));
    Json said = {{"to", to}, {"parts", parts}, {"references", outcome.references}, {"outcome", word}};
    if (outcome.error) said["message"] = outcome.error->message;
    answer->ok(said);
  };
  return give(
      desk, *modem,
      transport::SendErrand{std::move(text->parts), [answer] { return answer->is_wanted(); }, {}, done});
}

// One that is lost while the storage fails may lie in the modem: no text is taken then.
void tell_self_test(const std::shared_ptr<control::Answer>& answer, const store::Store& store,
                    const Result<transport::SelfTests::Returned>& returned) {
  if (returned) {
    return answer->ok({{"outcome", "came back"},
                       {"seconds", static_cast<double>(returned->took.count()) / 1000},
                       {"modem", returned->arrival.modem},
                       {"announced", returned->arrival.was_announced},
                       {"from_own_number", returned->arrival.from_own_number}});
  }
  const bool lost = returned.error().code == Errc::timeout;
  Json said = {{"outcome", lost ? "lost" : "failed"}, {"message", returned.error().message}};
  if (const auto failure = lost ? store.storage_failure() : std::nullopt) {
    const store::Condition condition = store::condition_of(*failure);
    said["message"] = returned.error().message + ", but pigeond takes no text now: " + sentence_of(condition);
    said["cure"] = store::words_of(condition.code).cure;
  }
  answer->ok(said);
}

// What is waited for is the text as the intake takes it, whichever modem it comes by.
Result<void> test_itself(const ControlDesk& desk, const Request& request,
                         const std::shared_ptr<control::Answer>& answer) {
  const auto modem = modem_in(desk, request);
  if (!modem) return tl::unexpected(modem.error());
  const std::int64_t patience =
      net::integer_member(request.body, "seconds").value_or(kSelfTestReturns.count());
  if (patience < 1 || patience > kLongestSelfTest.count())
    return fail(Errc::bad_input, "from 1 to " + std::to_string(kLongestSelfTest.count()) + " seconds");
  const std::string words = transport::self_test_text(&desk.store.seen);
  auto text = transport::own_text(desk.intake.gateway_number, words, desk.intake.country, nullptr);
  if (!text) return fail("gateway.number", text.error());
  transport::SelfTests& tests = *desk.intake.self_tests;
  const auto is_wanted = [answer] { return answer->is_wanted(); };
  auto awaited = tests.await(
      words, *modem, seconds(patience), is_wanted,
      [answer, &store = desk.store](const auto& returned) { tell_self_test(answer, store, returned); });
  if (!awaited) return awaited;
  log::notice(kTag, "modem " + *modem + ": a self-test");
  const auto done = [answer, words, &tests](const transport::SendOutcome& outcome) {
    if (!outcome.error)
      answer->line({{"reference", outcome.references.front()}});
    else if (outcome.error->code == Errc::outcome_unknown)
      answer->line({{"unknown", outcome.error->message}});  // it may come back all the same
    else
      tests.give_up(words, *outcome.error);
  };
  auto given = give(desk, *modem,
                    transport::SendErrand{std::move(text->parts), is_wanted,
                                          [words, &tests] { tests.begins(words, steady_now()); }, done});
  if (!given) tests.give_up(words, given.error());
  return {};
}

// What is private never leaves the daemon: a recording is made to be shown to others.
Result<void> watch(const ControlDesk& desk, const Request& request,
                   const std::shared_ptr<control::Answer>& answer) {
  const auto modem = modem_in(desk, request);
  if (!modem) return tl::unexpected(modem.error());
  modem::Traffic* const traffic = desk.traffic(*modem);
  if (traffic == nullptr) return fail(Errc::not_found, "modem " + *modem + " is not there");
  const auto tell = [answer, mask = std::make_shared<modem::TrafficMask>(modem::urcs_of_all())](
                        const modem::TranscriptEntry& said) {
    for (const modem::TranscriptEntry& entry : mask->take(said)) answer->line(modem::format_entry(entry));
    return answer->is_wanted();
  };
  if (!traffic->listen(tell)) return fail(Errc::busy, "too many watch this modem", Retry::yes);
  log::notice(kTag, "modem " + *modem + ": its traffic is watched");
  return {};
}

using Command = Result<void> (*)(const ControlDesk& desk, const Request& request,
                                 const std::shared_ptr<control::Answer>& answer);
constexpr std::array<std::pair<const char*, Command>, 5> kCommands{{{"modem.at", ask_raw},
                                                                    {"modem.ussd", ask_ussd},
                                                                    {"modem.send", send_text},
                                                                    {"modem.selftest", test_itself},
                                                                    {"modem.watch", watch}}};

}  // namespace

// The modem that the request names; where it names none, the only one there is.
Result<std::string> modem_in(const ControlDesk& desk, const Request& request) {
  const std::string named = net::string_member(request.body, "modem");
  if (named.empty() && desk.modems.size() == 1) return *desk.modems.begin();
  if (desk.modems.contains(named)) return named;
  std::string names;
  for (const std::string& name : desk.modems) names += (names.empty() ? "" : ", ") + name;
  if (named.empty()) return fail(Errc::bad_input, "which modem? --modem with one of: " + names);
  return fail(Errc::bad_input,
              "no modem \"" + escape_controls(named) + "\" is configured: --modem with one of: " + names);
}

void add_modem_handlers(const ControlDesk& desk, control::Server::Handlers& handlers) {
  for (const auto& [name, command] : kCommands) {
    handlers[name] = [desk, command = command](const Request& request,
                                               const std::shared_ptr<control::Answer>& answer) {
      if (auto given = command(desk, request, answer); !given) answer->error(given.error());
    };
  }
}

}  // namespace pigeon::daemon
