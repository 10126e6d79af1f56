// Every page that a texter can see, as pure functions from what is shown to HTML. Whatever comes in is
// escaped here. No scripts, no files beside the page: the one style sheet stands in it and the CSP names it
// by its hash.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace pigeon::web::pages {

// The content of each page's <style>, for the hash in the Content-Security-Policy.
[[nodiscard]] std::string_view style();

// What the box is and how to begin. `gateway` is its number in E.164, here and below; empty: not known.
[[nodiscard]] std::string home(std::string_view gateway);
// For /auth without a code: a link comes by text message only.
[[nodiscard]] std::string how_to_link(std::string_view gateway);

struct Offer {
  std::string phone;  // E.164; shown masked
  std::chrono::milliseconds left{0};
  bool text_back = true;
};
// The page behind a link: whose phone, how long, one button that posts to the page's own address.
[[nodiscard]] std::string offer(const Offer& offer, std::string_view gateway);

struct TextBack {
  std::string username;  // at X, without "@"
  std::string code;      // its digits
  std::string phone;     // E.164; shown masked
  std::chrono::milliseconds left{0};
};
// X said yes; the code is to be texted to the box as "LINK <code>", by that phone and by nobody else.
[[nodiscard]] std::string text_back(const TextBack& shown, std::string_view gateway);
// The end of the flow: `username`, without "@", posts from now on.
[[nodiscard]] std::string linked(std::string_view username, std::string_view gateway);

// A page that only says what happened and what to do.
enum class Notice {
  link_gone,         // unknown, expired or used
  cancelled,         // the person said no at X
  not_this_browser,  // state, cookie or time do not fit
  no_permission,     // X gave less than posting needs
  refused,           // X did not accept its own code: too late or used
  misconfigured,     // X refuses this box's keys
  suspended,         // the account may not act at X
  unreachable,       // X cannot be reached
  unclear,           // X's answer did not come or cannot be read
  busy,              // too many pairings at this moment; reloading helps
  foreign_form,      // a form on another site was sent here
  not_found,
  wrong_method,
  too_many,
  in_hand,    // X is being asked for the pairing of this browser
  code_gone,  // the code was not texted in time, or wrong, or by another phone
  not_linked,
  broken,  // the box cannot do its work: storage, a bug
};
// One page for each Notice; the status code is the caller's matter.
[[nodiscard]] std::string notice(Notice notice, std::string_view gateway);

// "+4915123456789" → "+49 151 234 567 89", "+12025550123" → "+1 202 555 0123": readable, for the eye only.
[[nodiscard]] std::string grouped_number(std::string_view e164);
// "sms:+12025550100?body=LINK%20482193" (RFC 5724); an empty body leaves it out.
[[nodiscard]] std::string sms_uri(std::string_view e164, std::string_view body = {});

}  // namespace pigeon::web::pages
