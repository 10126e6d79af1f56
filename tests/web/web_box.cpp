// The making of a box; see web_box.h.
#include "tests/web/web_box.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "net/http_client.h"
#include "pairing/revocation.h"
#include "sim/x/form.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

namespace pigeon::testing {
namespace {

const net::HttpRuntime kHttpRuntime;

sim::XSandboxOptions sandbox_options(const WebBoxOptions& options) {
  sim::XSandboxOptions out;
  out.redirect_uris = {options.public_url + "/oauth/callback"};
  return out;
}

PhoneNumber number(const std::string& phone) {
  const auto parsed = PhoneNumber::parse(phone);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

WebBox::WebBox(const WebBoxOptions& box_options)
    : options(box_options), sandbox(sandbox_options(box_options)) {
  auto opened = store::Store::open(directory.path("pigeon.db"), directory.path("key"));
  REQUIRE(opened);
  store = std::move(*opened);
  observer_ = std::make_unique<store::Database>(directory.path("pigeon.db"));
  const std::string api = options.x_is_gone ? "http://127.0.0.1:1" : sandbox.url();
  settings_ = {x::oauth2_client(options.signs ? "" : "sandbox-client", options.client_secret, authorize_url(),
                                api, options.public_url + "/oauth/callback"),
               api, options.text_back};
  if (options.signs)
    settings_.consumer = x::oauth1_client("sandbox-consumer-key", options.consumer_secret, api);
  pairing = std::make_unique<pairing::PairingFlow>(settings_, *store, wakeups);
  web::WebOptions web_options{
      .listen = options.listen,
      .gateway_number = kGateway,
      .public_url = options.public_url,
      .authorize_url = settings_.authorize_url(),
      .text_back = options.text_back,
      .behind_proxy = options.behind_proxy,
      .conditions = [this] { return store->survey.list(utc_now(), {"main"}, store->storage_failure()); }};
  server = std::make_unique<web::WebServer>(std::move(web_options), *pairing, *store);
  REQUIRE(server->start());
}

std::string WebBox::authorize_url() const {
  return "http://" + options.x_host + ":" + std::to_string(sandbox.port()) + "/i/oauth2/authorize";
}

std::string WebBox::offer(milliseconds life, const std::string& phone) {
  return test::sent_link(*store, number(phone), life, utc_now()).code;
}

store::Account WebBox::account(const std::string& phone) {
  auto account = store->accounts.find(number(phone));
  REQUIRE(account);
  return *account;
}

bool WebBox::has_account(const std::string& phone) {
  return store->accounts.user_exists(number(phone));
}

std::optional<store::PairingFailure> WebBox::failure() {
  store::Statement last(*observer_, "SELECT max(id) FROM pairings WHERE state = 'failed'");
  std::int64_t id = 0;
  {
    store::Query query = last.bind();
    if (query.next()) id = query.integer(0);
  }
  const auto failed = store->pairings.find(id);
  return failed ? failed->failure : std::nullopt;
}

bool WebBox::relay_notified() {
  return wakeups.local.wait(steady_now());
}

void WebBox::end_grants() {
  net::HttpClient http;
  for (;;) {
    const auto claim = store->claim(store::Lane::network, store->time.now());
    if (!claim.job) return;
    const auto grant = store->revocations.find(claim.job->subject);
    REQUIRE(grant);
    if (grant->consumer_key.empty())
      CHECK(pairing::end_grant(http, settings_.client, {grant->refresh_token, grant->access_token}, 1));
    else
      CHECK(pairing::end_token(http, settings_.consumer, {grant->access_token, grant->refresh_token},
                               grant->consumer_key, utc_now()));
    store->revocations.remove(in_one(*store), claim.job->subject);
    store->jobs.done(in_one(*store), *claim.job);
  }
}

std::size_t WebBox::living_grants() const {
  const auto grants = sandbox.grants();
  return static_cast<std::size_t>(std::count_if(grants.begin(), grants.end(),
                                                [](const sim::SandboxGrant& grant) { return grant.alive; }));
}

std::size_t WebBox::requests(const std::string& wanted) const {
  const auto seen = sandbox.requests();
  return static_cast<std::size_t>(std::count(seen.begin(), seen.end(), wanted));
}

std::int64_t WebBox::database_version() {
  store::Statement version(*observer_, "PRAGMA data_version");
  auto query = version.bind();
  REQUIRE(query.next());
  return query.integer(0);
}

Browser::Browser(const WebBox& box)
    : client_(std::make_unique<httplib::Client>("127.0.0.1", box.server->port())) {
  client_->set_read_timeout(std::chrono::seconds(60));
}

httplib::Result Browser::keep(httplib::Result result) {
  REQUIRE(result);
  const std::string set = result->get_header_value("Set-Cookie");
  if (!set.empty()) cookie = set.substr(0, set.find(';'));
  return result;
}

httplib::Result Browser::get(const std::string& path) {
  return keep(client_->Get(path, cookie.empty() ? httplib::Headers{} : httplib::Headers{{"Cookie", cookie}}));
}

httplib::Result Browser::post(const std::string& path, httplib::Headers headers) {
  if (!cookie.empty()) headers.emplace("Cookie", cookie);
  return keep(client_->Post(path, headers, "", "application/x-www-form-urlencoded"));
}

std::string Browser::press(const std::string& code) {
  REQUIRE(get("/auth/" + code)->status == 200);
  const auto result = post("/auth/" + code, {{"Sec-Fetch-Site", "same-origin"}});
  return result->status == 303 ? result->get_header_value("Location") : std::string();
}

httplib::Result Browser::follow(const std::string& location) {
  if (location.starts_with('/')) return get(location);
  const std::size_t host = location.find("//") + 2;
  return get(location.substr(location.find('/', host)));
}

httplib::Result Browser::come_back(const std::string& location) {
  auto result = follow(location);
  return result->status == 303 ? follow(result->get_header_value("Location")) : std::move(result);
}

httplib::Result Browser::pair(WebBox& box, const std::string& code, bool agree) {
  const std::string authorize = press(code);
  REQUIRE_FALSE(authorize.empty());
  const std::string back = box.sandbox.consent(authorize, agree);
  REQUIRE_FALSE(back.empty());
  return come_back(back);
}

void check_failed(WebBox& box, const httplib::Result& page, int status, const std::string& words,
                  store::PairingFailure failure) {
  CHECK(page->status == status);
  CHECK_MESSAGE(contains(page->body, words), page->body);
  CHECK(box.failure() == failure);
  CHECK(box.relay_notified());
  CHECK_FALSE(box.has_account());
  box.end_grants();
  CHECK(box.living_grants() == 0);
  CHECK(box.sandbox.live_oauth1_tokens() == 0);
}

void check_turned_away(WebBox& box, const std::vector<Attempt>& attempts) {
  const std::int64_t before = box.database_version();
  for (const Attempt& attempt : attempts) {
    CAPTURE(std::string(attempt.name));
    Browser stranger(box);
    stranger.cookie = attempt.cookie;
    const auto page = stranger.get("/oauth/callback?" + attempt.query);
    CHECK(page->status == 400);
    CHECK_FALSE(page->has_header("Set-Cookie"));
  }
  CHECK(box.database_version() == before);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string parameter(const std::string& url, const std::string& name) {
  std::string_view rest = std::string_view(url).substr(std::min(url.size(), url.find('?') + 1));
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    if (pair.starts_with(name + "="))
      return sim::percent_decode(pair.substr(name.size() + 1), true).value_or("");
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return {};
}

}  // namespace pigeon::testing
