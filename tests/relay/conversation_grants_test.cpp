// What the conversation does with grants at X: STOP and a code that never came must leave none behind.
#include "relay/conversation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/x/form.h"
#include "sim/x/x_sandbox.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

using namespace pigeon;
using store::MessageState;

namespace {

const net::HttpRuntime kHttpRuntime;
const PhoneNumber kAda = *PhoneNumber::parse("+15550123");
constexpr const char* kRedirect = "http://127.0.0.1:9/oauth/callback";
constexpr std::chrono::minutes kLife{15};

pairing::PairingSettings settings_for(const sim::XSandbox& sandbox) {
  return {x::oauth2_client("sandbox-client", "sandbox-secret", sandbox.url() + "/i/oauth2/authorize",
                           sandbox.url(), kRedirect),
          sandbox.url(), true};
}

struct Desk {
  sim::XSandbox sandbox;
  test::TempStore store;
  pairing::PairingSettings pairing = settings_for(sandbox);
  relay::RelaySettings settings{.public_url = "https://pigeon.example", .pairing_expires = kLife};
  x::XClient x{sandbox.url()};
  pairing::Tokens tokens{pairing, *store};
  relay::Poster poster{*store, tokens, x};
  relay::Conversation conversation{settings, pairing, *store, x, poster};

  Desk() { sandbox.allow_redirect(kRedirect); }

  // What X gives to somebody who agrees.
  store::Credentials agree() {
    const std::string verifier = oauth::make_verifier();
    const std::string back =
        sandbox.consent(oauth::authorize_url(pairing.client, "state", oauth::challenge_s256(verifier)));
    const std::size_t at = back.find("code=") + 5;
    const std::string code = sim::percent_decode(back.substr(at, back.find('&', at) - at)).value_or("");
    const auto tokens_of_x = oauth::exchange_code(x.http(), pairing.client, code, verifier);
    REQUIRE(tokens_of_x.has_value());
    return {tokens_of_x->access_token,
            tokens_of_x->refresh_token,
            utc_now() + tokens_of_x->expires_in,
            tokens_of_x->scope,
            "42",
            "ada"};
  }
  std::int64_t text(const std::string& words) {
    const UtcTime now = utc_now();
    const auto id = store->inbox.add({"main", kAda.e164(), kAda.e164(), words, now, now});
    conversation.handle(*store->inbox.find(id));
    return id;
  }
  [[nodiscard]] bool lives_at_x() const {
    const auto grants = sandbox.grants();
    return std::any_of(grants.begin(), grants.end(),
                       [](const sim::SandboxGrant& grant) { return grant.alive; });
  }
};

}  // namespace

TEST_CASE("conversation: STOP deletes the account and ends the grant at X") {
  Desk desk;
  desk.store->accounts.add_credentials(kAda, desk.agree(), utc_now());
  REQUIRE(desk.lives_at_x());
  const auto id = desk.text("Stop");
  CHECK_FALSE(desk.store->accounts.user_exists(kAda));
  CHECK_FALSE(desk.lives_at_x());
  CHECK(desk.store->inbox.find(id)->state == MessageState::answered);
  CHECK(desk.store->outbox.count(store::ReplyState::queued) == 1);
  CHECK(desk.sandbox.posts().empty());
}

TEST_CASE("conversation: STOP deletes the account although X cannot be reached, and says so") {
  Desk desk;
  desk.store->accounts.add_credentials(kAda, desk.agree(), utc_now());
  desk.sandbox.inject({.match = "POST /2/oauth2/revoke", .times = 10, .status = 503});
  desk.text("STOP");
  CHECK_FALSE(desk.store->accounts.user_exists(kAda));
  CHECK(desk.store->outbox.count(store::ReplyState::queued) == 1);
}

TEST_CASE("conversation: a code that never came ends the grant at X, and the person hears once") {
  Desk desk;
  const UtcTime now = utc_now();
  auto& pairings = desk.store->pairings;
  const auto pairing = pairings.find_by_code(pairings.offer(kAda, "main", now + kLife), now);
  REQUIRE(pairing.has_value());
  pairings.start(pairing->id, "state", "cookie", "verifier");
  REQUIRE(pairings.authorise(pairing->id, desk.agree(), "1234"));
  CHECK_FALSE(desk.conversation.announce_pairings(now));
  CHECK(desk.lives_at_x());
  CHECK(desk.conversation.announce_pairings(now + kLife));
  CHECK_FALSE(desk.lives_at_x());
  CHECK_FALSE(desk.conversation.announce_pairings(now + kLife));
  CHECK(desk.store->outbox.count(store::ReplyState::queued) == 1);
  CHECK_FALSE(desk.store->accounts.user_exists(kAda));
}
