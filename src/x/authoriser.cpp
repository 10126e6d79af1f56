// The two kinds of Authorization header; see authoriser.h.
#include "x/authoriser.h"

#include "oauth/oauth1.h"

namespace pigeon::x {

std::string Authoriser::header(std::string_view method, std::string_view url, UtcTime now) const {
  if (!consumer_) return "Authorization: Bearer " + token_.token;
  return oauth::authorization(*consumer_, token_, method, url, oauth::make_stamp(now));
}

}  // namespace pigeon::x
