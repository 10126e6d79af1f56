// What `pigeon doctor` sees of the world: X, which takes a made-up token for revocation and gives the app its
// own token, the public address as a browser would reach it, and what became of texts; see doctor_parts.h.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/file.h"
#include "cli/doctor_parts.h"
#include "net/json.h"
#include "oauth/client_credentials.h"
#include "oauth/oauth2.h"
#include "x/provider.h"
#include "x/x_times.h"

namespace pigeon::cli {
namespace {

using store::ConditionCode;

constexpr const char* kX = "docs/operating.md#x-and-its-keys";
constexpr const char* kAddress = "docs/operating.md#the-public-address";
constexpr const char* kWell = "docs/operating.md#is-it-well";
constexpr std::chrono::minutes kClockMayDiffer{2};
constexpr std::string_view kWrongConsumer = "99";  // X's code for a wrong pair
constexpr std::string_view kMadeUpToken = "carrier-pigeon-doctor-made-this-up";
constexpr const char* kNetworkCure = "is this box's network up? Try: curl -I ";

Finding failed(Area area, std::string says, std::string cure, const char* section, const char* cause) {
  return {.area = area,
          .verdict = Verdict::failed,
          .says = std::move(says),
          .cure = std::move(cure),
          .see = section,
          .cause = cause};
}

// Certificates are refused by a box whose clock is before them.
void compare_clocks(const Box& box, const net::HttpResponse& answer, Diagnosis& found) {
  const auto date = answer.headers.find("date");
  const auto there = date == answer.headers.end() ? std::nullopt : x::http_date(date->second);
  if (!there || found.has_failed(Area::clock)) return;
  const auto distance = box.means.now() - *there;
  if (std::chrono::abs(distance) < kClockMayDiffer) return;
  Finding wrong = finding_of(Area::clock, Verdict::failed, modem::Cause::clock_wrong);
  wrong.says +=
      ": X's is " +
      std::to_string(std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(distance)).count()) +
      " min " + (distance < distance.zero() ? "ahead" : "behind");
  found.add(std::move(wrong));
}

// Whether it is X that answers: to a question without a token, which costs nothing.
bool answers(const Box& box, Diagnosis& found) {
  const std::string& api = box.file.config.x.api_url;
  const auto answer = box.means.http.send({.url = api + "/2/users/me", .headers = {}, .body = {}});
  if (!answer) {
    found.add(failed(Area::x, "X cannot be reached: " + answer.error().message, kNetworkCure + api, kX,
                     "x_unreachable"));
    return false;
  }
  if (answer->status >= 500 || answer->status == 429) {
    found.add({.area = Area::x,
               .verdict = Verdict::warning,
               .says = "X answers HTTP " + std::to_string(answer->status) + ": it has trouble of its own",
               .cure = "nothing: texts wait and are posted when X is well",
               .see = kX,
               .cause = "x_api"});
    return false;
  }
  if (!net::parse_json_object(answer->body)) {
    found.add(failed(Area::x,
                     "something else answers in X's place (HTTP " + std::to_string(answer->status) +
                         "): a firewall, or the sign-in page of a network",
                     kNetworkCure + api, kX, "x_intercepted"));
    return false;
  }
  compare_clocks(box, *answer, found);
  return true;
}

// The content of a secret file that the preflight has judged already; nothing: no file is named, or it cannot
// be read, which is said.
std::optional<std::string> secret_in(const std::string& path, const std::string& whose, Diagnosis& found) {
  if (path.empty()) return std::string();
  auto secret = read_secret_file(path);
  if (secret) return std::move(*secret);
  found.add({.area = Area::x,
             .verdict = Verdict::skipped,
             .says = "X answers; " + whose + " is not tried, since its secret cannot be read"});
  return std::nullopt;
}

// X answered, and neither yes nor no.
Finding undecided(const std::string& whose, const std::string& why) {
  return {.area = Area::x,
          .verdict = Verdict::warning,
          .says = "X does not say whether it takes " + whose + ": " + why,
          .cure = "ask again in a minute",
          .see = kX,
          .cause = "x_token_endpoint"};
}

// The app's id and secret: who has them may revoke any token, also one that never was.
void try_credentials(const Box& box, Diagnosis& found) {
  const Config& config = box.file.config;
  if (config.x.client_id.empty()) return;  // nobody links by OAuth 2.0
  const auto secret = secret_in(config.x.client_secret_file, "the client id", found);
  if (!secret) return;
  const auto client = x::oauth2_client(config.x.client_id, *secret, config.x.authorize_url, config.x.api_url,
                                       config.gateway.public_url + "/oauth/callback");
  const auto taken = oauth::revoke(box.means.http, client, kMadeUpToken);
  if (taken) return found.add({.area = Area::x, .says = "answers, and takes the app's client id and secret"});
  if (taken.error().code != Errc::denied)
    return found.add(undecided("the client id and secret", taken.error().message));
  found.add(failed(Area::x, "X refuses this box's client id or secret",
                   std::string(store::words_of(ConditionCode::x_keys).cure), kX, "x_keys"));
}

// The consumer key and its secret: who has them gets the app's own token, of which no use is made.
void try_consumer(const Box& box, Diagnosis& found) {
  const XConfig& x = box.file.config.x;
  if (x.consumer_key.empty()) return;  // nobody links by PIN
  const auto secret = secret_in(x.consumer_secret_file, "the consumer key", found);
  if (!secret) return;
  const auto token =
      oauth::client_credentials(box.means.http, x::app_client(x.consumer_key, *secret, x.api_url));
  if (token)
    return found.add({.area = Area::x, .says = "answers, and takes the app's consumer key and secret"});
  const oauth::TokenError& error = token.error();
  if (error.failure != oauth::TokenFailure::client_rejected)
    return found.add(undecided("the consumer key and secret", error.message));
  if (error.code == kWrongConsumer) {
    return found.add(failed(Area::x, "X refuses this box's consumer key or consumer secret",
                            "copy both (\"API key and secret\") from X's developer console into [x], then: "
                            "systemctl reload carrier-pigeon",
                            kX, "x_consumer"));
  }
  found.add(failed(Area::x, "X refuses this box's app: " + error.message,
                   "X's developer console tells whether the app is active", kX, "x_app"));
}

bool is_of_x(ConditionCode code) {
  return code >= ConditionCode::x_api && code <= ConditionCode::x_app_limit;
}

// What other lines are about.
bool is_told_elsewhere(ConditionCode code) {
  switch (code) {
    case ConditionCode::thread_stuck:
    case ConditionCode::storage_damaged:
    case ConditionCode::storage_full:
    case ConditionCode::storage_failing:
    case ConditionCode::storage_locked:
    case ConditionCode::modem_not_ready:
    case ConditionCode::sim_refused:
    case ConditionCode::no_signal:
    case ConditionCode::no_network:
    case ConditionCode::modem_storage_full:
    case ConditionCode::no_service_centre:
      return true;
    default:
      return is_of_x(code);
  }
}

Finding finding_of_condition(Area area, Verdict verdict, const store::Condition& condition,
                             const char* section) {
  return {.area = area,
          .verdict = verdict,
          .says = store::sentence_of(condition),
          .cure = std::string(store::words_of(condition.code).cure),
          .see = section,
          .cause = std::string(store::word_of(condition.code))};
}

}  // namespace

