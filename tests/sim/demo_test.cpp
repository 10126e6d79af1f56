// The demo's JSON interface, its little browser, its transcript, and that the player notices when nobody
// answers or the wrong thing comes.
#include <doctest/doctest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "sim/demo/demo_browser.h"
#include "sim/demo/demo_player.h"
#include "sim/demo/demo_server.h"
#include "sim/demo/demo_transcript.h"
#include "sim/network/carrier.h"
#include "sim/x/local_server.h"

namespace {

using namespace pigeon;
using namespace pigeon::sim;
using nlohmann::json;

struct Desk {
  Desk() : carrier(modem), demo({}, carrier, x), client(demo.url()) {}

  json get(const std::string& path) {
    const httplib::Result result = client.Get(path);
    REQUIRE(result);
    return {{"status", result->status}, {"body", json::parse(result->body)}};
  }

  json post(const std::string& path, const std::string& body, const char* type = "application/json") {
    const httplib::Result result = client.Post(path, body, type);
    REQUIRE(result);
    return {{"status", result->status}, {"body", json::parse(result->body)}};
  }

  SimModem modem;
  Carrier carrier;
  XSandbox x;
  DemoServer demo;
  httplib::Client client;
};

}  // namespace

TEST_CASE("demo: a phone's text reaches the modem and stands in its conversation") {
  Desk desk;
  const json sent = desk.post("/api/text", R"({"from":"+12025550123","text":"Grüße 🐦"})");
  CHECK(sent["body"] == json{{"parts", 1}});
  CHECK(desk.modem.messages_stored() == 1);
  const json long_text = {{"from", "+12025550123"}, {"text", std::string(161, 'a')}};
  CHECK(desk.post("/api/text", long_text.dump())["body"]["parts"] == 2);
  for (const char* path : {"/api/phones/+12025550123", "/api/phones/12025550123"}) {
    const json messages = desk.get(path)["body"]["messages"];
    REQUIRE(messages.size() == 2);
    CHECK(messages[0]["text"] == "Grüße 🐦");
    CHECK(messages[0]["direction"] == "sent");
    CHECK(messages[1]["parts"] == 2);
    CHECK(messages[1]["at"] >= messages[0]["at"]);
  }
  CHECK(desk.get("/api/phones/+12025550124")["body"]["messages"].empty());
}

TEST_CASE("demo: a bad text is refused with the reason") {
  Desk desk;
  struct Row {
    const char* name;
    const char* body;
    const char* type;
  };
  const Row rows[] = {
      {"no number", R"({"text":"a"})", "application/json"},
      {"not a number", R"({"from":"Ada","text":"a"})", "application/json"},
      {"no text", R"({"from":"+12025550123"})", "application/json"},
      {"no JSON", "from=1", "application/json"},
      {"a list", "[]", "application/json"},
      {"as another site's form could send it", R"({"from":"+12025550123","text":"a"})", "text/plain"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const json answer = desk.post("/api/text", row.body, row.type);
    CHECK(answer["status"] == 400);
    CHECK_FALSE(answer["body"]["error"].get<std::string>().empty());
  }
  CHECK(desk.modem.messages_stored() == 0);
}

TEST_CASE("demo: new phones are all different, and one that texts is listed") {
  Desk desk;
  const std::string first = desk.post("/api/phones", "{}")["body"]["number"];
  const std::string second = desk.post("/api/phones", "{}")["body"]["number"];
  CHECK(first != second);
  desk.post("/api/text", R"({"from":"+4915123456789","text":"hallo"})");
  const json phones = desk.get("/api/state?phone=%2B4915123456789")["body"];
  CHECK(phones["phones"].size() == 6);
  CHECK(phones["phones"].back()["number"] == "+4915123456789");
  CHECK(phones["phone"]["messages"].size() == 1);
}

TEST_CASE("demo: faults are put between and taken away") {
  Desk desk;
  httplib::Client x("127.0.0.1", desk.x.port());
  CHECK(desk.post("/api/inject",
                  R"({"fault":"unavailable","match":"GET /2/users/me","times":2})")["status"] == 200);
  CHECK(x.Get("/2/users/me")->status == 503);
  CHECK(desk.post("/api/inject", R"({"action":"clear"})")["status"] == 200);
  CHECK(x.Get("/2/users/me")->status == 401);
  CHECK(desk.get("/api/requests")["body"] == json{"GET /2/users/me 503", "GET /2/users/me 401"});
  CHECK(desk.post("/api/inject", R"({"fault":"nonsense"})")["status"] == 400);
  CHECK(desk.post("/api/inject", R"({"action":"nonsense"})")["status"] == 400);
  CHECK(desk.post("/api/inject", "{}")["status"] == 400);
  CHECK(desk.get("/api/nothing")["status"] == 404);
}

TEST_CASE("demo: the page comes with all its files and may load nothing else") {
  Desk desk;
  const httplib::Result page = desk.client.Get("/");
  REQUIRE(page);
  CHECK(page->get_header_value("Content-Security-Policy").starts_with("default-src 'self'"));
  for (const char* file : {"/demo.css", "/demo.js", "/icon.svg"}) {
    CAPTURE(file);
    CHECK(page->body.find(file) != std::string::npos);
    CHECK(desk.client.Get(file)->status == 200);
  }
}

TEST_CASE("browser: keeps cookies to their origin and shows where a page leads") {
  LocalServer server("127.0.0.1", 0, 2);
  LocalServer other("127.0.0.1", 0, 2);
  const auto tell_cookie = [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.get_header_value("Cookie"), "text/plain");
  };
  server.routes().Get("/set", [](const httplib::Request&, httplib::Response& response) {
    response.set_header("Set-Cookie", "a=1; Path=/; HttpOnly");
    response.set_redirect("/told", 303);
  });
  server.routes().Get("/told", tell_cookie);
  other.routes().Get("/told", tell_cookie);
  server.start();
  other.start();
  const std::string origin = "http://127.0.0.1:" + std::to_string(server.port());
  Browser browser;
  const Result<Page> set = browser.open(origin + "/set");
  REQUIRE(set);
  CHECK(set->status == 303);
  CHECK(set->location == origin + "/told");
  CHECK(browser.open(set->location)->body == "a=1");
  CHECK(browser.open("http://127.0.0.1:" + std::to_string(other.port()) + "/told")->body.empty());
  other.stop();
  CHECK(browser.open("http://127.0.0.1:" + std::to_string(other.port()) + "/told").error().code ==
        Errc::disconnected);
}

