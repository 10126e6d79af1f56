// The real server on loopback and on a Unix socket: routes, headers, methods, health, budgets, and that
// looking changes nothing.
#include "web/server.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/crypto.h"
#include "base/text.h"
#include "tests/web/web_box.h"
#include "web/pages.h"
#include "x/provider.h"

using namespace pigeon;
using namespace std::chrono_literals;
using pigeon::testing::ask;
using pigeon::testing::Browser;
using pigeon::testing::contains;
using pigeon::testing::RawClient;
using pigeon::testing::status_of;
using pigeon::testing::WebBox;
using pigeon::testing::WebBoxOptions;

namespace {

store::ModemState modem_state(const std::string& name, bool ready) {
  store::ModemState state;
  state.name = name;
  state.ready = ready;
  state.detail = "SIM of +4915199999999 wants its PIN";
  state.imei = "490154203237518";
  state.signal_dbm = -71;
  state.smsc = "+4917199999999";
  state.updated_at = utc_now();
  return state;
}

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: pigeon.example\r\n\r\n";
}

}  // namespace

TEST_CASE("web server: the home page names the box's number and opens a text message") {
  WebBox box;
  const auto page = Browser(box).get("/");
  CHECK(page->status == 200);
  CHECK(page->get_header_value("Content-Type") == "text/html; charset=utf-8");
  CHECK(contains(page->body, "href=\"sms:+12025550100\""));
  CHECK(contains(page->body, "+1 202 555 0100"));
}

TEST_CASE("web server: an address with a phone number never pairs; it says to text") {
  WebBox box;
  const std::string code = box.offer();
  for (const char* path :
       {"/auth", "/auth/", "/auth?phone=%2B4915123456789", "/auth/?phone=%2B4915123456789"}) {
    CAPTURE(path);
    const auto page = Browser(box).get(path);
    CHECK(page->status == 200);
    CHECK(contains(page->body, "to get your link"));
    CHECK_FALSE(contains(page->body, "<form"));
    CHECK_FALSE(contains(page->body, "49151"));
    CHECK(Browser(box).post(path)->status == 405);
  }
  CHECK(box.store->pairings.find_by_code(code, utc_now())->state == store::PairingState::offered);
}

TEST_CASE("web server: every answer carries the policies") {
  WebBox box;
  const std::string hash = base64(sha256(web::pages::style()));
  const std::string policy = "default-src 'none'; style-src 'sha256-" + hash + "'; form-action 'self' " +
                             box.sandbox.url() + "; frame-ancestors 'none'; base-uri 'none'";
  const std::string code = box.offer();
  for (const std::string path :
       {"/", "/auth/", "/auth/nosuchcode12", "/oauth/callback", "/pairing", "/healthz", "/nowhere"}) {
    CAPTURE(path);
    const auto page = Browser(box).get(path);
    CHECK(page->get_header_value("Content-Security-Policy") == policy);
    CHECK(page->get_header_value("Referrer-Policy") == "same-origin");
    CHECK(page->get_header_value("X-Content-Type-Options") == "nosniff");
    CHECK(page->get_header_value("Cache-Control") == "no-store");
    CHECK(page->get_header_value("Strict-Transport-Security") == "max-age=31536000");
    CHECK(page->get_header_value("Cross-Origin-Opener-Policy") == "same-origin");
    CHECK(page->get_header_value("Connection") == "close");
    CHECK(page->headers.count("Content-Security-Policy") == 1);
  }
  const auto offer = Browser(box).get("/auth/" + code);
  CHECK(contains(offer->body, "<style>" + std::string(web::pages::style()) + "</style>"));
}

TEST_CASE("web server: without https there is no HSTS") {
  WebBoxOptions options;
  options.public_url = "http://127.0.0.1:8080";
  WebBox box(options);
  CHECK_FALSE(Browser(box).get("/")->has_header("Strict-Transport-Security"));
}

TEST_CASE("web server: X itself gets all its hosts in form-action") {
  WebBox box;
  web::WebServer server({.listen = "127.0.0.1:0",
                         .gateway_number = WebBox::kGateway,
                         .public_url = "https://pigeon.example",
                         .authorize_url = "https://x.com/i/oauth2/authorize",
                         .text_back = true},
                        *box.pairing, *box.store);
  REQUIRE(server.start());
  CHECK(contains(ask(server.port(), get("/")),
                 "form-action 'self' https://x.com https://x.com https://*.x.com https://twitter.com "
                 "https://*.twitter.com;"));
}

