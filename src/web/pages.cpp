// The words of the pages and the frame around them; see pages.h.
#include "web/pages.h"

#include <algorithm>
#include <array>

#include "base/phone_number.h"
#include "base/text.h"

namespace pigeon::web::pages {
namespace {

constexpr std::string_view kBird =
    R"(<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false"><path fill="currentColor" d="M45 13.2l-6.1-2.1)"
    R"(A6.7 6.7 0 0 0 26.2 13l-1 4.6L9.4 5.2c-1-.8-2.4 0-2.3 1.3.5 6.6 2.7 12.3 6.9 17L3.6 32.2c-1 .9-.6 2.5.7 2.8)"
    R"( 4.1.9 8.1.7 11.9-.6A22 22 0 0 0 24.6 38.3C34 38.3 40 31 40 21.5v-4.8l5.1-2.2c.6-.3.6-1.1-.1-1.3z"/>)"
    R"(<circle cx="32.6" cy="12.8" r="1.7" fill="Canvas"/></svg>)";

// `content` is HTML; `title` is text.
std::string page(std::string_view title, std::string_view content) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>";
  html.append(escape_html(title)).append(" · Carrier Pigeon</title>\n");
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += "<meta name=\"format-detection\" content=\"telephone=no\">\n<style>";
  html.append(style()).append("</style>\n</head>\n<body>\n<header><a href=\"/\">").append(kBird);
  html += "Carrier Pigeon</a></header>\n<main>\n<article>\n<div class=\"letter\">\n<h1>";
  html.append(escape_html(title)).append("</h1>\n").append(content);
  html +=
      "</div>\n</article>\n</main>\n<footer>Text messages in, posts on X out.</footer>\n</body>\n</html>\n";
  return html;
}

std::string paragraph(std::string_view content, std::string_view style_class = {}) {
  const std::string attribute = style_class.empty() ? "" : " class=\"" + std::string(style_class) + "\"";
  return "<p" + attribute + ">" + std::string(content) + "</p>\n";
}

// The box's number within a sentence.
std::string number_html(std::string_view gateway) {
  if (gateway.empty()) return "this box’s number";
  return "<strong class=\"number\">" + escape_html(grouped_number(gateway)) + "</strong>";
}

// A big button that opens the phone's messages.
std::string sms_button(std::string_view label, std::string_view gateway, std::string_view body = {}) {
  if (gateway.empty()) return {};
  return "<p><a class=\"act\" href=\"" + escape_html(sms_uri(gateway, body)) + "\">" + escape_html(label) +
         "</a></p>\n";
}

std::string handle(std::string_view username) {
  return "<strong>@" + escape_html(username) + "</strong>";
}

std::string minutes(std::chrono::milliseconds left) {
  const auto whole = std::chrono::floor<std::chrono::minutes>(left).count();
  if (whole < 1) return "less than a minute";
  return whole == 1 ? "1 more minute" : std::to_string(whole) + " more minutes";
}

std::string again(std::string_view gateway) {
  return paragraph("Text START to " + number_html(gateway) + " for a new link.");
}

struct Words {
  std::string_view title;
  std::string_view text;
  bool offer_new_link = true;
};

Words words_of(Notice notice) {
  switch (notice) {
    case Notice::link_gone:
      return {"This link no longer works", "This link has expired or was used."};
    case Notice::cancelled:
      return {"Nothing was linked", "You said no at X, so nothing was linked and nothing will be posted."};
    case Notice::not_this_browser:
      return {"This sign-in cannot be finished here",
              "It was begun in another browser, or took too long. Open the link from your text message "
              "again, and "
              "stay in the same browser until the end."};
    case Notice::no_permission:
      return {"X did not allow posting",
              "X came back without the permission to post for you, so nothing was linked."};
    case Notice::refused:
      return {"X did not accept this sign-in", "It may have taken too long. Nothing was linked."};
    case Notice::misconfigured:
      return {"This box needs its owner",
              "X does not accept this box’s own keys. It is not your fault; its owner has to repair them. "
              "Nothing was "
              "linked.",
              false};
    case Notice::suspended:
      return {"X does not let this account in",
              "X says that this account is suspended or locked. Nothing was linked."};
    case Notice::unreachable:
      return {"X cannot be reached", "This box could not reach X just now. Nothing was linked."};
    case Notice::unclear:
      return {"X gave no clear answer",
              "X did not answer in a way this box understands. Nothing was linked."};
    case Notice::busy:
      return {"One moment, please", "Others are being linked right now. Reload this page in a few seconds.",
              false};
    case Notice::foreign_form:
      return {"Please open the link yourself",
              "This form was sent from another site. Open the link from your text message and press the "
              "button there.",
              false};
    case Notice::not_found:
      return {"There is nothing here", "This page does not exist."};
    case Notice::wrong_method:
      return {"That is not possible here", "This address cannot be used in this way.", false};
    case Notice::too_many:
      return {"Too many visitors", "This small box is busy. Please try again in a minute.", false};
    case Notice::in_hand:
      return {"One moment, please", "X is being asked. This page goes on by itself.", false};
    case Notice::code_gone:
      return {"The code no longer works",
              "It did not come in time, or not from the phone that asked, or too many wrong ones came. "
              "Nothing was "
              "linked."};
    case Notice::not_linked:
      return {"Nothing was linked", "The sign-in at X did not come to a good end."};
    case Notice::broken:
      return {"This box has a problem",
              "Something here does not work just now. Please try again in a few minutes.", false};
  }
  return {};
}

}  // namespace

