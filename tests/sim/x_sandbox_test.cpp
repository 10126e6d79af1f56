// The sandbox of X against the rules it claims to enforce, asked over HTTP as a client would.
#include "tests/sim/x_sandbox.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/text.h"

namespace {

using namespace pigeon;
using namespace pigeon::sim;
using nlohmann::json;

constexpr const char* kRedirect = "https://pigeon.example/oauth/callback";
// RFC 7636, appendix B.
constexpr const char* kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr const char* kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
constexpr const char* kScopes = "tweet.read tweet.write users.read offline.access media.write";
constexpr const char* kFormType = "application/x-www-form-urlencoded";

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string form_of(const Fields& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + name + "=" + percent_encode(value);
  }
  return form;
}

// A sandbox and a client of it that does everything right unless told otherwise.
struct Desk {
  explicit Desk(XSandboxOptions options = {}) : sandbox(with_redirect(std::move(options))) {}

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

json parsed(const httplib::Response& response) {
  return json::parse(response.body);
}

void set_field(Fields& fields, const std::string& name, const std::string& value) {
  for (auto& field : fields) {
    if (field.first == name) field.second = value;
  }
}

}  // namespace

TEST_CASE("sandbox of X: from the authorize link to a post") {
  const Desk desk;
  const json tokens = desk.link_account();
  CHECK(tokens["token_type"] == "bearer");
  CHECK(tokens["expires_in"] == 7200);
  CHECK(tokens["scope"] == "media.write offline.access tweet.read tweet.write users.read");
  const std::string access = tokens["access_token"];
  const json me = parsed(desk.me(access));
  CHECK(me["data"]["username"] == "ada");
  const httplib::Response made = desk.post(access, {{"text", "Grüße 🐦"}});
  CHECK(made.status == 201);
  CHECK(parsed(made)["data"]["text"] == "Grüße 🐦");
  const std::vector<SandboxPost> posts = desk.sandbox.wait_for_posts(1, seconds(5));
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "Grüße 🐦");
  CHECK(posts[0].id == parsed(made)["data"]["id"]);
  CHECK(posts[0].user_id == me["data"]["id"]);
  CHECK(desk.sandbox.requests() ==
        std::vector<std::string>{"POST /2/oauth2/token 200", "GET /2/users/me 200", "POST /2/tweets 201"});
}

TEST_CASE("sandbox of X: the browser comes back with the state, agreed or not") {
  const Desk desk;
  const std::string yes = desk.sandbox.consent(desk.link());
  CHECK(yes.starts_with(std::string(kRedirect) + "?state=s%2F1%2B2&code="));
  CHECK(desk.sandbox.consent(desk.link(), false) ==
        std::string(kRedirect) + "?error=access_denied&state=s%2F1%2B2");
}

TEST_CASE("sandbox of X: a wrong authorize link shows an error and leads nowhere") {
  const Desk desk;
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
    Fields fields = Desk::authorize_fields();
    set_field(fields, row.field, row.value);
    CHECK(desk.sandbox.consent(desk.link(fields)).empty());
  }
  Fields longest = Desk::authorize_fields();
  set_field(longest, "state", std::string(500, 's'));
  CHECK_FALSE(desk.sandbox.consent(desk.link(longest)).empty());
  Fields twice = Desk::authorize_fields();
  twice.emplace_back("state", "again");
  CHECK(desk.sandbox.consent(desk.link(twice)).empty());
}

TEST_CASE("sandbox of X: looking at the consent page grants nothing, and it is pressed once") {
  const Desk desk;
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
  const Desk desk;
  const std::string code = desk.code();
  const httplib::Response none = desk.token(Desk::exchange_fields(code), {});
  CHECK(none.status == 401);
  CHECK(parsed(none) ==
        json{{"error", "unauthorized_client"}, {"error_description", "Missing valid authorization header"}});
  CHECK(desk.token(Desk::exchange_fields(code), Desk::basic("sandbox-client", "sandbox-secret\n")).status ==
        401);
  Fields anonymous = Desk::exchange_fields(code);
  std::erase_if(anonymous, [](const auto& field) { return field.first == "client_id"; });
  const httplib::Response missing = desk.token(anonymous);
  CHECK(missing.status == 400);
  CHECK(parsed(missing)["error_description"] == "Missing required parameter [client_id].");
  CHECK(desk.token(Desk::exchange_fields(code)).status == 200);  // none of these spent the code
}

