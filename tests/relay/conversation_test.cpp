// Conversation: the code that a person texts back links the account, until its deadline.
#include "relay/conversation.h"

#include <doctest/doctest.h>

#include <string>

#include "relay/poster.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

using namespace pigeon;
using namespace pigeon::relay;
using store::MessageState;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+15550123");

// One who decides about texts; nobody listens where it believes X to be.
struct Desk {
  test::TempStore store;
  RelaySettings settings{"https://pigeon.example", std::chrono::minutes(15), {}};
  pairing::PairingSettings pairing{
      x::oauth2_client("app", "hush", "http://127.0.0.1:1/authorize", "http://127.0.0.1:1", "https://box/cb"),
      "http://127.0.0.1:1"};
  x::XClient x{pairing.api_url};
  pairing::Tokens tokens{pairing, *store};
  Poster poster{*store, tokens, x};
  Conversation conversation{settings, pairing, *store, x, poster};

  // Ada has agreed at X; the page shows her `code`, good until `deadline`.
  void agree(const std::string& code, UtcTime deadline) {
    const UtcTime before = deadline - std::chrono::minutes(15);
    const auto id = store->pairings.find_by_code(store->pairings.offer(kAda, "main", deadline), before)->id;
    store->pairings.start(id, "state", "cookie", "verifier");
    REQUIRE(store->pairings.authorise(
        id, {"access", "refresh", deadline + seconds(7200), "tweet.write", "42", "ada"}, code));
  }
  void text(const std::string& words) {
    const UtcTime now = utc_now();
    conversation.handle(
        *store->inbox.find(store->inbox.add({"main", kAda.e164(), kAda.e164(), words, now, now})));
  }
};

}  // namespace

TEST_CASE("conversation: the right code in time links the account") {
  Desk desk;
  desk.agree("4821", utc_now() + std::chrono::minutes(1));
  desk.text("4821");
  CHECK(desk.store->accounts.user_exists(kAda));
}

TEST_CASE("conversation: the right code after its deadline links nothing and brings a new link") {
  Desk desk;
  desk.agree("4821", utc_now() - milliseconds(1));
  desk.text("4821");
  CHECK_FALSE(desk.store->accounts.user_exists(kAda));
  const auto reply = desk.store->outbox.due("main", utc_now());
  REQUIRE(reply.has_value());
  CHECK(reply->text.find("https://pigeon.example/auth/") != std::string::npos);
}
