// Bringing a modem from any state to "PDU mode, storages chosen, announces messages"; see serial_modem.h.
#include <algorithm>
#include <span>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "modem/at/at_errors.h"
#include "modem/driver/serial_modem_impl.h"

namespace pigeon::modem {
namespace {

std::string to_text(const CnmiSettings& settings) {
  std::string text;
  for (const int value : settings) text += (text.empty() ? "" : ",") + std::to_string(value);
  return text;
}

bool allows(const std::array<std::vector<int>, 5>& choices, const CnmiSettings& settings) {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto& allowed = choices[i];
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), settings[i]) == allowed.end())
      return false;
  }
  return true;
}

// The family's ladder, what =? allows first: the list lies in both directions, so the rest is tried as well.
// Some modems only know 1 (flush or discard) as their fifth value.
std::vector<CnmiSettings> ladder_for(std::span<const CnmiSettings> rungs,
                                     const std::array<std::vector<int>, 5>& choices) {
  std::vector<CnmiSettings> ladder(rungs.begin(), rungs.end());
  const auto& buffering = choices[4];
  if (!buffering.empty() && std::find(buffering.begin(), buffering.end(), 0) == buffering.end()) {
    for (CnmiSettings& rung : ladder) rung[4] = buffering.front();
  }
  std::stable_partition(ladder.begin(), ladder.end(),
                        [&](const CnmiSettings& rung) { return allows(choices, rung); });
  return ladder;
}

// What the ladder would settle on, whatever the modem wants as its fifth value.
bool is_best(const CnmiSettings& settings, std::span<const CnmiSettings> ladder) {
  return std::equal(settings.begin(), settings.end() - 1, ladder.front().begin());
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text.size() >= 3 && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Modems drop the plus of the service centre or put one in front; each write wears the SIM.
bool is_same_number(std::string_view one, std::string_view other) {
  if (one.starts_with('+')) one.remove_prefix(1);
  if (other.starts_with('+')) other.remove_prefix(1);
  return one == other;
}

}  // namespace

Result<void> SerialModem::Impl::resume() {
  if (auto found = channel.synchronise(steady_now() + options.timeouts.boot); !found) return found;
  return bring_up();
}

Result<void> SerialModem::Impl::bring_up() {
  forget_restarts();
  settle_pause = milliseconds(0);
  doubts_indications = false;
  channel.expect_start_until(steady_now() + options.timeouts.boot);
  radio_on = false;
  if (auto done = choose_wording(); !done) return done;
  if (auto done = identify(); !done) return done;
  for (const InitCommand& own : profile->init_commands) {
    if (auto done = ensure(own.question, own.answer, own.set); !done) return done;
  }
  if (auto done = ensure_radio(); !done) return done;
  if (auto done = unlock_sim(); !done) return done;
  if (auto done = ensure_radio(); !done) return done;
  if (auto done = ensure_pdu_mode(); !done) return done;
  if (auto done = choose_service(); !done) return done;
  if (auto done = choose_storages(); !done) return done;
  if (auto done = set_service_centre(); !done) return done;
  if (auto done = choose_indications(); !done) return done;
  if (!is_settled()) settle_later();
  report_counters();
  log::info(tag, identity.manufacturer + " " + identity.model + " on " + identity.device +
                     " is ready (texts arrive in " + settings.receive_storage + ", CNMI " +
                     (settings.cnmi.empty() ? "none" : settings.cnmi) + ")");
  return {};
}

// The question comes first: it has an answer of its own, which shows that the channel is in step.
Result<void> SerialModem::Impl::choose_wording() {
  if (auto done = ensure("AT+CMEE?", "1", "AT+CMEE=1"); !done) return done;
  if (channel.heard_echo()) {
    if (auto done = attempt("ATE0"); !done) return done;
  }
  return ensure("AT+CSCS?", "GSM", "AT+CSCS=\"GSM\"");  // plain ASCII in quotes
}

Result<void> SerialModem::Impl::identify() {
  struct Question {
    std::string_view line;
    std::string* value;
  };
  for (const Question& question :
       {Question{"AT+CGMI", &identity.manufacturer}, Question{"AT+CGMM", &identity.model},
        Question{"AT+CGMR", &identity.revision}}) {
    if (!question.value->empty()) continue;
    const auto answer = channel.ask(patiently(std::string(question.line)));
    if (!answer) return tl::unexpected(answer.error());
    if (answer->ok()) *question.value = parse_identification(*answer);
  }
  if (identity.imei.empty()) {
    const auto imei = channel.ask(patiently("AT+CGSN"));
    if (!imei) return tl::unexpected(imei.error());
    if (imei->ok()) identity.imei = parse_imei(*imei);
  }
  profile = &profile_of(identity.manufacturer, identity.model, identity.revision);
  channel.expect_urcs(urcs_of(*profile));
  identity.family = profile->name;
  return {};
}

// Some sticks start in flight mode (4) or with everything off (0).
Result<void> SerialModem::Impl::ensure_radio() {
  if (radio_on) return {};
  const auto answer = channel.ask(patiently("AT+CFUN?"));
  if (!answer) return tl::unexpected(answer.error());
  const auto mode = to_int(fields_of(answer->text())[0]);
  if (!mode || (*mode != 0 && *mode != 4)) {
    radio_on = mode.has_value();
    return {};
  }
  log::notice(tag, "the radio is off (CFUN " + std::to_string(*mode) + "): switching it on");
  Request switch_on = patiently("AT+CFUN=1");
  switch_on.timeout = options.timeouts.radio;
  const auto on = channel.ask(switch_on);
  if (!on) return tl::unexpected(on.error());
  return {};
}

