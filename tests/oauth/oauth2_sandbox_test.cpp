// The OAuth 2.0 client at the sandbox of X: a whole life of a link, and what ends it.
#include <doctest/doctest.h>

#include <string>

#include "oauth/oauth2.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox.h"
#include "x/provider.h"
#include "x/x_client.h"

using namespace pigeon;
using namespace pigeon::oauth;
using net::HttpClient;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string query_value(const std::string& url, const std::string& name) {
  const auto at = url.find(name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 1;
  return sim::percent_decode(url.substr(begin, url.find('&', begin) - begin)).value_or("");
}

// A sandbox, our client at it, and one link made the way a person makes it.
struct Linked {
  sim::XSandbox sandbox;
  OAuth2Client client;
  HttpClient http;
  std::string verifier = make_verifier();

  Linked()
      : client(x::oauth2_client("sandbox-client", "sandbox-secret", sandbox.url() + "/i/oauth2/authorize",
                                sandbox.url(), "http://127.0.0.1:9/oauth/callback")) {
    sandbox.allow_redirect(client.redirect_uri);
  }

  std::string consent_code() {
    const std::string callback = sandbox.consent(authorize_url(client, "state-1", challenge_s256(verifier)));
    REQUIRE(query_value(callback, "state") == "state-1");
    return query_value(callback, "code");
  }
  Tokens link() {
    const auto tokens = exchange_code(http, client, consent_code(), verifier);
    REQUIRE(tokens);
    return *tokens;
  }
};

}  // namespace

TEST_CASE("oauth2 at the sandbox: link, use, refresh, revoke") {
  Linked box;
  const Tokens first = box.link();
  CHECK(first.expires_in == seconds(7200));
  CHECK(contains(first.scope, "offline.access"));
  x::XClient x(box.sandbox.url());
  const auto me = x.me(first.access_token);
  REQUIRE(me);
  CHECK(me->username == "ada");

  const auto second = refresh(box.http, box.client, first.refresh_token);
  REQUIRE(second);
  CHECK(second->refresh_token != first.refresh_token);
  CHECK(x.me(second->access_token));

  REQUIRE(revoke(box.http, box.client, second->refresh_token));
  CHECK(revoke(box.http, box.client, second->refresh_token));
  const auto dead = refresh(box.http, box.client, second->refresh_token);
  REQUIRE_FALSE(dead);
  CHECK(dead.error().failure == TokenFailure::grant_dead);
}

TEST_CASE("oauth2 at the sandbox: a spent refresh token kills the family") {
  Linked box;
  const Tokens first = box.link();
  const auto second = refresh(box.http, box.client, first.refresh_token);
  REQUIRE(second);
  const auto reused = refresh(box.http, box.client, first.refresh_token);
  REQUIRE_FALSE(reused);
  CHECK(reused.error().failure == TokenFailure::grant_dead);
  const auto successor = refresh(box.http, box.client, second->refresh_token);
  REQUIRE_FALSE(successor);
  CHECK(successor.error().failure == TokenFailure::grant_dead);
}

TEST_CASE("oauth2 at the sandbox: codes end after 30 s, after one use, and with a wrong verifier") {
  Linked box;
  const std::string late = box.consent_code();
  box.sandbox.advance(seconds(31));
  const auto expired = exchange_code(box.http, box.client, late, box.verifier);
  REQUIRE_FALSE(expired);
  CHECK(expired.error().failure == TokenFailure::grant_dead);

  const std::string code = box.consent_code();
  REQUIRE(exchange_code(box.http, box.client, code, box.verifier));
  const auto again = exchange_code(box.http, box.client, code, box.verifier);
  REQUIRE_FALSE(again);
  CHECK(again.error().failure == TokenFailure::grant_dead);

  const auto wrong = exchange_code(box.http, box.client, box.consent_code(), make_verifier());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().failure == TokenFailure::grant_dead);
}

TEST_CASE("oauth2 at the sandbox: the operator's mistakes unlink nobody") {
  Linked box;
  const Tokens tokens = box.link();
  for (const bool by_secret : {true, false}) {
    CAPTURE(by_secret);
    OAuth2Client wrong = box.client;
    if (by_secret)
      wrong.client_secret = SharedSecret("wrong");
    else
      wrong.client_id = "wrong";
    const auto refused = refresh(box.http, wrong, tokens.refresh_token);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().failure == TokenFailure::client_rejected);
  }
  CHECK(refresh(box.http, box.client, tokens.refresh_token));
}

TEST_CASE("oauth2 at the sandbox: a refresh whose answer is lost is uncertain, and asking again tells") {
  Linked box;
  const Tokens tokens = box.link();
  auto lost = sim::named_fault("lost-answer", "POST /2/oauth2/token");
  REQUIRE(lost);
  box.sandbox.inject(*lost);
  const auto first = refresh(box.http, box.client, tokens.refresh_token);
  REQUIRE_FALSE(first);
  CHECK(first.error().failure == TokenFailure::uncertain);
  const auto second = refresh(box.http, box.client, tokens.refresh_token);
  REQUIRE_FALSE(second);
  CHECK(second.error().failure == TokenFailure::grant_dead);
}
