// Origins as browsers compare them.
#include "base/origin.h"

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("origin: scheme, host and port, and nothing that could break out of a header") {
  struct Row {
    const char* url;
    const char* origin;
  };
  const std::vector<Row> rows{
      {"https://pigeon.example", "https://pigeon.example"},
      {"https://Pigeon.Example/auth/x?y#z", "https://pigeon.example"},
      {"HTTPS://pigeon.example:443/", "https://pigeon.example"},
      {"https://pigeon.example:8443/", "https://pigeon.example:8443"},
      {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
      {"http://[::1]:80/x", "http://[::1]"},
      {"http://a:443", "http://a:443"},
      {"https://a?b", "https://a"},
      {"https://user@evil.example", ""},
      {"https://a b", ""},
      {"https://a; script-src *", ""},
      {"https://", ""},
      {"https:///x", ""},
      {"null", ""},
      {"ftp://a", ""},
      {"javascript:alert(1)", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(pigeon::origin_of(row.url) == row.origin);
  }
}
