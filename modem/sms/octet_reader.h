// A cursor over the octets of a PDU that remembers the first thing that went wrong, so that a decoder reads
// field after field and asks once at its end. Private to the PDU decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace pigeon::modem {

class OctetReader {
 public:
  // The octets are borrowed.
  explicit OctetReader(std::span<const std::uint8_t> octets) : rest_(octets) {}

  // The next octet; 0 when there is none, which is then the error: "TP-PID: missing".
  std::uint8_t octet(std::string_view field) {
    if (rest_.empty()) {
      refuse(field, "missing");
      return 0;
    }
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

  // The next `count` octets; none when fewer are left, which is then the error: "TP-UD: 8 octets, only 3
  // left".
  std::span<const std::uint8_t> take(std::size_t count, std::string_view field) {
    if (count > rest_.size()) {
      refuse(field, std::to_string(count) + " octets, only " + std::to_string(rest_.size()) + " left");
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  // Makes "field: why" the error of the whole PDU unless there is one already; everything reads as missing
  // from now.
  void refuse(std::string_view field, std::string_view why) {
    if (!error_) error_ = std::string(field) + ": " + std::string(why);
    rest_ = {};
  }

  // Something was refused; what was read since is zeros.
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  // Not read yet; empty after a refusal.
  [[nodiscard]] std::span<const std::uint8_t> rest() const { return rest_; }

  // `decoded` unless something was refused.
  template <typename Wide, typename Decoded>
  [[nodiscard]] Result<Wide> finish(Decoded&& decoded) {
    if (error_) return fail(Errc::bad_input, std::move(*error_));
    return Wide(std::forward<Decoded>(decoded));
  }

 private:
  std::span<const std::uint8_t> rest_;
  std::optional<std::string> error_;
};

}  // namespace pigeon::modem
