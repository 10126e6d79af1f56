// The runner of the field's lines itself: that its judge finds fault, that its front answers as it is told,
// and that its lists name what there is.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <zlib.h>

#include <httplib.h>

#include "sim/x/x_sandbox.h"
#include "tests/e2e/field_damage.h"
#include "tests/e2e/field_front.h"
#include "tests/e2e/field_judge.h"
#include "tests/e2e/field_lines.h"
#include "tests/e2e/field_player.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::e2e;
using nlohmann::json;

namespace {

Observed good_box() {
  Observed seen;
  seen.posts = {"one", "two"};
  seen.replies["+1"] = {"a link", "Posted: one\nmore"};
  seen.log = "ready\nposted\nposted\n";
  seen.commands = {"AT+CMGR=1", "AT+CMGD=1", "AT+CMGR=1"};
  seen.requests = {"POST /2/tweets", "POST /2/tweets"};
  seen.marks["m"] = {1, 1};
  return seen;
}

std::string ungzipped(std::string octets) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out(1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(octets.data());
  stream.avail_in = static_cast<uInt>(octets.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

int execute(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  const int result = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  sqlite3_close(db);
  return result;
}

}  // namespace

TEST_CASE("field runner: each expectation holds for a good box and finds fault with another") {
  struct Case {
    const char* name;
    const char* holds;
    const char* fails;
  };
  const Case cases[] = {
      {"posts", R"(["one", "two"])", R"(["two", "one"])"},
      {"posts", R"(["one", "two"])", R"(["one"])"},
      {"replies", R"({"+1": 2})", R"({"+1": 1})"},
      {"replies", R"({"+1": [1, 2]})", R"({"+1": [3, 9]})"},
      {"replies", R"({"+2": 0})", R"({"+2": 1})"},
      {"reply_like", R"({"+1": "(?i)posted: ONE"})", R"({"+1": "posted: one"})"},
      {"reply_like", R"({"+1": "Posted"})", R"({"+2": "Posted"})"},
      {"reply_unlike", R"({"+1": "Posted.*more"})", R"({"+1": "Posted|Saved"})"},
      {"strangers", "0", "1"},
      {"used", "0", "1"},
      {"alive", "true", "false"},
      {"exit", "null", "[1, 2]"},
      {"log_like", R"("ready[^\n]*$|ready\n")", R"("ready.posted")"},
      {"log_lines_max", R"({"posted": 2})", R"({"posted": 1})"},
      {"log_lines_max", "3", "2"},
      {"commands_max", R"({"AT+CMGR": ["m", 1]})", R"({"AT+CMGR": ["m", 0]})"},
      {"requests_max", R"({"POST /2/tweets": ["m", 1]})", R"({"POST /2/tweets": ["m", 0]})"},
      {"violations", "[]", R"(["POST /2/oauth2/token 400"])"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CAPTURE(c.fails);
    CHECK(judge({{c.name, json::parse(c.holds)}, {"right", "in words"}}, good_box()).empty());
    CHECK(judge({{c.name, json::parse(c.fails)}}, good_box()).size() == 1);
  }
  Observed ended = good_box();
  ended.exit = 2;
  CHECK(judge({{"exit", {1, 2}}}, ended).empty());
  CHECK_THROWS(static_cast<void>(judge({{"psots", json::array()}}, good_box())));
}

TEST_CASE("field runner: decoded fields are compared, and null is a field that is absent") {
  const json decoded = {{"from", "+1"}, {"error", "why"}};
  CHECK(judge_decoded({{"from", "+1"}, {"class", nullptr}}, decoded).empty());
  CHECK(judge_decoded({{"from", "+2"}, {"error", nullptr}, {"text", ""}}, decoded).size() == 3);
}

TEST_CASE("field runner: the front passes on, answers by itself as often as it is told, and counts both") {
  sim::XSandbox x;
  Front front(x.url());
  front.answer(FrontAnswer::from_json({{"path", "/2/tweets"},
                                       {"status", 429},
                                       {"count", 2},
                                       {"headers", {{"x-left", 0}}},
                                       {"body", {{"a", 1}}}}));
  httplib::Client client(front.url());
  for (int i = 0; i < 2; ++i) {
    const auto own = client.Post("/2/tweets?q=1", "{}", "application/json");
    REQUIRE(own);
    CHECK(own->status == 429);
    CHECK(own->get_header_value("x-left") == "0");
    CHECK(own->get_header_value("content-type") == "application/json");
    CHECK(own->body == R"({"a":1})");
  }
  CHECK(x.requests().empty());
  const auto of_x = client.Post("/2/tweets", "{}", "application/json");
  REQUIRE(of_x);
  CHECK(of_x->status == 401);
  CHECK(x.requests() == std::vector<std::string>{"POST /2/tweets 401"});
  CHECK(front.requests() == std::vector<std::string>(3, "POST /2/tweets"));
}

TEST_CASE("field runner: the front's own answer may come after X has acted, raw or compressed") {
  sim::XSandbox x;
  Front front(x.url());
  front.answer(
      FrontAnswer::from_json({{"path", "/2/users/me"},
                              {"pass", true},
                              {"raw", "HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 2\r\n\r\nno"}}));
  front.answer(FrontAnswer::from_json({{"path", "/2/users/me"},
                                       {"gzip", true},
                                       {"body", "packed"},
                                       {"headers", {{"content-encoding", "gzip"}}}}));
  httplib::Client client(front.url());
  client.set_decompress(false);
  const auto raw = client.Get("/2/users/me");
  REQUIRE(raw);
  CHECK(raw->status == 504);
  CHECK(raw->body == "no");
  CHECK(x.requests() == std::vector<std::string>{"GET /2/users/me 401"});
  const auto packed = client.Get("/2/users/me");
  REQUIRE(packed);
  CHECK(packed->get_header_value("content-encoding") == "gzip");
  CHECK(ungzipped(packed->body) == "packed");
  CHECK(x.requests().size() == 1);
}

TEST_CASE("field runner: times are of the front's own clock") {
  const UtcTime now = from_unix_ms(1'900'000'000'000);
  CHECK(with_times("{date}", now) == "Sun, 17 Mar 2030 17:46:40 GMT");
  CHECK(with_times("at {now+2} or {now+30}", now) == "at 1900000002 or 1900000030");
  CHECK_THROWS(static_cast<void>(with_times("{now+soon}", now)));
}

TEST_CASE("field runner: habits are added to those there are, and unknown ones are refused") {
  sim::ModemHabits habits = with_habits({}, {{"cmgd", "lie"}, {"twice", true}});
  habits = with_habits(habits, {{"used", 0}, {"cnmi_tell", false}, {"cmgs", {{{"delay", 0.2}}}}});
  CHECK(habits.deletion.has_value());
  CHECK(habits.stores_twice);
  CHECK(habits.used == 0);
  CHECK_FALSE(habits.announces);
  REQUIRE(habits.sends.size() == 1);
  CHECK(habits.sends[0].delay == milliseconds(200));
  CHECK_FALSE(with_habits(habits, {{"cmgd", "ok"}}).deletion.has_value());
  CHECK(with_habits({}, {{"cmgd", "+CMS ERROR: 321"}}).deletion->code == 321);
  for (const char* bad : {R"({"cmdg": "lie"})", R"({"cmgd": "maybe"})", R"({"cpms": "none"})"})
    CHECK_THROWS(static_cast<void>(with_habits({}, json::parse(bad))));
}

TEST_CASE("field runner: steps that no line has yet are played too") {
  const json input = json::parse(
      R"({"windows": 1, "modem": {"first": 0, "size": 6, "alias": true}, "people": ["+12025550001"],
    "steps": [{"link_twice": "+12025550002"}, {"try_link": "+12025550001"}, {"restart": 1}, {"expire": 1},
      {"urc": "\r\nRING\r\n"}, {"text": ["+12025550001", "by a new token"]}, {"wait_posts": 1},
      {"store": "07919130079229F0040B912120550500F10000621102210000000EE139286D068541EC329D5E9603", "slot": 4},
      {"replug": 0.1}, {"wait_posts": 2}]})");
  Player player(input);
  CHECK_NOTHROW(player.play());
  const json expected = {{"posts", {"by a new token", "as if a letter"}},
                         {"reply_like", {{"+12025550001", "Linked to"}}},
                         {"used", 0},
                         {"alive", true}};
  CHECK_MESSAGE(player.verdict(expected, false).empty(), player.log());
}

TEST_CASE("field runner: a step that does not lead to what it waits for fails the line at once") {
  for (const char* step :
       {R"({"wait_posts": 1, "timeout": 0.05})", R"({"wait_log": "never said", "timeout": 0.05})",
        R"({"wait_replies": ["+12025550001", 1], "timeout": 0.05})", R"({"open_link": "+12025550001"})",
        R"({"damage": "a little"})", R"({"wiat": 1})"}) {
    CAPTURE(step);
    const json input = {{"steps", json::array({json::parse(step)})}};
    Player player(input);
    CHECK_THROWS(player.play());
    CHECK(player.verdict({{"used", 1}, {"alive", true}}, true).size() == 1);
  }
}

TEST_CASE("field runner: a damaged database is damaged as it is meant to be") {
  struct Case {
    const char* how;
    int result;  // of reading a table
  };
  for (const Case& c :
       {Case{"tables", SQLITE_CORRUPT}, Case{"pages", SQLITE_CORRUPT}, Case{"empty", SQLITE_ERROR}}) {
    CAPTURE(c.how);
    const test::TempFolder folder;
    const std::string path = folder.file("pigeon.db");
    REQUIRE(execute(path, "CREATE TABLE a(x); CREATE INDEX b ON a(x); INSERT INTO a VALUES(1)") == SQLITE_OK);
    damage_database(path, c.how);
    CHECK(execute(path, "SELECT * FROM a NOT INDEXED") == c.result);
    CHECK((std::filesystem::file_size(path) == 0) == (c.result == SQLITE_ERROR));
  }
}

TEST_CASE("field runner: a box's wall clock is its own and can be set, and it goes on") {
  Box box({.clock = "-40d"});
  const auto days_off = [&] {
    const std::string stamp = box.query("SELECT updated_at FROM modems");
    const auto off = from_unix_ms(stamp.empty() ? 0 : std::stoll(stamp)) - utc_now();
    return std::chrono::round<std::chrono::days>(off).count();
  };
  REQUIRE(box.start());
  CHECK(eventually([&] { return days_off() == -40; }));
  box.set_clock("+3d");
  box.modem.unplug();
  CHECK(eventually([&] { return days_off() == 3; }));
  CHECK(box.stop() == 0);
}

TEST_CASE("field runner: the list of what is not right yet names lines that there are, with a reason") {
  const auto lines = field_lines();
  CHECK(lines.size() == 38);
  for (const auto& [name, reason] : lines_not_yet()) {
    CAPTURE(name);
    CHECK(lines.contains(name));
    CHECK_FALSE(reason.empty());
  }
}
