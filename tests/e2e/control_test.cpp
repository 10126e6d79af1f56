// What `pigeon` has a running box do, over its control socket: with the real programs, beside running texts.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "modem/sms/segmenter.h"
#include "tests/e2e/box.h"
#include "tests/e2e/pigeon.h"
#include "tests/e2e/run.h"

using namespace pigeon;
using e2e::Box;
using e2e::Ran;
using e2e::run;

namespace {

const std::string kAda = "+12025550123";

void check(const Ran& ran, int status, const std::string& words) {
  CHECK_MESSAGE(ran.status == status, ran.out << ran.err);
  std::string said;  // as one line
  for (const char c : ran.out + ran.err) {
    if (c != '\n' && (c != ' ' || said.empty() || said.back() != ' ')) said += c;
    if (c == '\n') said += ' ';
  }
  CHECK_MESSAGE(said.find(words) != std::string::npos, said);
}

// A text as a version left it that could not read it.
void put_into_quarantine(const Box& box, const std::string& text) {
  const auto submits = modem::segment(text, *modem::Address::from_number(kAda), {1, false});
  REQUIRE(submits.has_value());
  modem::Deliver deliver;
  deliver.sender = submits->front().recipient;
  deliver.timestamp.utc = std::chrono::floor<seconds>(utc_now());
  deliver.user_data = submits->front().user_data;
  const std::string now = std::to_string(to_unix_ms(utc_now()));
  static_cast<void>(
      box.query("INSERT INTO parts (modem, storage, slot, pdu, sender, sent_at, received_at, state, reason)"
                " VALUES ('main', 'SM', 1, x'" +
                to_hex(*modem::encode_pdu({"", deliver})) + "', '', " + now + ", " + now +
                ", 'quarantined', 'cannot be decoded: ends at octet 9')"));
}

std::string newest_part(const Box& box) {
  return box.query("SELECT max(id) FROM parts");
}

// A reply of a modem that is not configured any more.
std::string put_into_outbox(const Box& box, const std::string& text, const std::string& state = "queued") {
  const std::string now = std::to_string(to_unix_ms(utc_now()));
  static_cast<void>(box.query(
      "INSERT INTO outbox (open, modem, phone, text, kind, state, due_at, created_at) VALUES (1, 'gone', '" +
      kAda + "', '" + text + "', 'answer', '" + state + "', " + now + ", " + now + ")"));
  return box.query("SELECT max(id) FROM outbox");
}

}  // namespace

TEST_CASE("e2e: what could not be read is read once more and posted once") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  put_into_quarantine(box, "at last");
  const std::string first = newest_part(box);
  check(e2e::run_pigeon(box, {"quarantine", "retry", first}), 0, "1 message: can be read now, and decided");
  const auto posts = box.x.wait_for_posts(1, e2e::kPatience);
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "at last");
  check(e2e::run_pigeon(box, {"quarantine", "retry", first}), 2,
        "is not in the quarantine → 'pigeon quarantine list' shows what there is");

  // The same text, put away twice: the second one is known.
  static_cast<void>(box.query(
      "INSERT INTO parts (modem, storage, slot, pdu, sender, sent_at, received_at, state, reason)"
      " SELECT modem, storage, slot, pdu, '', sent_at, received_at, 'quarantined', 'cannot be decoded: twice'"
      " FROM parts WHERE id = " +
      first));
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 1, "came again meanwhile");
  const Ran json = e2e::run_pigeon(box, {"--json", "quarantine", "retry", "all"});
  CHECK(json.status == 1);
  CHECK(nlohmann::json::parse(json.out).at("taken_since") == 1);
  check(e2e::run_pigeon(box, {"quarantine", "drop", newest_part(box)}), 0, "1 message dropped");
  check(e2e::run_pigeon(box, {"quarantine", "list"}), 0, "The quarantine is empty.");
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 0, "The quarantine is empty.");
  check(e2e::run_pigeon(box, {"quarantine", "drop", "all"}), 0, "The quarantine is empty.");
  CHECK(box.ask(kAda, "and on") == "Posted: and on");
  CHECK(box.x.posts().size() == 2);
}

