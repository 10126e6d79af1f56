// Reading the list of posts; see own_posts.h.
#include "x/own_posts.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "net/json.h"
#include "x/x_times.h"

namespace pigeon::x {
namespace {

// A link that misses one of its halves cannot be compared and is left out.
std::vector<OwnUrl> read_urls(const nlohmann::json& post) {
  std::vector<OwnUrl> urls;
  const nlohmann::json* entities = net::member(post, "entities");
  const nlohmann::json* list = entities == nullptr ? nullptr : net::member(*entities, "urls");
  if (list == nullptr || !list->is_array()) return urls;
  for (const nlohmann::json& entry : *list) {
    OwnUrl url{net::string_member(entry, "url"), net::string_member(entry, "expanded_url")};
    if (!url.url.empty() && !url.expanded_url.empty()) urls.push_back(std::move(url));
  }
  return urls;
}

std::optional<OwnPost> read_post(const nlohmann::json& entry) {
  OwnPost post{.id = net::string_member(entry, "id"), .text = net::string_member(entry, "text")};
  const auto created_at = rfc3339(net::string_member(entry, "created_at"));
  if (post.id.empty() || post.text.empty() || !created_at) return std::nullopt;
  post.created_at = *created_at;
  post.urls = read_urls(entry);
  return post;
}

}  // namespace

std::optional<OwnPosts> read_own_posts(std::string_view body) {
  const auto answer = net::parse_json_object(body);
  if (!answer) return std::nullopt;
  const nlohmann::json* meta = net::member(*answer, "meta");
  const auto count = meta == nullptr ? std::nullopt : net::integer_member(*meta, "result_count");
  const nlohmann::json* data = net::member(*answer, "data");
  OwnPosts own;
  // Without posts there is no `data`, nor is there with an error: only the count tells one from the other.
  if (data == nullptr) return count == 0 ? std::optional(std::move(own)) : std::nullopt;
  if (!data->is_array()) return std::nullopt;
  for (const nlohmann::json& entry : *data) {
    auto post = read_post(entry);
    if (!post) return std::nullopt;
    own.posts.push_back(std::move(*post));
  }
  own.more = meta != nullptr && !net::string_member(*meta, "next_token").empty();
  return own;
}

}  // namespace pigeon::x
