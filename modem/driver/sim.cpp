// The SIM's states and its PIN; see serial_modem.h. Three wrong PINs block a card, so a PIN is tried once in
// the life of the process, whatever becomes of the modem meanwhile.
#include <algorithm>
#include <mutex>
#include <set>

#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {
namespace {

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

// PINs that were tried and not accepted, by modem. Threads of several modems share it.
class TriedPins {
 public:
  // False when this modem has tried this PIN before.
  [[nodiscard]] bool insert(const std::string& modem, const std::string& pin) {
    const std::lock_guard lock(mutex_);
    return tried_.insert(modem + ' ' + pin).second;
  }
  void erase(const std::string& modem, const std::string& pin) {
    const std::lock_guard lock(mutex_);
    tried_.erase(modem + ' ' + pin);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> tried_;
};

TriedPins& tried_pins() {
  static TriedPins pins;
  return pins;
}

tl::unexpected<Error> no_sim(const std::string& device, const std::string& answer) {
  return fail(
      Errc::not_found,
      device + ": no SIM card, or the modem cannot read it (" + shorten(escape_controls(answer), 60) + ")",
      Retry::yes);
}

}  // namespace

Result<void> SerialModem::Impl::unlock_sim() {
  const auto missing_until = steady_now() + options.timeouts.sim_missing;
  auto busy_until = steady_now() + options.timeouts.sim_ready;
  bool entered = false;
  for (;;) {
    Request question = patiently("AT+CPIN?");
    question.ending = Ending::may_be_missing;
    const auto answer = channel.ask(question);
    if (!answer) return tl::unexpected(answer.error());
    const SimState state = sim_state(*answer);
    if (state == SimState::ready) return {};
    if (state == SimState::blocked) {
      return fail(Errc::denied, "the SIM is blocked and asks for its PUK: unlock it in a phone");
    }
    if (state == SimState::other_lock) {
      return fail(Errc::denied,
                  "the SIM or modem is locked: " + shorten(escape_controls(parse_cpin(*answer)), 40));
    }
    if (state == SimState::missing && steady_now() >= missing_until) {
      return no_sim(identity.device, answer->result.text);
    }
    if (state == SimState::pin && !entered) {
      if (auto done = enter_pin(); !done && done.error().code != Errc::busy)
        return done;
      else
        entered = done.has_value();
      if (entered) busy_until = steady_now() + options.timeouts.sim_ready;
    }
    if (steady_now() >= busy_until)
      return fail(Errc::busy, identity.device + ": the SIM does not become ready", Retry::yes);
    if (auto paused = pause(options.timeouts.retry); !paused) return paused;
  }
}

// Errc::busy: the SIM was not ready to judge the PIN. An OK only means that the card starts to open.
Result<void> SerialModem::Impl::enter_pin() {
  if (options.pin.empty()) return fail(Errc::denied, "the SIM asks for its PIN: configure pin_file");
  if (!is_pin(options.pin)) return fail(Errc::bad_input, "the configured PIN is not 4 to 8 digits");
  const std::string modem = identity.imei.empty() ? options.name + identity.device : identity.imei;
  if (!tried_pins().insert(modem, options.pin)) {
    return fail(
        Errc::denied,
        "the configured PIN was not accepted before and is not tried again, so that the SIM is not blocked: "
        "correct pin_file and restart");
  }
  const auto answer = channel.ask({"AT+CPIN=\"" + options.pin + "\"", options.timeouts.answer});
  if (!answer && answer.error().code != Errc::timeout) return tl::unexpected(answer.error());
  if (!answer) return {};  // perhaps it opens; the PIN stays marked as tried
  if (answer->ok()) {
    tried_pins().erase(modem, options.pin);
    return {};
  }
  if (is_not_ready_yet(answer->result)) {
    tried_pins().erase(modem, options.pin);
    return tl::unexpected(to_error("AT+CPIN", answer->result));
  }
  Error error = to_error("the SIM refused the configured PIN", answer->result);
  error.code = Errc::denied;
  error.retry = Retry::no;
  return tl::unexpected(std::move(error));
}

}  // namespace pigeon::modem
