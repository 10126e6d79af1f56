// Puts the room together: a listener, its connections, the HTTP library and the handlers.
#include "web/server.h"

#include <mutex>

#include "base/log.h"
#include "web/connections.h"
#include "web/handlers.h"
#include "web/http_engine.h"
#include "web/listener.h"
#include "web/request_head.h"

namespace pigeon::web {
namespace {

constexpr milliseconds kStopGrace(1000);  // interrupted calls to X need about a second more

HandlerOptions handler_options(const WebOptions& options) {
  return {.gateway_number = options.gateway_number,
          .public_url = options.public_url,
          .authorize_url = options.authorize_url,
          .text_back = options.text_back,
          .version = options.version,
          .conditions = options.conditions};
}

}  // namespace

struct WebServer::Impl {
  Impl(WebOptions web_options, pairing::PairingFlow& pairing_flow, store::Store& store)
      : options(std::move(web_options)),
        pairing(pairing_flow),
        handlers(handler_options(options), pairing, store),
        engine(handlers.headers(), [this](const httplib::Request& request, httplib::Response& response) {
          handlers.handle(request, response);
        }) {}

  std::string answer(const std::string& request) {
    try {
      std::string response = engine.answer(request);
      if (!response.empty()) return response;
    } catch (const std::exception& error) {
      log::error("web", std::string("a request found no answer: ") + error.what());
    }
    return plain_response(400);
  }

  const WebOptions options;
  pairing::PairingFlow& pairing;
  Handlers handlers;
  HttpEngine engine;
  std::once_flag stopped;
  std::unique_ptr<Connections> connections;  // from start() on; last, so that its threads end first
};

WebServer::WebServer(WebOptions options, pairing::PairingFlow& pairing, store::Store& store)
    : impl_(std::make_unique<Impl>(std::move(options), pairing, store)) {}

WebServer::~WebServer() {
  stop();
}

Result<void> WebServer::start() {
  const auto address = parse_listen(impl_->options.listen);
  if (!address) return fail("web", address.error());
  auto listener = Listener::open(*address);
  if (!listener) return fail("web", listener.error());
  impl_->connections = std::make_unique<Connections>(
      std::move(*listener), ConnectionLimits{},
      [impl = impl_.get()](const std::string& request) { return impl->answer(request); });
  return {};
}

int WebServer::port() const {
  return impl_->connections ? impl_->connections->port() : 0;
}

void WebServer::stop() {
  std::call_once(impl_->stopped, [this] {
    if (!impl_->connections) return;
    impl_->connections->stop(kStopGrace);
    impl_->pairing.interrupt();
    impl_->connections->join_workers();
  });
}

}  // namespace pigeon::web
