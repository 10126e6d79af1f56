// One row for each answer; see ending.h.
#include "pairing/ending.h"

namespace pigeon::pairing {

Ending ending_of(oauth::TokenFailure failure) {
  switch (failure) {
    case oauth::TokenFailure::grant_dead:
      return Ending::refused;
    case oauth::TokenFailure::client_rejected:
      return Ending::misconfigured;
    case oauth::TokenFailure::malformed:
    case oauth::TokenFailure::uncertain:
      return Ending::unclear;
    case oauth::TokenFailure::unreachable:
      return Ending::unreachable;
  }
  return Ending::unclear;
}

Ending ending_of(x::Problem problem) {
  switch (problem) {
    case x::Problem::suspended:
      return Ending::suspended;
    case x::Problem::missing_scope:
      return Ending::no_permission;
    case x::Problem::app_misconfigured:
    case x::Problem::credits_depleted:
      return Ending::misconfigured;
    case x::Problem::unreachable:
    case x::Problem::rate_limited:
      return Ending::unreachable;
    case x::Problem::unauthorized:
    case x::Problem::forbidden:
      return Ending::refused;
    case x::Problem::duplicate:
    case x::Problem::too_long:
    case x::Problem::rejected:
    case x::Problem::unavailable:
    case x::Problem::not_found:
      return Ending::unclear;
  }
  return Ending::unclear;
}

Ending ending_of(PinError::Why why) {
  switch (why) {
    case PinError::Why::wrong_pin:
    case PinError::Why::over:
      return Ending::refused;
    case PinError::Why::read_only:
      return Ending::no_permission;
    case PinError::Why::client_rejected:
      return Ending::misconfigured;
    case PinError::Why::unreachable:
      return Ending::unreachable;
    case PinError::Why::unavailable:
      break;
  }
  return Ending::unclear;
}

}  // namespace pigeon::pairing
