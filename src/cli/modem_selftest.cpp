// Asking the daemon, or the modem; see modem_selftest.h.
#include "cli/modem_selftest.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ostream>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/open_modem.h"
#include "cli/pdu_json.h"
#include "modem/causes/cause.h"
#include "modem/sms/user_data.h"
#include "preflight/service_user.h"
#include "transport/identity.h"
#include "transport/self_tests.h"
#include "transport/texting.h"

namespace pigeon::cli {
namespace {

constexpr seconds kReturns{120}, kLongest{3600};
constexpr seconds kOthersFirst{400};  // the modem may have a text in hand first, which takes up to 180 s
constexpr seconds kListEvery{15};     // indications get lost

// Nothing, said, where it is no number of seconds.
std::optional<seconds> time_of(const Call& call) {
  const std::string word = option_of(call, "--wait");
  if (word.empty()) return kReturns;
  int value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc() && stop == word.data() + word.size() && value > 0 && seconds(value) <= kLongest)
    return seconds(value);
  complain(call, "usage", "'" + word + "' is no number of seconds up to " + std::to_string(kLongest.count()),
           "--wait 120", kUsage);
  return std::nullopt;
}

std::string in_seconds(double time) {
  char words[32];
  std::snprintf(words, sizeof words, "%.1f s", time);
  return words;
}

void say_reference(const Call& call, std::int64_t reference) {
  if (!call.json)
    call.out << "sent, reference " << (reference == modem::kNoReference ? "none" : std::to_string(reference))
             << "; waiting for it to come back…" << std::endl;
}

// One self-test by a modem that nobody else has. Whatever else lies or comes there is left to pigeond.
class OwnTest {
 public:
  OwnTest(const Call& call, modem::SerialModem& modem, std::string words, std::string country)
      : call_(call), modem_(modem), words_(std::move(words)), country_(std::move(country)) {}

  Result<nlohmann::json> run(const transport::OwnText& text, seconds patience) {
    since_ = steady_now();
    const auto receipt = modem_.send(text.parts.front());
    if (receipt) say_reference(call_, receipt->reference);
    if (!receipt && receipt.error().code != Errc::outcome_unknown)
      return nlohmann::json{{"outcome", "failed"}, {"message", receipt.error().message}};
    number_ = text.to.e164();
    const SteadyTime end = since_ + patience;
    while (steady_now() < end) {
      const SteadyTime wake = std::min(end, steady_now() + kListEvery);
      const auto events = modem_.wait(wake);
      if (!events) return tl::unexpected(events.error());
      auto found = events->empty() ? list() : take(*events);
      if (!found || *found) return found ? came(**found) : tl::unexpected(found.error());
    }
    return nlohmann::json{
        {"outcome", "lost"},
        {"message", "it did not come back within " + std::to_string(patience.count()) + " s"}};
  }

 private:
  struct Found {
    modem::Deliver deliver;
    bool announced = false;
  };
  using Looked = Result<std::optional<Found>>;

  [[nodiscard]] std::optional<modem::Deliver> ours(const modem::Octets& pdu) const {
    auto decoded = modem::decode_pdu(pdu, modem::Direction::to_mobile);
    auto* deliver = decoded ? std::get_if<modem::Deliver>(&decoded->tpdu) : nullptr;
    if (deliver == nullptr) return std::nullopt;
    const auto text = modem::decode_text(deliver->user_data);
    return text && *text == words_ ? std::optional(std::move(*deliver)) : std::nullopt;
  }

  Looked look(const modem::StoredMessage& message, bool announced) {
    auto deliver = ours(message.pdu);
    if (!deliver) return std::optional<Found>();
    static_cast<void>(modem_.delete_message(message.slot));  // if not, pigeond knows it, too
    return std::optional(Found{std::move(*deliver), announced});
  }

  Looked list() {
    const auto stored = modem_.list_messages();
    if (!stored) return tl::unexpected(stored.error());
    for (const modem::StoredMessage& message : *stored) {
      if (auto found = look(message, false); !found || *found) return found;
    }
    return std::optional<Found>();
  }

  // What comes directly is not acknowledged: the network keeps it for pigeond.
  Looked take(const std::vector<modem::Event>& events) {
    using Kind = modem::Event::Kind;
    for (const modem::Event& event : events) {
      if (event.kind == Kind::message_direct) {
        if (auto deliver = ours(event.pdu)) return std::optional(Found{std::move(*deliver), true});
      } else if (event.kind == Kind::restarted) {
        if (auto up = modem_.bring_up(); !up) return tl::unexpected(up.error());
      } else if (event.kind == Kind::message_stored && event.slot) {
        const auto message = modem_.read_message(*event.slot);
        if (!message) return tl::unexpected(message.error());
        if (!*message) continue;
        if (auto found = look(**message, true); !found || *found) return found;
      } else if (event.kind == Kind::message_stored || event.kind == Kind::storage_full) {
        if (auto found = list(); !found || *found) return found;
      }
    }
    return std::optional<Found>();
  }

