// A browser as far as the demo's script needs one: it opens pages, submits their forms, keeps cookies for
// each origin and shows where a page would lead. It follows no redirect by itself and runs no scripts.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pigeon::sim {

struct Page {
  int status = 0;
  std::string body;
  std::string location;  // absolute; empty: the page leads nowhere
};

// One thread.
class Browser {
 public:
  // `url`: "http://host:port/path?query". Any status is a success; Errc::disconnected when nobody answers.
  [[nodiscard]] Result<Page> open(const std::string& url);
  // The same as a POST of `form`, which is form-encoded already, with the origin a browser would name.
  [[nodiscard]] Result<Page> submit(const std::string& url, const std::string& form);

 private:
  std::map<std::string, std::map<std::string, std::string>> cookies_;  // origin → name → value
};

// The text of the first <h1>, entities undone; empty when there is none.
[[nodiscard]] std::string heading_of(std::string_view html);
// What stands in the hidden field `name`, entities undone; empty when there is none.
[[nodiscard]] std::string hidden_field(std::string_view html, std::string_view name);
// What stands in the first element of class `code`, to be texted; empty when there is none.
[[nodiscard]] std::string code_shown(std::string_view html);
// X's PIN for OAuth 1.0a; empty when there is none.
[[nodiscard]] std::string pin_shown(std::string_view html);

}  // namespace pigeon::sim
