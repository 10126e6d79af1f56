// The conversation's scenes, in order; see demo_player.h. Words of the gateway's replies are matched by what
// a texter needs of them, so that an operator's own wording changes nothing here but those.
#include "sim/demo/demo_player.h"

#include <httplib.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "sim/demo/demo_browser.h"
#include "sim/demo/demo_transcript.h"

namespace pigeon::sim {
namespace {

using nlohmann::json;

constexpr milliseconds kLook{20};
// ASCII, so that its weight at X is its length: more than 280.
const std::string kTooLong =
    "Dear diary, the ferry again: first the fog, then the fog horn, then a bride with all her guests who had "
    "missed "
    "the earlier one, then the fog once more, and in the middle of it all the captain, calm as ever, who "
    "read us the "
    "whole weather report twice, since nobody had believed it the first time round.";

json body_of(const httplib::Result& result) {
  json body = result ? json::parse(result->body, nullptr, false) : json::object();
  return body.is_discarded() ? json::object() : body;
}

class Player {
 public:
  Player(PlayOptions options, std::ostream& out)
      : options_(std::move(options)), transcript_(out, options_.colour), demo_(options_.demo_url) {}

  bool play() {
    const bool linked = by_pin() ? unknown_number_gets_a_link() && x_shows_a_pin() && pin_links_the_phone()
                                 : unknown_number_gets_a_link() && link_opens_a_page() && x_is_asked() &&
                                       code_links_the_phone();
    return linked && texts_are_posted() && unwanted_texts_are_refused() && help_is_given() &&
           (by_pin() || expired_access_is_refreshed()) && stop_ends_it() && unknown_again_gets_a_link() &&
           x_shows_exactly_what_was_posted();
  }

 private:
  bool unknown_number_gets_a_link();
  bool link_opens_a_page();
  bool x_is_asked();
  bool code_links_the_phone();
  bool x_shows_a_pin();
  bool pin_links_the_phone();
  bool texts_are_posted();
  bool unwanted_texts_are_refused();
  bool help_is_given();
  bool expired_access_is_refreshed();
  bool stop_ends_it();
  bool unknown_again_gets_a_link();
  bool x_shows_exactly_what_was_posted();

  // The demo's JSON interface; {} when it does not answer.
  [[nodiscard]] json ask(const std::string& path);
  [[nodiscard]] json tell(const std::string& path, const json& body);
  [[nodiscard]] json received();

  bool text(const std::string& words, std::size_t parts = 1);
  // Waits for one more reply and holds it against `fits`; `expected` says in words what that asks for.
  bool reply_is(const std::string& expected, const std::function<bool(const std::string&)>& fits);
  bool reply_starts(const std::string& start);
  bool refuses(const std::string& words, std::size_t parts, const std::string& reason);
  bool posts(const std::string& words, std::size_t parts = 1);
  bool link_comes();
  bool shows(const Result<Page>& page, const std::string& what, bool as_expected);
  // X's question, answered with yes: the page behind it; `consent` is the question's.
  Result<Page> agree(const std::string& consent);
  [[nodiscard]] std::size_t requests(const std::string& wanted);
  [[nodiscard]] bool by_pin() const { return options_.gateway_url.empty(); }