  [[nodiscard]] Result<nlohmann::json> came(const Found& found) const {
    const auto took = std::chrono::floor<milliseconds>(steady_now() - since_);
    return nlohmann::json{{"outcome", "came back"},
                          {"seconds", static_cast<double>(took.count()) / 1000},
                          {"announced", found.announced},
                          {"from_own_number", transport::is_number(found.deliver.sender, number_, country_)}};
  }

  const Call& call_;
  modem::SerialModem& modem_;
  std::string words_, country_, number_;
  SteadyTime since_{};
};

Result<nlohmann::json> test_by_port(const Call& call, const Config& config, const ModemConfig& chosen,
                                    seconds patience, std::string& cure) {
  ModemOpener opener(config);
  const auto store = opener.store();
  if (!store) {
    cure = "the database has the key to the test: ask again with sudo";
    return tl::unexpected(store.error());
  }
  std::string words = transport::self_test_text(*store != nullptr ? &(*store)->seen : nullptr);
  const auto text = transport::own_text(config.gateway.number, words, config.gateway.country, nullptr);
  if (!text) return fail("gateway.number", text.error());
  const auto modem = opener.open(chosen);
  if (!modem) {
    cure = "'pigeon modem list' says more";
    return tl::unexpected(modem.error());
  }
  return OwnTest(call, **modem, std::move(words), config.gateway.country).run(*text, patience);
}

Result<nlohmann::json> test_by_daemon(const Call& call, const std::string& database, seconds patience,
                                      std::string& cure) {
  control::Json body = {{"seconds", patience.count()}};
  if (const std::string modem = option_of(call, "--modem"); !modem.empty()) body["modem"] = modem;
  const auto line = [&call](const control::Json& said) {
    if (const auto reference = net::integer_member(said, "reference")) say_reference(call, *reference);
  };
  return ask_pigeond(database, "modem.selftest", body, cure, line, patience + kOthersFirst);
}

int tell_returned(const Call& call, const nlohmann::json& answer, const std::string& number) {
  const auto flag = [&answer](const char* name) {
    const auto* value = net::member(answer, name);
    return value != nullptr && *value == true;
  };
  const auto* took = net::member(answer, "seconds");
  const std::string time = in_seconds(took != nullptr && took->is_number() ? took->get<double>() : 0);
  if (!flag("from_own_number")) {
    return complain(call.err,
                    "the text came back after " + time + ", from another number than the box's" +
                        (number.empty() ? "" : ", " + number),
                    "correct [gateway] number: people text it, and it is on the pages", kWrong);
  }
  if (call.json) return kFine;
  call.out << "The text came back after " << time << ": this modem sends and receives.\n";
  if (!flag("announced"))
    call.out << "It was found by listing: the modem announced nothing, and each text is as late.\n";
  return kFine;
}

}  // namespace

int tell_selftest(const Call& call, const Result<nlohmann::json>& answer, const std::string& number,
                  const std::string& cure) {
  if (!answer) {
    return complain(call, control::word_of(answer.error().code), answer.error().message, cure,
                    answer.error().code == Errc::bad_input ? kUsage : kWrong);
  }
  const std::string outcome = net::string_member(*answer, "outcome");
  const auto* own = net::member(*answer, "from_own_number");
  if (call.json) {
    Json json(*answer);
    json["ok"] = outcome == "came back" && own != nullptr && *own == true;
    call.out << dumped(json) << "\n";
  }
  if (outcome == "came back") return tell_returned(call, *answer, number);
  const std::string message = net::string_member(*answer, "message");
  if (outcome != "lost") {
    const auto cause = modem::cause_of(message);
    return complain(call.err, "no self-test: " + message, cause ? modem::words_of(*cause).cure : "", kWrong);
  }
  const std::string known = net::string_member(*answer, "cure");
  if (!known.empty()) return complain(call.err, "the text was sent, and " + message, known, kWrong);
  return complain(call.err, "the text was sent, and " + message,
                  "the modem may answer and receive nothing (unplug it for ten seconds, and test again), the "
                  "SMS centre may hold texts back ('pigeon modem info' shows it), or [gateway] number" +
                      (number.empty() ? "" : ", " + number + ",") + " is not this SIM's",
                  kWrong);
}

int run_modem_selftest(const Call& call) {
  const auto patience = time_of(call);
  const auto database = patience ? database_of(call) : std::nullopt;
  if (!database) return kUsage;
  std::string cure;
  if (has_daemon(*database)) {
    const bool knows = ::access(call.config_path.c_str(), R_OK) == 0;
    const auto config = knows ? configuration(call) : std::nullopt;
    return tell_selftest(call, test_by_daemon(call, *database, *patience, cure),
                         config ? config->gateway.number : "", cure);
  }
  const auto config = configuration(call);
  const ModemConfig* const chosen = config ? modem_of(call, *config) : nullptr;
  if (chosen == nullptr) return kUsage;
  log::configure({.level = log::Level::error});      // the driver's news are no answer
  preflight::become_service_user(call.config_path);  // whose database it is
  return tell_selftest(call, test_by_port(call, *config, *chosen, *patience, cure), config->gateway.number,
                       cure);
}

}  // namespace pigeon::cli
