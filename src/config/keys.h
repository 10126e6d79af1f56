// The names of the contract that belong to no single reader: keys that are spoken for and that nothing can
// use yet. They are refused in words of their own, so that nobody waits for an effect.
#pragma once

#include <optional>
#include <string_view>

namespace pigeon {

// What `path` ("posts.threads", or a whole section: "mms") is meant for; nothing: it is not spoken for.
[[nodiscard]] std::optional<std::string_view> meant_for(std::string_view path);

}  // namespace pigeon
