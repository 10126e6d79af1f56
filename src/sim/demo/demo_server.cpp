// Routes of the demo: small functions from a request to JSON around the carrier and the sandbox. What a phone
// sent is remembered here, because the carrier only keeps what phones received.
#include "sim/demo/demo_server.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/phone_number.h"
#include "sim/demo/demo_assets.h"
#include "sim/x/local_server.h"

namespace pigeon::sim {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::json;

constexpr std::size_t kThreads = 12;  // a browser keeps six connections open
constexpr int kMaxFaults = 1000;

// A message of one conversation, in either direction.
struct Message {
  SteadyTime at{};
  bool sent = false;
  std::string text;
  std::size_t parts = 1;
};

void answer(Response& response, const json& body, int status = 200) {
  response.status = status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(body.dump(-1, ' ', false, json::error_handler_t::replace), "application/json");
}

void answer_error(Response& response, int status, const std::string& what) {
  answer(response, {{"error", what}}, status);
}

json message_json(const Message& message, UtcTime at) {
  return {{"direction", message.sent ? "sent" : "received"},
          {"text", message.text},
          {"at", to_unix_ms(at)},
          {"parts", message.parts}};
}

json post_json(const SandboxPost& post) {
  return {{"id", post.id},           {"username", post.username},
          {"text", post.text},       {"at", to_unix_ms(post.at)},
          {"deleted", post.deleted}, {"in_reply_to", post.in_reply_to}};
}

std::string string_in(const json& body, const char* name, const char* otherwise = "") {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

int number_in(const json& body, const char* name, int otherwise) {
  const auto found = body.find(name);
  return found != body.end() && found->is_number_integer() ? found->get<int>() : otherwise;
}

// The JSON object that came; answers itself when there is none.
std::optional<json> object_in(const Request& request, Response& response) {
  const json body = json::parse(request.body, nullptr, false);
  if (request.get_header_value("Content-Type").starts_with("application/json") && body.is_object())
    return body;
  answer_error(response, 400, "the body must be a JSON object, as application/json");
  return std::nullopt;
}

// Carries out {"action": …}; false when there is no such action.
bool act(XSandbox& sandbox, const std::string& action, int amount) {
  if (action == "expire-access-tokens") {
    sandbox.expire_access_tokens();
  } else if (action == "revoke-all") {
    sandbox.revoke_all(true);
  } else if (action == "suspend" || action == "unsuspend") {
    sandbox.suspend(action == "suspend");
  } else if (action == "advance") {
    sandbox.advance(seconds(amount));
  } else if (action == "clear") {
    sandbox.clear_injected();
  } else {
    return false;
  }
  return true;
}

}  // namespace

struct DemoServer::Impl {
  Impl(DemoOptions given, Carrier& the_carrier, XSandbox& the_sandbox)
      : options(std::move(given)),
        carrier(the_carrier),
        sandbox(the_sandbox),
        server(options.host, options.port, kThreads) {
    add_pages();
    add_api();
    server.start();
  }

  void add_pages();
  void add_api();

  [[nodiscard]] json conversation(const std::string& number) const;
  [[nodiscard]] json phones_json() const;
  [[nodiscard]] json posts_json() const;
  void show_state(const Request& request, Response& response) const;
  void send_text(const Request& request, Response& response);
  void add_phone(const Request& request, Response& response);
  void inject(const Request& request, Response& response);

