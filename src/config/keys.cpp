// The table of keys that are meant for later (docs/roadmap.md); see keys.h. Who builds one takes its row out.
#include "config/keys.h"

#include <array>

namespace pigeon {
namespace {

struct Later {
  std::string_view path, purpose;
};

constexpr std::array kLater = {
    Later{"x.upload_url", "pictures"},
    Later{"posts.threads", "long texts that become several posts"},
    Later{"posts.confirm", "posts that are confirmed by a second text"},
    Later{"posts.urls", "refusing links"},
    Later{"posts.max_age", "posts that have waited too long"},
    Later{"limits.allow", "a list of who may text"},
    Later{"limits.deny", "a list of who may not text"},
    Later{"web.local_page", "the operator's page"},
    Later{"replies", "replies in other words"},
    Later{"mms", "pictures"},
    Later{"media", "pictures"},
};

}  // namespace

std::optional<std::string_view> meant_for(std::string_view path) {
  for (const Later& later : kLater) {
    if (later.path == path) return later.purpose;
  }
  return std::nullopt;
}

}  // namespace pigeon
