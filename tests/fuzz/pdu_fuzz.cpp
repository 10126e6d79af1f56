// The PDU decoder on any octets: nothing crashes, whatever decodes to text is UTF-8, and whatever decodes and
// can be encoded decodes to the same structure again. The head of a DELIVER is the same, decoded alone.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "base/text.h"
#include "modem/sms/pdu.h"
#include "modem/sms/segmenter.h"
#include "modem/sms/user_data.h"

namespace {

using namespace pigeon::modem;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check_text(const UserData& user_data) {
  const auto text = decode_text(user_data);
  if (!text) return;
  require(pigeon::is_valid_utf8(*text), "text is UTF-8");
  require(count_segments(*text).has_value(), "text can be sent on");
}

void check_text(const std::optional<UserData>& user_data) {
  if (user_data) check_text(*user_data);
}

struct TextCheck {
  void operator()(const Deliver& deliver) const { check_text(deliver.user_data); }
  void operator()(const Submit& submit) const { check_text(submit.user_data); }
  void operator()(const StatusReport& report) const { check_text(report.user_data); }
  void operator()(const DeliverReport& report) const { check_text(report.user_data); }
  void operator()(const SubmitReport& report) const { check_text(report.user_data); }
  void operator()(const Command&) const {}
};

void check_pdu(std::span<const std::uint8_t> octets, Direction direction) {
  const auto decoded = decode_pdu(octets, direction);
  if (!decoded) return;
  std::visit(TextCheck{}, decoded->tpdu);
  const auto encoded = encode_pdu(*decoded);
  if (!encoded) return;
  const auto again = decode_pdu(*encoded, direction);
  require(again.has_value(), "what was encoded decodes");
  require(*again == *decoded, "encoding and decoding change nothing");
}

void check_tpdu(std::span<const std::uint8_t> octets, Direction direction) {
  const auto decoded = decode_tpdu(octets, direction);
  if (decoded) std::visit(TextCheck{}, *decoded);
}

void check_head(std::span<const std::uint8_t> octets) {
  const auto whole = decode_pdu(octets, Direction::to_mobile);
  const auto head = decode_deliver_head(octets);
  if (!whole || !std::holds_alternative<Deliver>(whole->tpdu)) return;
  const auto& deliver = std::get<Deliver>(whole->tpdu);
  const bool reserved_type = octets.size() > octets[0] + 1u && (octets[octets[0] + 1u] & 0x03) == 0x03;
  require(head.has_value() != reserved_type, "a DELIVER has a head");
  if (head) require(head->sender == deliver.sender && head->timestamp == deliver.timestamp, "the same head");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> octets(data, size);
  check_head(octets);
  for (const Direction direction : {Direction::to_mobile, Direction::from_mobile}) {
    check_pdu(octets, direction);
    check_tpdu(octets, direction);
  }
  return 0;
}