TEST_CASE("web server: the link's page shows a masked phone, however the code is typed") {
  WebBox box;
  const std::string code = box.offer();
  std::string upper = code;
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  for (const std::string& typed : {code, upper}) {
    const auto page = Browser(box).get("/auth/" + typed);
    CHECK(page->status == 200);
    CHECK(contains(page->body, "+4915…789"));
    CHECK(contains(page->body, "14 more minutes"));
    CHECK_FALSE(contains(page->body, "23456"));
    CHECK_FALSE(contains(page->body, code));
    CHECK_FALSE(page->has_header("Set-Cookie"));
  }
}

TEST_CASE("web server: unknown, expired and impossible codes get the same page") {
  WebBox box;
  const std::string expired = box.offer(-1s);
  const std::vector<std::string> codes{expired,  "abcdefghjkmn", "x",   std::string(3000, 'a'),
                                       "%2e%2e", "a/b",          "%00", "a%0d%0aSet-Cookie:x"};
  for (const std::string& code : codes) {
    CAPTURE(code);
    for (const auto& page : {Browser(box).get("/auth/" + code), Browser(box).post("/auth/" + code)}) {
      CHECK(page->status == 404);
      CHECK(contains(page->body, "This link has expired or was used."));
      CHECK(contains(page->body, "for a new link"));
      CHECK_FALSE(page->has_header("Set-Cookie"));
    }
  }
}

TEST_CASE("web server: GET and HEAD change nothing") {
  WebBox box;
  const std::string code = box.offer();
  const std::int64_t before = box.database_version();
  for (const std::string& path :
       {std::string("/"), std::string("/auth/"), "/auth/" + code, "/auth/" + code + "?x=1",
        std::string("/oauth/callback?state=a&code=b"), std::string("/pairing"), std::string("/healthz")}) {
    for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}) {
      const std::string response =
          ask(box.server->port(),
              std::string(method) + " " + path + " HTTP/1.1\r\nCookie: __Host-pigeon=a\r\n\r\n");
      CAPTURE(response);
      CHECK(status_of(response) != 0);
      CHECK_FALSE(contains(response, "Set-Cookie"));
      if (std::string_view(method) == "HEAD") CHECK(response.ends_with("\r\n\r\n"));
    }
  }
  CHECK(box.database_version() == before);
  CHECK_FALSE(Browser(box).press(code).empty());
  CHECK(box.database_version() != before);  // the measure works
}

