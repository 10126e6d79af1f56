// The main job on real input: from a text on the modem to a post at X and an SMS back.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "modem/sms/pdu.h"
#include "tests/e2e/box.h"

using namespace pigeon;
using e2e::Box;

namespace {
const std::string kAda = "+12025550123";
}

TEST_CASE("e2e: an unknown sender gets a link, links an account, and what they text is posted") {
  Box box;
  REQUIRE(box.start());
  const std::string invitation = box.ask(kAda, "hello");
  CHECK(invitation.find(box.url() + "/auth/") != std::string::npos);
  CHECK(box.x.posts().empty());

  const std::string page = box.follow_link(invitation);
  const std::string linked = box.ask(kAda, e2e::code_on_page(page));
  CHECK(linked.find("Linked to @ada.") == 0);

  CHECK(box.ask(kAda, "Hello from the hills") == "Posted: Hello from the hills");
  const auto posts = box.x.posts();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "Hello from the hills");
  CHECK(posts[0].username == "ada");
  CHECK(e2e::eventually([&] { return box.modem.messages_stored() == 0; }));
  CHECK(box.stop() == 0);
}

TEST_CASE("e2e: text_back = false links at once and tells by SMS") {
  Box box({.text_back = false});
  REQUIRE(box.start());
  const std::string page = box.follow_link(box.ask(kAda, "hi"));
  CHECK(page.find("@ada") != std::string::npos);
  const auto inbox = box.carrier.wait_for(kAda, 2, e2e::kPatience);
  REQUIRE(inbox.size() == 2);
  CHECK(inbox[1].text.find("Linked to @ada.") == 0);
  CHECK(box.ask(kAda, "at once") == "Posted: at once");
}

TEST_CASE("e2e: saying no at X is told on the phone") {
  Box box;
  REQUIRE(box.start());
  static_cast<void>(box.follow_link(box.ask(kAda, "hi"), false));
  const auto inbox = box.carrier.wait_for(kAda, 2, e2e::kPatience);
  REQUIRE(inbox.size() == 2);
  CHECK(inbox[1].text.find("Not linked") == 0);
}

TEST_CASE("e2e: wrong text-back codes are counted, and three end the pairing") {
  Box box;
  REQUIRE(box.start());
  const std::string code = e2e::code_on_page(box.follow_link(box.ask(kAda, "hi")));
  const std::string wrong = code == "LINK 000000" ? "LINK 111111" : "LINK 000000";
  for (int i = 0; i < 2; ++i) CHECK(box.ask(kAda, wrong).find("not the code") != std::string::npos);
  CHECK(box.ask(kAda, "a post too early").find("Not posted") == 0);
  CHECK(box.ask(kAda, wrong).find("Not linked: too many wrong codes") == 0);
  CHECK(box.ask(kAda, code).find("looks like a code") != std::string::npos);  // it is dead
  CHECK(box.ask(kAda, "start").find("/auth/") != std::string::npos);
  CHECK(box.query("SELECT count(*) FROM accounts") == "0");
}

namespace {

// One message of the public vectors: its PDUs with the SMSC in front, and the text its source states.
struct PhoneText {
  std::string id, phone, text;
  std::vector<modem::Octets> pdus;
};

// The rows whose text is stated and whose sender is a number; parts of one message follow each other there.
// Several sources have the same PDU, which is one text to the box however often it comes.
std::vector<PhoneText> texts_of_real_phones() {
  std::vector<PhoneText> texts;
  std::set<modem::Octets> tpdus;
  std::ifstream file(PIGEON_TEST_DATA "/sms/vectors.jsonl");
  std::string line;
  while (std::getline(file, line)) {
    const auto row = nlohmann::json::parse(line);
    if (row["kind"] != "deliver" || row["outcome"] != "ok" || row["expect"].value("text", "").empty())
      continue;
    modem::Octets pdu = *from_hex(row["pdu"].get<std::string>());
    if (!row["smsc"].get<bool>()) pdu.insert(pdu.begin(), 0x00);
    const auto decoded = modem::decode_pdu(pdu, modem::Direction::to_mobile);
    REQUIRE_MESSAGE(decoded.has_value(), row["id"].get<std::string>());
    const auto behind_first_octet = static_cast<std::ptrdiff_t>(modem::smsc_length(pdu) + 1);
    if (!tpdus.emplace(pdu.begin() + behind_first_octet, pdu.end()).second) continue;
    const std::string phone = std::get<modem::Deliver>(decoded->tpdu).sender.to_string();
    if (!phone.starts_with('+')) continue;  // an alphanumeric sender cannot be answered
    const auto& expect = row["expect"];
    if (!expect.contains("concat") || expect["concat"]["seq"] == 1)
      texts.push_back({row["id"], phone, "", {}});
    texts.back().text += expect["text"].get<std::string>();
    texts.back().pdus.push_back(std::move(pdu));
  }
  return texts;
}

}  // namespace

