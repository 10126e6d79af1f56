// The API v2 side of the sandbox of X: who am I, create and delete a post, with bearer tokens, scopes, rate
// limits, duplicates and the error bodies that X answers with.
#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWeight = 280;
constexpr std::size_t kUrlWeight = 23;
constexpr std::chrono::minutes kUserWindow{15};
constexpr std::chrono::hours kAppWindow{24};
constexpr std::int64_t kSnowflakeEpochMs = 1288834974657;  // 2010-11-04, X's zero
constexpr std::array<std::string_view, 5> kPostFields = {"text", "reply", "reply_settings", "media", "poll"};

constexpr std::string_view kScheme = "Bearer ";  // RFC 6750 §2.1

std::optional<Caller> caller_of(const SandboxState& state, const httplib::Request& request) {
  const std::string header = request.get_header_value("Authorization");
  if (!header.starts_with(kScheme)) return std::nullopt;
  const auto token = state.access_tokens.find(std::string_view(header).substr(kScheme.size()));
  if (token == state.access_tokens.end() || state.now() >= token->second.expires) return std::nullopt;
  const Grant& grant = state.grants[token->second.grant];
  if (!grant.alive) return std::nullopt;
  return Caller{user_id_of(grant.username), grant.username, &grant.scopes};
}

int limit_of(const RateLimits& limits, Limited what) {
  switch (what) {
    case Limited::post:
      return limits.posts;
    case Limited::remove:
      return limits.deletes;
    case Limited::me:
      return limits.me;
    case Limited::timeline:
      return limits.timeline;
  }
  return 0;
}

// Counts one request in `window` and says in X's headers how much is left; false when nothing was.
bool count_in(Window& window, int limit, UtcTime now, milliseconds length, const std::string& header,
              httplib::Response& response) {
  if (now >= window.ends) window = {now + length, 0};
  const bool admitted = window.used < limit;
  if (admitted) ++window.used;
  const auto reset = std::chrono::ceil<seconds>(window.ends).time_since_epoch().count();
  response.set_header(header + "-limit", std::to_string(limit));
  response.set_header(header + "-remaining", std::to_string(limit - window.used));
  response.set_header(header + "-reset", std::to_string(reset));
  return admitted;
}

bool within_limits(SandboxState& state, Limited what, const Caller& caller, httplib::Response& response) {
  const RateLimits& limits = state.options.limits;
  Window& window = state.user_windows[{caller.user_id, what}];
  bool admitted =
      count_in(window, limit_of(limits, what), state.now(), kUserWindow, "x-rate-limit", response);
  if (admitted && what == Limited::post) {
    admitted = count_in(state.app_posts, limits.app_posts_a_day, state.now(), kAppWindow,
                        "x-app-limit-24hour", response);
  }
  return admitted;
}

std::size_t weight_of(char32_t c) {
  const bool joins = c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x0300 && c <= 0x036F) ||
                     c == 0x20E3 || (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0020 && c <= 0xE007F);
  if (joins) return 0;
  const bool light =
      c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
  return light ? 1 : 2;
}

// The least that `text` can weigh by X's rules: code points by X's table, what combines with its neighbour
// for nothing, and a word that may be a link as short as a link can be. So nothing is refused that X would
// take; the exact count is the gateway's business and tested there against X's own vectors.
std::size_t least_weight(std::string_view text) {
  std::size_t total = 0;
  std::size_t word = 0;
  bool may_be_link = false;
  bool joined = false;     // the code point before was a zero-width joiner
  bool half_flag = false;  // the code point before began a pair of regional indicators
  const auto end_word = [&] {
    total += may_be_link ? std::min(word, kUrlWeight) : word;
    word = 0;
    may_be_link = false;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    const bool regional = c >= 0x1F1E6 && c <= 0x1F1FF;
    if (c == ' ' || c == '\n') {
      end_word();
      ++total;
    } else if (!joined && !(regional && half_flag)) {
      word += weight_of(c);
    }
    may_be_link = may_be_link || c == '.';
    joined = c == 0x200D;
    half_flag = regional && !half_flag;
  }
  end_word();
  return total;
}

// What is wrong with the body of POST /2/tweets beside its text; empty when nothing is.
std::string body_fault(const json& body) {
  if (!body.is_object()) return "the body must be a JSON object";
  for (const auto& [name, value] : body.items()) {
    if (std::ranges::find(kPostFields, name) == kPostFields.end()) {
      return "$." + name +
             ": is not defined in the schema and the schema does not allow additional properties";
    }
  }
  if (!body.contains("text") || !body["text"].is_string()) return "$.text: is missing or not a string";
  if (trim(body["text"].get_ref<const std::string&>()).empty()) return "$.text: is empty";
  if (body.contains("media")) return "Your media IDs are invalid.";
  if (body.contains("poll")) return "$.poll: polls cannot be created here";
  return {};
}

// The post that is replied to; `fault` is set when the body names one that cannot be.
std::string reply_target(const SandboxState& state, const json& body, const Caller& caller, bool& fault) {
  fault = false;
  if (!body.contains("reply")) return {};
  const json& reply = body["reply"];
  fault = true;
  if (!reply.is_object() || reply.size() != 1 || !reply.contains("in_reply_to_tweet_id")) return {};
  if (!reply["in_reply_to_tweet_id"].is_string()) return {};
  const auto id = reply["in_reply_to_tweet_id"].get<std::string>();
  fault = std::ranges::none_of(state.posts, [&](const SandboxPost& post) {
    return post.id == id && post.user_id == caller.user_id && !post.deleted;
  });
  return fault ? std::string() : id;
}

