// Building errors; see result.h.
#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace pigeon {

tl::unexpected<Error> fail(Errc code, std::string message, Retry retry) {
  return tl::unexpected<Error>(Error{code, std::move(message), retry});
}

tl::unexpected<Error> fail(std::string_view step, Error error) {
  error.message.insert(0, std::string(step) + ": ");
  return tl::unexpected<Error>(std::move(error));
}

tl::unexpected<Error> fail_errno(std::string_view what, int error_number) {
  Errc code = Errc::io;
  Retry retry = Retry::no;
  switch (error_number) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      code = Errc::not_found;
      retry = Retry::yes;  // devices come and go
      break;
    case EACCES:
    case EPERM:
      code = Errc::denied;
      break;
    case EBUSY:
    case EADDRINUSE:
      code = Errc::conflict;
      retry = Retry::yes;
      break;
    case EIO:
    case EPIPE:
    case ECONNRESET:
      code = Errc::disconnected;
      retry = Retry::yes;
      break;
    case ETIMEDOUT:
      code = Errc::timeout;
      retry = Retry::yes;
      break;
    default:
      break;
  }
  return fail(code, std::string(what) + ": " + std::generic_category().message(error_number), retry);
}

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::bad_input:
      return "bad input";
    case Errc::not_found:
      return "not found";
    case Errc::denied:
      return "denied";
    case Errc::unsupported:
      return "unsupported";
    case Errc::conflict:
      return "conflict";
    case Errc::busy:
      return "busy";
    case Errc::timeout:
      return "timeout";
    case Errc::disconnected:
      return "disconnected";
    case Errc::io:
      return "input/output error";
    case Errc::outcome_unknown:
      return "outcome unknown";
  }
  return "unknown";
}

}  // namespace pigeon
