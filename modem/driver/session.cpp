// Bringing a modem up; see session.h.
#include "modem/driver/session.h"

#include "base/log.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {

Result<void> Session::resume() {
  if (auto found = line_.channel().synchronise(steady_now() + line_.timeouts().boot); !found) return found;
  return bring_up();
}

Result<void> Session::bring_up() {
  parts_.news.forget_restarts();
  settle_pause_ = milliseconds(0);
  static_cast<void>(parts_.news.take_direct_text());
  line_.channel().expect_start_until(steady_now() + line_.timeouts().boot);
  radio_on_ = false;
  if (auto done = choose_wording(); !done) return done;
  if (auto done = identify(); !done) return done;
  if (auto done = choose_own(); !done) return done;
  if (auto done = ensure_radio(); !done) return done;
  if (auto done = parts_.sim.unlock(); !done) return done;
  if (auto done = ensure_radio(); !done) return done;
  if (auto done = ensure_pdu_mode(); !done) return done;
  if (auto done = choose_service(); !done) return done;
  if (auto done = parts_.storages.choose(); !done) return done;
  if (auto done = parts_.centre.settle(); !done) return done;
  if (auto done = parts_.indications.choose(); !done) return done;
  if (!is_settled()) settle_later();
  could_select_ = parts_.storages.can_select();
  parts_.health.report_counters();
  const ModemIdentity& identity = parts_.identity;
  const std::string& cnmi = parts_.indications.settled();
  log::info(line_.tag(), identity.manufacturer + " " + identity.model + " on " + identity.device +
                             " is ready (texts arrive in " + parts_.storages.receive_storage() + ", CNMI " +
                             (cnmi.empty() ? "none" : cnmi) + ")");
  return {};
}

Result<void> Session::join() {
  if (auto found = line_.channel().synchronise(steady_now() + line_.timeouts().open); !found) return found;
  parts_.news.forget_restarts();
  line_.channel().expect_urcs(urcs_of(parts_.profile));
  if (auto done = choose_wording(); !done) return done;
  if (auto done = choose_own(); !done) return done;
  if (auto done = ensure_pdu_mode(); !done) return done;
  if (auto done = choose_service(); !done) return done;
  return parts_.indications.choose();
}

Result<void> Session::choose_own() {
  for (const InitCommand& own : parts_.profile.init_commands) {
    if (auto done = line_.ensure(own.question, own.answer, own.set); !done) return done;
  }
  return {};
}

// The question comes first: it has an answer of its own, which shows that the channel is in step.
Result<void> Session::choose_wording() {
  if (auto done = line_.ensure("AT+CMEE?", "1", "AT+CMEE=1"); !done) return done;
  if (line_.channel().heard_echo()) {
    if (auto done = line_.attempt("ATE0"); !done) return done;
  }
  auto set = line_.ensure("AT+CSCS?", "GSM", "AT+CSCS=\"GSM\"");  // plain ASCII in quotes
  silent_echoes_.reset();
  if (!line_.channel().heard_echo()) silent_echoes_ = line_.channel().counters().echoes;
  return set;
}

Result<void> Session::identify() {
  ModemIdentity& identity = parts_.identity;
  struct Question {
    std::string_view line;
    std::string* value;
  };
  for (const Question& question :
       {Question{"AT+CGMI", &identity.manufacturer}, Question{"AT+CGMM", &identity.model},
        Question{"AT+CGMR", &identity.revision}}) {
    if (!question.value->empty()) continue;
    const auto answer = line_.ask(line_.patiently(std::string(question.line)));
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok()) *question.value = parse_identification(*answer);
  }
  if (identity.imei.empty()) {
    const auto imei = line_.ask(line_.patiently("AT+CGSN"));
    if (!imei) return tl::unexpected(imei.error());
    if (imei->ok()) identity.imei = parse_imei(*imei);
  }
  parts_.profile = profile_of(identity.manufacturer, identity.model, identity.revision);
  line_.channel().expect_urcs(urcs_of(parts_.profile));
  identity.family = parts_.profile.name;
  return {};
}

// Some sticks start in flight mode (4) or with everything off (0).
Result<void> Session::ensure_radio() {
  if (radio_on_) return {};
  const auto answer = line_.ask(line_.patiently("AT+CFUN?"));
  if (!answer) return tl::unexpected(answer.error());
  const auto mode = to_int(fields_of(answer->text())[0]);
  if (!mode || (*mode != 0 && *mode != 4)) {
    radio_on_ = mode.has_value();
    return {};
  }
  log::notice(line_.tag(), "the radio is off (CFUN " + std::to_string(*mode) + "): switching it on");
  Request switch_on = line_.patiently("AT+CFUN=1");
  switch_on.timeout = line_.timeouts().radio;
  const auto on = line_.ask(switch_on);
  if (!on) return tl::unexpected(on.error());
  return {};
}

Result<void> Session::ensure_pdu_mode() {
  const auto mode = line_.ask(line_.patiently("AT+CMGF?"));
  if (!mode) return tl::unexpected(mode.error());
  const bool is_so = mode->ok() && !mode->damaged && to_int(fields_of(mode->text())[0]) == 0;
  return is_so ? Result<void>() : select_pdu_mode();
}

Result<void> Session::select_pdu_mode() {
  const auto give_up = steady_now() + line_.timeouts().sim_missing;
  for (;;) {
    const auto answer = line_.ask(line_.when_ready("AT+CMGF=0"));
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok()) return {};
    // Firmware that gives no reasons says ERROR while it starts, too.
    const bool may_change = answer->result.kind == FinalResult::Kind::error && steady_now() < give_up;
    if (!may_change) {
      Error error = to_error("AT+CMGF=0", answer->result);
      if (error.code == Errc::busy && !is_not_ready_yet(answer->result)) error.code = Errc::unsupported;
      error.message += ": PDU mode is refused; can this modem do SMS at all?";
      return tl::unexpected(std::move(error));
    }
    if (auto paused = line_.pause(line_.timeouts().retry); !paused) return paused;
  }
}

Result<void> Session::choose_service() {
  const auto service = line_.ask(line_.patiently("AT+CSMS?"));
  if (!service) return tl::unexpected(service.error());
  const auto current = service->ok() ? to_int(fields_of(service->text())[0]) : std::nullopt;
  acknowledges_ = current == 1 && !parts_.profile.acknowledgement.empty();
  static_cast<void>(parts_.news.take_direct());
  return current == 0 || acknowledges_ ? Result<void>() : line_.attempt("AT+CSMS=0");
}

Result<void> Session::set_up_again() {
  if (auto done = select_pdu_mode(); !done) return done;
  return parts_.indications.choose();
}

}  // namespace pigeon::modem
