// States of the card and its PIN; which card it is stands in card.cpp. See sim.h.
#include "modem/driver/sim.h"

#include <algorithm>

#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {
namespace {

constexpr int kFewestTries = 2;  // one is left to a person with a phone

enum class SimState { ready, pin, blocked, other_lock, missing, busy };

SimState sim_state(const Answer& answer) {
  const FinalResult& result = answer.result;
  const std::string state = parse_cpin(answer);
  // PIN2 and PUK2 guard a few settings, and no text.
  if (state == "READY" || state == "SIM PIN2" || state == "SIM PUK2") return SimState::ready;
  if (state == "SIM PIN") return SimState::pin;
  if (state.starts_with("SIM PUK")) return SimState::blocked;
  if (!state.empty()) return SimState::other_lock;
  if (is_not_ready_yet(result) || result.kind == FinalResult::Kind::missing) return SimState::busy;
  if (result.is_cme(11)) return SimState::pin;
  if (result.is_cme(12)) return SimState::blocked;
  if (result.is_cme(17) || result.is_cme(18)) return SimState::ready;
  // No such command: then no such lock either.
  if (result.is_cme(4) || result.text == "COMMAND NOT SUPPORT") return SimState::ready;
  return SimState::missing;
}

bool is_pin(std::string_view text) {
  return text.size() >= 4 && text.size() <= 8 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Error> no_sim(const std::string& device, const std::string& answer) {
  return fail(
      Errc::not_found,
      device + ": no SIM card, or the modem cannot read it (" + shorten(escape_controls(answer), 60) + ")",
      Retry::yes);
}

}  // namespace

Sim::Sim(Line& line, const ModemOptions& options, const ModemIdentity& identity)
    : line_(line), options_(options), identity_(identity) {}

Result<void> Sim::unlock() {
  const auto missing_until = steady_now() + line_.timeouts().sim_missing;
  auto busy_until = steady_now() + line_.timeouts().sim_ready;
  std::optional<CardIdentity> entered;
  for (;;) {
    Request question = line_.patiently("AT+CPIN?");
    question.ending = Ending::may_be_missing;
    const auto answer = line_.ask(question);
    if (!answer) return tl::unexpected(answer.error());
    const SimState state = sim_state(*answer);
    if (state == SimState::ready) {
      if (entered) pin_memory().settle(*entered, options_.pin, PinVerdict::right);
      return {};
    }
    if (state == SimState::blocked) {
      return fail(Errc::denied, "the SIM is blocked and asks for its PUK: unlock it in a phone");
    }
    if (state == SimState::other_lock) {
      return fail(Errc::denied,
                  "the SIM or modem is locked: " + shorten(escape_controls(parse_cpin(*answer)), 40));
    }
    if (state == SimState::missing && steady_now() >= missing_until) {
      return no_sim(identity_.device, answer->result.text);
    }
    if (state == SimState::pin && !entered) {
      auto done = enter_pin();
      if (!done && done.error().code != Errc::busy) return tl::unexpected(done.error());
      if (done) entered = std::move(*done);
      if (entered) busy_until = steady_now() + line_.timeouts().sim_ready;
    }
    if (steady_now() >= busy_until)
      return fail(Errc::busy, identity_.device + ": the SIM does not become ready", Retry::yes);
    if (auto paused = line_.pause(line_.timeouts().retry); !paused) return paused;
  }
}

PinMemory& Sim::pin_memory() const {
  return options_.pin_memory != nullptr ? *options_.pin_memory : process_pin_memory();
}

Result<CardIdentity> Sim::card_that_may_be_opened() {
  if (options_.pin.empty()) return fail(Errc::denied, "the SIM asks for its PIN: configure pin_file");
  if (!is_pin(options_.pin)) return fail(Errc::bad_input, "the configured PIN is not 4 to 8 digits");
  auto card = card_identity();
  if (!card) return card;
  if (!pin_memory().may_try(*card, options_.pin)) {
    return fail(Errc::denied,
                "the configured PIN did not open this SIM and is not entered again, so that the SIM is not "
                "blocked: correct pin_file and restart");
  }
  const auto left = pin_tries_left();
  if (!left) return tl::unexpected(left.error());
  if (*left && **left < kFewestTries) {
    return fail(Errc::denied, "the SIM's PIN has " + std::to_string(**left) +
                                  " try left, and the gateway does not use up the last one: enter the PIN in "
                                  "a phone, or switch it off there");
  }
  return card;
}

// Errc::busy: the SIM was not ready to judge the PIN. An OK only means that the card starts to open.
Result<CardIdentity> Sim::enter_pin() {
  auto card = card_that_may_be_opened();
  if (!card) return card;
  pin_memory().try_begins(*card, options_.pin);
  const auto answer = line_.ask({"AT+CPIN=\"" + options_.pin + "\"", line_.timeouts().answer});
  if (!answer && answer.error().code != Errc::timeout) return tl::unexpected(answer.error());
  if (!answer || answer->ok()) return card;  // without an answer: perhaps it opens
  if (is_not_ready_yet(answer->result)) {
    pin_memory().settle(*card, options_.pin, PinVerdict::not_judged);
    return tl::unexpected(to_error("AT+CPIN", answer->result));
  }
  pin_memory().settle(*card, options_.pin, PinVerdict::refused);
  Error error = to_error("the SIM refused the configured PIN, which is not entered again (correct pin_file)",
                         answer->result);
  error.code = Errc::denied;
  error.retry = Retry::no;
  return tl::unexpected(std::move(error));
}

}  // namespace pigeon::modem
