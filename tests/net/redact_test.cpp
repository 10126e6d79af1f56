// Secrets in foreign words: as they are, and in every form in which they were sent.
#include "net/redact.h"

#include <doctest/doctest.h>

#include <string>

using namespace pigeon::net;

TEST_CASE("redact: a secret in every form in which it may come back") {
  const std::string_view secret = "s:e%c+r e/t&=?>";
  for (const char* form : {"s:e%c+r e/t&=?>", "s%3Ae%25c%2Br%20e%2Ft%26%3D%3F%3E", "czplJWMrciBlL3QmPT8+",
                           "czplJWMrciBlL3QmPT8-"}) {
    CAPTURE(std::string(form));
    CHECK(redact("bad '" + std::string(form) + "', twice " + form, {secret}) ==
          "bad '[secret]', twice [secret]");
  }
}

TEST_CASE("redact: before anything is cut") {
  for (std::size_t before = 280; before < 310; ++before) {
    CAPTURE(before);
    const std::string shown = redact(std::string(before, '.') + "hush-1234", {"hush-1234"});
    CHECK(shown.find("hush") == std::string::npos);
    CHECK(shown.size() <= 303);
  }
}

TEST_CASE("redact: one secret within another, and none at all") {
  CHECK(redact("hush-1234 hush", {"hush", "hush-1234"}) == "[secret] [secret]");
  CHECK(redact("hush\n", {""}) == "hush\\n");
  CHECK(redact("hush", {}) == "hush");
}