std::string next_id(SandboxState& state) {
  const auto since_epoch = static_cast<std::uint64_t>(to_unix_ms(state.now()) - kSnowflakeEpochMs);
  state.last_id = std::max(state.last_id + 1, since_epoch << 22U);
  return std::to_string(state.last_id);
}

void store_post(SandboxState& state, SandboxPost post, httplib::Response& response) {
  const json data = {
      {"id", post.id}, {"text", post.text}, {"edit_history_tweet_ids", json::array({post.id})}};
  state.live_texts.insert(post.user_id + " " + post.text);
  state.posts.push_back(std::move(post));
  state.changed.notify_all();
  answer_json(response, 201, {{"data", data}});
}

}  // namespace

std::optional<Caller> admitted_caller(SandboxState& state, Limited what,
                                      std::initializer_list<std::string_view> scopes,
                                      const httplib::Request& request, httplib::Response& response) {
  const bool is_signed = request.get_header_value("Authorization").starts_with("OAuth ");
  std::optional<Caller> caller =
      is_signed ? signed_caller(state, request, response) : caller_of(state, request);
  if (!caller && is_signed) return std::nullopt;
  if (!caller) {
    answer_problem(response, problem(401, "Unauthorized", "Unauthorized"));
    return std::nullopt;
  }
  if (!within_limits(state, what, *caller, response)) {
    answer_problem(response, problem(429, "Too Many Requests", "Too Many Requests"));
    return std::nullopt;
  }
  const bool allowed =
      std::ranges::all_of(scopes, [&](std::string_view scope) { return caller->scopes->contains(scope); });
  if (!allowed) {
    answer_problem(response,
                   is_signed ? problem(403, "Forbidden",
                                       "Your client app is not configured with the appropriate oauth1 app "
                                       "permissions for this endpoint.",
                                       "https://api.twitter.com/2/problems/oauth1-permissions")
                             : problem(403, "Forbidden", "Forbidden"));
    return std::nullopt;
  }
  if (state.suspended) {
    answer_problem(response, problem(403, "Forbidden", "The user used for authentication is suspended",
                                     "https://api.twitter.com/2/problems/user-suspended"));
    return std::nullopt;
  }
  return caller;
}

void answer_invalid(httplib::Response& response, const std::string& message) {
  json body = problem(400, "Invalid Request", "One or more parameters to your request was invalid.",
                      "https://api.twitter.com/2/problems/invalid-request");
  body["errors"] = json::array({{{"message", message}}});
  answer_problem(response, body);
}

void show_me(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const auto caller = admitted_caller(state, Limited::me, {"users.read", "tweet.read"}, request, response);
  if (!caller) return;
  std::string name = caller->username;
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  answer_json(response, 200,
              {{"data", {{"id", caller->user_id}, {"name", name}, {"username", caller->username}}}});
}

void create_post(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const auto caller =
      admitted_caller(state, Limited::post, {"tweet.write", "tweet.read", "users.read"}, request, response);
  if (!caller) return;
  const json body = json::parse(request.body, nullptr, false);
  if (!request.get_header_value("Content-Type").starts_with("application/json") || body.is_discarded()) {
    return answer_invalid(response, "the body must be application/json");
  }
  if (const std::string fault = body_fault(body); !fault.empty()) return answer_invalid(response, fault);
  const std::string text = body["text"];
  if (least_weight(text) > kMaxWeight) {
    return answer_problem(response,
                          problem(400, "Invalid Request",
                                  "Your Tweet text is too long. For more information on how Twitter "
                                  "determines text length see https://github.com/twitter/twitter-text."));
  }
  bool wrong_reply = false;
  const std::string replied_to = reply_target(state, body, *caller, wrong_reply);
  if (wrong_reply) {
    return answer_problem(response,
                          problem(403, "Forbidden", "You are not permitted to reply to this Tweet."));
  }
  if (state.live_texts.contains(caller->user_id + " " + text)) {
    return answer_problem(
        response, problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."));
  }
  store_post(state, {next_id(state), caller->user_id, caller->username, text, state.now(), false, replied_to},
             response);
}

void delete_post(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  const auto caller =
      admitted_caller(state, Limited::remove, {"tweet.write", "tweet.read", "users.read"}, request, response);
  if (!caller) return;
  const std::string id = request.path.substr(request.path.rfind('/') + 1);
  const auto post =
      std::ranges::find_if(state.posts, [&](const SandboxPost& p) { return p.id == id && !p.deleted; });
  if (post == state.posts.end()) {
    return answer_problem(response,
                          problem(404, "Not Found Error", "Could not find tweet with id: [" + id + "].",
                                  "https://api.twitter.com/2/problems/resource-not-found"));
  }
  if (post->user_id != caller->user_id) {
    return answer_problem(response,
                          problem(403, "Forbidden", "You are not authorized to delete this Tweet."));
  }
  post->deleted = true;
  state.live_texts.erase(post->user_id + " " + post->text);
  state.changed.notify_all();
  answer_json(response, 200, {{"data", {{"deleted", true}}}});
}

}  // namespace pigeon::sim