std::string home(std::string_view gateway) {
  std::string html = paragraph(
      "Send a text message, and it is posted on X. No app, no data plan: any phone will do.", "lead");
  html += "<ol>\n<li>Text START to " + number_html(gateway) + ".</li>\n";
  html += "<li>You get a link. It connects your X account, once.</li>\n";
  html += "<li>From then on, whatever you text is posted, and you get an answer.</li>\n</ol>\n";
  html += sms_button("Text " + grouped_number(gateway), gateway);
  return page("Your words, by text message",
              html + paragraph("Text HELP for help, or STOP to unlink your account at any time.", "soft"));
}

std::string how_to_link(std::string_view gateway) {
  return page(
      "Get your link by text",
      paragraph("Text START to " + number_html(gateway) + " to get your link.", "lead") +
          sms_button("Text " + grouped_number(gateway), gateway) +
          paragraph("A link is made for one phone and sent to that phone only, so that nobody else can "
                    "link yours.",
                    "soft"));
}

std::string offer(const Offer& offer, std::string_view gateway) {
  std::string html = "<p class=\"stamp\"><span>You are linking the phone</span> <strong class=\"number\">" +
                     escape_html(mask_number(offer.phone)) + "</strong></p>\n<ol>\n";
  html += "<li>Sign in at X and allow this box to post for you.</li>\n";
  html += offer.text_back
              ? "<li>Come back here to a code, and text it to " + number_html(gateway) + ".</li>\n"
              : "";
  html += "<li>Done: from then on, what this phone texts is posted.</li>\n</ol>\n";
  html += "<form method=\"post\"><button class=\"act\" type=\"submit\">Continue to X</button></form>\n";
  html += paragraph("This link works for " + minutes(offer.left) +
                        ", once. Go on only if this is your phone and you "
                        "texted " +
                        number_html(gateway) + " yourself.",
                    "soft");
  return page("Link your phone to X", html);
}

std::string text_back(const TextBack& shown, std::string_view gateway) {
  const std::string words = "LINK " + shown.code;
  std::string html =
      paragraph("Text this from the phone <strong class=\"number\">" + escape_html(mask_number(shown.phone)) +
                    "</strong> to " + number_html(gateway) + ", and it is linked to " +
                    handle(shown.username) + ". It works for " + minutes(shown.left) + ".",
                "lead");
  html += "<p class=\"stamp\"><span>Your text</span> <strong class=\"code\">" + escape_html(words) +
          "</strong></p>\n";
  html += paragraph(
      "<strong>Give this code to nobody.</strong> Whoever asks you for it wants to post as you, or to have "
      "your texts. Did somebody else send you here? Then close this page.",
      "warning");
  html += sms_button("Text the code", gateway, words);
  return page("One last step", html);
}

std::string linked(std::string_view username, std::string_view gateway) {
  return page(
      "Linked to @" + std::string(username),
      paragraph("What you text to " + number_html(gateway) + " is now posted as " + handle(username) + ".",
                "lead") +
          sms_button("Text your first post", gateway) +
          paragraph("Text HELP for help, or STOP to unlink your account at any time.", "soft"));
}

std::string notice(Notice notice, std::string_view gateway) {
  const Words words = words_of(notice);
  return page(words.title, paragraph(words.text, "lead") +
                               (words.offer_new_link
                                    ? again(gateway) + sms_button("Text " + grouped_number(gateway), gateway)
                                    : ""));
}

std::string grouped_number(std::string_view e164) {
  if (!e164.starts_with('+') || e164.size() < 5) return std::string(e164);
  std::string_view digits = e164.substr(1);
  const bool north_american = digits.starts_with('1') && digits.size() == 11;  // 3-3-4
  const std::size_t code = calling_code_length(digits);
  std::string out = "+" + std::string(digits.substr(0, code));
  digits.remove_prefix(code);
  while (!digits.empty()) {
    std::size_t group = std::min<std::size_t>(3, digits.size());
    if (digits.size() == 4) group = north_american ? 4 : 2;  // nothing is left to stand alone
    out.append(" ").append(digits.substr(0, group));
    digits.remove_prefix(group);
  }
  return out;
}

std::string sms_uri(std::string_view e164, std::string_view body) {
  const std::string to = "sms:" + std::string(e164);
  return body.empty() ? to : to + "?body=" + percent_encode(body);
}

}  // namespace pigeon::web::pages
