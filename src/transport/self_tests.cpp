// Marking, knowing and awaiting; see self_tests.h.
#include "transport/self_tests.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/text.h"
#include "modem/sms/user_data.h"

namespace pigeon::transport {
namespace {

constexpr std::string_view kWords = "Carrier Pigeon self-test ";
constexpr std::size_t kHalf = 8;  // octets of each half

// No identity of a text (identity.h) begins with this octet.
std::string mark_of(std::span<const std::uint8_t> half, const store::Seen& seen) {
  std::vector<std::uint8_t> octets = {'s'};
  octets.insert(octets.end(), half.begin(), half.end());
  auto digest = seen.digest(octets);
  digest.resize(kHalf);
  return to_hex(digest);
}

}  // namespace

std::string self_test_text(const store::Seen* seen) {
  const auto half = random_octets(kHalf);
  const std::string mark = seen != nullptr ? mark_of(half, *seen) : to_hex(random_octets(kHalf));
  return std::string(kWords) + to_hex(half) + mark;
}

std::optional<std::string> self_test_in(const modem::Deliver& deliver, const store::Seen& seen) {
  // Every text comes by here, and is decoded by who reads it.
  const modem::UserData& user_data = deliver.user_data;
  const std::size_t characters = kWords.size() + 4 * kHalf;
  const std::size_t octets = user_data.data.size();
  if (user_data.header || (octets != characters && octets != 2 * characters)) return std::nullopt;
  auto text = modem::decode_text(user_data);
  if (!text || !text->starts_with(kWords)) return std::nullopt;
  const std::string_view token = std::string_view(*text).substr(kWords.size());
  if (token.size() != 4 * kHalf) return std::nullopt;
  const auto half = from_hex(token.substr(0, 2 * kHalf));
  if (!half || mark_of(*half, seen) != token.substr(2 * kHalf)) return std::nullopt;
  return std::move(*text);
}

Result<void> SelfTests::await(const std::string& text, const std::string& modem, milliseconds patience,
                              std::function<bool()> is_wanted, Done done) {
  const std::lock_guard lock(mutex_);
  if (awaited_ && awaited_->is_wanted())
    return fail(Errc::busy, "another self-test is under way", Retry::yes);
  awaited_ = Awaited{text, modem, patience, std::move(is_wanted), std::move(done)};
  return {};
}

void SelfTests::begins(const std::string& text, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (is_awaited(text)) awaited_->since = now;
}

void SelfTests::came(const SelfTestArrival& arrival, SteadyTime now) {
  std::optional<Awaited> ended;
  {
    const std::lock_guard lock(mutex_);
    if (!is_awaited(arrival.text) || !awaited_->since) return;
    ended = take();
  }
  ended->done(Returned{arrival, std::chrono::floor<milliseconds>(now - *ended->since)});
}

void SelfTests::give_up(const std::string& text, const Error& error) {
  std::optional<Awaited> ended;
  {
    const std::lock_guard lock(mutex_);
    if (is_awaited(text)) ended = take();
  }
  if (ended) ended->done(tl::unexpected(error));
}

void SelfTests::lost(const std::string& modem, const Error& error) {
  std::optional<Awaited> ended;
  {
    const std::lock_guard lock(mutex_);
    if (awaited_ && awaited_->modem == modem) ended = take();
  }
  if (ended) ended->done(tl::unexpected(error));
}

std::optional<SteadyTime> SelfTests::deadline(const std::string& modem) const {
  const std::lock_guard lock(mutex_);
  if (!awaited_ || awaited_->modem != modem || !awaited_->since) return std::nullopt;
  return *awaited_->since + awaited_->patience;
}

SelfTests::Due SelfTests::due(const std::string& modem, SteadyTime now) {
  std::optional<Awaited> ended;
  {
    const std::lock_guard lock(mutex_);
    if (!awaited_ || awaited_->modem != modem || !awaited_->since) return Due::nothing;
    if (now < *awaited_->since + awaited_->patience) return Due::nothing;
    if (!std::exchange(awaited_->was_listed, true)) return Due::listing;
    ended = take();
  }
  const auto waited = std::chrono::ceil<seconds>(ended->patience);
  ended->done(fail(Errc::timeout, "it did not come back within " + std::to_string(waited.count()) + " s"));
  return Due::end;
}

bool SelfTests::is_awaited(std::string_view text) const {
  return awaited_ && awaited_->text == text;
}

std::optional<SelfTests::Awaited> SelfTests::take() {
  return std::exchange(awaited_, std::nullopt);
}

}  // namespace pigeon::transport