TEST_CASE("sandbox of X: id and secret are form-encoded inside Basic") {
  XSandboxOptions options;
  options.client_id = "a:b";
  options.client_secret = "p%q r";
  const Desk desk(options);
  const Fields fields = {{"token", "unknown"}, {"client_id", "a:b"}};
  const auto revoke = [&](const httplib::Headers& headers) {
    return desk.client().Post("/2/oauth2/revoke", headers, form_of(fields), kFormType)->status;
  };
  CHECK(revoke(Desk::basic("a%3Ab", "p%25q%20r")) == 200);
  CHECK(revoke(Desk::basic("a:b", "p%q r")) == 401);
}

TEST_CASE("sandbox of X: a public client shows no secret") {
  XSandboxOptions options;
  options.client_secret.clear();
  const Desk desk(options);
  CHECK(desk.token(Desk::exchange_fields(desk.code()), {}).status == 200);
  CHECK(desk.token(Desk::exchange_fields(desk.code()), Desk::basic()).status == 401);
}

TEST_CASE("sandbox of X: a code is bound to redirect and verifier, and one attempt spends it") {
  const Desk desk;
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
    Fields fields = Desk::exchange_fields(code);
    set_field(fields, row.field, row.value);
    const httplib::Response wrong = desk.token(fields);
    CHECK(wrong.status == 400);
    CHECK(parsed(wrong)["error_description"] == row.description);
    CHECK(desk.token(Desk::exchange_fields(code)).status == 400);
  }
}

TEST_CASE("sandbox of X: a code lives 30 seconds") {
  Desk desk;
  const std::string fresh = desk.code();
  desk.sandbox.advance(seconds(28));
  CHECK(desk.token(Desk::exchange_fields(fresh)).status == 200);
  const std::string stale = desk.code();
  desk.sandbox.advance(seconds(30));
  const httplib::Response late = desk.token(Desk::exchange_fields(stale));
  CHECK(late.status == 400);
  CHECK(parsed(late)["error"] == "invalid_request");
}

TEST_CASE("sandbox of X: a code used twice costs its tokens") {
  const Desk desk;
  const std::string code = desk.code();
  const json tokens = parsed(desk.token(Desk::exchange_fields(code)));
  CHECK(desk.me(tokens["access_token"]).status == 200);
  CHECK(desk.token(Desk::exchange_fields(code)).status == 400);
  CHECK(desk.me(tokens["access_token"]).status == 401);
}

TEST_CASE("sandbox of X: refresh rotates, and reuse kills the family") {
  const Desk desk;
  const json first = desk.link_account();
  const json second = parsed(desk.token(Desk::refresh_fields(first["refresh_token"])));
  CHECK(second["refresh_token"] != first["refresh_token"]);
  CHECK(desk.me(second["access_token"]).status == 200);
  const httplib::Response reused = desk.token(Desk::refresh_fields(first["refresh_token"]));
  CHECK(reused.status == 400);
  CHECK(parsed(reused) ==
        json{{"error", "invalid_request"}, {"error_description", "Value passed for the token was invalid."}});
  CHECK(desk.me(second["access_token"]).status == 401);
  CHECK(desk.token(Desk::refresh_fields(second["refresh_token"])).status == 400);
  CHECK_FALSE(desk.sandbox.grants().at(0).alive);
}

TEST_CASE("sandbox of X: one person's dead family is not another's") {
  Desk desk;
  const json ada = desk.link_account();
  desk.sandbox.sign_in("grace");
  const json grace = desk.link_account();
  CHECK(parsed(desk.me(grace["access_token"]))["data"]["username"] == "grace");
  CHECK(desk.token(Desk::refresh_fields(ada["refresh_token"])).status == 200);
  CHECK(desk.token(Desk::refresh_fields(ada["refresh_token"])).status == 400);
  CHECK(desk.me(grace["access_token"]).status == 200);
}

TEST_CASE("sandbox of X: an access token dies of age, of expiry on demand and of revocation") {
  Desk desk;
  json tokens = desk.link_account();
  desk.sandbox.advance(seconds(7200));
  const httplib::Response expired = desk.me(tokens["access_token"]);
  CHECK(expired.status == 401);
  CHECK(
      parsed(expired) ==
      json{{"title", "Unauthorized"}, {"type", "about:blank"}, {"status", 401}, {"detail", "Unauthorized"}});
  tokens = parsed(desk.token(Desk::refresh_fields(tokens["refresh_token"])));
  CHECK(desk.me(tokens["access_token"]).status == 200);
  desk.sandbox.expire_access_tokens();
  CHECK(desk.me(tokens["access_token"]).status == 401);
  tokens = parsed(desk.token(Desk::refresh_fields(tokens["refresh_token"])));
  desk.sandbox.revoke_all(true);
  CHECK(desk.me(tokens["access_token"]).status == 401);
  CHECK(desk.token(Desk::refresh_fields(tokens["refresh_token"])).status == 400);
}