  PlayOptions options_;
  Transcript transcript_;
  httplib::Client demo_;
  Browser browser_;
  std::size_t replies_seen_ = 0;
  std::string last_reply_;
  std::string link_;
  std::string at_x_;  // where the gateway sent the browser
  std::string code_;  // what to text back, "LINK 482193"; X's PIN
  std::vector<std::string> posted_;
};

json Player::ask(const std::string& path) {
  return body_of(demo_.Get(path));
}

json Player::tell(const std::string& path, const json& body) {
  return body_of(demo_.Post(path, body.dump(), "application/json"));
}

json Player::received() {
  json replies = json::array();
  const json phone = ask("/api/phones/" + options_.phone);
  for (const json& message : phone.value("messages", json::array())) {
    if (message.value("direction", "") == "received") replies.push_back(message.value("text", ""));
  }
  return replies;
}

bool Player::text(const std::string& words, std::size_t parts) {
  transcript_.line(Speaker::phone, Speaker::gateway, words);
  const json answer = tell("/api/text", {{"from", options_.phone}, {"text", words}});
  if (answer.value("parts", std::size_t{0}) == parts) return true;
  return transcript_.differs(std::to_string(parts) + " message part(s) sent", answer.dump());
}

bool Player::reply_is(const std::string& expected, const std::function<bool(const std::string&)>& fits) {
  const SteadyTime deadline = steady_now() + options_.patience;
  json replies = received();
  while (replies.size() <= replies_seen_ && steady_now() < deadline) {
    std::this_thread::sleep_for(kLook);
    replies = received();
  }
  if (replies.size() <= replies_seen_) return transcript_.differs(expected, "nothing");
  last_reply_ = replies[replies_seen_++];
  transcript_.line(Speaker::gateway, Speaker::phone, last_reply_);
  return fits(last_reply_) || transcript_.differs(expected, last_reply_);
}

bool Player::reply_starts(const std::string& start) {
  return reply_is("a reply that begins \"" + start + "\"",
                  [&](const std::string& reply) { return reply.starts_with(start); });
}

bool Player::refuses(const std::string& words, std::size_t parts, const std::string& reason) {
  return text(words, parts) &&
         reply_is("a refusal that says \"" + reason + "\"", [&](const std::string& reply) {
           return reply.starts_with("Not posted") && reply.find(reason) != std::string::npos;
         });
}

bool Player::posts(const std::string& words, std::size_t parts) {
  if (!text(words, parts)) return false;
  posted_.push_back(words);
  if (!reply_starts("Posted: " + words.substr(0, words.find(' '))))
    return false;  // a long text is quoted in part
  const json posts = ask("/api/posts");
  if (posts.size() < posted_.size()) return transcript_.differs("a post on X", "no post");
  const std::string came = posts.back().value("text", "");
  transcript_.line(Speaker::x, Speaker::world, "@" + posts.back().value("username", "") + ": " + came);
  return came == words || transcript_.differs("the post \"" + words + "\"", came);
}

// X's own where people link by PIN.
bool Player::link_comes() {
  const std::string start = by_pin() ? "http://127.0.0.1:" : options_.gateway_url + "/auth/";
  return reply_is("a reply with a link " + start + "…", [&](const std::string& reply) {
    const std::size_t at = reply.find(start);
    if (at == std::string::npos) return false;
    link_ = reply.substr(at, reply.find_first_of(" \n", at) - at);
    constexpr std::size_t kSubscriber = 7;  // digits: shorter ones may be in any code
    const std::string number = options_.phone.substr(options_.phone.size() - kSubscriber);
    return link_.size() > start.size() + 8 && link_.find(number) == std::string::npos;
  });
}

bool Player::shows(const Result<Page>& page, const std::string& what, bool as_expected) {
  if (!page) return transcript_.differs(what, page.error().message);
  const std::string heading = heading_of(page->body);
  return as_expected || transcript_.differs(what, "status " + std::to_string(page->status) + ", \"" +
                                                      heading + "\" " + page->location);
}

bool Player::unknown_number_gets_a_link() {
  transcript_.scene("A phone that nobody knows texts");
  return text("Hello?") && link_comes();
}

bool Player::link_opens_a_page() {
  transcript_.scene("The link, opened in a browser");
  const json before = ask("/api/requests");
  Browser preview;  // messengers look at links on their own: that must change nothing
  const Result<Page> looked = preview.open(link_);
  const Result<Page> page = browser_.open(link_);
  if (page) transcript_.line(Speaker::gateway, Speaker::browser, "page \"" + heading_of(page->body) + "\"");
  const bool has_button =
      looked && page && page->status == 200 && page->body.find("<form method=\"post\"") != std::string::npos;
  if (!shows(page, "a page with a button", has_button)) return false;
  if (ask("/api/requests") != before) return transcript_.differs("no call to X by looking", "a call");
  transcript_.line(Speaker::browser, Speaker::gateway, "presses the button");
  const Result<Page> pressed = browser_.submit(link_, "");
  const bool leads = pressed && (pressed->status == 302 || pressed->status == 303) &&
                     pressed->location.find("/i/oauth2/authorize?") != std::string::npos;
  if (!shows(pressed, "the way to X", leads)) return false;
  at_x_ = pressed->location;
  return true;
}

Result<Page> Player::agree(const std::string& consent) {
  transcript_.line(Speaker::browser, Speaker::x, "presses Authorize");
  return browser_.submit(at_x_.substr(0, at_x_.find('?')), "decision=authorize&consent=" + consent);
}

bool Player::x_is_asked() {
  const Result<Page> consent = browser_.open(at_x_);
  const std::string id = consent ? hidden_field(consent->body, "consent") : "";
  if (!shows(consent, "X's question", !id.empty())) return false;
  transcript_.line(Speaker::x, Speaker::browser, heading_of(consent->body));
  const Result<Page> agreed = agree(id);
  const bool back = agreed && agreed->location.starts_with(options_.gateway_url + "/oauth/callback?");
  if (!shows(agreed, "the way back to the gateway", back)) return false;
  Result<Page> page = browser_.open(agreed->location);
  if (page && page->status == 303) page = browser_.open(page->location);
  code_ = page ? code_shown(page->body) : "";
  if (!shows(page, "a page with a code", !code_.empty())) return false;
  transcript_.line(Speaker::gateway, Speaker::browser, "page \"" + heading_of(page->body) + "\", " + code_);
  return true;
}

bool Player::code_links_the_phone() {
  transcript_.scene("The code, texted back, shows whose phone it is");
  return text(code_) && reply_starts("Linked to @");
}

bool Player::x_shows_a_pin() {
  transcript_.scene("The link, opened in a browser, is X's own");
  at_x_ = link_;
  const Result<Page> consent = browser_.open(at_x_);
  const std::string id = consent ? hidden_field(consent->body, "consent") : "";
  if (!shows(consent, "X's question", !id.empty())) return false;
  transcript_.line(Speaker::x, Speaker::browser, heading_of(consent->body));
  const Result<Page> agreed = agree(id);
  code_ = agreed ? pin_shown(agreed->body) : "";
  if (!shows(agreed, "a page with a PIN", !code_.empty())) return false;
  transcript_.line(Speaker::x, Speaker::browser, "page with the PIN " + code_);
  return true;
}

bool Player::pin_links_the_phone() {
  transcript_.scene("The PIN, texted back");
  return text(code_) && reply_starts("Linked to @");
}

bool Player::texts_are_posted() {
  transcript_.scene("What is texted is posted");
  return posts("Hello from a phone without the internet!") &&
         posts("Grüße vom Markt 👩‍👩‍👧 🇺🇳 ☕️") &&
         posts(
             "The ferry was late again, and nobody minded: the sun came out over the harbour, a child fed "
             "the "
             "gulls with half of my sandwich, and the captain waved. I will take the slow boat tomorrow, "
             "too.",
             2);
}

bool Player::unwanted_texts_are_refused() {
  transcript_.scene("What X would not take is refused with the reason");
  return refuses("Hello from a phone without the internet!", 1, "already") &&
         refuses(kTooLong, 2, std::to_string(kTooLong.size()));
}

bool Player::help_is_given() {
  transcript_.scene("HELP");
  return text("help") && reply_is("a reply that names the account and STOP", [](const std::string& reply) {
           return reply.find("STOP") != std::string::npos && reply.find('@') != std::string::npos;
         });
}

std::size_t Player::requests(const std::string& wanted) {
  std::size_t count = 0;
  for (const json& request : ask("/api/requests")) {
    if (request == wanted) ++count;
  }
  return count;
}

bool Player::expired_access_is_refreshed() {
  transcript_.scene("The access to X expires; nobody notices");
  const std::string refresh = "POST /2/oauth2/token 200";
  const std::size_t before = requests(refresh);
  static_cast<void>(tell("/api/inject", {{"action", "expire-access-tokens"}}));
  transcript_.line(Speaker::x, Speaker::gateway, "the access token is no longer valid");
  if (!posts("Still here, and nothing noticed.")) return false;
  const std::size_t made = requests(refresh) - before;
  return made == 1 || transcript_.differs("one refresh at X", std::to_string(made) + " refreshes");
}

bool Player::stop_ends_it() {
  transcript_.scene("STOP");
  if (!text("STOP") || !reply_starts("Unlinked")) return false;
  const auto has_ended = [this] {
    if (by_pin()) return requests("POST /1.1/oauth/invalidate_token.json 200") == 1;
    const json grants = ask("/api/grants");
    return !grants.empty() && grants.back().value("alive", true) == false;
  };
  const SteadyTime deadline = steady_now() + options_.patience;
  bool ended = has_ended();
  for (; !ended && steady_now() < deadline; ended = has_ended()) std::this_thread::sleep_for(kLook);
  if (ended) transcript_.line(Speaker::x, Speaker::gateway, "every token of this account is revoked");
  return ended || transcript_.differs("the access revoked at X", ask("/api/requests").dump());
}

bool Player::unknown_again_gets_a_link() {
  transcript_.scene("And the phone is as unknown as before; START brings a link");
  return text("START") && link_comes();
}

bool Player::x_shows_exactly_what_was_posted() {
  std::vector<std::string> texts;
  for (const json& post : ask("/api/posts")) texts.push_back(post.value("text", ""));
  const std::size_t replies = received().size();
  if (replies != replies_seen_) {
    return transcript_.differs(std::to_string(replies_seen_) + " replies, one a text",
                               std::to_string(replies) + " replies");
  }
  const bool same = texts == posted_;
  if (same)
    transcript_.done(std::to_string(posted_.size()) +
                     " texts posted, each exactly once. All as it should be.");
  return same || transcript_.differs(json(posted_).dump(), json(texts).dump());
}

}  // namespace

bool play_conversation(const PlayOptions& options, std::ostream& out) {
  return Player(options, out).play();
}

}  // namespace pigeon::sim
