// The server of the sandbox of X: routes, hooks, injected answers and the record of what was asked. What X
// itself does is in x_sandbox_oauth.cpp, x_sandbox_oauth1.cpp, x_sandbox_posts.cpp and
// x_sandbox_timeline.cpp.
#include "sim/x/x_sandbox.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <deque>

#include "base/text.h"
#include "sim/x/local_server.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

// A client that keeps its connection holds a thread; more than this many at once wait for one another.
constexpr std::size_t kThreads = 48;  // one for each connection that is kept alive

// Headers come before the body and on the same thread; this is when those of its current request came.
thread_local SteadyTime headers_arrived;

using Endpoint = void (*)(SandboxState&, const httplib::Request&, httplib::Response&);

// RFC 9110 §5.6.7. Every answer of X says what time it is there.
std::string http_date(UtcTime time) {
  const std::time_t at = std::chrono::system_clock::to_time_t(std::chrono::floor<seconds>(time));
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

// A header's value with the sandbox's clock in place of "{now+N}", N in seconds.
std::string with_time(const std::string& value, UtcTime now) {
  constexpr std::string_view kBegin = "{now+";
  long long wait = 0;
  if (!value.starts_with(kBegin)) return value;
  const auto [end, error] = std::from_chars(value.data() + kBegin.size(), value.data() + value.size(), wait);
  if (error != std::errc() || end == value.data() + value.size() || *end != '}') return value;
  return std::to_string(std::chrono::ceil<seconds>(now + seconds(wait)).time_since_epoch().count());
}

void show_nothing(SandboxState&, const httplib::Request&, httplib::Response& response) {
  answer_problem(response, problem(404, "Not Found", "Not Found"));
}

}  // namespace

std::string user_id_of(std::string_view username) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char c : username) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return std::to_string(1'000'000'000U + hash % 9'000'000'000U);
}

void answer_json(httplib::Response& response, int status, const nlohmann::json& body) {
  response.status = status;
  response.set_content(body.dump(), "application/json; charset=utf-8");
}

nlohmann::json problem(int status, std::string_view title, std::string_view detail, std::string_view type) {
  return {{"title", title}, {"type", type}, {"status", status}, {"detail", detail}};
}

void answer_problem(httplib::Response& response, const nlohmann::json& body) {
  response.status = body.at("status");
  response.set_content(body.dump(), "application/problem+json");
}

struct XSandbox::Impl {
  explicit Impl(XSandboxOptions given)
      : state(std::move(given)), server(state.options.host, state.options.port, kThreads) {
    add_routes();
    server.start();
  }

  ~Impl() {
    {
      const std::lock_guard lock(state.mutex);
      stopping = true;
    }
    state.changed.notify_all();
    server.stop();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void add_routes();
  void serve(const httplib::Request& request, httplib::Response& response, Endpoint endpoint);
  std::optional<InjectedAnswer> take_injected(const std::string& method_path);
  void misbehave(const InjectedAnswer& answer, const httplib::Request& request, httplib::Response& response);
  void run_hook(const Hook& member, const std::string& method_path) const;

  SandboxState state;
  bool stopping = false;                // guarded by state.mutex, as all below
  std::deque<InjectedAnswer> injected;  // each with times > 0
  std::vector<RequestRecord> records;
  Hook before;
  Hook after;
  LocalServer server;
};

void XSandbox::Impl::add_routes() {
  httplib::Server& routes = server.routes();
  routes.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response&) {
    headers_arrived = steady_now();
    run_hook(before, request.method + " " + request.path);
    return httplib::Server::HandlerResponse::Unhandled;
  });
  const auto at = [this](Endpoint endpoint) {
    return [this, endpoint](const httplib::Request& request, httplib::Response& response) {
      serve(request, response, endpoint);
    };
  };
  routes.Get("/i/oauth2/authorize", at(show_consent));
  routes.Post("/i/oauth2/authorize", at(decide_consent));
  routes.Post("/2/oauth2/token", at(issue_token));
  routes.Post("/2/oauth2/revoke", at(revoke_token));
  routes.Post("/oauth/request_token", at(issue_request_token));
  routes.Get("/oauth/authorize", at(show_oauth1_consent));
  routes.Post("/oauth/authorize", at(decide_oauth1_consent));
  routes.Post("/oauth/access_token", at(issue_oauth1_token));
  routes.Post("/1.1/oauth/invalidate_token.json", at(invalidate_oauth1_token));
  routes.Post("/oauth2/token", at(issue_app_token));
  routes.Get("/2/users/me", at(show_me));
  routes.Get(R"(/2/users/(\d+)/tweets)", at(show_timeline));
  routes.Post("/2/tweets", at(create_post));
  routes.Delete(R"(/2/tweets/\d+)", at(delete_post));
  routes.Get(".*", at(show_nothing));
  routes.Post(".*", at(show_nothing));
  routes.Delete(".*", at(show_nothing));
}

