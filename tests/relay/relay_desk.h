// The relay without its threads: a store, X's sandbox, a clock in the test's hand, and whoever works at it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "oauth/oauth2.h"
#include "relay/conversation.h"
#include "relay/gates.h"
#include "relay/office.h"
#include "relay/pin_desk.h"
#include "relay/poster.h"
#include "relay/revoker.h"
#include "relay/settling.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox.h"
#include "tests/manual_clock.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

namespace pigeon::test {

struct RelayDesk {
  static constexpr const char* kRedirect = "http://127.0.0.1:9/oauth/callback";
  static constexpr std::chrono::minutes kLife{15};

  net::HttpRuntime runtime;
  ManualClock clock;
  sim::XSandbox sandbox;
  TempStore store{clock};
  store::Wakeups wakeups;
  pairing::PairingSettings pairing{
      x::oauth2_client("sandbox-client", "sandbox-secret", sandbox.url() + "/i/oauth2/authorize",
                       sandbox.url(), kRedirect),
      sandbox.url(), true};
  relay::RelaySettings settings{.public_url = "https://pigeon.example", .pairing_expires = kLife};
  pairing::Tokens tokens{pairing, *store};
  relay::Gates gates;
  relay::Office office{clock, settings, pairing, *store, wakeups, tokens, gates, clock.steady()};
  x::XClient x{sandbox.url()};
  relay::Conversation conversation{office};
  relay::Poster poster{office, x};
  relay::Revoker revoker{office, x};
  relay::PinDesk pin_desk{office, x};

  RelayDesk() {
    clock.set(utc_now());  // the sandbox lives in real time
    sandbox.allow_redirect(kRedirect);
  }

  // What X gives to somebody who agrees.
  store::Credentials agree() {
    const std::string verifier = oauth::make_verifier();
    const std::string back =
        sandbox.consent(oauth::authorize_url(pairing.client, "state", oauth::challenge_s256(verifier)));
    const std::size_t at = back.find("code=") + 5;
    const std::string code = sim::percent_decode(back.substr(at, back.find('&', at) - at)).value_or("");
    const auto given = oauth::exchange_code(x.http(), pairing.client, code, verifier);
    if (!given) throw std::runtime_error(given.error().message);
    const auto user = x.me(given->access_token);
    if (!user) throw std::runtime_error(user.error().detail);
    return {given->access_token,
            given->refresh_token,
            oauth::expires_at(*given, store->time.now()),
            given->scope,
            user->id,
            user->username};
  }
  void link(const std::string& phone) {
    store->accounts.add_credentials(in_one(*store), *PhoneNumber::parse(phone), agree(), clock.utc());
  }
  // A text comes in; nobody has worked yet.
  std::int64_t text(const std::string& phone, const std::string& words) {
    return store->inbox.add(in_one(*store), {"main", phone, phone, words, clock.utc(), clock.utc()});
  }
  // Works at what is due now in this lane. False: nothing is.
  bool work(store::Lane lane) {
    const auto claim = store->claim(lane, store->time.now());
    if (!claim.job) return false;
    work(*claim.job);
    store->jobs.release(*claim.job);
    gates.ended(claim.job->id);
    return true;
  }
  // All that is due now in both lanes.
  void work_off() {
    while (work(store::Lane::local) || work(store::Lane::network)) {
    }
  }
  // Lets time pass until the text is closed or `limit` has passed, with all the work on the way.
  void work_for(milliseconds limit) {
    const SteadyTime end = clock.steady() + limit;
    work_off();
    while (clock.steady() < end) {
      clock.pass(seconds(1));
      relay::offer_probes(office);
      work_off();
    }
  }
  // What the person was told, oldest first.
  std::vector<std::string> told() {
    std::vector<std::string> texts;
    store::Database db(store.database());
    store::Statement read(db, "SELECT text FROM outbox ORDER BY id");
    store::Query query = read.bind();
    while (query.next()) texts.push_back(query.text(0));
    return texts;
  }
  [[nodiscard]] std::size_t requests(const std::string& beginning) {
    std::size_t count = 0;
    for (const auto& request : sandbox.requests())
      count += request.starts_with(beginning) && !request.starts_with("GET /2/users/me") ? 1U : 0U;
    return count;
  }

 private:
  void work(const store::Job& job) {
    switch (job.kind) {
      case store::JobKind::text:
        return conversation.decide(job);
      case store::JobKind::post:
        return poster.work(job);
      case store::JobKind::pin_link:
      case store::JobKind::pin:
        return pin_desk.work(job);
      case store::JobKind::revocation:
        return revoker.work(job);
      case store::JobKind::expiry:
        return conversation.expire(job);
      case store::JobKind::announcement:
        return conversation.announce(job);
      case store::JobKind::erasure:
        return conversation.erase(job);
      case store::JobKind::pruning:
        return store->jobs.done(in_one(*store), job);
    }
  }
};

}  // namespace pigeon::test