  DemoOptions options;  // phones guarded by mutex
  Carrier& carrier;
  XSandbox& sandbox;
  mutable std::mutex mutex;
  std::map<std::string, std::vector<Message>> sent;  // by number, oldest first; guarded by mutex
  const UtcTime started = utc_now();                 // the same moment on both clocks
  const SteadyTime began = steady_now();
  LocalServer server;
};

void DemoServer::Impl::add_pages() {
  httplib::Server& routes = server.routes();
  const auto file = [](std::string_view content, const char* type) {
    return [content, type](const Request&, Response& response) {
      response.set_header("Cache-Control", "no-cache");
      response.set_header("X-Content-Type-Options", "nosniff");
      response.set_header("Content-Security-Policy",
                          "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
      response.set_content(std::string(content), type);
    };
  };
  routes.Get("/", file(kDemoPage, "text/html; charset=utf-8"));
  routes.Get("/demo.css", file(kDemoStyle, "text/css; charset=utf-8"));
  routes.Get("/demo.js", file(kDemoScript, "text/javascript; charset=utf-8"));
  routes.Get("/icon.svg", file(kDemoIcon, "image/svg+xml"));
}

void DemoServer::Impl::add_api() {
  httplib::Server& routes = server.routes();
  routes.Get("/api/state",
             [this](const Request& request, Response& response) { show_state(request, response); });
  routes.Post("/api/text",
              [this](const Request& request, Response& response) { send_text(request, response); });
  routes.Get(R"(/api/phones/(\+?[0-9]+))", [this](const Request& request, Response& response) {
    const std::string number = request.matches[1];
    answer(response, conversation(number.starts_with('+') ? number : "+" + number));
  });
  routes.Post("/api/phones",
              [this](const Request& request, Response& response) { add_phone(request, response); });
  routes.Get("/api/posts", [this](const Request&, Response& response) { answer(response, posts_json()); });
  routes.Get("/api/grants", [this](const Request&, Response& response) {
    json list = json::array();
    for (const SandboxGrant& grant : sandbox.grants()) {
      list.push_back({{"username", grant.username}, {"scopes", grant.scopes}, {"alive", grant.alive}});
    }
    answer(response, list);
  });
  routes.Get("/api/requests",
             [this](const Request&, Response& response) { answer(response, json(sandbox.requests())); });
  routes.Post("/api/inject",
              [this](const Request& request, Response& response) { inject(request, response); });
  routes.set_error_handler([](const Request& request, Response& response) {
    if (response.body.empty()) answer_error(response, response.status, request.path + ": not found here");
  });
}

json DemoServer::Impl::conversation(const std::string& number) const {
  std::vector<Message> all;
  for (PhoneMessage& message : carrier.inbox(number)) {
    const std::string text = message.error.empty() ? std::move(message.text) : "(" + message.error + ")";
    all.push_back({message.at, false, text, message.parts});
  }
  {
    const std::lock_guard lock(mutex);
    const auto found = sent.find(number);
    if (found != sent.end()) all.insert(all.end(), found->second.begin(), found->second.end());
  }
  std::ranges::stable_sort(all, {}, &Message::at);
  json messages = json::array();
  for (const Message& message : all) {
    messages.push_back(message_json(message, started + std::chrono::floor<milliseconds>(message.at - began)));
  }
  return {{"number", number}, {"messages", messages}};
}

json DemoServer::Impl::phones_json() const {
  std::vector<DemoPhone> phones;
  {
    const std::lock_guard lock(mutex);
    phones = options.phones;
  }
  json list = json::array();
  for (const DemoPhone& phone : phones) {
    list.push_back(
        {{"number", phone.number}, {"name", phone.name}, {"received", carrier.inbox(phone.number).size()}});
  }
  return list;
}

json DemoServer::Impl::posts_json() const {
  json list = json::array();
  for (const SandboxPost& post : sandbox.posts()) list.push_back(post_json(post));
  return list;
}

void DemoServer::Impl::show_state(const Request& request, Response& response) const {
  const json phones = phones_json();
  std::string number = request.get_param_value("phone");
  if (number.empty() && !phones.empty()) number = phones[0]["number"];
  answer(response, {{"gateway", options.gateway_number},
                    {"phones", phones},
                    {"phone", conversation(number)},
                    {"posts", posts_json()}});
}

void DemoServer::Impl::send_text(const Request& request, Response& response) {
  const auto body = object_in(request, response);
  if (!body) return;
  const Result<PhoneNumber> from = PhoneNumber::parse(string_in(*body, "from"));
  const std::string text = string_in(*body, "text");
  if (!from) return answer_error(response, 400, "from: " + from.error().message);
  if (text.empty()) return answer_error(response, 400, "text: is missing or empty");
  const SteadyTime now = steady_now();  // before it is on its way: an answer is never older
  const Result<std::size_t> parts = carrier.text(from->e164(), text);
  if (!parts) return answer_error(response, 400, parts.error().message);
  {
    const std::lock_guard lock(mutex);
    sent[from->e164()].push_back({now, true, text, *parts});
    const bool known = std::ranges::any_of(
        options.phones, [&](const DemoPhone& phone) { return phone.number == from->e164(); });
    if (!known) options.phones.push_back({from->e164(), from->e164()});
  }
  answer(response, {{"parts", *parts}});
}

void DemoServer::Impl::add_phone(const Request& request, Response& response) {
  if (!object_in(request, response)) return;
  const std::lock_guard lock(mutex);
  const std::size_t count = options.phones.size();
  const DemoPhone phone{"+12025550" + std::to_string(130 + count), "Stranger " + std::to_string(count + 1)};
  options.phones.push_back(phone);
  answer(response, {{"number", phone.number}, {"name", phone.name}}, 201);
}

void DemoServer::Impl::inject(const Request& request, Response& response) {
  const auto body = object_in(request, response);
  if (!body) return;
  const std::string action = string_in(*body, "action");
  if (!action.empty()) {
    if (!act(sandbox, action, number_in(*body, "seconds", 0))) {
      return answer_error(response, 400, "action: '" + action + "' is not known");
    }
    return answer(response, json::object());
  }
  const std::string name = string_in(*body, "fault");
  const auto fault = named_fault(name, string_in(*body, "match", "POST /2/tweets"),
                                 std::clamp(number_in(*body, "times", 1), 1, kMaxFaults));
  if (!fault) return answer_error(response, 400, "fault: '" + name + "' is not known");
  sandbox.inject(*fault);
  answer(response, json::object());
}

DemoServer::DemoServer(DemoOptions options, Carrier& carrier, XSandbox& sandbox)
    : impl_(std::make_unique<Impl>(std::move(options), carrier, sandbox)) {}
DemoServer::~DemoServer() = default;

std::string DemoServer::url() const {
  return "http://" + impl_->options.host + ":" + std::to_string(impl_->server.port());
}

}  // namespace pigeon::sim
