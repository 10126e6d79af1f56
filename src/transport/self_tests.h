// Texts by which the box finds out whether it still receives: it texts its own number, and waits for that to
// come back. Such a text says which box made it: "Carrier Pigeon self-test 5f…", 32 hex digits of which the
// second half is a digest of the first that only this box can make. So it is known for ever, late, twice and
// after a restart, and never becomes a post or is answered; and nobody else can make a text that counts as
// one.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "modem/sms/pdu.h"
#include "store/seen.h"

namespace pigeon::transport {

// A fresh one. `seen` (borrowed) has the key; null: there is no database yet, and it has a mark by chance.
[[nodiscard]] std::string self_test_text(const store::Seen* seen);
// Its words where `deliver` is one of this box, now or ever, whoever it comes from.
[[nodiscard]] std::optional<std::string> self_test_in(const modem::Deliver& deliver, const store::Seen& seen);

// A self-test that came back.
struct SelfTestArrival {
  std::string text;
  bool from_own_number = false;  // false: gateway.number is not this SIM's, or the text went astray
  std::string modem{};           // that took it
  bool was_announced = false;    // false: a listing found it
};

// The one that is awaited now. Thread-safe: the modem that sends it need not be the one that takes it.
class SelfTests {
 public:
  struct Returned {
    SelfTestArrival arrival;
    milliseconds took{0};  // from when its PDU was given to the modem
  };
  // Called once, on a modem's thread; must not throw. Errc::timeout: it did not come back in time.
  using Done = std::function<void(const Result<Returned>& returned)>;

  // `is_wanted` says whether somebody still waits for it. Errc::busy: another one is awaited, and wanted.
  [[nodiscard]] Result<void> await(const std::string& text, const std::string& modem, milliseconds patience,
                                   std::function<bool()> is_wanted, Done done);
  void begins(const std::string& text, SteadyTime now);  // its PDU is given to the modem
  void came(const SelfTestArrival& arrival, SteadyTime now);
  // It was not sent, or the modem that sent it is lost. Of another text: nothing.
  void give_up(const std::string& text, const Error& error);
  void lost(const std::string& modem, const Error& error);

  // For the thread of the modem that sent it.
  [[nodiscard]] std::optional<SteadyTime> deadline(const std::string& modem) const;
  // What is due at `now`: a last listing, once, and when that is over too, the end.
  enum class Due { nothing, listing, end };
  [[nodiscard]] Due due(const std::string& modem, SteadyTime now);

 private:
  struct Awaited {
    std::string text, modem;
    milliseconds patience{0};
    std::function<bool()> is_wanted;
    Done done;
    std::optional<SteadyTime> since{};  // nothing: it is not under way yet
    bool was_listed = false;
  };
  [[nodiscard]] bool is_awaited(std::string_view text) const;
  [[nodiscard]] std::optional<Awaited> take();

  mutable std::mutex mutex_;
  std::optional<Awaited> awaited_;  // guarded by mutex_
};

}  // namespace pigeon::transport
