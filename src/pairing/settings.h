// What linking an account needs to know of this box and of X. Made before the threads start, never changed.
#pragma once

#include <string>

#include "oauth/oauth1.h"
#include "oauth/oauth2.h"

namespace pigeon::pairing {

struct PairingSettings {
  oauth::OAuth2Client client;      // registered at X
  std::string api_url;             // without a slash at its end
  bool text_back = true;           // the code that X's page leads to must be texted by the phone
  oauth::OAuth1Client consumer{};  // registered at X; without a key: no OAuth 1.0a
  bool by_pin = false;             // people link by PIN, and no browser comes back to this box
};

}  // namespace pigeon::pairing
