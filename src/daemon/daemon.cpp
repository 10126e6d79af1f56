// Wiring the rooms together; see daemon.h.
#include "daemon/daemon.h"

#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "control/socket.h"
#include "daemon/control_commands.h"
#include "relay/replies.h"
#include "x/provider.h"

namespace pigeon::daemon {
namespace {

Result<std::string> optional_secret(const std::string& path) {
  if (path.empty()) return std::string();
  return read_secret_file(path);
}

Result<pairing::PairingSettings> pairing_settings(const Config& config) {
  auto client_secret = optional_secret(config.x.client_secret_file);
  if (!client_secret) return fail("x.client_secret_file", client_secret.error());
  pairing::PairingSettings settings;
  settings.client = x::oauth2_client(config.x.client_id, *client_secret, config.x.authorize_url,
                                     config.x.api_url, config.gateway.public_url + "/oauth/callback");
  auto consumer_secret = optional_secret(config.x.consumer_secret_file);
  if (!consumer_secret) return fail("x.consumer_secret_file", consumer_secret.error());
  settings.consumer = x::oauth1_client(config.x.consumer_key, *consumer_secret, config.x.api_url);
  settings.by_pin = config.x.by_pin;
  settings.api_url = config.x.api_url;
  settings.text_back = config.pairing.text_back;
  return settings;
}

web::WebOptions web_options(const Config& config, const std::string& authorize_url) {
  return {.listen = config.web.listen,
          .gateway_number = config.gateway.number,
          .public_url = config.gateway.public_url,
          .authorize_url = authorize_url,
          .text_back = config.pairing.text_back,
          .behind_proxy = config.web.behind_proxy};
}

store::Limits limits_of(const LimitsConfig& config) {
  return {.unlinked_per_hour = config.unlinked_per_hour,
          .linked_per_hour = config.linked_per_hour,
          .linked_per_day = config.linked_per_day,
          .box_per_hour = config.box_per_hour,
          .same_words_per_hour = config.same_words_per_hour};
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

// Where carrier-pigeon-usb.path looks; at any other box than the package's nobody does.
std::string usb_request(const std::string& database) {
  return control::socket_path(database) == "/run/carrier-pigeon/control" ? "/run/carrier-pigeon/usb-reset"
                                                                         : "";
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::create(const Config& config, const DaemonTiming& timing) {
  std::unique_ptr<Daemon> daemon(new Daemon());
  auto pairing = pairing_settings(config);
  if (!pairing) return tl::unexpected(pairing.error());
  daemon->pairing_settings_ = std::move(*pairing);
  daemon->relay_settings_ = {.public_url = config.gateway.public_url,
                             .pairing_expires = config.pairing.expires,
                             .keep = config.store.keep,
                             .timing = timing.relay};
  daemon->intake_settings_ = {config.gateway.number,
                              config.gateway.country,
                              relay::replies::unreadable(),
                              config.gateway.oldest,
                              UtcTime(seconds(PIGEON_BUILT_AT)),
                              &daemon->self_tests_};

  std::vector<modem::ModemOptions> modems;
  for (const ModemConfig& modem : config.modems) {
    auto one = modem_options(modem);
    if (!one) return tl::unexpected(one.error());
    daemon->wakeups_.modems[one->name];
    daemon->modem_names_.insert(one->name);
    modems.push_back(std::move(*one));
  }

  // Whoever comes by another link meets the same lock.
  auto store = store::Store::open(follow_links(config.store.path), config.store.key_file);
  if (!store) return fail("store", store.error());
  daemon->store_ = std::move(*store);
  daemon->store_->at_start([&store = *daemon->store_,
                            has_country = !config.gateway.country.empty()](store::Transaction& transaction) {
    store.modems.clear(transaction);
    store.conditions.clear(transaction);
    if (has_country) store.conditions.end(transaction, store::ConditionCode::country_missing, "");
  });
  daemon->store_->on_change([&news = daemon->news_] { news.notify(); });
  daemon->store_->time.on_step([&wakeups = daemon->wakeups_] { wakeups.all(); });
  daemon->store_->budgets.set_limits(limits_of(config.limits));

  daemon->tokens_ = std::make_unique<pairing::Tokens>(daemon->pairing_settings_, *daemon->store_);
  daemon->pairing_ =
      std::make_unique<pairing::PairingFlow>(daemon->pairing_settings_, *daemon->store_, daemon->wakeups_);
  if (!config.web.listen.empty()) {
    web::WebOptions web = web_options(config, daemon->pairing_settings_.authorize_url());
    web.conditions = [daemon = daemon.get()] { return daemon->conditions(); };
    daemon->web_ = std::make_unique<web::WebServer>(std::move(web), *daemon->pairing_, *daemon->store_);
  }

  daemon->dispatcher_ =
      std::make_unique<relay::Dispatcher>(daemon->relay_settings_, daemon->pairing_settings_, *daemon->store_,
                                          daemon->wakeups_, *daemon->tokens_);
  for (modem::ModemOptions& modem : modems) {
    daemon->modems_.emplace_back(std::move(modem), daemon->intake_settings_, *daemon->store_,
                                 daemon->wakeups_, timing.transport, usb_request(config.store.path));
  }
  // Last: /healthz asks them all.
  if (daemon->web_) {
    if (auto started = daemon->web_->start(); !started) return fail("web.listen", started.error());
  }
  daemon->open_control(control::socket_path(config.store.path));
  return daemon;
}

void Daemon::open_control(const std::string& path) {
  const auto try_again = [this](const std::string& name) {
    for (transport::ModemTransport& modem : modems_) {
      if (modem.name() == "modem/" + name) modem.try_again();
    }
  };
  const auto errand = [this](const std::string& name, transport::AnyErrand to_do) {
    for (transport::ModemTransport& modem : modems_) {
      if (modem.name() == "modem/" + name) return modem.ask(std::move(to_do));
    }
    return false;
  };
  const auto traffic = [this](const std::string& name) -> modem::Traffic* {
    for (transport::ModemTransport& modem : modems_) {
      if (modem.name() == "modem/" + name) return &modem.traffic();
    }
    return nullptr;
  };
  auto control = control::Server::open(path, control_handlers({*store_, intake_settings_, wakeups_,
                                                               modem_names_, try_again, errand, traffic}));
  if (control)
    control_ = std::move(*control);
  else
    log::warning("control", "no control socket, so that pigeon can only look: " + control.error().message);
}

Daemon::~Daemon() {
  request_stop();
}

void Daemon::start() {
  dispatcher_->start();
  for (transport::ModemTransport& modem : modems_) modem.start();
}

void Daemon::request_stop() {
  if (control_) control_->stop();
  if (tokens_) tokens_->stop();
  for (transport::ModemTransport& modem : modems_) modem.request_stop();
  if (dispatcher_) dispatcher_->request_stop();
  if (web_) web_->stop();
}

void Daemon::join() {
  modems_.clear();
  dispatcher_.reset();
}

bool Daemon::awaits_tokens() {
  return tokens_->refreshing() || !tokens_->save();
}

Result<bool> Daemon::apply(const Config& fresh) {
  auto secret = optional_secret(fresh.x.client_secret_file);
  if (!secret) return fail("x.client_secret_file", secret.error());
  auto consumer_secret = optional_secret(fresh.x.consumer_secret_file);
  if (!consumer_secret) return fail("x.consumer_secret_file", consumer_secret.error());
  try {
    // The threads read these inside transactions only, so holding one keeps everybody else out.
    const store::Transaction quiet = store_->begin();
    store_->budgets.set_limits(limits_of(fresh.limits));
    intake_settings_.oldest = fresh.gateway.oldest;
    relay_settings_.pairing_expires = fresh.pairing.expires;
    relay_settings_.keep = fresh.store.keep;
  } catch (const store::StorageError& error) {
    return fail(Errc::io, std::string("the database is busy: ") + error.what(), Retry::yes);
  }
  SharedSecret& client = pairing_settings_.client.client_secret;
  SharedSecret& consumer = pairing_settings_.consumer.consumer_secret;
  const bool changed = client.get() != *secret || consumer.get() != *consumer_secret;
  client.set(std::move(*secret));
  consumer.set(std::move(*consumer_secret));
  dispatcher_->try_again();  // with what is in force now
  return changed;
}

void Daemon::clock_set() {
  try {
    static_cast<void>(store_->time.now());
  } catch (const store::StorageError& error) {
    log::error("daemon",
               "the clock was set, and the database does not take it yet: " + std::string(error.what()));
  }
}

std::string Daemon::stuck() const {
  const SteadyTime now = steady_now();
  std::string names;
  const auto add = [&names](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
  for (const std::string& name : dispatcher_->overdue(now)) add(name);
  for (const transport::ModemTransport& modem : modems_) {
    if (modem.heartbeat().overdue(now)) add(modem.name());
  }
  return names;
}

std::vector<store::Condition> Daemon::conditions() {
  const UtcTime now = utc_now();
  // Whoever is stuck may have the database in hand.
  if (const std::string names = stuck(); !names.empty()) {
    return {{store::ConditionCode::thread_stuck, "", now, 1, "stuck: " + names}};
  }
  return store_->survey.list(now, modem_names_, store_->storage_failure());
}

void Daemon::try_storage() {
  try {
    auto transaction = store_->begin();
    store_->time.keep(transaction);
    transaction.commit();
  } catch (const store::StorageError&) {
    // noted where it was met
  }
}

std::optional<store::StorageFailure> Daemon::storage_failure() const {
  return store_->storage_failure();
}

int Daemon::web_port() const {
  return web_ ? web_->port() : 0;
}

}  // namespace pigeon::daemon