TEST_CASE("e2e: a reply of a modem that is gone is sent by another one or dropped") {
  Box box;
  REQUIRE(box.start());
  const std::string moved = put_into_outbox(box, "moved");
  const std::string half = put_into_outbox(box, "half sent", "sending");
  const std::string dropped = put_into_outbox(box, "dropped");
  const Ran list = e2e::run_pigeon(box, {"outbox", "list"});
  check(list, 0, "waits, modem gone");
  check(list, 0, "\"half sent\"");
  CHECK(nlohmann::json::parse(e2e::run_pigeon(box, {"--json", "outbox", "list"}).out).size() == 3);
  check(e2e::run_pigeon(box, {"outbox", "move", moved, "elsewhere"}), 2,
        "no modem \"elsewhere\" is configured");
  check(e2e::run_pigeon(box, {"outbox", "move", "99", "main"}), 2,
        "no reply 99 waits or has failed → 'pigeon outbox list' shows what there is");
  check(e2e::run_pigeon(box, {"outbox", "move", "x", "main"}), 2, "'x' is no number");
  check(e2e::run_pigeon(box, {"outbox", "drop", dropped}), 0, "is not sent");
  check(e2e::run_pigeon(box, {"outbox", "move", moved, "main"}), 0, "is sent by modem main");
  CHECK(box.carrier.wait_for(kAda, 1, e2e::kPatience).back().text == "moved");
  check(e2e::run_pigeon(box, {"outbox", "move", half, "main"}), 0, "is sent by modem main");
  CHECK(box.carrier.wait_for(kAda, 2, e2e::kPatience).back().text == "half sent");
  check(e2e::run_pigeon(box, {"outbox", "move", moved, "main"}), 2, "waits or has failed");
  check(e2e::run_pigeon(box, {"outbox", "list"}), 0, "No reply waits");
  CHECK(box.carrier.wait_for(kAda, 2, e2e::kPatience).size() == 2);
}

TEST_CASE("e2e: without a daemon and without a right the cure is named") {
  Box box;
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 1, "sudo systemctl start carrier-pigeon");
  check(e2e::run_pigeon(box, {"quarantine", "retry"}), 2, "needs ID");
  check(e2e::run_pigeon(box, {"modem", "pin"}), 2, "--again");
  REQUIRE(box.start());
  struct stat file {};
  const std::string socket = (box.folder() / "control").string();
  REQUIRE(::stat(socket.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0660);
  if (::geteuid() == 0) {
    // Somebody who sees the folder and is in no group of the box's.
    REQUIRE(::chmod(box.folder().c_str(), 0755) == 0);
    const Ran stranger = run({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PIGEON,
                              "--config", box.config(), "quarantine", "retry", "all"});
    check(stranger, 1, "sudo adduser $USER carrier-pigeon");
    // And in front of a socket that somebody has opened to all.
    REQUIRE(::chmod(socket.c_str(), 0666) == 0);
    const Ran refused = run({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PIGEON,
                             "--config", box.config(), "quarantine", "retry", "all"});
    check(refused, 1, "sudo adduser $USER carrier-pigeon");
  }
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 0, "The quarantine is empty.");
}

TEST_CASE(
    "e2e: the socket of a daemon that was killed is the next one's, and a second daemon leaves it alone") {
  Box box;
  REQUIRE(box.start());
  box.kill9();
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 1, "pigeond is not running");
  REQUIRE(box.start());
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 0, "The quarantine is empty.");
  CHECK(run({PIGEOND, "--config", box.config()}).status == 1);
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 0, "The quarantine is empty.");
  CHECK(box.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(box.folder() / "control"));
}

TEST_CASE("e2e: a hundred commands beside running texts lose and double nothing") {
  constexpr int kTexts = 80;  // X takes a hundred a day of one person
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&box, &done] {
      for (int n = 0; n < 10; ++n) {
        if (e2e::run_pigeon(box, {"quarantine", "retry", "all"}).status == 0) ++done;
      }
    });
  }
  for (int i = 0; i < kTexts; ++i) {
    REQUIRE(box.carrier.text(kAda, "text " + std::to_string(i)).has_value());
    if (i % 10 == 0) put_into_quarantine(box, "kept " + std::to_string(i));
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 100);
  check(e2e::run_pigeon(box, {"quarantine", "retry", "all"}), 0, "");
  const auto posts = box.x.wait_for_posts(kTexts + kTexts / 10, e2e::kPatience);
  std::set<std::string> texts;
  for (const auto& post : posts) texts.insert(post.text);
  CHECK(posts.size() == kTexts + kTexts / 10);
  CHECK(texts.size() == posts.size());
}

TEST_CASE("e2e: a PIN that was refused is entered once more at the operator's wish") {
  sim::SimModemOptions modem;
  modem.pin = "1234";
  Box box({.modem = modem});
  const std::string pin_file = (box.folder() / "pin").string();
  std::ofstream(pin_file) << "9999\n";
  REQUIRE(::chmod(pin_file.c_str(), 0600) == 0);
  std::ifstream file(box.config());
  std::string config((std::istreambuf_iterator<char>(file)), {});
  config.insert(config.find("[[modem]]\n") + 10, "pin_file = \"" + pin_file + "\"\n");
  std::ofstream(box.config()) << config;
  std::atomic<int> entered = 0;
  box.modem.before_command([&entered](std::string_view line) {
    if (line.starts_with("AT+CPIN=")) ++entered;
    return sim::Intervention{};
  });
  REQUIRE(box.start());
  REQUIRE(e2e::eventually([&] { return entered == 1; }));
  REQUIRE(e2e::eventually([&] { return box.log().find("is not entered again") != std::string::npos; }));
  check(e2e::run_pigeon(box, {"modem", "pin", "--again", "--modem", "other"}), 2,
        "is configured: --modem with one of: main");
  check(e2e::run_pigeon(box, {"modem", "pin", "--again"}), 0, "is entered once more");
  CHECK(e2e::eventually([&] { return entered == 2; }, seconds(20)));
}

