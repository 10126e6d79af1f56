// `pigeon doctor` on X, its keys and the public address.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/doctor_desk.h"

using namespace pigeon;
using test::Area;
using test::Desk;
using test::DoctorRow;
using test::kClientId;
using test::kPublicUrl;
using test::kSecret;
using test::Verdict;

namespace {

std::vector<DoctorRow> rows_of_the_world() {
  const auto front_says = [](int status) {
    return [status](Desk& desk) {
      desk.run();
      desk.front.clear_injected();
      desk.front.inject({.match = "GET /", .times = 9, .status = status, .body = "<h1>Welcome</h1>"});
    };
  };
  return {
      {"X cannot be reached", Area::x, "x_unreachable",
       [](Desk& desk) {
         desk.config.replace(kClientId, "client_id = \"sandbox-client\"\napi_url = \"http://127.0.0.1:9\"");
       }},
      {"X is a firewall", Area::x, "x_intercepted",
       [](Desk& desk) {
         desk.x.inject(
             {.match = "GET /2/users/me", .status = 200, .body = "<html>Sign in to the Wi-Fi</html>"});
       }},
      {"X hangs up", Area::x, "x_unreachable",
       [](Desk& desk) { desk.x.inject({.match = "GET /2/users/me", .drop_connection = true}); }},
      {"X is down", Area::x, "x_api",
       [](Desk& desk) { desk.x.inject({.match = "GET /2/users/me", .status = 503}); }, Verdict::warning},
      {"X does not say", Area::x, "x_token_endpoint",
       [](Desk& desk) { desk.x.inject({.match = "POST /2/oauth2/revoke", .status = 503}); },
       Verdict::warning},
      {"a wrong secret", Area::x, "x_keys",
       [](Desk& desk) { test::write_file(desk.file("secret"), "sandbox-secrets\n"); }},
      {"a wrong client id", Area::x, "x_keys",
       [](Desk& desk) {
         desk.config.replace(kClientId, "client_id = \"another\"\napi_url = \"" + desk.x.url() + "\"");
       }},
      {"a secret where the app has none", Area::x, "x_keys",
       [](Desk& desk) { desk.config.replace(kSecret, ""); }},
      {"a wrong consumer secret", Area::x, "x_consumer",
       [](Desk& desk) { desk.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secrets"); }},
      {"a wrong consumer key", Area::x, "x_consumer",
       [](Desk& desk) { desk.link_by_pin("another", "sandbox-consumer-secret"); }},
      {"an app that X has stopped", Area::x, "x_app",
       [](Desk& desk) {
         desk.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secret");
         desk.x.inject({.match = "POST /oauth2/token",
                        .status = 403,
                        .body = R"({"title":"Client Forbidden","reason":"client-not-enrolled"})"});
       }},
      {"X does not say of the consumer key", Area::x, "x_token_endpoint",
       [](Desk& desk) {
         desk.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secret");
         desk.x.inject({.match = "POST /oauth2/token", .status = 503});
       },
       Verdict::warning},
      {"X hangs up on the consumer key", Area::x, "x_token_endpoint",
       [](Desk& desk) {
         desk.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secrets");
         desk.x.inject({.match = "POST /oauth2/token", .drop_connection = true});
       },
       Verdict::warning},
      {"X cannot be reached for the consumer key", Area::x, "x_unreachable",
       [](Desk& desk) {
         desk.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secrets");
         desk.x.inject({.match = "GET /2/users/me", .drop_connection = true});
       }},
      {"no consumer secret", Area::keys, "",
       [](Desk& desk) {
         desk.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secret");
         std::filesystem::remove(desk.file("consumer"));
       }},
      {"no credits", Area::x, "x_credits",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::x_credits);
       }},
      {"the app's limit", Area::x, "x_app_limit",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::x_app_limit);
       },
       Verdict::warning},
      {"a front that does not find pigeond", Area::address, "front_misses_pigeond", front_says(502)},
      {"an address of another", Area::address, "address_of_another", front_says(200)},
      {"an address where nobody is", Area::address, "address_unreachable",
       [](Desk& desk) {
         desk.run();
         desk.config.replace(kPublicUrl, "public_url = \"http://127.0.0.1:9\"");
       }},
      {"a stuck thread", Area::service, "thread_stuck",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::thread_stuck, "the modem's thread is not back");
       }},
      {"no country", Area::texts, "country_missing",
       [](Desk& desk) {
         desk.run();
         desk.begin(store::ConditionCode::country_missing);
       },
       Verdict::warning},
  };
}

// How often X was asked for `what`, as "POST /oauth2/token".
long asked(const Desk& desk, const std::string& what) {
  const auto requests = desk.x.requests();
  return std::count_if(requests.begin(), requests.end(),
                       [&](const std::string& each) { return each.starts_with(what + " "); });
}

}  // namespace

TEST_CASE("doctor: what is wrong with X or the address is the first line that fails") {
  play(rows_of_the_world());
}

TEST_CASE("doctor: keys that nobody configured are not tried") {
  Desk by_link, by_pin;
  by_link.insert({});
  by_pin.insert({});
  by_pin.link_by_pin("sandbox-consumer-key", "sandbox-consumer-secret");
  const std::string of_link = cli::to_text(by_link.examine().diagnosis, false);
  const std::string of_pin = cli::to_text(by_pin.examine().diagnosis, false);
  CHECK_MESSAGE(of_link.find("takes the app's client id and secret") != std::string::npos, of_link);
  CHECK(of_link.find("consumer") == std::string::npos);
  CHECK(asked(by_link, "POST /oauth2/token") == 0);
  CHECK_MESSAGE(of_pin.find("takes the app's consumer key and secret") != std::string::npos, of_pin);
  CHECK(of_pin.find("client id") == std::string::npos);
  CHECK(asked(by_pin, "POST /oauth2/token") == 1);
  CHECK(asked(by_pin, "POST /2/oauth2/revoke") == 0);
}

TEST_CASE("doctor: a consumer secret is in no line, though X quotes it") {
  Desk desk;
  desk.insert({});
  desk.link_by_pin("sandbox-consumer-key", "not/the secret");
  desk.x.inject({.match = "POST /oauth2/token",
                 .status = 403,
                 .body = R"({"errors":[{"code":7,"message":"not/the secret, not%2Fthe%20secret"}]})"});
  const std::string text = cli::to_text(desk.examine().diagnosis, false);
  CHECK_MESSAGE(text.find("X refuses this box's app") != std::string::npos, text);
  CHECK(text.find("the secret") == std::string::npos);
  CHECK(text.find("the%20secret") == std::string::npos);
}