TEST_CASE("sandbox of X: revocation takes a refresh token's family and does not mind unknown tokens") {
  const Desk desk;
  const json tokens = desk.link_account();
  const auto revoke = [&](const std::string& token) {
    const Fields fields = {{"token", token}, {"client_id", "sandbox-client"}};
    return desk.client().Post("/2/oauth2/revoke", Desk::basic(), form_of(fields), kFormType)->status;
  };
  CHECK(revoke("never-issued") == 200);
  CHECK(desk.me(tokens["access_token"]).status == 200);
  CHECK(revoke(tokens["refresh_token"]) == 200);
  CHECK(desk.me(tokens["access_token"]).status == 401);
  CHECK(desk.token(Desk::refresh_fields(tokens["refresh_token"])).status == 400);
}

TEST_CASE("sandbox of X: what was not granted is forbidden") {
  Desk desk;
  desk.sandbox.grant_only({"tweet.read", "users.read"});
  const json tokens = desk.link_account();
  CHECK_FALSE(tokens.contains("refresh_token"));
  CHECK(tokens["scope"] == "tweet.read users.read");
  CHECK(desk.me(tokens["access_token"]).status == 200);
  CHECK(desk.post(tokens["access_token"], {{"text", "no"}}).status == 403);
  CHECK(desk.sandbox.posts().empty());
}

TEST_CASE("sandbox of X: what a post may be") {
  const Desk desk;
  const std::string access = desk.link_account()["access_token"];
  const std::string url = "https://example.com/" + std::string(300, 'a');
  std::string family;  // one emoji of seven code points, of which X counts two
  for (int i = 0; i < 140; ++i) family += "👨‍👩‍👧‍👦";
  struct Row {
    const char* name;
    json body;
    int status;
  };
  const Row rows[] = {
      {"280 letters", {{"text", std::string(280, 'x')}}, 201},
      {"281 letters", {{"text", std::string(281, 'x')}}, 400},
      {"a long link counts 23", {{"text", std::string(256, 'y') + " " + url}}, 201},
      {"and no less", {{"text", std::string(258, 'y') + " " + url}}, 400},
      {"140 families", {{"text", family}}, 201},
      {"and one more", {{"text", family + "👩"}}, 400},
      {"an unknown field", {{"text", "a"}, {"colour", "red"}}, 400},
      {"no text", json::object(), 400},
      {"an empty text", {{"text", " "}}, 400},
      {"a number for a text", {{"text", 7}}, 400},
      {"a list", json::array(), 400},
      {"media that was never uploaded", {{"text", "m"}, {"media", {{"media_ids", {"1"}}}}}, 400},
      {"a reply to nothing", {{"text", "r"}, {"reply", {{"in_reply_to_tweet_id", "1"}}}}, 403},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(desk.post(access, row.body).status == row.status);
  }
  CHECK(desk.client().Post("/2/tweets", Desk::bearer(access), "{\"text\":", "application/json")->status ==
        400);
  CHECK(desk.client().Post("/2/tweets", Desk::bearer(access), "text=a", kFormType)->status == 400);
}

TEST_CASE("sandbox of X: duplicates are refused a user, until the first is deleted") {
  Desk desk;
  const std::string ada = desk.link_account()["access_token"];
  desk.sandbox.sign_in("grace");
  const std::string grace = desk.link_account()["access_token"];
  const std::string id = parsed(desk.post(ada, {{"text", "again"}}))["data"]["id"];
  const httplib::Response twice = desk.post(ada, {{"text", "again"}});
  CHECK(twice.status == 403);
  CHECK(parsed(twice)["detail"] == "You are not allowed to create a Tweet with duplicate content.");
  CHECK(desk.post(grace, {{"text", "again"}}).status == 201);
  CHECK(desk.remove(grace, id).status == 403);
  CHECK(desk.remove(ada, id).status == 200);
  CHECK(desk.remove(ada, id).status == 404);
  CHECK(desk.sandbox.posts().at(0).deleted);
  CHECK(desk.post(ada, {{"text", "again"}}).status == 201);
}