void XSandbox::Impl::serve(const httplib::Request& request, httplib::Response& response, Endpoint endpoint) {
  const SteadyTime arrived = headers_arrived;
  const std::string method_path = request.method + " " + request.path;
  const std::optional<InjectedAnswer> answer = take_injected(method_path);
  if (!answer || answer->carry_out_first || (answer->status == 0 && !answer->drop_connection)) {
    const std::lock_guard lock(state.mutex);
    endpoint(state, request, response);
  }
  run_hook(after, method_path);
  const bool dropped = answer && answer->drop_connection;
  const int status = dropped ? 0 : answer && answer->status != 0 ? answer->status : response.status;
  {
    const std::lock_guard lock(state.mutex);
    records.push_back({method_path, status == -1 ? 200 : status, arrived});
  }
  if (answer) misbehave(*answer, request, response);
  const std::lock_guard lock(state.mutex);
  if (!response.has_header("Date")) response.set_header("Date", http_date(state.now()));
}

std::optional<InjectedAnswer> XSandbox::Impl::take_injected(const std::string& method_path) {
  const std::lock_guard lock(state.mutex);
  const auto found = std::ranges::find_if(
      injected, [&](const InjectedAnswer& candidate) { return method_path.starts_with(candidate.match); });
  if (found == injected.end()) return std::nullopt;
  const InjectedAnswer answer = *found;
  if (--found->times <= 0) injected.erase(found);
  return answer;
}

void XSandbox::Impl::misbehave(const InjectedAnswer& answer, const httplib::Request& request,
                               httplib::Response& response) {
  {
    std::unique_lock lock(state.mutex);
    state.changed.wait_for(lock, answer.delay, [this] { return stopping; });
  }
  if (answer.drop_connection) return server.drop_connection(request);
  if (answer.status == 0) return;
  response = httplib::Response();
  response.status = answer.status;
  UtcTime now;
  {
    const std::lock_guard lock(state.mutex);
    now = state.now();
  }
  std::string type = "application/json";
  for (const auto& [name, value] : answer.headers) {
    if (ascii_iequals(name, "Content-Type")) {
      type = value;
    } else {
      response.set_header(name, with_time(value, now));
    }
  }
  response.set_content(answer.body, type);
}

void XSandbox::Impl::run_hook(const Hook& member, const std::string& method_path) const {
  Hook hook;
  {
    const std::lock_guard lock(state.mutex);
    hook = member;
  }
  if (hook) hook(method_path);
}

XSandbox::XSandbox(XSandboxOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
XSandbox::~XSandbox() = default;

int XSandbox::port() const {
  return impl_->server.port();
}

std::string XSandbox::url() const {
  return "http://" + impl_->state.options.host + ":" + std::to_string(impl_->server.port());
}

void XSandbox::allow_redirect(const std::string& redirect_uri) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.options.redirect_uris.push_back(redirect_uri);
}

namespace {

// Opens a page of the sandbox's and presses its button. Without HTTP between: cpp-httplib's client decodes a
// Location before it hands it out, which spoils escaped states.
httplib::Response press(SandboxState& state, const std::string& target, bool agree, Endpoint show,
                        Endpoint decide) {
  httplib::Request open;
  open.target = target;
  httplib::Response page;
  show(state, open, page);
  const std::size_t field = page.body.find(kConsentField);
  if (field == std::string::npos) return {};
  const std::size_t start = field + kConsentField.size();
  httplib::Request press;
  press.body = "consent=" + page.body.substr(start, page.body.find('"', start) - start);
  press.body += agree ? "&decision=authorize" : "&decision=cancel";
  httplib::Response pressed;
  decide(state, press, pressed);
  return pressed;
}

}  // namespace

