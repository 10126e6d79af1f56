// The two pages that a person sees at the sandbox of X: the question whether the app may post, and what is
// wrong with the link that led here. Plain forms, no scripts; readable on a phone.
#include "base/text.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #0f1419; --soft: #536471; --ground: #f7f9f9; --card: #fff; --line: #cfd9de; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7e9ea; --soft: #8b98a5; --ground: #000; --card: #16181c; --line: #2f3336; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 1.75rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; }
.where { margin: 0 0 1rem; color: var(--soft); font-size: .875rem; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
ul { margin: .5rem 0 1.5rem; padding-left: 1.2rem; color: var(--soft); }
fieldset { margin: 0 0 1.25rem; padding: .5rem .9rem; border: 1px solid var(--line); border-radius: .75rem; }
legend { padding: 0 .3rem; color: var(--soft); font-size: .875rem; }
label { display: block; padding: .3rem 0; }
button { display: block; width: 100%; margin-top: .75rem; padding: .8rem; border: 1px solid var(--line);
  border-radius: 2rem; font: inherit; font-weight: 600; cursor: pointer; background: transparent; color: var(--ink); }
button.yes { background: var(--ink); color: var(--card); border-color: var(--ink); }
button:focus-visible, input:focus-visible { outline: 3px solid #1d9bf0; outline-offset: 2px; }
)css";

std::string page(std::string_view title, std::string_view content) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n";
  html += R"(<meta name="viewport" content="width=device-width, initial-scale=1">)"
          "\n<title>";
  html += escape_html(title);
  html += "</title>\n<style>";
  html += kStyle;
  html += "</style>\n<main>\n<p class=\"where\">Sandbox of X: nothing leaves this machine</p>\n";
  html += content;
  return html + "</main>\n</html>\n";
}

// One sentence a scope that people can judge; the others are implied by these.
std::string wishes(const Scopes& scopes) {
  std::string items;
  if (scopes.contains("tweet.write")) items += "<li>post and delete posts for you</li>\n";
  if (scopes.contains("tweet.read")) items += "<li>see posts that you can see</li>\n";
  if (scopes.contains("users.read")) items += "<li>see your name and profile</li>\n";
  if (scopes.contains("media.write")) items += "<li>upload pictures for you</li>\n";
  if (scopes.contains("offline.access")) items += "<li>stay connected until you revoke it</li>\n";
  return items;
}

std::string choice(const XSandboxOptions& options) {
  if (options.other_usernames.empty()) return {};
  const auto radio = [](std::string_view user, bool checked) {
    const std::string name = escape_html(user);
    return "<label><input type=\"radio\" name=\"user\" value=\"" + name +
           (checked ? "\" checked> @" : "\"> @") + name + "</label>\n";
  };
  std::string fields = "<fieldset><legend>Signed in as</legend>\n" + radio(options.username, true);
  for (const std::string& other : options.other_usernames) fields += radio(other, false);
  return fields + "</fieldset>\n";
}

}  // namespace

std::string consent_page(const XSandboxOptions& options, const Consent& consent, std::string_view id,
                         std::string_view action) {
  const std::string whom = options.other_usernames.empty() ? "as @" + options.username : "for you";
  const std::string title = "Authorize " + options.app_name + " to post " + whom + "?";
  std::string content = "<h1>" + escape_html(title) + "</h1>\n<p>It will be able to</p>\n<ul>\n";
  content += wishes(consent.scopes);
  content += "</ul>\n<form method=\"post\" action=\"" + escape_html(action) + "\">\n";
  content += "<input type=\"hidden\" " + std::string(kConsentField) + escape_html(id) + "\">\n";
  content += choice(options);
  content += "<button class=\"yes\" name=\"decision\" value=\"authorize\">Authorize app</button>\n";
  content += "<button name=\"decision\" value=\"cancel\">Cancel</button>\n</form>\n";
  return page(title, content);
}

std::string pin_page(const XSandboxOptions& options, std::string_view pin) {
  return page("Your PIN", "<h1>" + std::string(kPinField) + escape_html(pin) +
                              "</output></h1>\n<p>Return to " + escape_html(options.app_name) +
                              " and enter this PIN to complete the authorization process.</p>\n");
}

std::string refusal_page(std::string_view why) {
  return page("Something went wrong",
              "<h1>Something went wrong</h1>\n<p>You weren’t able to give access to the app. "
              "Go back and try again.</p>\n<p class=\"where\">What the sandbox noticed: " +
                  escape_html(why) + ".</p>\n");
}

}  // namespace pigeon::sim
