// One part after the other; see send_desk.h.
#include "transport/send_desk.h"

#include <utility>

namespace pigeon::transport {

void SendDesk::begin(SendErrand errand) {
  waiting_.push_back({std::move(errand)});
}

Result<void> SendDesk::send_one(modem::SerialModem& modem) {
  Text& text = waiting_.front();
  if (!text.errand.is_wanted()) {
    text.outcome.error = Error{Errc::disconnected, "nobody waits for it any more", Retry::no};
    end();
    return {};
  }
  const std::size_t next = text.outcome.references.size();
  if (next == 0 && text.errand.begins) text.errand.begins();
  is_sending_ = true;
  modem.start_send(text.errand.parts[next]);
  const auto receipt = modem.take_receipt();
  return receipt ? finish(*receipt) : Result<void>();
}

Result<void> SendDesk::finish(const Result<modem::SendReceipt>& receipt) {
  is_sending_ = false;
  Text& text = waiting_.front();
  if (receipt)
    text.outcome.references.push_back(receipt->reference);
  else
    text.outcome.error = receipt.error();
  if (!receipt || text.outcome.references.size() == text.errand.parts.size()) end();
  if (!receipt && receipt.error().code == Errc::disconnected) return tl::unexpected(receipt.error());
  return {};
}

void SendDesk::give_up(const Error& error) {
  while (any()) {
    waiting_.front().outcome.error = error;
    end();
  }
}

void SendDesk::end() {
  const Text text = std::move(waiting_.front());
  waiting_.pop_front();
  text.errand.done(text.outcome);
}

}  // namespace pigeon::transport
