// Unsolicited lines of any wording: they are classified with and without a maker's own codes, slots and USSD
// texts are read out of them, and what a USSD code is written as is read back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "modem/at/at_values.h"
#include "modem/at/urc.h"
#include "modem/at/ussd.h"
#include "modem/driver/profile.h"

using namespace pigeon::modem;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check_line(std::string_view line) {
  const auto bare = classify_urc(line, {});
  const auto known = classify_urc(line, urcs_of_all());
  if (bare) require(known.has_value(), "a maker's codes come on top");
  for (const VendorUrc& own : urcs_of_all()) {
    const VendorUrc whole{line, own.kind, true};
    const auto found = classify_urc(line, {&whole, 1});
    if (!line.empty()) require(found.has_value(), "a code that is the whole line is found");
    break;
  }
  if (const auto slot = parse_indicated_slot(line)) require(slot->index >= 0, "a slot has a number");
  const UssdReply reply = parse_ussd(line);
  require(pigeon::is_valid_utf8(reply.text), "text is UTF-8");
  require(!word_of(reply.kind).empty(), "an answer has a word");
}

void check_request(std::string_view text) {
  for (const UssdForm form : {UssdForm::plain, UssdForm::packed}) {
    const auto request = ussd_request(text, form);
    if (!request) continue;
    require(request->starts_with("AT+CUSD="), "a request is a command");
    require(request->find_first_of("\r\n\x1a\x1b") == std::string::npos, "a request is one line");
  }
  if (is_ussd_text(text)) require(ussd_request(text, UssdForm::packed).has_value(), "what can be sent is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  check_line(line);
  if (pigeon::is_valid_utf8(line)) check_request(line);
  return 0;
}
