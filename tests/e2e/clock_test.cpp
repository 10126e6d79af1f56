// A clock that changes at any step of a pairing or of a post: the person is linked once, the text is posted
// once and answered once, and soon; a link that has really expired is replaced when the person texts again.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <httplib.h>

#include "tests/e2e/clock_box.h"

using namespace pigeon;
using e2e::ClockBox;
using e2e::ClockChange;
using e2e::eventually;

namespace {

constexpr seconds kSoon{10};       // after the change, whatever it was
constexpr seconds kLookAgain{10};  // between two looks (relay/outcomes)
constexpr std::chrono::hours kDay{24};
const std::string kLink = "/auth/";

// Somebody with a phone and a browser, on the way to something at one step of which the clock changes.
class Person {
 public:
  Person(ClockBox& clock, std::string phone, std::string_view step)
      : clock_(clock), phone_(std::move(phone)), step_(step), heard_(inbox().size()) {}

  [[nodiscard]] bool at(std::string_view step) const { return step_ == step; }
  void say(const std::string& words) { REQUIRE(clock_.box.carrier.text(phone_, words).has_value()); }
  // The next SMS that has one of these in it; "" when none comes in time.
  std::string hear(const std::vector<std::string>& words, milliseconds patience = e2e::kPatience) {
    std::string found;
    static_cast<void>(eventually(
        [&] {
          clock_.revive();
          const auto all = inbox();
          for (; heard_ < all.size() && found.empty(); ++heard_) {
            const auto fits = [&](const std::string& word) {
              return all[heard_].text.find(word) != std::string::npos;
            };
            if (std::any_of(words.begin(), words.end(), fits)) found = all[heard_].text;
          }
          for (const std::string& word : words)
            if (found.empty() && word != kLink) found = unclear(word);
          return !found.empty();
        },
        patience));
    return found;
  }
  // Of what was being sent when the box went off nobody knows whether it went out, and it never comes twice.
  [[nodiscard]] std::string unclear(const std::string& word) const {
    return clock_.box.query("SELECT text FROM outbox WHERE state = 'unclear' AND phone = '" + phone_ +
                            "' AND text GLOB '*" + word + "*'");
  }
  [[nodiscard]] long count_heard(const std::string& beginning) const {
    const auto all = inbox();
    return std::count_if(all.begin(), all.end(),
                         [&](const auto& message) { return message.text.find(beginning) == 0; });
  }

  // Until the SMS that it is done. How many texts it took to get a link that was good to the end.
  int pair();
  void post(const std::string& text);
  [[nodiscard]] std::string mine(const std::string& sql) const {
    return clock_.box.query(sql + " WHERE phone = '" + phone_ + "'");
  }

 private:
  [[nodiscard]] std::vector<sim::PhoneMessage> inbox() const { return clock_.box.carrier.inbox(phone_); }
  std::string ask_for_link();
  std::string code_behind(const std::string& sms);

