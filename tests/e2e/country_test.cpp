// A network that writes its own people's numbers in national form, on a box that does not know its country.
#include <doctest/doctest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::run;

TEST_CASE("e2e: a national sender without a country is kept and told until there is one") {
  Box box({.country = ""});
  REQUIRE(box.start());
  box.link("+4915112345678");
  const auto status = [&box] { return run({PIGEON, "--config", box.config(), "status"}); };
  CHECK(e2e::eventually([&] { return status().status == 0; }));

  for (const char* text : {"one", "two"}) REQUIRE(box.carrier.text("015112345678", text).has_value());
  REQUIRE(e2e::eventually([&] {
    return box.query(
               "SELECT count(*) FROM inbox WHERE ending = 'ignored' AND phone = ''"
               " AND note LIKE '%gateway.country%' AND text IN ('one','two')") == "2";
  }));
  const e2e::Ran wrong = status();
  CHECK(wrong.status == 1);
  CHECK_MESSAGE(wrong.out.find("gateway.country") != std::string::npos, wrong.out);
  CHECK(run({PIGEON, "--config", box.config(), "--json"}).out.find("\"country_missing\"") !=
        std::string::npos);
  const auto health = httplib::Client(box.url()).Get("/healthz");
  REQUIRE(health);
  CHECK(health->status == 200);  // the box itself is well
  CHECK(e2e::problems_of(box) == nlohmann::json{"country_missing"});

  // A start does not forget what only the next such text would show.
  REQUIRE(box.stop().has_value());
  REQUIRE(box.start());
  CHECK(status().status == 1);

  REQUIRE(box.stop().has_value());
  box.set_country("DE");
  REQUIRE(box.start());
  CHECK(e2e::eventually([&] { return status().status == 0; }));
  REQUIRE(box.carrier.text("015112345678", "three").has_value());
  const auto posts = box.x.wait_for_posts(1, e2e::kPatience);
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "three");
}
