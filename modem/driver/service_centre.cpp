// Reading and writing it; see service_centre.h.
#include "modem/driver/service_centre.h"

#include <algorithm>

#include "base/log.h"
#include "modem/at/at_errors.h"
#include "modem/at/at_values.h"

namespace pigeon::modem {
namespace {

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

ServiceCentre::ServiceCentre(Line& line, const std::string& configured)
    : line_(line), configured_(configured) {}

Result<void> ServiceCentre::settle() {
  const auto current = line_.ask(line_.when_ready("AT+CSCA?"));
  if (!current) return tl::unexpected(current.error());
  number_ = current->ok() ? parse_csca(*current) : std::string();
  if (!configured_.empty() && !is_number(configured_))
    return fail(Errc::bad_input, "smsc: not a phone number");
  if (configured_.empty() || is_same_number(configured_, number_)) {
    if (number_.empty())
      log::warning(line_.tag(), "no service centre known: sending may fail until smsc is configured");
    return {};
  }
  if (auto written = write(configured_); !written) return written;
  number_ = configured_;
  return {};
}

Result<void> ServiceCentre::restore() {
  return write(configured_.empty() ? number_ : configured_);
}

Result<void> ServiceCentre::write(const std::string& number) {
  const char* type = number.starts_with('+') ? "145" : "129";  // international, unknown
  const auto set = line_.ask(line_.when_ready("AT+CSCA=\"" + number + "\"," + type));
  if (!set) return tl::unexpected(set.error());
  if (!set->ok()) return tl::unexpected(to_error("AT+CSCA", set->result));
  return {};
}

}  // namespace pigeon::modem
