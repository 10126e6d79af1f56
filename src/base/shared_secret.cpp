// A string behind a lock that all copies hold; see shared_secret.h.
#include "base/shared_secret.h"

#include <utility>

namespace pigeon {

SharedSecret::SharedSecret(std::string value) : state_(std::make_shared<State>()) {
  state_->value = std::move(value);
}

std::string SharedSecret::get() const {
  const std::lock_guard lock(state_->mutex);
  return state_->value;
}

void SharedSecret::set(std::string value) {
  const std::lock_guard lock(state_->mutex);
  state_->value = std::move(value);
}

}  // namespace pigeon