TEST_CASE("sandbox of X: a thread replies to its own posts") {
  const Desk desk;
  const std::string access = desk.link_account()["access_token"];
  const std::string id = parsed(desk.post(access, {{"text", "1/2"}}))["data"]["id"];
  CHECK(desk.post(access, {{"text", "2/2"}, {"reply", {{"in_reply_to_tweet_id", id}}}}).status == 201);
  CHECK(desk.sandbox.posts().at(1).in_reply_to == id);
}

TEST_CASE("sandbox of X: limits count down, refuse and come back") {
  XSandboxOptions options;
  options.limits.posts = 2;
  Desk desk(options);
  const std::string access = desk.link_account()["access_token"];
  const httplib::Response first = desk.post(access, {{"text", "1"}});
  CHECK(first.get_header_value("x-rate-limit-limit") == "2");
  CHECK(first.get_header_value("x-rate-limit-remaining") == "1");
  CHECK(first.get_header_value("x-app-limit-24hour-remaining") == "9999");
  CHECK(desk.post(access, {{"text", "1"}}).status == 403);  // a refused post counts too
  const httplib::Response over = desk.post(access, {{"text", "2"}});
  CHECK(over.status == 429);
  CHECK(parsed(over)["title"] == "Too Many Requests");
  const std::int64_t reset = std::stoll(over.get_header_value("x-rate-limit-reset"));
  CHECK(reset - to_unix_ms(utc_now()) / 1000 > 890);
  CHECK(reset - to_unix_ms(utc_now()) / 1000 <= 901);
  CHECK(desk.me(access).status == 200);  // each endpoint counts for itself
  desk.sandbox.advance(seconds(900));
  CHECK(desk.post(access, {{"text", "2"}}).status == 201);
}

TEST_CASE("sandbox of X: the app's limit of a day holds for all users together") {
  XSandboxOptions options;
  options.limits.app_posts_a_day = 1;
  Desk desk(options);
  const std::string ada = desk.link_account()["access_token"];
  desk.sandbox.sign_in("grace");
  const std::string grace = desk.link_account()["access_token"];
  CHECK(desk.post(ada, {{"text", "1"}}).status == 201);
  CHECK(desk.post(grace, {{"text", "2"}}).status == 429);
}

TEST_CASE("sandbox of X: a suspended user is told so") {
  Desk desk;
  const std::string access = desk.link_account()["access_token"];
  desk.sandbox.suspend(true);
  const httplib::Response refused = desk.post(access, {{"text", "hello"}});
  CHECK(refused.status == 403);
  CHECK(std::string(parsed(refused)["type"]).ends_with("/problems/user-suspended"));
  desk.sandbox.suspend(false);
  CHECK(desk.post(access, {{"text", "hello"}}).status == 201);
}

