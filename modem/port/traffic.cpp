// Telling listeners; see traffic.h.
#include "modem/port/traffic.h"

#include <algorithm>
#include <utility>

namespace pigeon::modem {
namespace {

constexpr std::size_t kMost = 8;

}  // namespace

bool Traffic::listen(Listener listener) {
  const std::lock_guard lock(mutex_);
  if (listeners_.size() >= kMost) return false;
  listeners_.push_back(std::move(listener));
  heard_ = true;
  return true;
}

void Traffic::tell(TranscriptEntry::Kind kind, std::string_view bytes, int port) {
  if (!heard_) return;
  const auto at = std::chrono::duration_cast<std::chrono::microseconds>(steady_now() - start_);
  const TranscriptEntry entry{at, kind, std::string(bytes), port};
  const std::lock_guard lock(mutex_);
  std::erase_if(listeners_, [&entry](const Listener& listener) { return !listener(entry); });
  heard_ = !listeners_.empty();
}

}  // namespace pigeon::modem
