// The line that `systemctl status` shows: what this box is, and what is wrong with it now.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/conditions.h"

namespace pigeon::daemon {

// `what` it is, and the worst of `conditions` with how many there are besides.
[[nodiscard]] std::string status_line(const std::string& what,
                                      const std::vector<store::Condition>& conditions);

// Tells it whenever it has become another. One thread.
class StatusLine {
 public:
  struct Parts {
    std::function<std::vector<store::Condition>()> conditions;
    std::function<void(const std::string&)> tell;
  };
  StatusLine(std::string what, Parts parts) : what_(std::move(what)), parts_(std::move(parts)) {}

  // What goes into the middle from now on: "the last reload failed, see the log".
  void note(const std::string& note) { note_ = note; }
  void refresh();
  [[nodiscard]] const std::string& told() const { return told_; }

 private:
  std::string what_, note_, told_;
  Parts parts_;
};

}  // namespace pigeon::daemon
