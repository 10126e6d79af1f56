// A whole pairing in a real browser: the link, the button, X on another site, and back to the page with the
// code. Proves what the server alone cannot: that the CSP lets the form's redirect out to X and nowhere else,
// that the style sheet's hash fits, that the Lax cookie comes back from another site, and that Origin and
// Fetch Metadata fit.
#include <doctest/doctest.h>

#include "tests/browser/web_driver.h"
#include "tests/free_port.h"
#include "tests/web/web_box.h"

using namespace pigeon;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;
using pigeon::testing::WebDriver;

namespace {

// The box's public address has to be known before it listens there.
WebBoxOptions options_at_free_port() {
  WebBoxOptions options;
  options.listen = "127.0.0.1:" + std::to_string(pigeon::test::free_port());
  options.public_url = "http://" + options.listen;
  options.x_host = "localhost";
  return options;
}

constexpr const char* kButton = "button.act";
constexpr const char* kAgree = "button[value=authorize]";

}  // namespace

TEST_CASE("browser: from the link to the code, over another site and back") {
  WebBox box(options_at_free_port());
  WebDriver browser(PIGEON_CHROMEDRIVER);
  browser.open(box.options.public_url + "/auth/" + box.offer());
  CHECK(browser.text(".stamp strong") == "+4915…789");
  CHECK(browser.css(kButton, "background-color") == "rgba(29, 79, 158, 1)");  // the style sheet was let in
  browser.click(kButton);
  REQUIRE(browser.comes_to(box.authorize_url()));
  CHECK(browser.complaints().empty());
  browser.click(kAgree);
  REQUIRE(browser.comes_to(box.options.public_url + "/pairing"));
  const std::string code = browser.text(".code");
  REQUIRE(code.size() == 11);
  const std::string digits = code.substr(5);
  CHECK(code == "LINK " + digits);
  CHECK(browser.attribute("a.act", "href") == "sms:+12025550100?body=LINK%20" + digits);
  CHECK(browser.text(".warning").find("Give this code to nobody.") == 0);
  CHECK(browser.complaints().empty());

  const auto waiting = box.store->pairings.awaiting_text_back(*PhoneNumber::parse(WebBox::kPhone), utc_now());
  REQUIRE(waiting);
  CHECK(waiting->username == "ada");
  CHECK(box.store->pairings.find_by_text_back(digits, utc_now())->id == waiting->id);

  browser.open(box.options.public_url + "/pairing");
  CHECK(browser.text(".code") == code);  // a reload
  REQUIRE(box.store->pairings.link(in_one(*box.store), waiting->id, utc_now()));
  browser.open(box.options.public_url + "/pairing");
  CHECK(browser.text("h1") == "Linked to @ada");
}

TEST_CASE("browser: the page's policy keeps a form from going anywhere else") {
  WebBoxOptions elsewhere = options_at_free_port();
  WebBox box(elsewhere);
  WebDriver browser(PIGEON_CHROMEDRIVER);
  const std::string link = elsewhere.public_url + "/auth/" + box.offer();
  browser.open(link);
  // A form of the page pointed at a site that the policy does not name must stay where it is.
  browser.run("document.forms[0].action = 'http://localhost:" + std::to_string(box.server->port()) + "/'");
  browser.click(kButton);
  CHECK(browser.complains_about("form-action"));
  CHECK(browser.url() == link);
}
