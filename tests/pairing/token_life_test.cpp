// The life of a grant at the sandbox of X: refreshed when its time is up, kept in the store, over when X says
// so.
#include <doctest/doctest.h>

#include "pairing/tokens.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

using namespace pigeon;
using namespace pigeon::pairing;

namespace {

const net::HttpRuntime kHttpRuntime;
const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
constexpr const char* kRedirect = "http://127.0.0.1:9/oauth/callback";

PairingSettings settings_for(const sim::XSandbox& sandbox) {
  return {x::oauth2_client("sandbox-client", "sandbox-secret", sandbox.url() + "/i/oauth2/authorize",
                           sandbox.url(), kRedirect),
          sandbox.url(), true};
}

// An account that was linked as a person does it.
struct Linked {
  sim::XSandbox sandbox;
  test::TempStore store;
  PairingSettings settings = settings_for(sandbox);
  net::HttpClient http;
  Tokens tokens{settings, *store};

  Linked() {
    sandbox.allow_redirect(kRedirect);
    const std::string verifier = oauth::make_verifier();
    const std::string back =
        sandbox.consent(oauth::authorize_url(settings.client, "state", oauth::challenge_s256(verifier)));
    const std::size_t at = back.find("code=") + 5;
    const std::string code = sim::percent_decode(back.substr(at, back.find('&', at) - at)).value_or("");
    const auto first = oauth::exchange_code(http, settings.client, code, verifier);
    REQUIRE(first.has_value());
    store->accounts.add_credentials(in_one(*store), kAda,
                                    {first->access_token, first->refresh_token,
                                     oauth::expires_at(*first, utc_now()), first->scope, "42", "ada"},
                                    utc_now());
  }
  [[nodiscard]] store::Credentials kept() { return **store->accounts.credentials(kAda); }
};

}  // namespace

TEST_CASE("tokens: used while they live, refreshed when their time is up, and the new pair is kept") {
  Linked box;
  const store::Credentials first = box.kept();
  UtcTime now = utc_now();
  CHECK(std::get<Bearer>(box.tokens.bearer(box.http, kAda, now)).access_token == first.access_token);
  for (int round = 0; round < 3; ++round) {  // a second refresh needs what the first one brought
    CAPTURE(round);
    now += std::chrono::hours(3);
    const store::Credentials before = box.kept();
    const auto outcome = box.tokens.bearer(box.http, kAda, now);
    REQUIRE(std::holds_alternative<Bearer>(outcome));
    CHECK(box.kept().access_token == std::get<Bearer>(outcome).access_token);
    CHECK(box.kept().refresh_token != before.refresh_token);
    CHECK(box.kept().username == "ada");
  }
}

TEST_CASE("tokens: a token that X refuses early is refreshed once, or taken from a link that is newer") {
  Linked box;
  const std::string first = box.kept().access_token;
  const auto fresh = box.tokens.refreshed(box.http, kAda, first, utc_now());
  REQUIRE(std::holds_alternative<Bearer>(fresh));
  CHECK(std::get<Bearer>(fresh).access_token != first);
  const auto again =
      box.tokens.refreshed(box.http, kAda, first, utc_now());  // another thread had the old one, too
  REQUIRE(std::holds_alternative<Bearer>(again));
  CHECK(std::get<Bearer>(again).access_token == std::get<Bearer>(fresh).access_token);
}

TEST_CASE("tokens: a grant that X has ended is said to be dead, whatever X calls it") {
  Linked box;
  box.sandbox.revoke_all(true);
  const auto outcome = box.tokens.bearer(box.http, kAda, utc_now() + std::chrono::hours(3));
  REQUIRE(std::holds_alternative<LinkAgain>(outcome));
  CHECK(std::get<LinkAgain>(outcome).grant == box.store->accounts.find(kAda)->grant);
}

TEST_CASE("tokens: what only the operator or time can mend unlinks nobody") {
  using Why = TryLater::Why;
  struct Row {
    const char* name;
    const char* fault;
    Why why;
  };
  for (const Row& row : {Row{"our keys", "wrong-client", Why::client_rejected},
                         Row{"X is down", "unavailable", Why::unavailable},
                         Row{"the answer is lost", "dropped", Why::unavailable}}) {
    CAPTURE(row.name);
    Linked box;
    const auto fault = sim::named_fault(row.fault, "POST /2/oauth2/token");
    REQUIRE(fault.has_value());
    box.sandbox.inject(*fault);
    const UtcTime later = utc_now() + std::chrono::hours(3);
    const auto outcome = box.tokens.bearer(box.http, kAda, later);
    REQUIRE(std::holds_alternative<TryLater>(outcome));
    CHECK(std::get<TryLater>(outcome).why == row.why);
    CHECK(box.store->accounts.find(kAda)->state == store::AccountState::linked);
    CHECK(std::holds_alternative<Bearer>(box.tokens.bearer(box.http, kAda, later)));
  }
}
