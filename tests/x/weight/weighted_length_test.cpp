// The counting of posts against twitter-text's own conformance file, and the corners that file leaves out.
#include "x/weight/weighted_length.h"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/x/weight/valid_post.h"
#include "x/weight/emoji.h"
#include "x/weight/punycode.h"
#include "x/weight/tlds.h"

using namespace pigeon::x;

namespace {

YAML::Node conformance(const std::string& section) {
  return YAML::LoadFile(PIGEON_TEST_DATA "/twitter-text/validate.yml")["tests"][section];
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += pigeon::next_code_point(text, at);
  return out;
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

// Every case of a section with weightedLength and valid; how many there were.
std::size_t run_counters(const std::string& section) {
  std::size_t count = 0;
  for (const YAML::Node& row : conformance(section)) {
    const auto text = row["text"].as<std::string>();
    CAPTURE(row["description"].as<std::string>());
    CHECK(weighted_length(text) == row["expected"]["weightedLength"].as<std::size_t>());
    CHECK(is_valid_post(text) == row["expected"]["valid"].as<bool>());
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("weighted length: twitter-text's cases with discounted emoji") {
  CHECK(run_counters("WeightedTweetsWithDiscountedEmojiCounterTest") == 22);
}

TEST_CASE("weighted length: twitter-text's cases of directional marks") {
  CHECK(run_counters("UnicodeDirectionalMarkerCounterTest") == 2);
}

TEST_CASE("weighted length: twitter-text's valid and invalid posts") {
  std::size_t count = 0;
  for (const YAML::Node& row : conformance("tweets")) {
    const auto text = row["text"].as<std::string>();
    CAPTURE(row["description"].as<std::string>());
    // These rows are older than the limit of 280: what they call too long has 141 characters, one URL among
    // them.
    const std::size_t length = weighted_length(text);
    CHECK(is_valid_post(text) == (row["expected"].as<bool>() || (length > 140 && length < 150)));
    ++count;
  }
  CHECK(count == 8);
}

TEST_CASE("weighted length: twitter-text's URLs without protocol each weigh 23") {
  std::size_t count = 0;
  for (const YAML::Node& row : conformance("urls_without_protocol")) {
    const auto text = row["text"].as<std::string>();
    CAPTURE(text);
    REQUIRE(row["expected"].as<bool>());
    CHECK(weighted_length(text) == 23);
    ++count;
  }
  CHECK(count == 5);
}

TEST_CASE("weighted length: what is a URL and what is not") {
  struct Row {
    const char* name;
    const char* text;
    std::size_t length;
  };
  const Row rows[] = {
      {"nothing", "", 0},
      {"plain", "hello", 5},
      {"dots without a TLD", "well... so.what", 15},
      {"upper case", "HTTPS://EXAMPLE.COM/X", 23},
      {"upper case internationalised TLD", "http://пример.РФ", 23},
      {"protocol inside a sentence", "see http://example.com/a, ok", 4 + 23 + 4},
      {"full stop behind", "example.com.", 24},
      {"question mark behind", "http://example.com?", 24},
      {"query without path needs a protocol", "example.com?a=1", 23 + 4},
      {"query without path with a protocol", "http://example.com?a=1", 23},
      {"path and query of a bare domain", "example.com/a?b=1", 23},
      {"port of a bare domain without a path stays text", "example.com:80", 23 + 3},
      {"port of a bare domain with a path", "example.com:80/a", 23},
      {"balanced parentheses", "http://example.com/a_(b_(c))", 23},
      {"unbalanced parenthesis", "(http://example.com/a)", 1 + 23 + 1},
      {"empty parentheses end the path", "http://example.com/()", 23 + 2},
      {"e-mail address", "me@example.com", 14},
      {"hashtag", "#example.com", 12},
      {"cashtag", "$example.com", 12},
      {"dot before", ".example.com", 12},
      {"slash before", "/example.com", 12},
      {"underscore in the domain name", "foo_bar.com", 11},
      {"underscore in a subdomain keeps its host part as text", "a_b.example.com", 2 + 23},
      {"underscore in a subdomain with a protocol", "http://a_b.example.com", 23},
      {"TLD goes on", "example.comfort", 15},
      {"TLD before an at sign", "example.com@x", 13},
      {"underscore behind the TLD", "example.com_x", 23 + 2},
      {"Chinese around a bare domain", "看example.com吧", 2 + 23 + 2},
      {"bare domain with no ASCII part", "例え.テスト.中国", 2 * 7 + 2},
      {"the same with a protocol", "http://例え.テスト.中国", 23},
      {"two domains in one run", "a.com日b.com", 23 + 2 + 23},
      {"accented TLD", "x.vermögensberatung", 23},
      {"longest chain of labels", "a.co.b.notatld", 23 + 10},
      {"punycode TLD", "example.xn--p1ai", 23},
      {"punycode label", "xn--80ak6aa92e.com", 23},
      {"punycode label with other letters", "http://xn--я.com", 16},
      {"ends in a hyphen", "example-.com", 12},
      {"starts with a hyphen", "-example.com", 12},
      {"IP address", "http://192.168.0.1/a", 20},
      {"no such TLD", "http://example.invalid", 22},
      {"short link ends behind its slug", "https://t.co/abc/def", 23 + 4},
      {"short link with a query", "https://t.co/abc?d=e", 23},
      {"short link with too long a slug", "https://t.co/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 54},
      {"emoji before", "😀http://example.com", 2 + 23},
      {"two URLs", "http://a.com http://b.com", 47},
      {"two URLs without a space", "http://a.comhttp://b.com", 24},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(weighted_length(row.text) == row.length);
  }
}

TEST_CASE("weighted length: the limits of a URL") {
  const std::string label63(63, 'a');
  CHECK(weighted_length(label63 + ".com") == 23);
  CHECK(weighted_length(label63 + "a.com") == 68);
  // twitter-text adds the protocol once more: 4096 = 8 + 4088 for https, 7 + 4089 for http.
  const std::string https = "https://example.com/";
  const std::string http = "http://example.com/";
  CHECK(weighted_length(https + std::string(4088 - https.size(), 'a')) == 23);
  CHECK(weighted_length(https + std::string(4089 - https.size(), 'a')) == 4089);
  CHECK(weighted_length(http + std::string(4089 - http.size(), 'a')) == 23);
  CHECK(weighted_length(http + std::string(4090 - http.size(), 'a')) == 4090);
}

TEST_CASE("weighted length: emoji sequences weigh 2, other marks by code point") {
  struct Row {
    const char* name;
    const char* text;
    std::size_t length;
  };
  const Row rows[] = {
      {"family", "👨‍👩‍👧‍👦", 2},
      {"kiss with two skin tones", "👩🏻‍❤️‍💋‍👨🏿", 2},
      {"flag", "🇩🇪", 2},
      {"two flags", "🇩🇪🇫🇷", 4},
      {"letters that are no flag", "🇩🇩", 4},
      {"half a flag", "🇩", 2},
      {"flag of England", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2},
      {"keycap", "1️⃣", 2},
      {"keycap without selector", "#⃣", 2},
      {"digit", "1", 1},
      {"digit with a selector only", "1\uFE0F", 3},
      {"copyright as text", "©", 1},
      {"copyright as emoji", "©️", 2},
      {"copyright as text, said so", "©\uFE0E", 3},
      {"heart", "❤️", 2},
      {"lightning with a selector that it does not need", "⚡\uFE0F", 2},
      {"newer emoji with a selector that is not for it", "😀\uFE0F", 4},
      {"skin tone", "👍🏽", 2},
      {"skin tone alone", "🏽", 2},
      {"joiner at the end", "👩‍", 3},
      {"joined with no meaning", "👩‍🔥", 2 + 1 + 2},
      {"rainbow flag", "🏳️‍🌈", 2},
      {"many joiners", "👩‍‍‍‍‍‍‍‍‍‍‍‍", 2 + 12},
      {"zero width space", "\u200B", 1},
      {"non-breaking hyphen of 8209", "\u2011", 1},
      {"8206, between the light ranges", "\u200E", 2},
      {"last light code point", "\u10FF", 1},
      {"first heavy one", "\u1100", 2},
      {"decomposed letter is one", "e\u0301", 1},
      {"Hangul jamo become one syllable", "\u1112\u1161\u11AB", 2},
      {"composition exclusion", "\uFB2C", 3},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(weighted_length(row.text) == row.length);
  }
}

TEST_CASE("valid post: empty, full, too long, forbidden characters") {
  CHECK_FALSE(is_valid_post(""));
  CHECK(is_valid_post("a"));
  CHECK(is_valid_post(repeated("a", 280)));
  CHECK_FALSE(is_valid_post(repeated("a", 281)));
  CHECK(is_valid_post(repeated("漢", 140)));
  CHECK_FALSE(is_valid_post(repeated("漢", 141)));
  CHECK_FALSE(is_valid_post("a\uFEFF"));
  CHECK_FALSE(is_valid_post("\uFFFE"));
  CHECK_FALSE(is_valid_post("a\uFFFFb"));
}

TEST_CASE("emoji: the length of a sequence in code points") {
  CHECK(emoji_length(code_points("a"), 0) == 0);
  CHECK(emoji_length(code_points("a👍🏽b"), 1) == 2);
  CHECK(emoji_length(code_points("👩🏻‍❤️‍💋‍👨🏿👍"), 0) == 10);
  CHECK(emoji_length(code_points("👍"), 1) == 0);
}

TEST_CASE("TLDs: the longest known one, any case, ending where a TLD may end") {
  CHECK(tld_length(U"com") == 3);
  CHECK(tld_length(U"COM/x") == 3);
  CHECK(tld_length(U"coma") == 0);
  CHECK(tld_length(U"co.uk") == 2);
  CHECK(tld_length(U"no") == 2);  // quoted in the YAML source
  CHECK(tld_length(U"off") == 3);
  CHECK(tld_length(U"嘉里大酒店日") == 5);
  CHECK(tld_length(U"嘉里日") == 2);
  CHECK(tld_length(U"ЕЮ") == 2);
  CHECK(tld_length(U"xn--") == 0);
  CHECK(tld_length(U"XN--p1ai") == 8);
  CHECK(tld_length(U"") == 0);
  const auto lists = YAML::LoadFile(PIGEON_TEST_DATA "/twitter-text/tld_lib.yml");
  std::size_t known = 0;
  for (const char* list : {"country", "generic"}) {
    for (const YAML::Node& tld : lists[list]) {
      const auto text = code_points(tld.as<std::string>());
      CAPTURE(tld.as<std::string>());
      CHECK(tld_length(text) == text.size());
      ++known;
    }
  }
  CHECK(known == 1574);
}

TEST_CASE("punycode: lengths of labels in ASCII (RFC 3492 §7.1)") {
  CHECK(ascii_label_length(U"example") == 7);
  CHECK(ascii_label_length(U"bücher") == std::string("xn--bcher-kva").size());
  CHECK(ascii_label_length(U"他们为什么不说中文") == std::string("xn--ihqwcrb4cv8a8dqg056pqjye").size());
  CHECK(ascii_label_length(U"почемужеонинеговорятпорусски") ==
        std::string("xn--b1abfaaepdrnnbgefbadotcwatmq2g4l").size());
  CHECK(ascii_label_length(U"3年B組金八先生") == std::string("xn--3B-ww4c5e180e575a65lsy2b").size());
  CHECK(ascii_label_length(std::u32string(64, U'é')) == 64);  // too long, whatever it is
}

TEST_CASE("weighted length: the worst text that many SMS parts can hold is still counted at once") {
  const std::string worst[] = {
      repeated("a.", 20000),      repeated("a_.", 13000),          repeated("日", 13000) + ".",
      repeated("a.日.", 8000),    repeated("-a.", 13000),          repeated("http://", 5700) + ".",
      repeated("a.co/(", 6000),   repeated("👩‍", 6000) + ".", repeated("xn--a.", 6000),
      repeated("\u0345.", 13000), repeated("a.com?", 6000),        repeated("(", 39000) + ".com",
  };
  for (const std::string& text : worst) {
    CAPTURE(text.substr(0, 12));
    const auto start = std::chrono::steady_clock::now();
    CHECK(weighted_length(text) > 280);
    // Linear work takes milliseconds; quadratic work over 40,000 characters takes many seconds under
    // sanitizers.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
  }
}
