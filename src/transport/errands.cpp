// A small queue; see errands.h.
#include "transport/errands.h"

#include <utility>

namespace pigeon::transport {
namespace {

constexpr std::size_t kMost = 32;  // as many as the control socket serves at a time

}  // namespace

void refuse(const AnyErrand& errand, const Error& error) {
  if (const auto* text = std::get_if<SendErrand>(&errand))
    text->done({{}, error});
  else if (const auto* ussd = std::get_if<UssdErrand>(&errand))
    ussd->done(tl::unexpected(error));
  else
    std::get<Errand>(errand).done(tl::unexpected(error));
}

bool Errands::add(AnyErrand errand) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMost) return false;
  waiting_.push_back(std::move(errand));
  return true;
}

bool Errands::any() {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty();
}

std::optional<AnyErrand> Errands::next() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  AnyErrand errand = std::move(waiting_.front());
  waiting_.pop_front();
  return errand;
}

}  // namespace pigeon::transport
