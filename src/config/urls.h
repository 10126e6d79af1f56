// What may stand in the URLs of the configuration. Tokens and codes travel there, so plain http goes no
// further than this machine. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pigeon {

// Why a value cannot be used, and what to write; both without the key in front.
struct Objection {
  std::string what, cure;
};

enum class UrlUse {
  origin,    // scheme, host and port alone: others are made by adding a path
  endpoint,  // with a path of its own
};

// Nothing: it can be used. `url` has no slash at its end.
[[nodiscard]] std::optional<Objection> object_to_url(std::string_view url, UrlUse use);

// Whether the URL leads to a name that is reserved for examples (RFC 2606: .example, example.com).
[[nodiscard]] bool is_example_url(std::string_view url);

}  // namespace pigeon
