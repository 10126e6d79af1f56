// GET /2/users/:id/tweets of the sandbox of X: a person's posts, the latest first. What comes back is not
// what was sent: X trims a text, puts short links in place of its URLs and escapes what HTML would misread.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/text.h"
#include "sim/x/short_links.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kFewest = 5;
constexpr std::size_t kMost = 100;
constexpr std::array<std::string_view, 5> kFields = {"id", "text", "created_at", "entities",
                                                     "edit_history_tweet_ids"};

struct Question {
  std::size_t count = 10;
  bool created_at = false;
  bool entities = false;
  std::string older_than;  // a post's id; empty: from the latest on
};

std::string read_fields(std::string_view list, Question& question) {
  while (!list.empty()) {
    const std::string_view field = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), field.size() + 1));
    if (std::ranges::find(kFields, field) == kFields.end()) {
      return "The `tweet.fields` query parameter value [" + std::string(field) + "] is not one of them";
    }
    question.created_at = question.created_at || field == "created_at";
    question.entities = question.entities || field == "entities";
  }
  return {};
}

// What is wrong with the parameters; empty when nothing is.
std::string read_question(const httplib::Params& parameters, Question& question) {
  for (const auto& [name, value] : parameters) {
    if (parameters.count(name) > 1) return "The query parameter [" + name + "] comes twice";
    if (name == "tweet.fields") {
      if (std::string fault = read_fields(value, question); !fault.empty()) return fault;
    } else if (name == "max_results") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), question.count);
      const bool whole = error == std::errc() && end == value.data() + value.size();
      if (!whole || question.count < kFewest || question.count > kMost) {
        return "The `max_results` query parameter value [" + value + "] is not between 5 and 100";
      }
    } else if (name == "pagination_token") {
      question.older_than = value;
    } else {
      return "The query parameter [" + name + "] is not known";
    }
  }
  return {};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

json given_back(const SandboxPost& post, const Question& question) {
  const std::string_view written = trim(post.text);
  std::string text;
  json urls = json::array();
  std::size_t at = 0;
  for (const ShortLink& link : short_links(written, post.id)) {
    text += escaped(written.substr(at, link.begin - at));
    const std::size_t start = code_points(text);
    text += link.url;
    urls.push_back({{"start", start},
                    {"end", code_points(text)},
                    {"url", link.url},
                    {"expanded_url", link.expanded_url},
                    {"display_url", link.display_url}});
    at = link.end;
  }
  text += escaped(written.substr(at));
  json shown = {{"id", post.id}, {"text", text}, {"edit_history_tweet_ids", json::array({post.id})}};
  if (question.entities && !urls.empty()) shown["entities"] = {{"urls", urls}};
  if (question.created_at) {
    std::string at_second = to_rfc3339(post.at);
    shown["created_at"] = at_second.insert(at_second.size() - 1, ".000");
  }
  return shown;
}

bool is_somebody(const SandboxState& state, const std::string& user_id) {
  return std::ranges::any_of(state.grants,
                             [&](const Grant& grant) { return user_id_of(grant.username) == user_id; });
}

// X's 200 for an id that nobody has.
json nobody(const std::string& user_id) {
  return {{"errors", json::array({{{"title", "Not Found Error"},
                                   {"type", "https://api.twitter.com/2/problems/resource-not-found"},
                                   {"detail", "Could not find user with id: [" + user_id + "]."},
                                   {"resource_type", "user"},
                                   {"parameter", "id"},
                                   {"value", user_id}}})}};
}

// Of `posts`, oldest first, those that the question is about and X shows by now, latest first; one more than
// asked for tells that there are older ones.
std::vector<const SandboxPost*> latest(const SandboxState& state, const std::string& user_id,
                                       const Question& question) {
  std::vector<const SandboxPost*> found;
  bool older = question.older_than.empty();
  for (auto post = state.posts.rbegin(); post != state.posts.rend() && found.size() <= question.count;
       ++post) {
    const bool shown =
        !post->deleted && post->user_id == user_id && post->at + state.shown_after <= state.now();
    if (older && shown) found.push_back(&*post);
    older = older || post->id == question.older_than;
  }
  return found;
}

}  // namespace

void show_timeline(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  if (!admitted_caller(state, Limited::timeline, {"tweet.read", "users.read"}, request, response)) return;
  Question question;
  if (const std::string fault = read_question(request.params, question); !fault.empty()) {
    return answer_invalid(response, fault);
  }
  const std::string user_id = request.matches[1];
  if (!is_somebody(state, user_id)) return answer_json(response, 200, nobody(user_id));
  std::vector<const SandboxPost*> posts = latest(state, user_id, question);
  const bool more = posts.size() > question.count;
  if (more) posts.pop_back();
  json meta = {{"result_count", posts.size()}};
  json answer = json::object();
  for (const SandboxPost* post : posts) answer["data"].push_back(given_back(*post, question));
  if (!posts.empty()) {
    meta["newest_id"] = posts.front()->id;
    meta["oldest_id"] = posts.back()->id;
    if (more) meta["next_token"] = posts.back()->id;
  }
  answer["meta"] = meta;
  answer_json(response, 200, answer);
}

}  // namespace pigeon::sim
