// `pigeon modem ussd`: the dialogue with a network that is made up.
#include "cli/modem_ussd.h"

#include <doctest/doctest.h>

#include <deque>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/paragraph.h"

using namespace pigeon;
using modem::UssdReply;
using Kind = UssdReply::Kind;

namespace {

struct Talked {
  int status;
  std::string out, err;
  std::vector<std::string> asked;
};

Talked talk(std::vector<std::string> arguments, std::deque<Result<UssdReply>> replies,
            std::deque<std::string> person = {}, bool json = false) {
  std::istringstream in;
  std::ostringstream out, err;
  Talked talked;
  const cli::Call call{"", json, false, std::move(arguments), {}, in, out, err};
  talked.status = cli::talk_ussd(
      call,
      [&](const std::string& text) -> Result<UssdReply> {
        talked.asked.push_back(text);
        if (text.empty()) return UssdReply{Kind::ended, -1, ""};
        auto reply = replies.front();
        replies.pop_front();
        return reply;
      },
      [&]() -> std::optional<std::string> {
        if (person.empty()) return std::nullopt;
        auto line = person.front();
        person.pop_front();
        return line;
      },
      "a cure");
  talked.out = out.str();
  talked.err = err.str();
  std::istringstream lines(talked.err);
  for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(columns(line) <= 80, line);
  return talked;
}

using Asked = std::vector<std::string>;

}  // namespace

TEST_CASE("modem ussd: the text, each line of it, without what a terminal would obey") {
  const Talked talked = talk({"*100#"}, {UssdReply{Kind::finished, 0, "Balance\n5 EUR\x1b[2J"}});
  CHECK(talked.status == 0);
  CHECK(talked.out == "Balance\n5 EUR\\x1b[2J\n");
  CHECK(talked.err.empty());
  CHECK((talked.asked == Asked{"*100#"}));
}

TEST_CASE(
    "modem ussd: the words behind the code answer, then the person does, and who says nothing ends it") {
  const std::deque<Result<UssdReply>> menus = {UssdReply{Kind::answer_wanted, 1, "1 Balance"},
                                               UssdReply{Kind::answer_wanted, 1, "1 Main"},
                                               UssdReply{Kind::finished, 0, "5 EUR"}};
  Talked talked = talk({"*100#", "1", "2"}, menus);
  CHECK(talked.status == 0);
  CHECK((talked.asked == Asked{"*100#", "1", "2"}));
  CHECK(talked.out == "1 Balance\n1 Main\n5 EUR\n");
  talked = talk({"*100#", "1"}, menus, {"2"});
  CHECK((talked.asked == Asked{"*100#", "1", "2"}));
  talked = talk({"*100#", "1"}, menus);
  CHECK(talked.status == 0);
  CHECK((talked.asked == Asked{"*100#", "1", ""}));
  talked = talk({"*100#"}, menus, {""});
  CHECK((talked.asked == Asked{"*100#", ""}));
}

TEST_CASE("modem ussd: an answer that nobody asks for is said, and not given") {
  const Talked talked = talk({"*100#", "1"}, {UssdReply{Kind::finished, 0, "5 EUR"}});
  CHECK(talked.status == 1);
  CHECK(talked.out == "5 EUR\n");
  CHECK(talked.err.find("'1' was not given") != std::string::npos);
}

TEST_CASE("modem ussd: what is no answer has words and ends with 1") {
  struct Case {
    UssdReply reply;
    const char* words;
  };
  for (const Case& c :
       {Case{{Kind::ended, 2, ""}, "ended the session"}, Case{{Kind::taken, 3, ""}, "another program"},
        Case{{Kind::not_supported, 4, ""}, "does not know this code"},
        Case{{Kind::timed_out, 5, ""}, "took too long"}, Case{{Kind::undocumented, 6, ""}, "status 6"},
        Case{{Kind::refused, -1, "+CME ERROR: 100"}, "+CME ERROR: 100"}}) {
    const Talked talked = talk({"*100#"}, {c.reply});
    CHECK(talked.status == 1);
    CHECK_MESSAGE(talked.err.find(c.words) != std::string::npos, talked.err);
  }
  const Talked told = talk({"*100#"}, {UssdReply{Kind::ended, 2, "Sorry, try later"}});
  CHECK(told.status == 0);
  CHECK(told.out == "Sorry, try later\n");
}

TEST_CASE("modem ussd: who cannot be asked is said with the cure, and a wrong use ends with 2") {
  const Talked gone = talk({"*100#"}, {fail(Errc::timeout, "the network gave no answer within 60 s")});
  CHECK(gone.status == 1);
  CHECK(gone.err.find("no answer within 60 s") != std::string::npos);
  CHECK(gone.err.find("→ a cure") != std::string::npos);
  CHECK(talk({"*100#"}, {fail(Errc::bad_input, "which modem?")}).status == 2);
}

TEST_CASE("modem ussd: JSON holds each reply") {
  const Talked talked =
      talk({"*100#", "1"},
           {UssdReply{Kind::answer_wanted, 1, "1 Balance"}, UssdReply{Kind::finished, 0, "5 €"}}, {}, true);
  CHECK(talked.status == 0);
  const auto json = nlohmann::json::parse(talked.out);
  REQUIRE(json["replies"].size() == 2);
  CHECK(json["replies"][0]["asked"] == "*100#");
  CHECK(json["replies"][0]["kind"] == "answer wanted");
  CHECK(json["replies"][1]["text"] == "5 €");
  CHECK(json["ok"] == true);
}