TEST_CASE("browser: reads what a page shows") {
  const char* html =
      "<h1>Tom &amp; Jerry&#39;s</h1><p>2026</p><input type=hidden name=\"consent\" value=\"a&quot;b\">"
      "<strong class=\"code\">LINK 047012</strong>";
  CHECK(heading_of(html) == "Tom & Jerry's");
  CHECK(hidden_field(html, "consent") == "a\"b");
  CHECK(hidden_field(html, "other").empty());
  CHECK(code_shown(html) == "LINK 047012");
  CHECK(code_shown("<p>047012</p>").empty());
  CHECK(code_shown("<b class=\"code\">cut").empty());
  CHECK(heading_of("<h1>cut").empty());
}

TEST_CASE("transcript: columns, wrapped words, and colours only where asked") {
  std::ostringstream plain;
  Transcript transcript(plain, false);
  transcript.line(Speaker::phone, Speaker::gateway, std::string(40, 'a') + " " + std::string(40, 'b') + "\n");
  CHECK(plain.str() == "  phone   → pigeon     " + std::string(40, 'a') + "\n" + std::string(23, ' ') +
                           std::string(40, 'b') + "\\n\n");
  CHECK_FALSE(transcript.differs("this", "that"));
  CHECK(plain.str().find("expected  this\n  came      that\n") != std::string::npos);
  CHECK(plain.str().find('\033') == std::string::npos);
  std::ostringstream coloured;
  Transcript(coloured, true).scene("HELP");
  CHECK(coloured.str().find("\033[1mHELP") != std::string::npos);
}

TEST_CASE("player: notices that no gateway answers") {
  Desk desk;
  std::ostringstream out;
  PlayOptions options;
  options.demo_url = desk.demo.url();
  options.gateway_url = "http://127.0.0.1:1";
  options.patience = milliseconds(50);
  CHECK_FALSE(play_conversation(options, out));
  CHECK(out.str().find("came      nothing") != std::string::npos);
}

TEST_CASE("player: notices that there is no simulator") {
  std::ostringstream out;
  PlayOptions options;
  options.demo_url = "http://127.0.0.1:1";
  options.gateway_url = "http://127.0.0.1:1";
  CHECK_FALSE(play_conversation(options, out));
  CHECK(out.str().find("expected  1 message part(s) sent") != std::string::npos);
}