TEST_CASE(
    "e2e: the operator ends a link: nothing waiting is posted, and X is asked to end the grant until it "
    "has") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  check(e2e::run_pigeon(box, {"accounts", "list"}), 0, "+12025550123");
  check(e2e::run_pigeon(box, {"accounts", "show", "+1 (202) 555-0123"}), 0, "OAuth 2.0, renewed by itself");
  check(e2e::run_pigeon(box, {"pairings"}), 0, "linked to @");
  CHECK(nlohmann::json::parse(e2e::run_pigeon(box, {"accounts", "export"}).out).size() == 1);
  check(e2e::run_pigeon(box, {"accounts", "show", "+12025550199"}), 2, "+12025550199 has no account");
  check(e2e::run_pigeon(box, {"accounts", "unlink", kAda}), 2, "with --yes it is done");
  check(e2e::run_pigeon(box, {"accounts", "unlink", "ada", "--yes"}), 2, "'ada' is no number");
  check(e2e::run_pigeon(box, {"accounts", "unlink", "+12025550199", "--yes"}), 2, "has no account");

  box.x.inject({.match = "POST /2/tweets", .times = 1000, .status = 503});
  box.x.inject({.match = "POST /2/oauth2/revoke", .times = 1, .status = 503});
  REQUIRE(box.carrier.text(kAda, "not for the world").has_value());
  REQUIRE(e2e::eventually([&] { return box.query("SELECT state FROM posts") == "planned"; }));
  check(e2e::run_pigeon(box, {"accounts", "unlink", kAda, "--yes"}), 0,
        "is not linked any more, and 1 text that waited not posted. X is asked to end the grant");
  check(e2e::run_pigeon(box, {"accounts", "list"}), 0, "Nobody is linked.");
  CHECK(e2e::eventually([&] { return box.query("SELECT count(*) FROM revocations") == "0"; }, seconds(60)));
  box.x.clear_injected();
  box.link(kAda);
  CHECK(box.ask(kAda, "after all") == "Posted: after all");
  CHECK(box.x.posts().size() == 1);
}

TEST_CASE("e2e: one AT command by the running daemon and without one") {
  Box box;
  for (const bool running : {false, true}) {
    CAPTURE(running);
    if (running) {
      REQUIRE(box.start());
      REQUIRE(e2e::modem_becomes(box, true));
    }
    check(e2e::run_pigeon(box, {"modem", "at", "csq"}), 0, "+CSQ: ");
    check(e2e::run_pigeon(box, {"modem", "at", "AT+NOSUCH"}), 1,
          "ERROR pigeon: AT+NOSUCH: ERROR: the modem does not know this command, or not in this form, or has "
          "no "
          "answer now → AT+CLAC lists what most modems know");
    const Ran refused = e2e::run_pigeon(box, {"--json", "modem", "at", "AT+CMGR=99"});
    check(refused, 1, "+CMS ERROR: 321 (invalid memory index): ");
    CHECK(nlohmann::json::parse(refused.out).at("cause") == "command_unknown");
    CHECK(nlohmann::json::parse(refused.out).at("result") == "+CMS ERROR: 321");
    check(e2e::run_pigeon(box, {"modem", "at", "AT+CNMI=0,0,0,0,0"}), 2, "--force gives it all the same");
    check(e2e::run_pigeon(box, {"modem", "at", "csq", "--modem", "other"}), 2, "main");
    const Ran all = e2e::run_pigeon(box, {"--json", "modem", "at", "AT+CLAC"});
    CHECK(all.status == 0);
    const auto json = nlohmann::json::parse(all.out);
    CHECK(json.at("result") == "OK");
    CHECK(json.at("lines").size() > 40);
  }
  check(e2e::run_pigeon(box, {"modem", "at", "AT+CNMI=0,0,0,0,0", "--force"}), 0, "OK");
  CHECK_FALSE(box.ask(kAda, "hello").empty());  // it is announced again
  box.modem.unplug();
  CHECK(e2e::eventually([&] { return e2e::run_pigeon(box, {"modem", "at", "csq"}).status == 1; }));
}
