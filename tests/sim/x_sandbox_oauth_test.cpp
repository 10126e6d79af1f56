// The OAuth side of the sandbox of X against the rules it claims to enforce, asked over HTTP as a client
// would.
#include "sim/x/x_sandbox.h"

#include <doctest/doctest.h>

#include "tests/sim/x_sandbox_desk.h"

using namespace pigeon;
using namespace pigeon::sim;

TEST_CASE("sandbox of X: the browser comes back with the state, agreed or not") {
  const XDesk desk;
  const std::string yes = desk.sandbox.consent(desk.link());
  CHECK(yes.starts_with(std::string(kRedirect) + "?state=s%2F1%2B2&code="));
  CHECK(desk.sandbox.consent(desk.link(), false) ==
        std::string(kRedirect) + "?error=access_denied&state=s%2F1%2B2");
}

TEST_CASE("sandbox of X: a wrong authorize link shows an error and leads nowhere") {
  const XDesk desk;
  struct Row {
    const char* name;
    const char* field;
    std::string value;
  };
  const Row rows[] = {
      {"another client", "client_id", "somebody"},
      {"redirect with one character more", "redirect_uri", std::string(kRedirect) + "/"},
      {"implicit grant", "response_type", "token"},
      {"no state", "state", ""},
      {"state of 501 characters", "state", std::string(501, 's')},
      {"plain challenge", "code_challenge_method", "plain"},
      {"short challenge", "code_challenge", "abc"},
      {"no scope", "scope", ""},
      {"unknown scope", "scope", "tweet.read everything"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Fields fields = XDesk::authorize_fields();
    set_field(fields, row.field, row.value);
    CHECK(desk.sandbox.consent(desk.link(fields)).empty());
  }
  Fields longest = XDesk::authorize_fields();
  set_field(longest, "state", std::string(500, 's'));
  CHECK_FALSE(desk.sandbox.consent(desk.link(longest)).empty());
  Fields twice = XDesk::authorize_fields();
  twice.emplace_back("state", "again");
  CHECK(desk.sandbox.consent(desk.link(twice)).empty());
}

TEST_CASE("sandbox of X: looking at the consent page grants nothing, and it is pressed once") {
  const XDesk desk;
  const std::string path = desk.link().substr(desk.sandbox.url().size());
  const httplib::Result page = desk.client().Get(path);
  REQUIRE(page);
  CHECK(page->body.find("Authorize Carrier Pigeon to post as @ada?") != std::string::npos);
  const std::size_t at = page->body.find("name=\"consent\" value=\"") + 22;
  const std::string press =
      "decision=authorize&consent=" + page->body.substr(at, page->body.find('"', at) - at);
  const httplib::Result first = desk.client().Post("/i/oauth2/authorize", press, kFormType);
  CHECK(first->status == 302);
  CHECK(first->get_header_value("Location").starts_with(kRedirect));
  CHECK(desk.client().Post("/i/oauth2/authorize", press, kFormType)->status == 400);
  CHECK(desk.sandbox.grants().empty());
}

TEST_CASE("sandbox of X: the token endpoint wants the client's proof") {
  const XDesk desk;
  const std::string code = desk.code();
  const httplib::Response none = desk.token(XDesk::exchange_fields(code), {});
  CHECK(none.status == 401);
  CHECK(parsed(none) ==
        json{{"error", "unauthorized_client"}, {"error_description", "Missing valid authorization header"}});
  CHECK(desk.token(XDesk::exchange_fields(code), XDesk::basic("sandbox-client", "sandbox-secret\n")).status ==
        401);
  Fields anonymous = XDesk::exchange_fields(code);
  std::erase_if(anonymous, [](const auto& field) { return field.first == "client_id"; });
  const httplib::Response missing = desk.token(anonymous);
  CHECK(missing.status == 400);
  CHECK(parsed(missing)["error_description"] == "Missing required parameter [client_id].");
  CHECK(desk.token(XDesk::exchange_fields(code)).status == 200);  // none of these spent the code
}

TEST_CASE("sandbox of X: id and secret are form-encoded inside Basic") {
  XSandboxOptions options;
  options.client_id = "a:b";
  options.client_secret = "p%q r";
  const XDesk desk(options);
  const Fields fields = {{"token", "unknown"}, {"client_id", "a:b"}};
  const auto revoke = [&](const httplib::Headers& headers) {
    return desk.client().Post("/2/oauth2/revoke", headers, form_of(fields), kFormType)->status;
  };
  CHECK(revoke(XDesk::basic("a%3Ab", "p%25q%20r")) == 200);
  CHECK(revoke(XDesk::basic("a:b", "p%q r")) == 401);
}

TEST_CASE("sandbox of X: a public client shows no secret") {
  XSandboxOptions options;
  options.client_secret.clear();
  const XDesk desk(options);
  CHECK(desk.token(XDesk::exchange_fields(desk.code()), {}).status == 200);
  CHECK(desk.token(XDesk::exchange_fields(desk.code()), XDesk::basic()).status == 401);
}

TEST_CASE("sandbox of X: a code is bound to redirect and verifier, and one attempt spends it") {
  const XDesk desk;
  struct Row {
    const char* field;
    const char* value;
    const char* description;
  };
  const Row rows[] = {
      {"redirect_uri", "https://pigeon.example/other",
       "Value passed for the redirect uri did not match the uri of the authorization code."},
      {"code_verifier", "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
       "Value passed for the code verifier did not match the code challenge."},
      {"code_verifier", kChallenge, "Value passed for the code verifier did not match the code challenge."},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const std::string code = desk.code();
    Fields fields = XDesk::exchange_fields(code);
    set_field(fields, row.field, row.value);
    const httplib::Response wrong = desk.token(fields);
    CHECK(wrong.status == 400);
    CHECK(parsed(wrong)["error_description"] == row.description);
    CHECK(desk.token(XDesk::exchange_fields(code)).status == 400);
  }
}

TEST_CASE("sandbox of X: a code lives 30 seconds") {
  XDesk desk;
  const std::string fresh = desk.code();
  desk.sandbox.advance(seconds(28));
  CHECK(desk.token(XDesk::exchange_fields(fresh)).status == 200);
  const std::string stale = desk.code();
  desk.sandbox.advance(seconds(30));
  const httplib::Response late = desk.token(XDesk::exchange_fields(stale));
  CHECK(late.status == 400);
  CHECK(parsed(late)["error"] == "invalid_request");
}

TEST_CASE("sandbox of X: a code used twice costs its tokens") {
  const XDesk desk;
  const std::string code = desk.code();
  const json tokens = parsed(desk.token(XDesk::exchange_fields(code)));
  CHECK(desk.me(tokens["access_token"]).status == 200);
  CHECK(desk.token(XDesk::exchange_fields(code)).status == 400);
  CHECK(desk.me(tokens["access_token"]).status == 401);
}

TEST_CASE("sandbox of X: refresh rotates, and reuse kills the family") {
  const XDesk desk;
  const json first = desk.link_account();
  const json second = parsed(desk.token(XDesk::refresh_fields(first["refresh_token"])));
  CHECK(second["refresh_token"] != first["refresh_token"]);
  CHECK(desk.me(second["access_token"]).status == 200);
  const httplib::Response reused = desk.token(XDesk::refresh_fields(first["refresh_token"]));
  CHECK(reused.status == 400);
  CHECK(parsed(reused) ==
        json{{"error", "invalid_request"}, {"error_description", "Value passed for the token was invalid."}});
  CHECK(desk.me(second["access_token"]).status == 401);
  CHECK(desk.token(XDesk::refresh_fields(second["refresh_token"])).status == 400);
  CHECK_FALSE(desk.sandbox.grants().at(0).alive);
}

TEST_CASE("sandbox of X: one person's dead family is not another's") {
  XDesk desk;
  const json ada = desk.link_account();
  desk.sandbox.sign_in("grace");
  const json grace = desk.link_account();
  CHECK(parsed(desk.me(grace["access_token"]))["data"]["username"] == "grace");
  CHECK(desk.token(XDesk::refresh_fields(ada["refresh_token"])).status == 200);
  CHECK(desk.token(XDesk::refresh_fields(ada["refresh_token"])).status == 400);
  CHECK(desk.me(grace["access_token"]).status == 200);
}

TEST_CASE("sandbox of X: an access token dies of age, of expiry on demand and of revocation") {
  XDesk desk;
  json tokens = desk.link_account();
  desk.sandbox.advance(seconds(7200));
  const httplib::Response expired = desk.me(tokens["access_token"]);
  CHECK(expired.status == 401);
  CHECK(
      parsed(expired) ==
      json{{"title", "Unauthorized"}, {"type", "about:blank"}, {"status", 401}, {"detail", "Unauthorized"}});
  tokens = parsed(desk.token(XDesk::refresh_fields(tokens["refresh_token"])));
  CHECK(desk.me(tokens["access_token"]).status == 200);
  desk.sandbox.expire_access_tokens();
  CHECK(desk.me(tokens["access_token"]).status == 401);
  tokens = parsed(desk.token(XDesk::refresh_fields(tokens["refresh_token"])));
  desk.sandbox.revoke_all(true);
  CHECK(desk.me(tokens["access_token"]).status == 401);
  CHECK(desk.token(XDesk::refresh_fields(tokens["refresh_token"])).status == 400);
}

TEST_CASE("sandbox of X: revocation takes a refresh token's family and does not mind unknown tokens") {
  const XDesk desk;
  const json tokens = desk.link_account();
  const auto revoke = [&](const std::string& token) {
    const Fields fields = {{"token", token}, {"client_id", "sandbox-client"}};
    return desk.client().Post("/2/oauth2/revoke", XDesk::basic(), form_of(fields), kFormType)->status;
  };
  CHECK(revoke("never-issued") == 200);
  CHECK(desk.me(tokens["access_token"]).status == 200);
  CHECK(revoke(tokens["refresh_token"]) == 200);
  CHECK(desk.me(tokens["access_token"]).status == 401);
  CHECK(desk.token(XDesk::refresh_fields(tokens["refresh_token"])).status == 400);
}

TEST_CASE("sandbox of X: what was not granted is forbidden") {
  XDesk desk;
  desk.sandbox.grant_only({"tweet.read", "users.read"});
  const json tokens = desk.link_account();
  CHECK_FALSE(tokens.contains("refresh_token"));
  CHECK(tokens["scope"] == "tweet.read users.read");
  CHECK(desk.me(tokens["access_token"]).status == 200);
  CHECK(desk.post(tokens["access_token"], {{"text", "no"}}).status == 403);
  CHECK(desk.sandbox.posts().empty());
}
