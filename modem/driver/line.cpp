// Usual questions; see line.h.
#include "modem/driver/line.h"

#include <utility>

#include "base/log.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {

Line::Line(AtChannel& channel, const ModemOptions& options)
    : channel_(channel),
      options_(options),
      tag_("modem/" + (options.name.empty() ? std::string("unnamed") : options.name)) {}

Request Line::patiently(std::string line) const {
  Request request{std::move(line), timeouts().answer};
  request.only_reads = request.line.ends_with('?');
  request.silence = Silence::may_happen_once;
  return request;
}

Request Line::when_ready(std::string line) const {
  Request request = patiently(std::move(line));
  request.while_busy = timeouts().sim_ready;
  return request;
}

Result<void> Line::attempt(std::string line) {
  const Request request = patiently(std::move(line));
  const auto answer = channel_.ask(request);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->ok()) log::debug(tag_, to_error(command_name(request.line), answer->result).message);
  return {};
}

Result<void> Line::ensure(std::string_view question, std::string_view answer, std::string_view line) {
  Request request = patiently(std::string(question));
  request.only_reads = true;
  const auto current = channel_.ask(request);
  if (!current) return tl::unexpected(current.error());
  std::string fields;
  for (const std::string& field : fields_of(current->text())) fields += field + ',';
  const bool is_so = current->ok() && !current->damaged && fields.starts_with(std::string(answer) + ',');
  return is_so ? Result<void>() : attempt(std::string(line));
}

Result<void> Line::pause(milliseconds time) {
  const auto until = steady_now() + time;
  while (steady_now() < until) {
    const auto ready = channel_.wait(until, options_.abort);
    if (!ready) return tl::unexpected(ready.error());
    if (ready->woken) return fail(Errc::timeout, channel_.device() + ": stopped", Retry::yes);
  }
  return {};
}

}  // namespace pigeon::modem
