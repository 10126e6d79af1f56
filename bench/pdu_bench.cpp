// How long a message takes between the octets a modem gives and text, and back: the median over many runs of
// a handful of messages a text gateway sees. Prints "pdu decode: N ns" and "pdu encode: N ns" for one
// 160-character GSM 7-bit message, then the same for others and for the hex in front of them.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "modem/sms/pdu.h"
#include "modem/sms/segmenter.h"
#include "modem/sms/user_data.h"

namespace {

using namespace pigeon;
using namespace pigeon::modem;

constexpr int kRuns = 201;
constexpr int kCallsPerRun = 1000;

// Keeps `value` from being optimised away.
template <typename T>
void use(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

// The median over kRuns of the nanoseconds one call takes.
template <typename Call>
long median_ns(Call call) {
  std::array<long, kRuns> runs{};
  for (long& run : runs) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kCallsPerRun; ++i) call();
    const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - start;
    run = taken.count() / kCallsPerRun;
  }
  std::ranges::nth_element(runs, runs.begin() + kRuns / 2);
  return runs[kRuns / 2];
}

template <typename T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

Pdu deliver_of(const std::string& text, std::size_t part) {
  Deliver deliver;
  deliver.sender = must(Address::from_number("+491512345678"));
  deliver.timestamp.utc = std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + std::chrono::hours(12);
  deliver.timestamp.offset = std::chrono::hours(1);
  deliver.user_data = must(segment_text(text, 7)).at(part);
  return {.smsc = "+491710760000", .tpdu = deliver};
}

struct Message {
  const char* name;
  Pdu pdu;
};

std::vector<Message> messages() {
  std::string prose = "The quick brown fox jumps over the lazy dog, and then it goes home. ";
  while (prose.size() < 400) prose += prose;
  std::string umlauts;
  for (int i = 0; i < 32; ++i) umlauts += "Grüß€";
  std::string emoji;
  for (int i = 0; i < 10; ++i) emoji += "Привет😁";
  return {{"GSM 7-bit, 160 characters", deliver_of(prose.substr(0, 160), 0)},
          {"GSM 7-bit, 10 characters", deliver_of(prose.substr(0, 10), 0)},
          {"GSM 7-bit, part of three", deliver_of(prose.substr(0, 400), 1)},
          {"GSM 7-bit, accents", deliver_of(umlauts, 0)},
          {"UCS-2, part of two", deliver_of(emoji, 0)}};
}

void measure(const Message& message, bool headline) {
  const Octets octets = must(encode_pdu(message.pdu));
  const std::string hex = to_hex(octets);
  const long decode = median_ns([&] {
    const auto pdu = decode_pdu(octets, Direction::to_mobile);
    const auto text = decode_text(std::get<Deliver>(pdu->tpdu).user_data);
    use(text);
  });
  const long encode = median_ns([&] { use(encode_pdu(message.pdu)); });
  const long from_hex_ns = median_ns([&] { use(from_hex(hex)); });
  const long to_hex_ns = median_ns([&] { use(to_hex(octets)); });
  if (headline) std::printf("pdu decode: %ld ns\npdu encode: %ld ns\n\n", decode, encode);
  std::printf("%-28s decode %4ld ns, encode %4ld ns, from hex %4ld ns, to hex %4ld ns\n", message.name,
              decode, encode, from_hex_ns, to_hex_ns);
}

// From text to octets for sending: segmenting and encoding a 160-character SUBMIT.
void measure_sending() {
  const std::string text(160, 'x');
  const Address recipient = must(Address::from_number("+491512345678"));
  const long send = median_ns([&] {
    const auto parts = segment(text, recipient, {});
    use(encode_pdu({.smsc = {}, .tpdu = parts->front()}));
  });
  std::printf("%-28s %4ld ns\n", "text to SUBMIT, 160 chars", send);
}

}  // namespace

int main() {
  bool headline = true;
  for (const Message& message : messages()) {
    measure(message, headline);
    headline = false;
  }
  measure_sending();
  return 0;
}