void look_at_x(const Box& box, Diagnosis& found) {
  const bool can_be_tried = !found.has_failed(Area::settings);
  if (can_be_tried && answers(box, found)) {
    try_credentials(box, found);
    try_consumer(box, found);
  }
  for (const store::Condition& condition : box.conditions) {
    if (!is_of_x(condition.code)) continue;
    const bool is_operators =
        condition.code == ConditionCode::x_credits || condition.code == ConditionCode::x_keys;
    found.add(
        finding_of_condition(Area::x, is_operators ? Verdict::failed : Verdict::warning, condition, kX));
  }
}

void look_at_address(const Box& box, Diagnosis& found) {
  const std::string& url = box.file.config.gateway.public_url;
  if (url.empty()) return;  // people link by PIN
  if (!box.is_running) {
    return found.add({.area = Area::address,
                      .verdict = Verdict::skipped,
                      .says = url + " is not tried while pigeond is not running"});
  }
  const std::string& listen = box.file.config.web.listen;
  const auto answer = box.means.http.send({.url = url + "/", .headers = {}, .body = {}});
  if (!answer) {
    const bool may_be_here_only = answer.error().code == Errc::timeout;
    Finding unreachable =
        failed(Area::address, url + " cannot be reached: " + answer.error().message,
               "is the TLS front running, and does the name lead here? A phone without Wi-Fi tells", kAddress,
               "address_unreachable");
    // Many routers do not let a box reach itself by its outer address.
    if (may_be_here_only) unreachable.verdict = Verdict::warning;
    return found.add(std::move(unreachable));
  }
  const bool is_ours = answer->body.find("Carrier Pigeon</a>") != std::string::npos;
  if (answer->status == 200 && is_ours)
    return found.add({.area = Area::address, .says = url + " leads here"});
  const std::string status = "HTTP " + std::to_string(answer->status);
  if (answer->status >= 502 && answer->status <= 504) {
    return found.add(failed(Area::address, url + ": the front does not reach pigeond (" + status + ")",
                            "it must forward to " + listen + ": see image/Caddyfile", kAddress,
                            "front_misses_pigeond"));
  }
  found.add(failed(Area::address, url + ": something else answers (" + status + ")",
                   "gateway.public_url must be the address whose front forwards to " + listen, kAddress,
                   "address_of_another"));
}

void look_at_texts(const Box& box, Diagnosis& found) {
  bool any = false;
  for (const store::Condition& condition : box.conditions) {
    if (condition.code == ConditionCode::replies_failed) {
      // The network's own word for it says more than that it failed.
      if (const auto cause = modem::cause_of(condition.detail); cause == modem::Cause::no_credit)
        found.add(finding_of(Area::network, Verdict::failed, *cause));
    }
    if (is_told_elsewhere(condition.code)) continue;
    any = true;
    found.add(finding_of_condition(Area::texts, Verdict::warning, condition, kWell));
  }
  if (any || !box.store) return;
  if (box.is_running) return found.add({.area = Area::texts, .says = "none waits, and none has failed"});
  found.add({.area = Area::texts, .verdict = Verdict::skipped, .says = "nobody works at them now"});
}

}  // namespace pigeon::cli