std::string XSandbox::consent(const std::string& authorize_link, bool agree) const {
  const bool oauth1 = authorize_link.starts_with(url() + "/oauth/authorize?");
  if (!oauth1 && !authorize_link.starts_with(url() + "/i/oauth2/authorize?")) return {};
  const std::lock_guard lock(impl_->state.mutex);
  const auto show = oauth1 ? show_oauth1_consent : show_consent;
  const auto decide = oauth1 ? decide_oauth1_consent : decide_consent;
  return press(impl_->state, authorize_link.substr(url().size()), agree, show, decide)
      .get_header_value("Location");
}

std::string XSandbox::consent_pin(const std::string& authorize_link, bool agree) const {
  if (!authorize_link.starts_with(url() + "/oauth/authorize?")) return {};
  const std::lock_guard lock(impl_->state.mutex);
  const httplib::Response page = press(impl_->state, authorize_link.substr(url().size()), agree,
                                       show_oauth1_consent, decide_oauth1_consent);
  const std::size_t field = page.body.find(kPinField);
  if (field == std::string::npos) return {};
  const std::size_t start = field + kPinField.size();
  return page.body.substr(start, page.body.find('<', start) - start);
}

void XSandbox::sign_in(const std::string& username) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.options.username = username;
}

void XSandbox::grant_only(std::vector<std::string> scopes) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.grantable = std::move(scopes);
}

std::vector<SandboxPost> XSandbox::posts() const {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->state.posts;
}

std::vector<SandboxPost> XSandbox::wait_for_posts(std::size_t count, milliseconds timeout) const {
  std::unique_lock lock(impl_->state.mutex);
  impl_->state.changed.wait_for(lock, timeout, [&] { return impl_->state.posts.size() >= count; });
  return impl_->state.posts;
}

std::vector<SandboxGrant> XSandbox::grants() const {
  const std::lock_guard lock(impl_->state.mutex);
  std::vector<SandboxGrant> grants;
  for (const Grant& grant : impl_->state.grants) {
    grants.push_back({grant.username, {grant.scopes.begin(), grant.scopes.end()}, grant.alive});
  }
  return grants;
}

void XSandbox::inject(InjectedAnswer answer) {
  const std::lock_guard lock(impl_->state.mutex);
  if (answer.times > 0) impl_->injected.push_back(std::move(answer));
}

void XSandbox::clear_injected() {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->injected.clear();
}

void XSandbox::show_posts_after(milliseconds age) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.shown_after = age;
}

void XSandbox::advance(seconds by) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.clock_offset += by;
}

void XSandbox::end_oauth1_tokens() {
  const std::lock_guard lock(impl_->state.mutex);
  for (auto& [token, known] : impl_->state.user_tokens) known.alive = false;
}

void XSandbox::let_app_write(bool may_write) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.app_may_write = may_write;
}

void XSandbox::change_consumer(const std::string& key, const std::string& secret) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.options.consumer_key = key;
  impl_->state.options.consumer_secret = secret;
}

std::size_t XSandbox::live_oauth1_tokens() const {
  const std::lock_guard lock(impl_->state.mutex);
  std::size_t count = 0;
  for (const auto& [token, known] : impl_->state.user_tokens) count += known.alive ? 1U : 0U;
  return count;
}

std::vector<std::string> XSandbox::oauth1_secrets() const {
  const std::lock_guard lock(impl_->state.mutex);
  std::vector<std::string> secrets;
  for (const auto& [token, known] : impl_->state.user_tokens) {
    secrets.push_back(token);
    secrets.push_back(known.secret);
  }
  return secrets;
}

void XSandbox::expire_access_tokens() {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.access_tokens.clear();
}

void XSandbox::revoke_all(bool refresh_too) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.access_tokens.clear();
  if (!refresh_too) return;
  for (Grant& grant : impl_->state.grants) grant.alive = false;
}

void XSandbox::suspend(bool suspended) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->state.suspended = suspended;
}

std::vector<std::string> XSandbox::requests() const {
  std::vector<std::string> lines;
  for (const RequestRecord& record : request_records()) {
    lines.push_back(record.method_path + " " +
                    (record.status == 0 ? "dropped" : std::to_string(record.status)));
  }
  return lines;
}

std::vector<RequestRecord> XSandbox::request_records() const {
  const std::lock_guard lock(impl_->state.mutex);
  return impl_->records;
}

void XSandbox::before_request(Hook hook) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->before = std::move(hook);
}

void XSandbox::after_request(Hook hook) {
  const std::lock_guard lock(impl_->state.mutex);
  impl_->after = std::move(hook);
}

}  // namespace pigeon::sim
