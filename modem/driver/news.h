// What the modem says unasked, as events for its owner: queued while commands run, given out by
// SerialModem::wait().
#pragma once

#include <utility>
#include <vector>

#include "modem/driver/line.h"
#include "modem/driver/storages.h"

namespace pigeon::modem {

class News {
 public:
  News(Line& line, const Storages& storages) : line_(line), storages_(storages) {}

  void collect();  // from the channel; a loss asks for a listing
  [[nodiscard]] bool empty() const { return events_.empty(); }
  [[nodiscard]] std::vector<Event> take() { return std::exchange(events_, {}); }  // oldest first, each once
  void add(Event event) { events_.push_back(std::move(event)); }
  void ask_for_listing();
  [[nodiscard]] bool has_named_reports() const { return named_reports_; }  // +CDSI said of SR, at any time
  void forget_restarts();  // before a bring-up, which is the answer to them

  // Since the last call: a text came directly; anything came directly that the network may want acknowledged.
  [[nodiscard]] bool take_direct_text() { return std::exchange(direct_text_, false); }
  [[nodiscard]] bool take_direct() { return std::exchange(direct_, false); }

 private:
  void add_urc(const Urc& urc);  // noise makes no event, and a second `restarted` neither

  Line& line_;
  const Storages& storages_;
  std::vector<Event> events_;
  bool direct_text_ = false;
  bool direct_ = false;
  bool named_reports_ = false;
};

}  // namespace pigeon::modem