TEST_CASE("web server: a wrong method is 405 with the right ones") {
  WebBox box;
  const std::string code = box.offer();
  struct Row {
    const char* method;
    std::string path;
    const char* allow;
  };
  const std::vector<Row> rows{{"POST", "/", "GET, HEAD"},
                              {"PUT", "/auth/" + code, "GET, HEAD, POST"},
                              {"OPTIONS", "/auth/" + code, "GET, HEAD, POST"},
                              {"DELETE", "/healthz", "GET, HEAD"},
                              {"POST", "/pairing", "GET, HEAD"},
                              {"HEAD", "/oauth/callback", "GET"},
                              {"POST", "/oauth/callback", "GET"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const std::string response = ask(box.server->port(), std::string(row.method) + " " + row.path +
                                                             " HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    CHECK(status_of(response) == 405);
    CHECK(contains(response, "\r\nAllow: " + std::string(row.allow) + "\r\n"));
  }
  CHECK(status_of(ask(box.server->port(), get("/nowhere"))) == 404);
  CHECK(status_of(ask(box.server->port(), get("/auth/a/../../healthz"))) == 404);
}

TEST_CASE("web server: health says ok or not, and nothing else") {
  WebBox box;
  const auto health = [&] { return Browser(box).get("/healthz"); };
  CHECK(health()->status == 503);  // no modem yet
  box.store->modems.put(in_one(*box.store), modem_state("main", true));
  const auto good = health();
  CHECK(good->status == 200);
  CHECK(good->get_header_value("Content-Type") == "application/json");
  CHECK(good->body == "{\"status\":\"ok\"}\n");

  // What is wrong outside of this box is no matter here.
  box.store->conditions.begin(in_one(*box.store), store::ConditionCode::x_api, "", "", utc_now());
  CHECK(health()->status == 200);

  box.store->modems.put(in_one(*box.store), modem_state("main", false));
  const auto bad = health();
  CHECK(bad->status == 503);
  CHECK(bad->body == "{\"status\":\"degraded\"}\n");
}

TEST_CASE("web server: failing storage is a page and a log line, and the server goes on") {
  WebBox box;
  const std::string code = box.offer();
  box.break_storage();
  for (const auto& page : {Browser(box).get("/auth/" + code), Browser(box).post("/auth/" + code)}) {
    CHECK(page->status == 503);
    CHECK(contains(page->body, "This box has a problem"));
    CHECK_FALSE(contains(page->body, "table"));
  }
  CHECK(Browser(box).get("/")->status == 200);
}

TEST_CASE("web server: a button that a front sends on in chunks works as any other") {
  WebBox box;
  for (const char* body : {"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"}) {
    const std::string answer =
        ask(box.server->port(),
            "POST /auth/" + box.offer() +
                " HTTP/1.1\r\nHost: pigeon.example\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    CHECK(status_of(answer) == 303);
    CHECK(contains(answer, "/i/oauth2/authorize?"));
  }
}

TEST_CASE("web server: no body is waited for, and one that is long is refused before it comes") {
  WebBox box;
  const int port = box.server->port();
  const SteadyTime begin = steady_now();
  RawClient endless(port);
  endless.send("POST /auth/nosuchcode12 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(status_of(endless.read_to_end()) == 404);
  RawClient slow(port);
  slow.send("POST /auth/nosuchcode12 HTTP/1.1\r\nContent-Length: 4096\r\n\r\n");
  CHECK(status_of(slow.read_to_end()) == 404);
  for (const char* length : {"4097", "1000000", "99999999999999999999999"}) {
    RawClient large(port);
    large.send("POST /auth/nosuchcode12 HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\n");
    CHECK(status_of(large.read_to_end()) == 413);
  }
  CHECK(steady_now() - begin < 5s);
}

TEST_CASE("web server: ranges and compression wishes cost nothing") {
  WebBox box;
  const int port = box.server->port();
  std::string ranges = "0-";
  for (int i = 0; i < 1000; ++i) ranges += ",0-";
  const std::string plain = ask(port, get("/"));
  const std::string wishes = ask(
      port, "GET / HTTP/1.1\r\nRange: bytes=" + ranges + "\r\nAccept-Encoding: br, gzip, deflate\r\n\r\n");
  CHECK(wishes == plain);
}

TEST_CASE("web server: a second request on the same connection is not answered") {
  WebBox box;
  const std::string both = ask(box.server->port(), get("/") + get("/"));
  CHECK(status_of(both) == 200);
  CHECK(both.find("HTTP/1.1 200") == both.rfind("HTTP/1.1 200"));
}

TEST_CASE("web server: headers that a stranger invents are only headers") {
  WebBox box;
  const std::string response =
      ask(box.server->port(),
          "GET / HTTP/1.1\r\nREMOTE_ADDR: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\nHost: evil.example\r\n"
          "X-Forwarded-Host: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  CHECK(status_of(response) == 200);
  CHECK_FALSE(contains(response, "evil"));
  CHECK_FALSE(contains(response, "10.0.0.1"));
}

TEST_CASE("web server: too many unknown codes are refused, real ones still served") {
  WebBox box;
  const std::string code = box.offer();
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    const int status = status_of(ask(box.server->port(), get("/auth/guess" + std::to_string(i))));
    CHECK((status == 404 || status == 429));
    refused += status == 429 ? 1 : 0;
  }
  CHECK(refused > 10);
  CHECK(status_of(ask(box.server->port(), get("/auth/" + code))) == 200);
}

TEST_CASE("web server: a flood is refused, and health answers on") {
  WebBox box;
  box.store->modems.put(in_one(*box.store), modem_state("main", true));
  int refused = 0;
  std::string last;
  for (int i = 0; i < 400; ++i) {
    const std::string response = ask(box.server->port(), get("/"));
    if (status_of(response) != 429) continue;
    ++refused;
    last = response;
  }
  CHECK(refused > 50);
  CHECK(contains(last, "\r\nRetry-After: 60\r\n"));
  CHECK(status_of(ask(box.server->port(), get("/healthz"))) == 200);
}

TEST_CASE("web server: a stranger who asks without a pause costs a texter nothing") {
  for (const bool by_socket : {true, false}) {
    CAPTURE(by_socket);
    const testing::TemporaryDirectory directory;
    const std::string path = directory.path("web.sock");
    WebBoxOptions options;
    options.behind_proxy = !by_socket;
    if (by_socket) options.listen = "unix:" + path;
    WebBox box(options);
    const auto ask_as = [&](const std::string& client, const std::string& request) {
      RawClient front = by_socket ? RawClient(path) : RawClient(box.server->port());
      front.send(request + "X-Forwarded-For: " + client + "\r\n\r\n");
      return status_of(front.read_to_end());
    };
    const std::string code = box.offer();
    int refused = 0;
    for (int i = 0; i < 600; ++i) {  // one after the other, as fast as they are answered
      const std::string guess = "GET /auth/guess" + std::to_string(i) + " HTTP/1.1\r\n";
      refused += ask_as("192.0.2.66", guess) == 429 ? 1 : 0;
      if (i % 20 == 0) CHECK(ask_as("192.0.2.1", "GET /auth/" + code + " HTTP/1.1\r\n") == 200);
    }
    CHECK(refused > 400);
    CHECK(ask_as("192.0.2.1", "POST /auth/" + code + " HTTP/1.1\r\nContent-Length: 0\r\n") == 303);
  }
}

TEST_CASE("web server: requests from several threads at once") {
  WebBox box;
  box.store->modems.put(in_one(*box.store), modem_state("main", true));
  const std::string code = box.offer();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string path = i % 2 == 0 ? "/auth/" + code : "/";
      for (int n = 0; n < 12; ++n) good += status_of(ask(box.server->port(), get(path))) == 200 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 48);
}

TEST_CASE("web server: a Unix socket serves the same pages") {
  const testing::TemporaryDirectory directory;
  WebBoxOptions options;
  options.listen = "unix:" + directory.path("web.sock");
  WebBox box(options);
  CHECK(box.server->port() == 0);
  RawClient client(directory.path("web.sock"));
  REQUIRE(client.connected());
  client.send(get("/"));
  CHECK(status_of(client.read_to_end()) == 200);
  box.server->stop();
  CHECK_FALSE(RawClient(directory.path("web.sock")).connected());
  CHECK_FALSE(std::filesystem::exists(directory.path("web.sock")));
}

TEST_CASE("web server: a port in use and a public address are errors that say what to do") {
  WebBox box;
  const auto start_at = [&](const std::string& listen) {
    web::WebServer server(
        {.listen = listen, .gateway_number = "", .public_url = "", .authorize_url = "", .text_back = true},
        *box.pairing, *box.store);
    return server.start();
  };
  const auto taken = start_at("127.0.0.1:" + std::to_string(box.server->port()));
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::conflict);
  CHECK(contains(taken.error().message, "in use"));
  const auto open = start_at("0.0.0.0:0");
  REQUIRE_FALSE(open);
  CHECK(open.error().code == Errc::bad_input);
}

TEST_CASE("web server: stop ends everything, from any thread and more than once") {
  WebBox box;
  const int port = box.server->port();
  std::thread first([&] { box.server->stop(); });
  std::thread second([&] { box.server->stop(); });
  first.join();
  second.join();
  CHECK_FALSE(RawClient(port).connected());
  box.server->stop();
}

TEST_CASE("web server: stop lets an answer in hand go out and takes nobody new") {
  WebBox box;
  const int port = box.server->port();
  Browser browser(box);
  const std::string back = box.sandbox.consent(browser.press(box.offer()));
  std::thread stopper;
  box.sandbox.after_request([&](const std::string& request) {
    if (request != "POST /2/oauth2/token") return;
    stopper = std::thread([&] { box.server->stop(); });
    while (RawClient(port).connected()) std::this_thread::yield();
  });
  CHECK(browser.follow(back)->status == 303);
  stopper.join();
}