  ClockBox& clock_;
  std::string phone_;
  std::string_view step_;
  std::size_t heard_;
  int asked_ = 0;  // texts that were to bring a link
};

struct Address {
  std::string origin, path;
};

Address split(const std::string& url) {
  const std::size_t slash = url.find('/', url.find("//") + 2);
  return {url.substr(0, slash), url.substr(slash)};
}

std::string Person::ask_for_link() {
  say("hello");
  ++asked_;
  // One that could not be sent for an hour never comes; then the person texts again.
  std::string sms = hear({kLink}, kSoon / 3);
  if (!sms.empty()) return sms;
  say("hello?");
  ++asked_;
  sms = hear({"/auth/"});
  REQUIRE_MESSAGE(!sms.empty(), clock_.box.log());
  return sms;
}

// From a link to the code on the page behind X; "" when some page on the way is not there.
std::string Person::code_behind(const std::string& sms) {
  const Address link = split(e2e::link_in(sms));
  httplib::Client browser(link.origin);
  const auto page = browser.Get(link.path);
  if (!page || page->status != 200) return "";
  if (at("the page is open")) clock_.change_now();
  const auto pressed = browser.Post(link.path, httplib::Headers{{"Origin", link.origin}}, "",
                                    "application/x-www-form-urlencoded");
  if (!pressed || pressed->status != 303) return "";
  const Address back = split(clock_.box.x.consent(pressed->get_header_value("Location")));
  const std::string cookie = pressed->get_header_value("Set-Cookie");
  if (at("the person is at X")) clock_.change_now();
  if (at("the token is exchanged")) clock_.change_after_request("POST /2/oauth2/token");
  const httplib::Headers with_cookie{{"Cookie", cookie.substr(0, cookie.find(';'))}};
  auto shown = browser.Get(back.path, with_cookie);
  clock_.revive();
  if (shown && shown->status == 303) shown = browser.Get(shown->get_header_value("Location"), with_cookie);
  if (!shown || shown->body.find("body=") == std::string::npos) return "";
  return e2e::code_on_page(shown->body);
}

int Person::pair() {
  if (at("the first text has come")) clock_.change_before_command("AT+CMGD");
  if (at("the link is queued")) clock_.change_before_command("AT+CMGS");
  std::string sms = ask_for_link();
  clock_.wait_until_sent();
  if (at("the link is sent")) clock_.change_now();
  for (int tries = 0; tries < 3; ++tries) {
    const std::string code = code_behind(sms);
    if (code.empty()) {
      const Address link = split(e2e::link_in(sms));
      const auto page = httplib::Client(link.origin).Get(link.path);
      REQUIRE(page);
      if (page->status != 200) sms = ask_for_link();
      clock_.wait_until_sent();
      continue;
    }
    if (at("the code is shown")) clock_.change_now();
    if (at("the confirmation is queued")) clock_.change_before_command("AT+CMGS");
    say(code);
    // A code whose time is over is no first text: it says how to ask for a new link.
    sms = hear({"Linked to @", "looks like a code"});
    if (sms.find("looks like a code") == std::string::npos) break;
    sms = ask_for_link();
    clock_.wait_until_sent();
  }
  return asked_;
}

void Person::post(const std::string& text) {
  sim::XSandbox& x = clock_.box.x;
  if (at("the text is committed")) clock_.change_before_command("AT+CMGD");
  if (at("the intent is written")) clock_.change_before_request("POST /2/tweets");
  if (at("the POST is carried out")) {
    x.inject({.match = "POST /2/tweets", .status = 0, .delay = milliseconds(200)});
    clock_.change_after_request("POST /2/tweets");
  }
  if (at("the reply is queued")) clock_.change_before_command("AT+CMGS");
  if (at("the reply leaves")) clock_.change_before_command("PDU ");
  if (at("the token is refreshed")) {
    x.expire_access_tokens();
    // X spends the old one by its use: cut off, its request never gets there.
    if (clock_.change().off) x.inject({.match = "POST /2/oauth2/token", .drop_connection = true});
    clock_.change_before_request("POST /2/oauth2/token");
  }
  say(text);
}

struct Fault {
  const char* name;
  sim::InjectedAnswer answer;
  const char* waits;  // what is true then of the job or the post of this person
};

// X in trouble with one person's text, or with everybody's: the text waits.
std::vector<Fault> faults() {
  return {
      {"for its due time",
       {.match = "POST /2/tweets",
        .status = 429,
        .body = R"({"title":"Too Many Requests","type":"about:blank","status":429,"detail":"Too Many"})",
        .headers = {{"x-rate-limit-reset", "{now+2}"}}},
       "SELECT count(*) FROM jobs WHERE kind = 'post' AND attempts = 1 AND gate = ''"},
      {"at a gate",
       {.match = "POST /2/tweets", .times = 2, .status = 403, .body = "<html>no</html>"},
       "SELECT count(*) FROM jobs WHERE kind = 'post' AND gate = 'api'"},
      {"for a look at what is out", *sim::named_fault("gateway-timeout", "POST /2/tweets"),
       "SELECT count(*) FROM posts WHERE state = 'sending' AND doubt <> ''"},
  };
}

constexpr const char* kPairingSteps[] = {
    "the first text has come", "the link is queued",     "the link is sent",  "the page is open",
    "the person is at X",      "the token is exchanged", "the code is shown", "the confirmation is queued",
};
// Steps between a link and its code: it dies when more time passes than it lives.
constexpr std::string_view kLinkIsOut[] = {"the link is queued",     "the link is sent",
                                           "the page is open",       "the person is at X",
                                           "the token is exchanged", "the code is shown"};

constexpr const char* kPostSteps[] = {
    "the text is committed", "the intent is written", "the POST is carried out",
    "the reply is queued",   "the reply leaves",      "the token is refreshed",
};

void check_soon(const ClockBox& clock) {
  REQUIRE_MESSAGE(clock.changed(), clock.box.log());
  // Cut off between the intent and its request, a box looks twice at what is out.
  const seconds limit = clock.change().off ? kSoon + kLookAgain : kSoon;
  CHECK_MESSAGE(steady_now() - clock.changed_at() < limit, clock.box.log());
}

void check_posted_once(const ClockBox& clock, Person& person, const std::string& text) {
  const std::string reply = "Posted: " + text;
  CHECK_MESSAGE(person.hear({reply}) == reply, clock.box.log());
  const auto posts = clock.box.x.posts();
  CHECK(std::count_if(posts.begin(), posts.end(), [&](const auto& post) { return post.text == text; }) == 1);
  CHECK(person.count_heard(reply) <= 1);  // it may be unclear
  CHECK(person.mine("SELECT state FROM accounts") == "linked");
}

void check_pairing(ClockBox& clock, const std::string& phone, std::string_view step) {
  CAPTURE(step);
  Person person(clock, phone, step);
  const int asked = person.pair();
  check_soon(clock);
  CHECK_MESSAGE(person.mine("SELECT state FROM accounts") == "linked", clock.box.log());
  CHECK(person.count_heard("Linked to @") <= 1);
  const bool out = std::find(std::begin(kLinkIsOut), std::end(kLinkIsOut), step) != std::end(kLinkIsOut);
  const bool dies = out && clock.change().ends_links;
  // Its answer may be queued, or on its way when the box goes off.
  const bool may_die = clock.change().off && (step == kPairingSteps[0] || step == kPairingSteps[1]);
  CHECK_MESSAGE((asked == (dies ? 2 : 1) || (may_die && asked == 2)), clock.box.log());
  clock.rewind();
  person.post("of " + phone);
  check_posted_once(clock, person, "of " + phone);
}

void check_post(ClockBox& clock, const std::string& phone, std::string_view step) {
  CAPTURE(step);
  if (clock.change().off) {  // what was off for hours refreshes its token, and who is killed then has lost it
    Person fresh(clock, phone, "");
    fresh.post("before " + std::string(step));
    check_posted_once(clock, fresh, "before " + std::string(step));
  }
  Person person(clock, phone, step);
  const std::string text = "when " + std::string(step);
  person.post(text);
  check_posted_once(clock, person, text);
  check_soon(clock);
  clock.rewind();
}

// A text waits, alone or at a gate with another person's.
void check_wait(ClockBox& clock, const std::string& phone, const std::string& other, const Fault& fault) {
  CAPTURE(fault.name);
  Person one(clock, phone, fault.name), two(clock, other, fault.name);
  clock.box.x.inject(fault.answer);
  const std::string text = std::string("waits ") + fault.name;
  one.post(text);
  if (fault.answer.times > 1) two.post(text + ", too");
  REQUIRE_MESSAGE(eventually([&] { return clock.box.query(fault.waits) == "1"; }), clock.box.log());
  clock.change_now();
  check_posted_once(clock, one, text);
  if (fault.answer.times > 1) check_posted_once(clock, two, text + ", too");
  check_soon(clock);
  clock.rewind();
}

void check_all(const ClockChange& change) {
  ClockBox clock(change);
  REQUIRE(clock.start());
  std::vector<std::string> phones;
  for (const char* step : kPairingSteps) {
    phones.push_back("+120255501" + std::to_string(20 + phones.size()));
    check_pairing(clock, phones.back(), step);
  }
  for (const char* step : kPostSteps) check_post(clock, phones[0], step);
  for (const Fault& fault : faults()) check_wait(clock, phones[1], phones[2], fault);
}

// From the real time to an hour after 1970 began.
seconds to_1970() {
  return std::chrono::hours(1) - std::chrono::floor<seconds>(utc_now().time_since_epoch());
}

}  // namespace

