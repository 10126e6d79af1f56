// Writing a configuration out; see values.h.
#include "config/values.h"

namespace pigeon {
namespace {

std::string words(bool value) {
  return value ? "true" : "false";
}

}  // namespace

std::map<std::string, std::string> values_of(const Config& config) {
  std::map<std::string, std::string> values = {
      {"gateway.number", config.gateway.number},
      {"gateway.public_url", config.gateway.public_url},
      {"gateway.country", config.gateway.country},
      {"gateway.oldest", to_text(config.gateway.oldest)},
      {"x.client_id", config.x.client_id},
      {"x.client_secret_file", config.x.client_secret_file},
      {"x.pairing", config.x.by_pin ? "pin" : "link"},
      {"x.consumer_key", config.x.consumer_key},
      {"x.consumer_secret_file", config.x.consumer_secret_file},
      {"x.authorize_url", config.x.authorize_url},
      {"x.api_url", config.x.api_url},
      {"pairing.text_back", words(config.pairing.text_back)},
      {"pairing.expires", to_text(config.pairing.expires)},
      {"store.url", "sqlite:" + config.store.path},
      {"store.key_file", config.store.key_file},
      {"store.keep", to_text(config.store.keep)},
      {"web.listen", config.web.listen},
      {"web.behind_proxy", words(config.web.behind_proxy)},
      {"limits.unlinked_per_hour", std::to_string(config.limits.unlinked_per_hour)},
      {"limits.linked_per_hour", std::to_string(config.limits.linked_per_hour)},
      {"limits.linked_per_day", std::to_string(config.limits.linked_per_day)},
      {"limits.box_per_hour", std::to_string(config.limits.box_per_hour)},
      {"limits.same_words_per_hour", std::to_string(config.limits.same_words_per_hour)},
      {"log.personal_info", words(config.log.personal_info)},
      {"log.verbose", words(config.log.verbose)}};
  for (std::size_t i = 0; i < config.modems.size(); ++i) {
    const std::string place = "modem[" + std::to_string(i) + "].";
    values[place + "name"] = config.modems[i].name;
    values[place + "url"] = config.modems[i].url;
    values[place + "pin_file"] = config.modems[i].pin_file;
    values[place + "smsc"] = config.modems[i].smsc;
  }
  return values;
}

}  // namespace pigeon
