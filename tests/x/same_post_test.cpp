// Is a post of X's a text of ours? Texts as people write them, and as X gives them back.
#include "x/same_post.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pigeon;
using namespace pigeon::x;

namespace {

struct Row {
  const char* name;
  std::string ours;
  std::string theirs;
  std::vector<OwnUrl> urls;
  bool same;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CAPTURE(row.ours);
    CAPTURE(row.theirs);
    const OwnPost post{.id = "1", .text = row.theirs, .created_at = {}, .urls = row.urls};
    CHECK(same_post(row.ours, post) == row.same);
  }
}

OwnUrl link(const char* slug, std::string expanded) {
  return {std::string("https://t.co/") + slug, std::move(expanded)};
}

}  // namespace

TEST_CASE("same post: words, signs and blanks") {
  check({
      {"the same", "hello world", "hello world", {}, true},
      {"another", "hello world", "hello worlds", {}, false},
      {"a beginning", "hello world", "hello", {}, false},
      {"and the other way round", "hello", "hello world", {}, false},
      {"nothing", "hello", "", {}, false},
      {"case counts", "Hello", "hello", {}, false},
      {"blanks at the ends are gone", "  hello\n", "hello", {}, true},
      {"runs of blanks", "a  b\n\nc", "a b\nc", {}, true},
      {"a blank is no nothing", "a b", "ab", {}, false},
      {"a no-break space is a blank", "a\u00A0b", "a b", {}, true},
      {"an ideographic space too", "a\u3000b", "a b", {}, true},
      {"no blank inside an emoji sequence", "👨\u200D👩\u200D👧", "👨\u200D👩\u200D👧", {}, true},
      {"a family is not its members", "👨\u200D👩\u200D👧", "👨👩👧", {}, false},
      {"a skin tone counts", "👍🏽", "👍", {}, false},
      {"flags and keycaps", "🇩🇪 1\uFE0F\u20E3", "🇩🇪 1\uFE0F\u20E3", {}, true},
      {"composed and not", "Caf\u00E9", "Cafe\u0301", {}, true},
      {"not composed and composed", "Cafe\u0301", "Caf\u00E9", {}, true},
      {"marks in another order", "q\u0307\u0323", "q\u0323\u0307", {}, true},
      {"Hangul in pieces", "\u1112\u1161\u11AB", "\uD55C", {}, true},
      {"a compatible form is another text", "\uFB01ne", "fine", {}, false},
      {"without the accent", "Caf\u00E9", "Cafe", {}, false},
  });
}

TEST_CASE("same post: what X escapes") {
  check({
      {"ampersand and brackets", "a & b < c > d", "a &amp; b &lt; c &gt; d", {}, true},
      {"only once", "a & b", "a &amp;amp; b", {}, false},
      {"typed as an entity", "a &amp; b", "a &amp;amp; b", {}, true},
      {"an entity typed is no sign", "a &amp; b", "a &amp; b", {}, false},
      {"typed brackets", "&lt;b&gt;", "&amp;lt;b&amp;gt;", {}, true},
      {"quotes as they are", "\"it's\"", "\"it's\"", {}, true},
      {"quotes escaped", "\"it's\"", "&quot;it&#39;s&quot;", {}, true},
      {"an entity that X does not make", "&euro;", "&amp;euro;", {}, true},
      {"no entity at all", "AT&T;", "AT&amp;T;", {}, true},
      {"the end of an entity is missing", "&am", "&amp;am", {}, true},
      {"a mark behind an entity", "<\u0338", "&lt;\u0338", {}, true},
  });
}

