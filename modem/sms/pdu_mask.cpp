// Walking through a PDU and overwriting it; see pdu_mask.h.
#include "modem/sms/pdu_mask.h"

#include <algorithm>
#include <cstdint>

#include "modem/sms/dcs.h"
#include "modem/sms/gsm7.h"
#include "modem/sms/pdu.h"

namespace pigeon::modem {
namespace {

constexpr std::uint8_t kFiller = 'x';  // in the default alphabet, too
constexpr std::uint8_t kUnreadable = 0xFF;

class Masking {
 public:
  Masking(std::span<const std::uint8_t> pdu, const NumberMask& number)
      : octets_(pdu.begin(), pdu.end()), number_(number) {}

  Octets run() {
    if (!walk()) std::fill(octets_.begin() + static_cast<std::ptrdiff_t>(at_), octets_.end(), kUnreadable);
    return std::move(octets_);
  }

 private:
  [[nodiscard]] bool has(std::size_t count) const { return octets_.size() - at_ >= count; }

  // False: it breaks at `at_`, up to which it is masked.
  bool walk() {
    if (const std::size_t smsc = smsc_length(octets_); smsc > 0 && !mask_service_centre(smsc)) return false;
    if (!has(1)) return false;
    constexpr std::uint8_t kHeader = 0x40;
    const std::uint8_t first = octets_[at_++];
    const bool has_header = (first & kHeader) != 0;
    switch (first & 0x03) {
      case 0:  // DELIVER: address, PID, DCS, SCTS
        return mask_address() && mask_user_data(7, has_header);
      case 1: {  // SUBMIT: reference, address, PID, DCS, validity
        constexpr std::size_t kValidity[] = {0, 7, 1, 7};
        return skip(1) && mask_address() && mask_user_data(kValidity[(first >> 3) & 0x03], has_header);
      }
      case 2:  // STATUS-REPORT: reference, address, two times and the status; text behind it is rare
        if (!skip(1) || !mask_address() || !skip(15)) return false;
        std::fill(octets_.begin() + static_cast<std::ptrdiff_t>(at_), octets_.end(), std::uint8_t{0});
        return true;
      default:
        return false;
    }
  }

  bool skip(std::size_t count) {
    if (!has(count)) return false;
    at_ += count;
    return true;
  }

  bool mask_service_centre(std::size_t length) {
    if (length > 2) mask_digits(at_ + 2, (length - 2) * 2);
    return skip(length);
  }

  // §9.1.2.5: the number of digits, the type, two digits an octet.
  bool mask_address() {
    if (!has(2)) return false;
    const std::size_t digits = octets_[at_];
    constexpr std::uint8_t kTypeBits = 0x70, kAlphanumeric = 0x50;
    const bool is_name = (octets_[at_ + 1] & kTypeBits) == kAlphanumeric;
    at_ += 2;
    const std::size_t length = (digits + 1) / 2;
    if (!has(length)) return false;
    if (is_name)
      mask_septets(at_, length, length * 8 / 7, 0);
    else
      mask_digits(at_, digits);
    at_ += length;
    return true;
  }

  // Two digits an octet, the first one in the lower half; what is no digit stays.
  void mask_digits(std::size_t begin, std::size_t count) {
    const auto half = [&](std::size_t i) -> std::uint8_t {
      return (octets_[begin + i / 2] >> (i % 2 == 0 ? 0 : 4)) & 0x0F;
    };
    std::string digits;
    for (std::size_t i = 0; i < count; ++i) {
      if (half(i) < 10) digits += static_cast<char>('0' + half(i));
    }
    const std::string masked = number_(digits);
    std::size_t next = 0;
    for (std::size_t i = 0; i < count && next < masked.size(); ++i) {
      if (half(i) >= 10) continue;
      const auto value = static_cast<std::uint8_t>(masked[next++] - '0');
      std::uint8_t& octet = octets_[begin + i / 2];
      octet = static_cast<std::uint8_t>(i % 2 == 0 ? (octet & 0xF0) | value : (octet & 0x0F) | (value << 4));
    }
  }

  void mask_septets(std::size_t begin, std::size_t length, std::size_t count, unsigned fill_bits) {
    const Octets septets(count, kFiller);
    Octets packed;
    pack_septets(packed, septets, fill_bits);
    std::copy_n(packed.begin(), std::min(length, packed.size()),
                octets_.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  // PID, DCS, `time` octets, the length, a header perhaps, and the text (§9.2.3.16, §9.2.3.24).
  bool mask_user_data(std::size_t time, bool has_header) {
    if (!has(3 + time)) return false;
    const DataCodingScheme scheme = parse_dcs(octets_[at_ + 1]);
    at_ += 2 + time;
    std::size_t length = octets_[at_++];
    const bool packed = scheme.alphabet == Alphabet::gsm7 && !scheme.compressed;
    std::size_t header = 0;
    if (has_header) {
      if (!has(1) || !has(octets_[at_] + std::size_t{1})) return false;
      header = octets_[at_] + std::size_t{1};
      mask_header(at_ + 1, header - 1);
      at_ += header;
    }
    const std::size_t rest = octets_.size() - at_;
    if (packed) {
      const std::size_t header_septets = (header * 8 + 6) / 7;
      const auto fill = static_cast<unsigned>(header_septets * 7 - header * 8);
      // Lengths that are wrong stay so: the text is overwritten as far as it goes.
      mask_septets(at_, rest, std::max(rest * 8 / 7, length), fill);
    } else {
      const std::size_t step = scheme.alphabet == Alphabet::ucs2 ? 2 : 1;
      for (std::size_t i = 0; i < rest; ++i) octets_[at_ + i] = (i + 1) % step == 0 ? kFiller : 0;
    }
    at_ = octets_.size();
    return true;
  }

  // What says how the text is to be read stays; the rest may say anything.
  void mask_header(std::size_t begin, std::size_t length) {
    constexpr std::uint8_t kKept[] = {0x00, 0x01, 0x04, 0x05, 0x08, 0x23, 0x24, 0x25};
    for (std::size_t i = 0; i + 1 < length;) {
      const std::uint8_t identifier = octets_[begin + i];
      const std::size_t size = std::min<std::size_t>(octets_[begin + i + 1], length - i - 2);
      if (std::find(std::begin(kKept), std::end(kKept), identifier) == std::end(kKept))
        std::fill_n(octets_.begin() + static_cast<std::ptrdiff_t>(begin + i + 2), size, std::uint8_t{0});
      i += 2 + size;
    }
  }

  Octets octets_;
  std::size_t at_ = 0;
  const NumberMask& number_;
};

}  // namespace

Octets masked_pdu(std::span<const std::uint8_t> pdu, const NumberMask& number) {
  return Masking(pdu, number).run();
}

}  // namespace pigeon::modem
