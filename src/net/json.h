// Reading JSON that a foreign server sent: no exceptions, no deep nesting, no surprise about types. The
// answers of X and of token servers are small objects, so whatever is not one is simply absent here.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace pigeon::net {

// The object that `body` holds; nothing when it is malformed (RFC 8259), not UTF-8, not an object or nested
// deeper than any answer of X.
[[nodiscard]] std::optional<nlohmann::json> parse_json_object(std::string_view body);

// Empty unless `value` is an object that has a string of this name.
[[nodiscard]] std::string string_member(const nlohmann::json& value, const char* name);
// Borrowed from `value`; nullptr unless that is an object with a member of this name, of any type.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& value, const char* name);
// Nothing unless `value` is an object that has a whole number of this name.
[[nodiscard]] std::optional<long long> integer_member(const nlohmann::json& value, const char* name);

}  // namespace pigeon::net