TEST_CASE("e2e: every text that real phones sent comes out at X as it was written") {
  Box box({.gateway_config = "oldest = \"36500d\"\n"});  // they were sent years ago
  REQUIRE(box.start());
  std::set<std::string> linked, seen;
  const auto texts = texts_of_real_phones();
  CHECK(texts.size() == 12);
  for (const PhoneText& phone_text : texts) {
    CAPTURE(phone_text.id);
    if (linked.insert(phone_text.phone).second) box.link(phone_text.phone);
    const std::size_t posts_before = box.x.posts().size();
    const std::size_t answers_before = box.carrier.inbox(phone_text.phone).size();
    for (auto pdu = phone_text.pdus.rbegin(); pdu != phone_text.pdus.rend(); ++pdu) box.modem.deliver(*pdu);
    const auto answers = box.carrier.wait_for(phone_text.phone, answers_before + 1, e2e::kPatience);
    REQUIRE(answers.size() == answers_before + 1);
    if (seen.insert(phone_text.text).second) {  // several sources send the same words; X takes them once
      CHECK(answers.back().text == "Posted: " + phone_text.text);
      REQUIRE(box.x.posts().size() == posts_before + 1);
      CHECK(box.x.posts().back().text == phone_text.text);
    } else {
      CHECK(answers.back().text.find("Not posted: X says") == 0);
    }
  }
}

TEST_CASE("e2e: two parts in scrambled order, emoji split across parts, national alphabets") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  struct Row {
    const char* name;
    std::string text;
    sim::TextShape shape;
  };
  std::string emoji(66, 'x');
  for (int i = 0; i < 20; ++i) emoji += "😀";
  const Row rows[] = {
      {"two parts, the second first",
       std::string(100, 'a') + " and " + std::string(100, 'b'),
       {.shuffle = 3}},
      {"16-bit references, each part twice",
       "Wide " + std::string(180, 'w'),
       {.wide_reference = true, .duplicate = true}},
      {"emoji on the border", emoji, {.cut_anywhere = true, .shuffle = 1}},
      {"euro and braces", "Costs 5 € {net} [gross] ~ ^ | \\", {}},
      {"Cyrillic and flags", "Привет из деревни 🇺🇦👩‍👩‍👧", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::size_t before = box.x.posts().size();
    REQUIRE(box.carrier.text(kAda, row.text, row.shape).has_value());
    const auto posts = box.x.wait_for_posts(before + 1, e2e::kPatience);
    REQUIRE(posts.size() == before + 1);
    CHECK(posts.back().text == row.text);
  }
}

TEST_CASE("e2e: ten parts, scrambled and doubled, arrive whole and are refused with the number over 280") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  std::string text;
  while (text.size() < 1500) text += "Sentence " + std::to_string(text.size()) + ". ";
  text.resize(1500, '.');
  const std::size_t before = box.carrier.inbox(kAda).size();
  const auto parts = box.carrier.text(kAda, text, {.shuffle = 7, .duplicate = true});
  REQUIRE(parts.has_value());
  CHECK(*parts >= 10);
  const auto inbox = box.carrier.wait_for(kAda, before + 1, e2e::kPatience);
  REQUIRE_MESSAGE(inbox.size() == before + 1, box.log());
  CHECK_MESSAGE(inbox.back().text.find("1220 over") != std::string::npos, inbox.back().text);
  CHECK(box.query("SELECT text FROM inbox ORDER BY id DESC LIMIT 1") == text);
  CHECK(box.x.posts().empty());
  CHECK(e2e::eventually([&] { return box.modem.messages_stored() == 0; }));
  CHECK(box.query("SELECT count(*) FROM parts WHERE state = 'waiting'") == "0");
}

TEST_CASE("e2e: an expired access token is refreshed, dead tokens ask to link again, STOP ends it all") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  box.x.expire_access_tokens();
  CHECK(box.ask(kAda, "after expiry") == "Posted: after expiry");
  box.x.advance(std::chrono::hours(3));
  CHECK(box.ask(kAda, "after three hours") == "Posted: after three hours");

  box.x.revoke_all(true);
  const std::string again = box.ask(kAda, "after revocation");
  CHECK(again.find("Not posted") == 0);
  CHECK(again.find("/auth/") != std::string::npos);
  CHECK(box.ask(kAda, e2e::code_on_page(box.follow_link(again))).find("Linked to @ada") == 0);
  CHECK(box.ask(kAda, "back again") == "Posted: back again");

  CHECK(box.ask(kAda, "help").find("@ada") != std::string::npos);
  CHECK(box.ask(kAda, "Stop").find("Unlinked") == 0);
  CHECK(box.query("SELECT count(*) FROM accounts") == "0");
  CHECK(e2e::eventually([&] {  // by a job of its own
    const auto grants = box.x.grants();
    return std::none_of(grants.begin(), grants.end(), [](const auto& grant) { return grant.alive; });
  }));
  REQUIRE(box.carrier.text(kAda, "who am I").has_value());  // no answer until START
  CHECK(box.ask(kAda, "START").find("/auth/") != std::string::npos);
  CHECK(box.x.posts().size() == 3);
}

TEST_CASE("e2e: the same words twice are two texts; X's refusal is told") {
  Box box;
  REQUIRE(box.start());
  box.link(kAda);
  CHECK(box.ask(kAda, "Good morning") == "Posted: Good morning");
  CHECK(box.ask(kAda, "Good morning").find("Not posted: X says") == 0);
  CHECK(box.x.posts().size() == 1);
}