// The names that follow "clock: " are ctest's too (CMakeLists.txt).

TEST_CASE("clock: 1970") {
  check_all({.name = "starts in 1970, then set right", .before = to_1970(), .after = seconds(0)});
}

TEST_CASE("clock: 1970 unheard") {
  check_all({.name = "the same, and nobody tells", .before = to_1970(), .after = seconds(0), .heard = false});
}

TEST_CASE("clock: forward") {
  check_all({.name = "40 days forward", .before = -40 * kDay, .after = seconds(0)});
}

TEST_CASE("clock: forward unheard") {
  check_all(
      {.name = "the same, and nobody tells", .before = -40 * kDay, .after = seconds(0), .heard = false});
}

TEST_CASE("clock: back") {
  check_all({.name = "3 days back", .before = seconds(0), .after = -3 * kDay});
}

TEST_CASE("clock: back unheard") {
  check_all({.name = "the same, and nobody tells", .before = seconds(0), .after = -3 * kDay, .heard = false});
}

TEST_CASE("clock: off") {
  check_all({.name = "off for ten hours",
             .before = seconds(0),
             .after = std::chrono::hours(10),
             .off = true,
             .ends_links = true});
}

TEST_CASE("clock: off without a clock") {
  check_all({.name = "off, and ten hours behind at the start",
             .before = std::chrono::hours(10),
             .after = seconds(0),
             .off = true});
}
