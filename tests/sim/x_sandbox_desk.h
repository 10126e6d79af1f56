// A sandbox of X and a client of it that does everything right unless told otherwise; for the sandbox's own
// tests.
#pragma once

#include <doctest/doctest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sim/x/x_sandbox.h"
#include "x/provider.h"

namespace pigeon::sim {

using nlohmann::json;

inline constexpr const char* kRedirect = "https://pigeon.example/oauth/callback";
// RFC 7636, appendix B.
inline constexpr const char* kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr const char* kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
inline constexpr const char* kScopes = "tweet.read tweet.write users.read offline.access media.write";
inline constexpr const char* kFormType = "application/x-www-form-urlencoded";

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string form_of(const Fields& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + name + "=" + percent_encode(value);
  }
  return form;
}

struct XDesk {
  explicit XDesk(XSandboxOptions options = {}) : sandbox(with_redirect(std::move(options))) {}

  static XSandboxOptions with_redirect(XSandboxOptions options) {
    options.redirect_uris = {kRedirect};
    return options;
  }

  static Fields authorize_fields() {
    return {{"response_type", "code"},
            {"client_id", "sandbox-client"},
            {"redirect_uri", kRedirect},
            {"scope", kScopes},
            {"state", "s/1+2"},
            {"code_challenge", kChallenge},
            {"code_challenge_method", "S256"}};
  }

  [[nodiscard]] std::string link(const Fields& fields = authorize_fields()) const {
    return sandbox.url() + "/i/oauth2/authorize?" + form_of(fields);
  }

  [[nodiscard]] std::string code() const {
    const std::string where = sandbox.consent(link());
    const std::size_t at = where.find("code=");
    REQUIRE(at != std::string::npos);
    return where.substr(at + 5);
  }

  static Fields exchange_fields(const std::string& code) {
    return {{"grant_type", "authorization_code"},
            {"code", code},
            {"redirect_uri", kRedirect},
            {"client_id", "sandbox-client"},
            {"code_verifier", kVerifier}};
  }

  static Fields refresh_fields(const std::string& token) {
    return {{"grant_type", "refresh_token"}, {"refresh_token", token}, {"client_id", "sandbox-client"}};
  }

  static httplib::Headers basic(const std::string& id = "sandbox-client",
                                const std::string& secret = "sandbox-secret") {
    return {httplib::make_basic_authentication_header(id, secret)};
  }

  static httplib::Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

  [[nodiscard]] httplib::Client client() const { return httplib::Client("127.0.0.1", sandbox.port()); }

  [[nodiscard]] httplib::Response token(const Fields& fields,
                                        const httplib::Headers& headers = basic()) const {
    const httplib::Result result = client().Post("/2/oauth2/token", headers, form_of(fields), kFormType);
    REQUIRE(result);
    return *result;
  }

  [[nodiscard]] json link_account() const {
    const httplib::Response response = token(exchange_fields(code()));
    REQUIRE(response.status == 200);
    return json::parse(response.body);
  }

  [[nodiscard]] httplib::Response me(const std::string& access) const {
    const httplib::Result result = client().Get("/2/users/me", bearer(access));
    REQUIRE(result);
    return *result;
  }

  [[nodiscard]] httplib::Response post(const std::string& access, const json& body) const {
    const httplib::Result result =
        client().Post("/2/tweets", bearer(access), body.dump(), "application/json");
    REQUIRE(result);
    return *result;
  }

  [[nodiscard]] httplib::Response remove(const std::string& access, const std::string& id) const {
    const httplib::Result result = client().Delete("/2/tweets/" + id, bearer(access));
    REQUIRE(result);
    return *result;
  }

  XSandbox sandbox;
};

inline json parsed(const httplib::Response& response) {
  return json::parse(response.body);
}

inline void set_field(Fields& fields, const std::string& name, const std::string& value) {
  for (auto& field : fields) {
    if (field.first == name) field.second = value;
  }
}

}  // namespace pigeon::sim
