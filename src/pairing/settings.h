// What linking an account needs to know of this box and of X. Made before the threads start, never changed.
#pragma once

#include <string>

#include "oauth/oauth2.h"

namespace pigeon::pairing {

struct PairingSettings {
  oauth::OAuth2Client client;  // registered at X
  std::string api_url;         // without a slash at its end
  bool text_back = true;       // the code that X's page leads to must be texted by the phone
};

}  // namespace pigeon::pairing
