// Which words of a post become short links at the sandbox.
#include "sim/x/short_links.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pigeon::sim;

TEST_CASE("short links: what is a URL, and what it stands for") {
  struct Row {
    std::string text;
    std::vector<std::string> expanded;
  };
  const Row rows[] = {
      {"nothing here. At all", {}},
      {"https://example.com", {"https://example.com"}},
      {"see https://example.com/a?b=1&c=2.", {"https://example.com/a?b=1&c=2"}},
      {"(HTTP://Example.com:8080/a)", {"HTTP://Example.com:8080/a"}},
      {"http://example.com?q=1 x", {"http://example.com?q=1"}},
      {"example.com", {"http://example.com"}},
      {"say example.com/a, b.org: fine", {"http://example.com/a", "http://b.org"}},
      {"看example.com吧", {"http://example.com"}},
      {"https://example.com/ü/ж, then", {"https://example.com/ü/ж"}},
      {"https://t.co/abcdefghij", {"https://t.co/abcdefghij"}},
      {"ada@example.com", {}},
      {"@example.com", {}},
      {"node.js", {}},
      {"example.community", {}},
      {"a..com", {}},
      {".com", {}},
      {"https://localhost/a", {}},
      {"", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::vector<std::string> expanded;
    for (const ShortLink& link : short_links(row.text, "1")) {
      expanded.push_back(link.expanded_url);
      CHECK(link.url.size() == std::string("https://t.co/").size() + 10);
      CHECK(link.expanded_url.ends_with(row.text.substr(link.begin, link.end - link.begin)));
    }
    CHECK(expanded == row.expanded);
  }
}

TEST_CASE("short links: one a URL and post") {
  const auto links = short_links("a.com b.com a.com", "1");
  REQUIRE(links.size() == 3);
  CHECK(links[0].url == links[2].url);
  CHECK(links[0].url != links[1].url);
  CHECK(links[0].url != short_links("a.com", "2").at(0).url);
  CHECK(short_links("https://example.com/a/very/long/path/indeed", "1").at(0).display_url ==
        "example.com/a/very/long/pat…");
}
