// How a browser's way back from X ends, and what each answer of X's makes of it.
#pragma once

#include "oauth/oauth2.h"
#include "pairing/pin_flow.h"
#include "x/x_client.h"

namespace pigeon::pairing {

// How a callback ended. Except for `at_its_place` nothing was linked.
enum class Ending {
  at_its_place,      // X agreed, now or at an earlier fetch of the same page: place() says how far it is
  not_this_browser,  // state, cookie or time do not fit; nothing was changed
  busy,              // too many exchanges at once; nothing was changed, the same request may come again
  cancelled,         // the person refused at X
  no_permission,     // the scope granted is too small; the tokens were revoked
  refused,           // X did not accept its code
  misconfigured,     // X refuses the client, its keys or its redirect
  suspended,         // X does not let the account act; the tokens were revoked
  unreachable,       // X cannot be reached, nothing was exchanged
  unclear,           // X's answer was lost or made no sense, or it was not X's
};

// Of the token endpoint, of the API, and of OAuth 1.0a.
[[nodiscard]] Ending ending_of(oauth::TokenFailure failure);
[[nodiscard]] Ending ending_of(x::Problem problem);
[[nodiscard]] Ending ending_of(PinError::Why why);

}  // namespace pigeon::pairing
