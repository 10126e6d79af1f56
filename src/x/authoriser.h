// How a request to X says whom it acts for: a bearer token (OAuth 2.0), or a signature of method, address and
// time (OAuth 1.0a).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "oauth/oauth1_signature.h"

namespace pigeon::x {

// A value; any thread.
class Authoriser {
 public:
  // By bearer token.
  Authoriser(std::string bearer)
      : token_{std::move(bearer), {}} {}                  // NOLINT: a plain token is the usual case
  Authoriser(const char* bearer) : token_{bearer, {}} {}  // NOLINT: the same
  // By signature.
  Authoriser(oauth::Consumer consumer, oauth::OAuth1Token token)
      : consumer_(std::move(consumer)), token_(std::move(token)) {}

  [[nodiscard]] bool signs() const { return consumer_.has_value(); }
  // The Authorization header; `now` by X's clock. A body does not belong to it (RFC 5849 §3.4.1.3.1).
  [[nodiscard]] std::string header(std::string_view method, std::string_view url, UtcTime now) const;
  // What must not be in a log.
  [[nodiscard]] const std::string& token() const { return token_.token; }
  [[nodiscard]] const std::string& secret() const { return token_.secret; }  // empty: a bearer

 private:
  std::optional<oauth::Consumer> consumer_;
  oauth::OAuth1Token token_;
};

}  // namespace pigeon::x
