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
  // With a consumer key and no client id people link by OAuth 1.0a, and X sends their browser back.
  [[nodiscard]] bool by_signed_callback() const {
    return !by_pin && client.client_id.empty() && !consumer.consumer_key.empty();
  }
  // Where people say yes or no, for the browser's policies.
  [[nodiscard]] const std::string& authorize_url() const {
    return by_signed_callback() ? consumer.authorize_url : client.provider.authorize_url;
  }
};

}  // namespace pigeon::pairing
