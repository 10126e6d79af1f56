// Wiring the rooms together; see daemon.h.
#include "app/daemon.h"

#include <utility>

#include "base/file.h"
#include "base/log.h"

namespace pigeon::app {
namespace {

Result<std::string> optional_secret(const std::string& path) {
  if (path.empty()) return std::string();
  return read_secret_file(path);
}

Result<relay::RelayOptions> relay_options(const Config& config) {
  auto client_secret = optional_secret(config.x.client_secret_file);
  if (!client_secret) return fail("x.client_secret_file", client_secret.error());
  relay::RelayOptions options;
  options.gateway_number = config.gateway.number;
  options.country = config.gateway.country;
  options.public_url = config.gateway.public_url;
  options.pairing_expires = config.pairing.expires;
  options.api_url = config.x.api_url;
  options.oauth = x::x_oauth2_client(config.x.client_id, *client_secret, config.x.authorize_url,
                                     config.x.api_url, config.gateway.public_url + "/oauth/callback");
  return options;
}

Result<modem::ModemOptions> modem_options(const ModemConfig& config) {
  auto pin = optional_secret(config.pin_file);
  if (!pin) return fail("modem.pin_file", pin.error());
  modem::ModemOptions options;
  options.name = config.name;
  options.url = config.url;
  options.pin = std::move(*pin);
  options.smsc = config.smsc;
  return options;
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::create(const Config& config) {
  std::unique_ptr<Daemon> daemon(new Daemon());
  auto options = relay_options(config);
  if (!options) return tl::unexpected(options.error());
  daemon->options_ = std::move(*options);

  std::vector<modem::ModemOptions> modems;
  for (const ModemConfig& modem : config.modems) {
    auto one = modem_options(modem);
    if (!one) return tl::unexpected(one.error());
    daemon->wakeups_.modems[one->name];
    modems.push_back(std::move(*one));
  }

  auto store = store::Store::open(config.store.path, config.store.key_file);
  if (!store) return fail("store", store.error());
  daemon->store_ = std::move(*store);
  daemon->store_->modems.clear();

  web::WebOptions web;
  web.listen = config.web.listen;
  web.gateway_number = config.gateway.number;
  web.public_url = config.gateway.public_url;
  web.text_back = config.pairing.text_back;
  web.version = PIGEON_VERSION;
  daemon->web_ = std::make_unique<web::WebServer>(web, daemon->options_.oauth, config.x.api_url,
                                                  *daemon->store_, daemon->wakeups_.dispatcher);
  if (auto started = daemon->web_->start(); !started) return fail("web.listen", started.error());

  daemon->dispatcher_ =
      std::make_unique<relay::Dispatcher>(daemon->options_, *daemon->store_, daemon->wakeups_);
  for (modem::ModemOptions& modem : modems) {
    daemon->modems_.emplace_back(std::move(modem), daemon->options_, *daemon->store_, daemon->wakeups_);
  }
  return daemon;
}

Daemon::~Daemon() {
  request_stop();
}

void Daemon::start() {
  dispatcher_->start();
  for (relay::ModemLoop& modem : modems_) modem.start();
}

void Daemon::request_stop() {
  for (relay::ModemLoop& modem : modems_) modem.request_stop();
  if (dispatcher_) dispatcher_->request_stop();
  if (web_) web_->stop();
}

bool Daemon::healthy() const {
  const SteadyTime now = steady_now();
  bool on_time = !dispatcher_->overdue(now);
  for (const relay::ModemLoop& modem : modems_) on_time = on_time && !modem.heartbeat().overdue(now);
  return on_time;
}

int Daemon::web_port() const {
  return web_->port();
}

}  // namespace pigeon::app
