// A secret that can be given anew while threads use it: the operator changes the file and reloads. Copies
// share one value, so that whoever was handed a copy long ago sees the new one too.
#pragma once

#include <memory>
#include <mutex>
#include <string>

namespace pigeon {

class SharedSecret {
 public:
  SharedSecret(std::string value = {});  // NOLINT: a plain string is a secret to whoever makes a client

  // The value now; ask once for each thing that must fit together. Any thread.
  [[nodiscard]] std::string get() const;
  // For this and all its copies; any thread.
  void set(std::string value);

 private:
  struct State {
    std::mutex mutex;
    std::string value;  // guarded by mutex
  };
  std::shared_ptr<State> state_;
};

}  // namespace pigeon
