// What the pages say, that nothing foreign becomes HTML, and that they need nothing a strict CSP would
// refuse.
#include "web/pages.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace pages = pigeon::web::pages;
using pages::Notice;

namespace {

constexpr const char* kGateway = "+12025550100";

bool contains(const std::string& html, std::string_view part) {
  return html.find(part) != std::string::npos;
}

const std::vector<Notice>& notices() {
  static const std::vector<Notice> kAll{Notice::link_gone,     Notice::cancelled,    Notice::not_this_browser,
                                        Notice::no_permission, Notice::refused,      Notice::misconfigured,
                                        Notice::suspended,     Notice::unreachable,  Notice::unclear,
                                        Notice::busy,          Notice::foreign_form, Notice::not_found,
                                        Notice::wrong_method,  Notice::too_many,     Notice::broken};
  return kAll;
}

std::vector<std::string> all_pages(const std::string& text) {
  using namespace std::chrono_literals;
  std::vector<std::string> out{pages::home(text), pages::how_to_link(text),
                               pages::offer({.phone = text, .left = 14min, .text_back = true}, text),
                               pages::text_back({text, text, text, 14min}, text), pages::linked(text, text)};
  for (const Notice notice : notices()) out.push_back(pages::notice(notice, text));
  return out;
}

}  // namespace

TEST_CASE("pages: foreign text stays text in every place it is shown") {
  const std::string evil = "\"><script>alert('1')</script>&amp;";
  for (const std::string& html : all_pages(evil)) {
    CAPTURE(html);
    CHECK_FALSE(contains(html, "<script"));
    CHECK_FALSE(contains(html,
                         "\"><"
                         "script"));
    CHECK_FALSE(contains(html, "alert('"));
  }
  CHECK(contains(pages::linked("<b>", kGateway), "@&lt;b&gt;"));
  CHECK(contains(pages::text_back({"ada", "<i>1</i>", "+4915123456789"}, kGateway), "&lt;i&gt;1&lt;/i&gt;"));
}

TEST_CASE("pages: nothing that a CSP without scripts, images and inline attributes would refuse") {
  for (const std::string& html : all_pages(kGateway)) {
    for (const char* refused :
         {"<script", " style=", " onclick", "javascript:", " src=", "<link", "@import", "url("}) {
      CAPTURE(refused);
      CHECK_FALSE(contains(html, refused));
    }
    CHECK(contains(html, "<style>" + std::string(pages::style()) + "</style>"));
  }
}

TEST_CASE("pages: each is a whole document with language, viewport, title, landmarks and one heading") {
  for (const std::string& html : all_pages(kGateway)) {
    CAPTURE(html);
    CHECK(html.starts_with("<!doctype html>\n<html lang=\"en\">"));
    for (const char* part : {"<meta charset=\"utf-8\">", "name=\"viewport\"", "<title>", "<header>", "<main>",
                             "<h1>", "</main>", "<footer>", "</html>\n"}) {
      CAPTURE(part);
      CHECK(contains(html, part));
    }
    CHECK(html.find("<h1>") == html.rfind("<h1>"));
    CHECK(html.size() < 12000);
  }
}

TEST_CASE("pages: no notice is without words, and no two are the same") {
  for (std::size_t i = 0; i < notices().size(); ++i) {
    CHECK_FALSE(contains(pages::notice(notices()[i], kGateway), "<h1></h1>"));
    for (std::size_t j = i + 1; j < notices().size(); ++j) {
      CHECK(pages::notice(notices()[i], kGateway) != pages::notice(notices()[j], kGateway));
    }
  }
}

TEST_CASE("pages: the offer masks the phone and says how long the link lives") {
  using namespace std::chrono_literals;
  const auto offer = [](std::chrono::milliseconds left, bool text_back) {
    return pages::offer({.phone = "+4915123456789", .left = left, .text_back = text_back}, kGateway);
  };
  CHECK(contains(offer(14min + 59s, true), "+4915…789"));
  CHECK_FALSE(contains(offer(14min, true), "23456"));
  CHECK(contains(offer(14min + 59s, true), "14 more minutes"));
  CHECK(contains(offer(119s, true), "1 more minute,"));
  CHECK(contains(offer(59s, true), "less than a minute"));
  CHECK(contains(offer(14min, true), "to a code"));
  CHECK_FALSE(contains(offer(14min, false), "to a code"));
  CHECK(contains(offer(14min, true), "<form method=\"post\">"));
}

TEST_CASE("pages: the code page shows the code, whose it is and how long, and opens it as a text message") {
  using namespace std::chrono_literals;
  const std::string html = pages::text_back({"ada", "042719", "+4915123456789", 12min + 3s}, kGateway);
  CHECK(contains(html, ">LINK 042719<"));
  CHECK(contains(html, "href=\"sms:+12025550100?body=LINK%20042719\""));
  CHECK(contains(html, "@ada"));
  CHECK(contains(html, "+4915…789"));
  CHECK_FALSE(contains(html, "23456"));
  CHECK(contains(html, "12 more minutes"));
}

TEST_CASE("pages: the warning not to give the code away stands above the button") {
  const std::string html = pages::text_back({"ada", "042719", "+4915123456789"}, kGateway);
  const std::size_t warning = html.find("Give this code to nobody.");
  CHECK(warning != std::string::npos);
  CHECK(warning < html.find("href=\"sms:"));
}

TEST_CASE("pages: a gone link says how to get a new one") {
  const std::string html = pages::notice(Notice::link_gone, kGateway);
  CHECK(contains(html, "This link has expired or was used."));
  CHECK(contains(html, "Text START to"));
  CHECK(contains(html, "for a new link"));
}

TEST_CASE("pages: a box whose number is not known offers no text button") {
  for (const std::string& html : all_pages("")) CHECK_FALSE(contains(html, "href=\"sms:"));
  CHECK(contains(pages::home(""), "this box’s number"));
}

TEST_CASE("pages: numbers in readable groups") {
  struct Row {
    const char* e164;
    const char* grouped;
  };
  const std::vector<Row> rows{{"+12025550123", "+1 202 555 0123"},
                              {"+4915123456789", "+49 151 234 567 89"},
                              {"+447911123456", "+44 791 112 34 56"},
                              {"+35312345678", "+353 123 456 78"},
                              {"+12025550100", "+1 202 555 0100"},
                              {"+3212345678", "+32 123 456 78"},
                              {"+79161234567", "+7 916 123 45 67"},
                              {"+6421123456", "+64 211 234 56"},
                              {"", ""},
                              {"+12", "+12"},
                              {"12345678", "12345678"}};
  for (const Row& row : rows) {
    CAPTURE(row.e164);
    CHECK(pages::grouped_number(row.e164) == row.grouped);
  }
}

TEST_CASE("pages: sms URIs as in RFC 5724") {
  CHECK(pages::sms_uri("+12025550100") == "sms:+12025550100");
  CHECK(pages::sms_uri("+12025550100", "1234") == "sms:+12025550100?body=1234");
  CHECK(pages::sms_uri("+12025550100", "a b&c") == "sms:+12025550100?body=a%20b%26c");
}
