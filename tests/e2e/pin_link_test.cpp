// A box without an address of its own: linking by PIN with the real pigeond, across kills, and what stays of
// it in files.
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

// The first file of the box that has `secret` in it; empty: none.
std::string file_with(const Box& box, const std::string& secret) {
  for (const auto& entry : std::filesystem::directory_iterator(box.folder())) {
    if (entry.is_regular_file() && octets_of(entry.path()).find(secret) != std::string::npos)
      return entry.path().filename().string();
  }
  return {};
}

}  // namespace

TEST_CASE("pin link: a text, a PIN, a post, and STOP; no port is opened") {
  Box box({.by_pin = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string link = box.ask(kAda, "hello");
  CHECK(link.starts_with("Say yes at X within 15 min and text its PIN to this number, to nobody else: "));
  CHECK(box.ask(kAda, "PIN " + box.pin_for(link)) ==
        "Linked to @ada. What you text now is posted. STOP ends it, HELP helps.");
  CHECK(box.ask(kAda, "From the meadow") == "Posted: From the meadow");
  REQUIRE(box.x.wait_for_posts(1, e2e::kPatience).size() == 1);
  CHECK(box.x.posts()[0].username == "ada");
  CHECK(box.log().find("without web") != std::string::npos);
  CHECK(box.ask(kAda, "STOP").starts_with("Unlinked."));
  CHECK(eventually([&] { return box.x.live_oauth1_tokens() == 0; }));
}

TEST_CASE("pin link: a kill between the link and the PIN loses neither") {
  Box box({.by_pin = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string link = box.ask(kAda, "hello");
  box.kill9();
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string pin = box.pin_for(link);
  REQUIRE(pin.size() == 7);
  box.x.inject({.match = "POST /oauth/access_token", .drop_connection = true});
  box.x.inject({.match = "POST /oauth/access_token", .drop_connection = true, .delay = seconds(20)});
  static_cast<void>(box.carrier.text(kAda, pin));
  REQUIRE(eventually([&] { return box.query("SELECT count(*) FROM jobs WHERE kind = 'pin'") == "1"; }));
  box.kill9();
  box.x.clear_injected();
  REQUIRE_MESSAGE(box.start(), box.log());
  CHECK_MESSAGE(eventually([&] { return box.has_answered(kAda, "Linked to @ada."); }), box.log());
}

TEST_CASE("pin link: no secret of it is in a log or a file") {
  Box box({.by_pin = true, .verbose = true});
  REQUIRE_MESSAGE(box.start(), box.log());
  const std::string link = box.ask(kAda, "hello");
  const std::string request_token = link.substr(link.find("oauth_token=") + 12);
  const std::string pin = box.pin_for(link);
  CHECK(box.ask(kAda, std::string(7, '9')).starts_with("X says that is not the PIN."));
  CHECK(box.ask(kAda, pin).starts_with("Linked to @ada."));
  CHECK(box.ask(kAda, "one").starts_with("Posted"));
  CHECK(box.stop());
  CHECK(box.log().find(request_token) == std::string::npos);
  CHECK(box.log().find(pin) == std::string::npos);
  const auto secrets = box.x.oauth1_secrets();
  REQUIRE(secrets.size() >= 2);
  for (const std::string& secret : secrets) CHECK(file_with(box, secret).empty());
  CHECK(file_with(box, "sandbox-consumer-secret") == "consumer_secret");
}
