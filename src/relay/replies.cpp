// The sentences; see replies.h.
#include "relay/replies.h"

#include "base/text.h"
#include "modem/sms/segmenter.h"

namespace pigeon::relay::replies {
namespace {

bool fits_one_sms(std::string_view text) {
  const auto parts = modem::count_segments(text);
  return parts && *parts == 1;
}

// `head` and as much of `quote` as one SMS holds. "..." and not an ellipsis, which is outside GSM 7-bit.
std::string with_quote(std::string_view head, std::string_view quote) {
  std::string whole = std::string(head) + std::string(quote);
  if (fits_one_sms(whole)) return whole;
  std::string best(head);
  for (std::size_t cut = 0; cut < quote.size();) {
    static_cast<void>(next_code_point(quote, cut));
    std::string shorter = std::string(head) + std::string(quote.substr(0, cut)) + "...";
    if (!fits_one_sms(shorter)) break;
    best = std::move(shorter);
  }
  return best;
}

std::string at_name(std::string_view username) {
  return "@" + std::string(username);
}

}  // namespace

std::string link(std::string_view url, long minutes) {
  return "Link your X account, then text to post. Open within " + std::to_string(minutes) +
         " min: " + std::string(url);
}

std::string link_again(std::string_view url, long minutes) {
  return "Not posted: X ended the link to your account. Link again within " + std::to_string(minutes) +
         " min: " + std::string(url);
}

std::string pin_link(std::string_view url, long minutes) {
  return "Say yes at X within " + std::to_string(minutes) +
         " min and text its PIN to this number, to nobody else: " + std::string(url);
}

std::string pin_link_again(std::string_view url, long minutes) {
  return "Not posted: your link to X ended. Say yes within " + std::to_string(minutes) +
         " min and text the PIN: " + std::string(url);
}

std::string link_by_start() {
  return "Not posted: X ended the link to your account. Text START for a new link.";
}

std::string link_later() {
  return "X is not reachable. Your link comes when it is.";
}

std::string pin_later() {
  return "X is not reachable. Your PIN is kept and tried when it is.";
}

std::string wrong_pin() {
  return "X says that is not the PIN. Text the digits that X's page shows, or START for a new link.";
}

std::string linked(std::string_view username) {
  return "Linked to " + at_name(username) + ". What you text now is posted. STOP ends it, HELP helps.";
}

std::string wrong_code() {
  return "That is not the code. Text LINK and the 6 digits that the page shows.";
}

std::string code_awaited() {
  return "Not posted: your link is not finished. First text LINK and the 6 digits that the page shows.";
}

std::string link_waits() {
  return "Not posted: your link is waiting. For a new one text START.";
}

std::string looks_like_code() {
  return "That looks like a code, so it is not posted. For a link text START. With \\\\ in front it is "
         "posted.";
}

std::string code_of_other_phone() {
  return "That code was made for another phone. It is void now and nothing was linked. For a link of your "
         "own text START.";
}

std::string pairing_failed(store::PairingFailure failure) {
  switch (failure) {
    case store::PairingFailure::cancelled:
      return "Not linked: you said no at X. Text START for a new link.";
    case store::PairingFailure::expired:
      return "Not linked: the link has expired. Text START for a new link.";
    case store::PairingFailure::wrong_code:
      return "Not linked: too many wrong codes. Text START for a new link.";
    case store::PairingFailure::other_phone:
      return "Not linked: another phone texted your code, so it is void. Give a code to nobody. Text "
             "START for a new link.";
    case store::PairingFailure::read_only:
      return "Not linked: X lets us only read for you. At X open Settings, Connected apps, revoke this app, "
             "then text START.";
    case store::PairingFailure::error:
      break;
  }
  return "Not linked: X did not let us in. Text START for a new link.";
}

std::string posted(std::string_view text) {
  return with_quote("Posted: ", text);
}

std::string saved() {
  return "Saved. It will be posted when X is reachable.";
}

std::string too_long(std::size_t weighted_length, std::size_t limit) {
  return "Not posted: " + std::to_string(weighted_length) + " characters, " +
         std::to_string(weighted_length - limit) + " over the limit of " + std::to_string(limit) +
         ". Please shorten it and text again.";
}

std::string duplicate() {
  return "Not posted: X says you have posted exactly this already.";
}

std::string suspended() {
  return "Not posted: X has suspended or locked your account. See x.com for why.";
}

std::string refused(std::string_view reason) {
  return with_quote("Not posted. X says: ", reason);
}

std::string unclear(std::string_view text) {
  return with_quote("X did not say whether this is out; it is not sent again: ", text);
}

std::string set_aside(std::string_view text) {
  return with_quote("Not posted, something is wrong here and the operator is told: ", text);
}

std::string nothing_to_post() {
  return "Nothing to post: your text was empty.";
}

std::string unreadable() {
  return "Your text could not be read and was not posted. Please send it again.";
}

std::string incomplete() {
  return "A part of your long text never arrived, so it was not posted. Please send it again.";
}

std::string help(std::string_view username) {
  if (username.empty())
    return "Text START for a link to your X account; after that what you text is posted. STOP ends all "
           "answers.";
  return "Your texts are posted on X as " + at_name(username) +
         ". STOP unlinks, deletes your data here and ends all answers.";
}

std::string stopped(bool ends_at_x) {
  if (!ends_at_x)
    return "Unlinked, your data here is deleted. End our access at x.com/settings/connected_apps too. No "
           "more answers until you text START.";
  return "Unlinked. Your data here is deleted and our access is being ended at X. Nothing more is posted or "
         "answered until you text START.";
}

std::string not_linked() {
  return "You are not linked, nothing is posted for you, and you get no more answers until you text START.";
}

std::string help_after_stop() {
  return "You have texted STOP: nothing is posted or answered. START brings a link to your X account.";
}

std::string already_linked(std::string_view username) {
  return "You are linked to " + at_name(username) + ". What you text is posted.";
}

}  // namespace pigeon::relay::replies
