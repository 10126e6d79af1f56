// A box with an address and consumer keys alone: linking by OAuth 1.0a with a callback with the real pigeond,
// across a kill, with a no at X, and what stays of it in files.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/e2e/box.h"

using namespace pigeon;
using e2e::Box;
using e2e::eventually;

namespace {

const std::string kAda = "+12025550123";

std::string octets_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("signed link: a text, a button, a code, a post, and STOP") {
  Box box({.signs = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string link = box.ask(kAda, "hello");
  CHECK(e2e::link_in(link).starts_with(box.url() + "/auth/"));
  CHECK(box.ask(kAda, e2e::code_on_page(box.follow_link(link))).starts_with("Linked to @ada."));
  CHECK(box.ask(kAda, "From the meadow") == "Posted: From the meadow");
  REQUIRE(box.x.wait_for_posts(1, e2e::kPatience).size() == 1);
  CHECK(box.x.posts()[0].username == "ada");
  CHECK(box.x.live_oauth1_tokens() == 1);
  CHECK(box.x.grants().empty());
  CHECK(box.ask(kAda, "STOP").starts_with("Unlinked."));
  CHECK(eventually([&] { return box.x.live_oauth1_tokens() == 0; }));
}

TEST_CASE("signed link: a kill while the code is awaited loses nothing") {
  Box box({.signs = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string code = e2e::code_on_page(box.follow_link(box.ask(kAda, "hello"), true, 2));
  box.kill9();
  REQUIRE_MESSAGE(box.start(), box.log());
  CHECK(box.ask(kAda, code).starts_with("Linked to @ada."));
  CHECK(box.ask(kAda, "one") == "Posted: one");
}

TEST_CASE("signed link: who says no at X, or may only read, is told so by SMS") {
  Box box({.signs = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  static_cast<void>(box.follow_link(box.ask(kAda, "hello"), false));
  CHECK(eventually([&] { return box.carrier.inbox(kAda).size() == 2; }));
  box.x.let_app_write(false);
  static_cast<void>(box.follow_link(box.ask(kAda, "START")));
  CHECK(eventually([&] { return box.carrier.inbox(kAda).size() == 4; }));
  CHECK_MESSAGE(box.carrier.inbox(kAda).back().text.find("START") != std::string::npos,
                box.carrier.inbox(kAda).back().text);
  CHECK(eventually([&] { return box.x.live_oauth1_tokens() == 0; }));
  CHECK(box.query("SELECT group_concat(failure) FROM pairings WHERE state = 'failed'") ==
        "cancelled,read_only");
  CHECK(box.query("SELECT count(*) FROM accounts") == "0");
}

TEST_CASE("signed link: no secret of it is in a log or a file") {
  Box box({.signs = true, .verbose = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string code = e2e::code_on_page(box.follow_link(box.ask(kAda, "hello")));
  CHECK(box.ask(kAda, code).starts_with("Linked to @ada."));
  CHECK(box.ask(kAda, "one").starts_with("Posted"));
  CHECK(box.stop());
  const auto secrets = box.x.oauth1_secrets();
  REQUIRE(secrets.size() >= 2);
  for (const auto& entry : std::filesystem::directory_iterator(box.folder())) {
    if (!entry.is_regular_file()) continue;
    CAPTURE(entry.path().filename().string());
    const std::string octets = octets_of(entry.path());
    for (const std::string& secret : secrets) CHECK(octets.find(secret) == std::string::npos);
    CHECK((octets.find("sandbox-consumer-secret") != std::string::npos) ==
          (entry.path().filename() == "consumer_secret"));
  }
  CHECK(box.log().find(code.substr(code.size() - 6)) == std::string::npos);
}