TEST_CASE("sandbox of X: injected answers come as often as asked, in X's words") {
  Desk desk;
  const std::string access = desk.link_account()["access_token"];
  struct Row {
    const char* name;
    int status;
    const char* title;
  };
  const Row rows[] = {
      {"unavailable", 503, "Service Unavailable"},
      {"credits-depleted", 402, "CreditsDepleted"},
      {"usage-cap", 429, "UsageCapExceeded"},
      {"too-many-requests", 429, "Too Many Requests"},
      {"suspended", 403, "Forbidden"},
      {"client-forbidden", 403, "Client Forbidden"},
      {"unauthorized", 401, "Unauthorized"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    desk.sandbox.inject(*named_fault(row.name, "POST /2/tweets", 2));
    for (int i = 0; i < 2; ++i) {
      const httplib::Response answer = desk.post(access, {{"text", row.name}});
      CHECK(answer.status == row.status);
      CHECK(parsed(answer)["title"] == row.title);
    }
    CHECK(desk.post(access, {{"text", row.name}}).status == 201);
  }
  desk.sandbox.inject(*named_fault("rate-limited-88", "POST /2/tweets"));
  const httplib::Response limited = desk.post(access, {{"text", "88"}});
  CHECK(limited.status == 429);
  CHECK(limited.has_header("x-rate-limit-reset"));
  CHECK(parsed(limited)["errors"][0]["code"] == 88);
  CHECK_FALSE(named_fault("nonsense", "POST"));
}

TEST_CASE("sandbox of X: an answer may be lost after the work was done, or before") {
  Desk desk;
  const std::string access = desk.link_account()["access_token"];
  const auto post = [&](const char* text) {
    return desk.client().Post("/2/tweets", Desk::bearer(access), json{{"text", text}}.dump(),
                              "application/json");
  };
  desk.sandbox.inject(*named_fault("lost-answer", "POST /2/tweets"));
  CHECK_FALSE(post("done"));
  CHECK(desk.sandbox.posts().size() == 1);
  desk.sandbox.inject(*named_fault("dropped", "POST /2/tweets"));
  CHECK_FALSE(post("not done"));
  CHECK(desk.sandbox.posts().size() == 1);
  InjectedAnswer late{.match = "POST /2/tweets", .carry_out_first = true};
  desk.sandbox.inject(late);
  CHECK(post("done, then 503")->status == 503);
  CHECK(desk.sandbox.posts().size() == 2);
  CHECK(post("done, then 503")->status == 403);
  const std::vector<std::string> requests = desk.sandbox.requests();
  CHECK(std::count(requests.begin(), requests.end(), "POST /2/tweets dropped") == 2);
}

TEST_CASE("sandbox of X: an answer may be late, and a stop does not wait for it") {
  const auto start = steady_now();
  std::thread impatient;
  {
    Desk desk;
    const std::string access = desk.link_account()["access_token"];
    desk.sandbox.inject({.match = "GET /2/users/me", .status = 0, .delay = milliseconds(80)});
    const auto asked = steady_now();
    CHECK(desk.me(access).status == 200);
    CHECK(steady_now() - asked >= milliseconds(80));
    desk.sandbox.inject({.match = "GET /2/users/me", .delay = std::chrono::minutes(5)});
    impatient = std::thread([access, client = desk.client()]() mutable {
      client.set_read_timeout(seconds(60));
      static_cast<void>(client.Get("/2/users/me", Desk::bearer(access)));
    });
    while (desk.sandbox.requests().back() != "GET /2/users/me 503") std::this_thread::yield();
  }
  impatient.join();
  CHECK(steady_now() - start < seconds(30));
}

TEST_CASE("sandbox of X: a stop hangs up on those who keep their connection") {
  auto desk = std::make_unique<Desk>();
  httplib::Client idle = desk->client();
  idle.set_keep_alive(true);
  CHECK(idle.Get("/2/users/me")->status == 401);
  const auto start = steady_now();
  desk.reset();
  CHECK(steady_now() - start < seconds(3));
}

TEST_CASE("sandbox of X: hooks see a request before and after it is carried out") {
  Desk desk;
  const std::string access = desk.link_account()["access_token"];
  std::size_t before = 99;
  std::size_t after = 99;
  desk.sandbox.before_request([&](const std::string& request) {
    if (request == "POST /2/tweets") before = desk.sandbox.posts().size();
  });
  desk.sandbox.after_request([&](const std::string& request) {
    if (request == "POST /2/tweets") after = desk.sandbox.posts().size();
  });
  const auto sent = steady_now();
  CHECK(desk.post(access, {{"text", "seen"}}).status == 201);
  CHECK(before == 0);
  CHECK(after == 1);
  const RequestRecord record = desk.sandbox.request_records().back();
  CHECK(record.method_path == "POST /2/tweets");
  CHECK(record.status == 201);
  CHECK(record.arrived >= sent);
  CHECK(record.arrived <= steady_now());
}

TEST_CASE("sandbox of X: two sandboxes never share a port") {
  const XSandbox first;
  XSandboxOptions options;
  options.port = first.port();
  CHECK_THROWS_AS(XSandbox{options}, std::runtime_error);
}

TEST_CASE("sandbox of X: many clients at once, each post exactly once") {
  XSandboxOptions options;
  options.limits.posts = 1000;
  const Desk desk(options);
  const std::string access = desk.link_account()["access_token"];
  std::vector<std::thread> people;
  for (int person = 0; person < 8; ++person) {
    people.emplace_back([&, person] {
      httplib::Client client = desk.client();
      for (int i = 0; i < 20; ++i) {
        const std::string text = std::to_string(person) + "/" + std::to_string(i);
        client.Post("/2/tweets", Desk::bearer(access), json{{"text", text}}.dump(), "application/json");
      }
    });
  }
  CHECK(desk.sandbox.wait_for_posts(160, seconds(30)).size() == 160);
  for (std::thread& person : people) person.join();
  std::set<std::string> ids;
  for (const SandboxPost& post : desk.sandbox.posts()) ids.insert(post.id);
  CHECK(ids.size() == 160);
}

TEST_CASE("sandbox of X: elsewhere there is nothing") {
  const Desk desk;
  CHECK(desk.client().Get("/2/tweets/search/recent")->status == 404);
  CHECK(desk.client().Post("/1.1/statuses/update.json", "", kFormType)->status == 404);
}
