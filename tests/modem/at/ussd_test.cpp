// +CUSD in every shape that was seen (exchange 26 of the real modems), and AT+CUSD.
#include "modem/at/ussd.h"

#include <doctest/doctest.h>

#include <string>

using namespace pigeon::modem;
using Kind = UssdReply::Kind;

TEST_CASE("ussd: the text comes out of every shape") {
  struct Case {
    const char* name;
    std::string line;
    Kind kind;
    const char* text;
  };
  const Case cases[] = {
      {"E160: packed, quoted, dcs 15", "+CUSD: 0,\"AA180C3602\",15", Kind::finished, "*100#"},
      {"packed, unquoted, no dcs", "+CUSD: 1,AA180C3602", Kind::answer_wanted, "*100#"},
      {"packed, unquoted, with a dcs", "+CUSD: 0,AA180C3602,15", Kind::finished, "*100#"},
      {"lower case", "+CUSD: 0,\"aa180c3602\",15", Kind::finished, "*100#"},
      {"seven spare bits are no @", "+CUSD: 0,\"AA180C368AC91A\",15", Kind::finished, "*100#12"},
      {"E3276: UCS-2, dcs 72", "+CUSD: 0,\"0042006100640020D83DDE00\",72", Kind::finished, "Bad 😀"},
      {"M35: UCS-2, dcs 15", "+CUSD: 2,\"00480061007600690020006B00F6007A\",15", Kind::ended, "Havi köz"},
      {"UCS-2 of another script, dcs 15", "+CUSD: 0,\"041104300431002E0020003500300440\",15", Kind::finished,
       "Баб. 50р"},
      {"HE910: UCS-2 and what lay behind it", "+CUSD: 2,\"0043002000390000FFFF60B16260EEEEFFFF\",17",
       Kind::ended, "C 9"},
      {"an octet a character, dcs 0", "+CUSD: 1,\"536973612070756C7361\",0", Kind::answer_wanted,
       "Sisa pulsa"},
      {"plain, no dcs, of the GSM alphabet", "+CUSD: 1,\"Bitte w{hlen\"", Kind::answer_wanted,
       "Bitte wählen"},
      {"plain with brackets that are brackets", "+CUSD: 1,\"[1] Menu, {a}\",15", Kind::answer_wanted,
       "[1] Menu, {a}"},
      {"plain with commas and quotation marks", "+CUSD: 0,\"Your \"Flat\", 5,00 EUR\",15", Kind::finished,
       "Your \"Flat\", 5,00 EUR"},
      {"several lines", "+CUSD: 0,\"Balance\nOK\n5 EUR\",15", Kind::finished, "Balance\nOK\n5 EUR"},
      {"a number is no hex", "+CUSD: 0,\"20241130\",15", Kind::finished, "20241130"},
      {"ISO 8859-1", "+CUSD: 0,\"Guthaben f\xfcr\",15", Kind::finished, "Guthaben für"},
      {"UTF-8", "+CUSD: 0,\"für\",15", Kind::finished, "für"},
      {"no space", "+CUSD:0,\"hello there\",15", Kind::finished, "hello there"},
      {"the end alone", "+CUSD: 2", Kind::ended, ""},
      {"taken by another", "+CUSD: 3", Kind::taken, ""},
      {"not supported", "+CUSD: 4", Kind::not_supported, ""},
      {"said in words behind it", "+CUSD: 4 not supported", Kind::not_supported, ""},
      {"the network's time-out", "+CUSD: 5", Kind::timed_out, ""},
      {"undocumented", "+CUSD: 6", Kind::undocumented, ""},
      {"nothing at all", "+CUSD:", Kind::undocumented, ""},
      {"no closing mark", "+CUSD: 0,\"Your balance is", Kind::finished, "Your balance is"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const UssdReply reply = parse_ussd(c.line);
    CHECK(reply.kind == c.kind);
    CHECK(reply.text == c.text);
  }
}

TEST_CASE("ussd: what counts as an answer") {
  CHECK(is_answer({Kind::finished, 0, ""}));
  CHECK(is_answer({Kind::answer_wanted, 1, "1 Balance"}));
  CHECK(is_answer({Kind::ended, 2, "5 EUR"}));
  CHECK_FALSE(is_answer({Kind::ended, 2, ""}));
  CHECK_FALSE(is_answer({Kind::not_supported, 4, "no"}));
  CHECK_FALSE(is_answer({Kind::timed_out, 5, ""}));
  CHECK_FALSE(is_answer({Kind::refused, -1, "+CME ERROR: 100"}));
}

TEST_CASE("ussd: a request in both forms") {
  CHECK(ussd_request("*100#", UssdForm::plain) == "AT+CUSD=1,\"*100#\",15");
  CHECK(ussd_request("*100#", UssdForm::packed) == "AT+CUSD=1,\"AA180C3602\",15");
  // Seven characters leave seven bits: they are no eighth one.
  const auto seven = ussd_request("*100#12", UssdForm::packed);
  REQUIRE(seven.has_value());
  CHECK(parse_ussd("+CUSD: 0," + seven->substr(std::string("AT+CUSD=1,").size())).text == "*100#12");
  CHECK_FALSE(ussd_request("a\"b", UssdForm::plain).has_value());
  CHECK_FALSE(ussd_request("wählen", UssdForm::plain).has_value());
  CHECK(ussd_request("wählen", UssdForm::packed).has_value());
  CHECK_FALSE(ussd_request("да", UssdForm::packed).has_value());
}

TEST_CASE("ussd: what can be asked") {
  CHECK(is_ussd_text("*100#"));
  CHECK(is_ussd_text("wählen"));
  CHECK(is_ussd_text(std::string(182, '1')));
  CHECK_FALSE(is_ussd_text(std::string(183, '1')));
  CHECK_FALSE(is_ussd_text(""));
  CHECK_FALSE(is_ussd_text("1\r"));
  CHECK_FALSE(is_ussd_text("да"));
  CHECK_FALSE(is_ussd_text("\xff"));
}