Result<void> SerialModem::Impl::ensure_pdu_mode() {
  const auto mode = channel.ask(patiently("AT+CMGF?"));
  if (!mode) return tl::unexpected(mode.error());
  const bool is_so = mode->ok() && !mode->damaged && to_int(fields_of(mode->text())[0]) == 0;
  return is_so ? Result<void>() : select_pdu_mode();
}

Result<void> SerialModem::Impl::select_pdu_mode() {
  const auto give_up = steady_now() + options.timeouts.sim_missing;
  for (;;) {
    const auto answer = channel.ask(when_ready("AT+CMGF=0"));
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
    if (auto paused = pause(options.timeouts.retry); !paused) return paused;
  }
}

Result<void> SerialModem::Impl::choose_service() {
  const auto service = channel.ask(patiently("AT+CSMS?"));
  if (!service) return tl::unexpected(service.error());
  const auto current = service->ok() ? to_int(fields_of(service->text())[0]) : std::nullopt;
  settings.acknowledges = current == 1 && !profile->acknowledgement.empty();
  unacknowledged = false;
  return current == 0 || settings.acknowledges ? Result<void>() : attempt("AT+CSMS=0");
}

Result<void> SerialModem::Impl::set_service_centre() {
  const auto current = channel.ask(when_ready("AT+CSCA?"));
  if (!current) return tl::unexpected(current.error());
  settings.smsc = current->ok() ? parse_csca(*current) : std::string();
  if (!options.smsc.empty() && !is_number(options.smsc))
    return fail(Errc::bad_input, "smsc: not a phone number");
  if (options.smsc.empty() || is_same_number(options.smsc, settings.smsc)) {
    if (settings.smsc.empty())
      log::warning(tag, "no service centre known: sending may fail until smsc is configured");
    return {};
  }
  if (auto written = write_service_centre(options.smsc); !written) return written;
  settings.smsc = options.smsc;
  return {};
}

Result<void> SerialModem::Impl::write_service_centre(const std::string& number) {
  const char* type = number.starts_with('+') ? "145" : "129";  // international, unknown
  const auto set = channel.ask(when_ready("AT+CSCA=\"" + number + "\"," + type));
  if (!set) return tl::unexpected(set.error());
  if (!set->ok()) return tl::unexpected(to_error("AT+CSCA", set->result));
  return {};
}

Result<void> SerialModem::Impl::choose_indications() {
  settings.cnmi.clear();
  settings.announces_messages = false;
  settings.announces_reports = false;
  const auto current = indications();
  if (!current) return tl::unexpected(current.error());
  if (*current && is_best(**current, profile->indications)) {
    adopt_indications(**current);
    told_of_silence = false;
    return {};
  }
  const auto known = channel.ask({"AT+CNMI=?", options.timeouts.answer});
  if (!known && known.error().code != Errc::timeout) return tl::unexpected(known.error());
  const auto choices =
      known && known->ok() ? parse_cnmi_choices(known->text()) : decltype(parse_cnmi_choices("")){};
  const auto taken = climb_ladder(ladder_for(profile->indications, choices), *current);
  if (!taken && taken.error().code != Errc::busy) return tl::unexpected(taken.error());
  if (settings.announces_messages) {
    told_of_silence = false;
  } else if (!std::exchange(told_of_silence, true)) {
    log::warning(
        tag, "the modem announces no messages (every AT+CNMI was refused): they are found by listing only");
  }
  return {};
}

Result<std::optional<CnmiSettings>> SerialModem::Impl::indications() {
  const auto read = channel.ask(patiently("AT+CNMI?"));
  if (!read) return tl::unexpected(read.error());
  return read->ok() && !read->damaged ? parse_cnmi(read->text()) : std::nullopt;
}

Result<void> SerialModem::Impl::climb_ladder(const std::vector<CnmiSettings>& ladder,
                                             const std::optional<CnmiSettings>& current) {
  for (const CnmiSettings& rung : ladder) {
    if (current == rung && adopt_indications(rung)) return {};
    const auto taken = take_indications("AT+CNMI=" + to_text(rung), rung);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return {};
  }
  // Old firmware knows two values only.
  for (const CnmiSettings& rung : {CnmiSettings{2, 1}, CnmiSettings{1, 1}}) {
    const auto taken = take_indications("AT+CNMI=" + to_text(rung).substr(0, 3), rung);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return {};
  }
  return {};
}

// A flash message comes directly from some modems whatever AT+CNMI says: only what can be read back tells.
Result<void> SerialModem::Impl::verify_indications() {
  doubts_indications = false;
  const auto effective = indications();
  if (!effective) return tl::unexpected(effective.error());
  if (!*effective || to_text(**effective) == settings.cnmi) return {};
  log::notice(tag, "the modem has lost its setting of indications (CNMI " + to_text(**effective) + ")");
  return choose_indications();
}

Result<bool> SerialModem::Impl::take_indications(const std::string& line, const CnmiSettings& wanted) {
  const auto set = channel.ask(when_ready(line));
  if (!set) return tl::unexpected(set.error());
  if (is_not_ready_yet(set->result)) return tl::unexpected(to_error("AT+CNMI", set->result));
  if (!set->ok()) return false;
  const auto effective = indications();
  if (!effective) return tl::unexpected(effective.error());
  return adopt_indications(effective->value_or(wanted));
}

bool SerialModem::Impl::adopt_indications(const CnmiSettings& effective) {
  if (effective[0] == 0 || effective[1] != 1) return false;
  settings.cnmi = to_text(effective);
  settings.announces_messages = true;
  settings.announces_reports = effective[3] == 1;
  return true;
}

}  // namespace pigeon::modem