TEST_CASE("same post: links") {
  check({
      {"alone", "https://example.com/a", "https://t.co/x1", {link("x1", "https://example.com/a")}, true},
      {"another page",
       "https://example.com/a",
       "https://t.co/x1",
       {link("x1", "https://example.com/b")},
       false},
      {"more than the page",
       "https://example.com/a",
       "https://t.co/x1",
       {link("x1", "https://example.com/")},
       false},
      {"at the end",
       "read https://example.com/a.",
       "read https://t.co/x1.",
       {link("x1", "https://example.com/a")},
       true},
      {"words around",
       "see https://example.com/a?b=1&c=2 now",
       "see https://t.co/x1 now",
       {link("x1", "https://example.com/a?b=1&c=2")},
       true},
      {"words around, escaped",
       "see https://example.com/a?b=1&c=2 now",
       "see https://t.co/x1 now",
       {link("x1", "https://example.com/a?b=1&amp;c=2")},
       true},
      {"other words around",
       "see https://example.com/a now",
       "see https://t.co/x1 later",
       {link("x1", "https://example.com/a")},
       false},
      {"a bare domain",
       "example.com is up",
       "https://t.co/x1 is up",
       {link("x1", "http://example.com")},
       true},
      {"a bare domain and a slash",
       "example.com is up",
       "https://t.co/x1 is up",
       {link("x1", "http://example.com/")},
       true},
      {"a bare domain in Chinese",
       "看example.com吧",
       "看https://t.co/x1吧",
       {link("x1", "http://example.com")},
       true},
      {"in capitals",
       "HTTP://Example.COM/Path",
       "https://t.co/x1",
       {link("x1", "http://example.com/Path")},
       true},
      {"a path's case counts",
       "https://example.com/Path",
       "https://t.co/x1",
       {link("x1", "https://example.com/path")},
       false},
      {"a query without a path",
       "https://example.com?q=1",
       "https://t.co/x1",
       {link("x1", "https://example.com/?q=1")},
       true},
      {"percent-encoded by X",
       "https://example.com/\u00FC",
       "https://t.co/x1",
       {link("x1", "https://example.com/%C3%BC")},
       true},
      {"a percent sign at the end",
       "https://example.com/?a=%",
       "https://t.co/x1%",
       {link("x1", "https://example.com/?a=")},
       true},
      {"an international domain",
       "https://m\u00FCller.de/x",
       "https://t.co/x1",
       {link("x1", "https://xn--mller-kva.de/x")},
       true},
      {"several, in order",
       "https://a.com b https://c.com",
       "https://t.co/x1 b https://t.co/x2",
       {link("x1", "https://a.com"), link("x2", "https://c.com")},
       true},
      {"several, listed in another order",
       "https://a.com b https://c.com",
       "https://t.co/x1 b https://t.co/x2",
       {link("x2", "https://c.com"), link("x1", "https://a.com")},
       true},
      {"several, exchanged",
       "https://a.com b https://c.com",
       "https://t.co/x1 b https://t.co/x2",
       {link("x1", "https://c.com"), link("x2", "https://a.com")},
       false},
      {"the same twice",
       "a.com and a.com",
       "https://t.co/x1 and https://t.co/x1",
       {link("x1", "http://a.com"), link("x1", "http://a.com")},
       true},
      {"one link is the beginning of another",
       "https://a.com https://b.com",
       "https://t.co/x https://t.co/xy",
       {link("x", "https://a.com"), link("xy", "https://b.com")},
       true},
      {"one too many",
       "https://a.com",
       "https://t.co/x1 https://t.co/x2",
       {link("x1", "https://a.com"), link("x2", "https://b.com")},
       false},
      {"one too few", "https://a.com https://b.com", "https://t.co/x1", {link("x1", "https://a.com")}, false},
      {"a link where we wrote words",
       "hello world",
       "hello https://t.co/x1",
       {link("x1", "https://a.com")},
       false},
      {"words where we wrote a link", "hello https://a.com", "hello world", {}, false},
      {"X leaves the domain alone", "node.js is fine", "node.js is fine", {}, true},
      {"X knows a domain that we do not",
       "see box.newtld/a, please",
       "see https://t.co/x1, please",
       {link("x1", "http://box.newtld/a")},
       true},
      {"a short link that does not stand in the text", "hello", "hello", {link("x1", "https://a.com")}, true},
  });
}

TEST_CASE("same post: a short link of X's in the person's own text") {
  check({
      {"kept", "see https://t.co/abc", "see https://t.co/abc", {link("abc", "https://example.com/")}, true},
      {"kept, and listed by nobody", "see https://t.co/abc", "see https://t.co/abc", {}, true},
      {"shortened again",
       "see https://t.co/abc",
       "see https://t.co/x1",
       {link("x1", "https://t.co/abc")},
       true},
      {"another one", "see https://t.co/abc", "see https://t.co/x1", {link("x1", "https://t.co/abd")}, false},
      {"beside another link",
       "https://t.co/abc https://a.com",
       "https://t.co/x1 https://t.co/x2",
       {link("x1", "https://t.co/abc"), link("x2", "https://a.com")},
       true},
  });
}

TEST_CASE("same post: everything at once") {
  check({{"nasty",
          "\n 👩\u200D🚀 Cafe\u0301 & <b>\u00A0 example.com/a?x=1&y=2, https://t.co/abc\u2026 &amp; "
          "1\uFE0F\u20E3 ",
          "👩\u200D🚀 Caf\u00E9 &amp; &lt;b&gt; https://t.co/x1, https://t.co/x2\u2026 &amp;amp; 1\uFE0F\u20E3",
          {link("x1", "http://example.com/a?x=1&y=2"), link("x2", "https://t.co/abc")},
          true}});
}

TEST_CASE("same post: an answer of absurd size is no post of ours") {
  const std::string text(20000, 'a');
  CHECK_FALSE(same_post(text, {.id = "1", .text = text}));
  CHECK_FALSE(
      same_post("a", {.id = "1", .text = "a", .created_at = {}, .urls = std::vector<OwnUrl>(100, OwnUrl{})}));
}
