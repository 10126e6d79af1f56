// What a function returns when something outside this program (a modem, a network, a person, a file)
// can make it fail. Broken invariants and broken storage are exceptions instead (docs/design.md, "Errors").
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace pigeon {

enum class Errc {
  bad_input,        // malformed bytes, values or arguments; the same input fails again
  not_found,        // the thing named does not exist (an empty slot, a file, an account)
  denied,           // somebody said no: permissions, a refused PIN, a rejected credential
  unsupported,      // the other side cannot do this
  conflict,         // exists already, in use by somebody else
  busy,             // not now; the same call may work later
  timeout,          // a deadline passed and nothing was done
  disconnected,     // the device, peer or file went away
  io,               // the operating system reported an error
  outcome_unknown,  // it was sent and may have happened; see the caller's rules before repeating
};

enum class Retry { no, yes };

// An error for a person and for a program. `message` reads "what: why" and never holds a secret.
struct Error {
  Errc code = Errc::io;
  std::string message;
  Retry retry = Retry::no;  // whether the same call may succeed later

  [[nodiscard]] bool retryable() const { return retry == Retry::yes; }  // the same call may work later
};

template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

// `return fail(Errc::timeout, "AT+CMGS: no prompt", Retry::yes);`
[[nodiscard]] tl::unexpected<Error> fail(Errc code, std::string message, Retry retry = Retry::no);

// Passes an error on with the step that met it in front: "open /dev/ttyUSB0: permission denied".
[[nodiscard]] tl::unexpected<Error> fail(std::string_view step, Error error);

// The errno text of `error_number` behind `what`, with the code that fits.
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view what, int error_number);

// "outcome unknown" and the like: a few words for a log line.
[[nodiscard]] std::string_view to_string(Errc code);

}  // namespace pigeon
