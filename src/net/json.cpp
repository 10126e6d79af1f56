// Reading foreign JSON; see json.h.
#include "net/json.h"

namespace pigeon::net {
namespace {

constexpr int kMaxDepth = 16;

}  // namespace

std::optional<nlohmann::json> parse_json_object(std::string_view body) {
  bool too_deep = false;
  // Called for every value before it is kept: nothing of a too deep document is built.
  const auto keep = [&too_deep](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  auto value = nlohmann::json::parse(body.begin(), body.end(), keep, false);
  if (too_deep || !value.is_object()) return std::nullopt;
  return value;
}

const nlohmann::json* member(const nlohmann::json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

std::string string_member(const nlohmann::json& value, const char* name) {
  const nlohmann::json* found = member(value, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<long long> integer_member(const nlohmann::json& value, const char* name) {
  const nlohmann::json* found = member(value, name);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  return found->get<long long>();
}

}  // namespace pigeon::net
