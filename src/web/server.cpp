// Puts the room together: the HTTP library's server, its address and the handlers.
#include "web/server.h"

#include <httplib.h>
#include <pthread.h>

#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "web/handlers.h"
#include "web/listener.h"

namespace pigeon::web {
namespace {

constexpr milliseconds kStopGrace(1000);  // interrupted calls to X need about a second more
constexpr std::size_t kWorkers = 8;       // three of them may wait for X (PairingFlow)
constexpr std::size_t kMaxBody = 4096;    // the pages' only form is empty
constexpr seconds kReadTimeout(2);        // for each read; the front sends whole requests
constexpr seconds kWriteTimeout(5);
constexpr time_t kSilence = 1;  // seconds that a connection may say nothing

HandlerOptions handler_options(const WebOptions& options) {
  return {.gateway_number = options.gateway_number,
          .public_url = options.public_url,
          .authorize_url = options.authorize_url,
          .text_back = options.text_back,
          .behind_front = options.behind_proxy || options.listen.starts_with("unix:"),
          .max_body = kMaxBody,
          .conditions = options.conditions};
}

}  // namespace

struct WebServer::Impl {
  Impl(WebOptions web_options, pairing::PairingFlow& pairing_flow, store::Store& store)
      : options(std::move(web_options)),
        pairing(pairing_flow),
        handlers(handler_options(options), pairing, store) {
    http.new_task_queue = [] { return new httplib::ThreadPool(kWorkers); };
    http.set_keep_alive_max_count(1);  // one request a connection: nothing hides behind a first one
    http.set_keep_alive_timeout(kSilence);
    http.set_read_timeout(kReadTimeout);
    http.set_write_timeout(kWriteTimeout);
    http.set_payload_max_length(kMaxBody);
    http.set_default_headers(handlers.headers());
    // Before the library looks at a body: no page needs one, so none is read, however long or slow it is.
    http.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      handlers.handle(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  // Until stop(); the library's own threads have the name of this one.
  void serve() {
    ::pthread_setname_np(::pthread_self(), "web");
    if (!http.listen_after_bind()) log::error("web", "nobody can be accepted any more");
    ended.set_value();
  }

  const WebOptions options;
  pairing::PairingFlow& pairing;
  Handlers handlers;
  httplib::Server http;
  std::optional<Listener> listener;  // from start() on
  std::once_flag stopped;
  std::promise<void> ended;
  std::thread thread;
};

WebServer::WebServer(WebOptions options, pairing::PairingFlow& pairing, store::Store& store)
    : impl_(std::make_unique<Impl>(std::move(options), pairing, store)) {}

WebServer::~WebServer() {
  stop();
}

Result<void> WebServer::start() {
  const auto address = parse_listen(impl_->options.listen);
  if (!address) return fail("web", address.error());
  auto listener = Listener::open(impl_->http, *address);
  if (!listener) return fail("web", listener.error());
  impl_->listener.emplace(std::move(*listener));
  if (const auto given = impl_->listener->give_to(impl_->options.group); !given)
    log::warning("web", given.error().message + ": the front does not reach it");
  impl_->listener->serves();
  impl_->thread = std::thread([impl = impl_.get()] { impl->serve(); });
  while (!impl_->http.is_running()) std::this_thread::yield();  // before that, its stop() would do nothing
  return {};
}

int WebServer::port() const {
  return impl_->listener ? impl_->listener->port() : 0;
}

void WebServer::stop() {
  std::call_once(impl_->stopped, [this] {
    if (!impl_->thread.joinable()) return;
    impl_->listener->remove_file();
    impl_->http.stop();
    static_cast<void>(impl_->ended.get_future().wait_for(kStopGrace));
    impl_->pairing.interrupt();
    impl_->thread.join();
  });
}

}  // namespace pigeon::web
