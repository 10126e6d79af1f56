// Replies fit one SMS and quote honestly.
#include "relay/replies.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "modem/sms/segmenter.h"

using namespace pigeon;
namespace replies = pigeon::relay::replies;

constexpr const char* kPinUrl =
    "https://api.x.com/oauth/authorize?oauth_token=Z6eEdO8MOmk394WozF5oKyuAv855l4Mlqo7";

TEST_CASE("replies: what does not quote a person fits one GSM 7-bit SMS") {
  const std::string url = "https://a-rather-long-name.example.org/auth/abcdefghjkmn";
  for (const std::string& text : {replies::link(url, 15),
                                  replies::link_again(url, 15),
                                  replies::pin_link(kPinUrl, 15),
                                  replies::pin_link_again(kPinUrl, 15),
                                  replies::link_by_start(),
                                  replies::link_later(),
                                  replies::pin_later(),
                                  replies::wrong_pin(),
                                  replies::pairing_failed(store::PairingFailure::read_only),
                                  replies::linked("abcdefghijklmno"),
                                  replies::wrong_code(),
                                  replies::code_awaited(),
                                  replies::looks_like_code(),
                                  replies::code_of_other_phone(),
                                  replies::pairing_failed(store::PairingFailure::cancelled),
                                  replies::pairing_failed(store::PairingFailure::expired),
                                  replies::pairing_failed(store::PairingFailure::wrong_code),
                                  replies::pairing_failed(store::PairingFailure::other_phone),
                                  replies::pairing_failed(store::PairingFailure::error),
                                  replies::saved(),
                                  replies::too_long(1500, 280),
                                  replies::duplicate(),
                                  replies::suspended(),
                                  replies::unclear("a short text"),
                                  replies::set_aside("a short text"),
                                  replies::nothing_to_post(),
                                  replies::unreadable(),
                                  replies::help(""),
                                  replies::help("abcdefghijklmno"),
                                  replies::stopped(true),
                                  replies::stopped(false),
                                  replies::not_linked(),
                                  replies::help_after_stop(),
                                  replies::already_linked("abcdefghijklmno")}) {
    CAPTURE(text);
    CHECK(modem::count_segments(text) == 1);
    CHECK(text.size() <= 160);
  }
}

TEST_CASE("replies: a long quote is cut between characters, with three dots, and fits") {
  CHECK(replies::posted("short") == "Posted: short");
  const std::string long_text(280, 'x');
  const std::string cut = replies::posted(long_text);
  CHECK(cut.size() == 160);
  CHECK(cut.ends_with("x..."));
  std::string emoji;
  for (int i = 0; i < 60; ++i) emoji += "😀";
  const std::string short_emoji = replies::posted(emoji);
  CHECK(is_valid_utf8(short_emoji));
  CHECK(modem::count_segments(short_emoji) == 1);
  CHECK(short_emoji.find("😀") != std::string::npos);
  CHECK(replies::refused(long_text).size() == 160);
}

TEST_CASE("replies: a text that is too long hears by how much") {
  CHECK(replies::too_long(300, 280).find("300 characters, 20 over the limit of 280") != std::string::npos);
}
