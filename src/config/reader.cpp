// Reading the sections and telling what nobody asked for; see reader.h.
#include "config/reader.h"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "base/phone_number.h"
#include "base/text.h"
#include "config/keys.h"
#include "config/nearest.h"
#include "config/section.h"
#include "config/urls.h"

namespace pigeon {
namespace {

void check_url(Section& section, std::string_view key, std::string& url, UrlUse use) {
  if (!section.fine(key)) return;
  while (url.ends_with('/')) url.pop_back();
  if (const auto objection = object_to_url(url, use)) section.reject(key, objection->what, objection->cure);
}

// The example's words for what only the operator knows.
bool is_placeholder(std::string_view value) {
  return value.starts_with("put ");
}

void still_example(Section& section, std::string_view key, std::string cure) {
  section.reject(key, "is still what the example says", std::move(cure));
}

void check_number(Section& section, const std::string& number) {
  const std::string cure = "write the SIM's number with + and the country's code: number = \"+12025550100\"";
  if (!section.given("number"))
    section.missing("number", cure);
  else if (is_placeholder(number))
    still_example(section, "number", cure);
  else if (!PhoneNumber::parse(number))
    section.reject("number", "must be the SIM's number, like \"+12025550100\"",
                   "write + and 4 to 15 digits, without blanks");
}

void read_gateway(Section& section, GatewayConfig& gateway) {
  section.string("number", gateway.number);
  section.string("public_url", gateway.public_url);
  section.string("country", gateway.country);
  section.duration("oldest", gateway.oldest);
  check_number(section, gateway.number);
  if (!gateway.country.empty() && !is_known_country(gateway.country))
    section.reject("country", "must be a two-letter country code like \"DE\"",
                   "write the code of ISO 3166 in capitals, or \"\" for none");
}

// Who links by PIN comes back by SMS, and needs no address.
void check_public_url(Section& section, GatewayConfig& gateway, bool by_pin) {
  if (by_pin && !section.given("public_url")) return;
  const std::string cure = "write the address under which texters reach this box, with https://";
  if (!section.given("public_url"))
    section.missing("public_url", cure);
  else if (is_example_url(gateway.public_url) || is_placeholder(gateway.public_url))
    still_example(section, "public_url", cure);
  else
    check_url(section, "public_url", gateway.public_url, UrlUse::origin);
}

void read_modem(Section& section, ModemConfig& modem) {
  section.string("name", modem.name);
  section.string("url", modem.url);
  section.path("pin_file", modem.pin_file);
  section.string("smsc", modem.smsc);
  if (modem.name.empty())
    section.reject("name", "must not be empty", "give it a name, or leave the line out");
  if (!modem.url.starts_with("serial:") && !modem.url.starts_with("pty:"))
    section.reject("url", "must be serial:auto, serial:imei=…, serial:/dev/… or pty:/dev/pts/…",
                   modem.url.starts_with('/') ? "write \"serial:" + modem.url + "\""
                                              : "write \"serial:auto\" if it is a USB modem");
  if (!modem.smsc.empty() && !PhoneNumber::parse(modem.smsc))
    section.reject("smsc", "must be a number like \"+491710760000\"",
                   "write + and digits, or leave the line out: the SIM knows its own");
}

void check_client_id(Section& section, const std::string& client_id) {
  const std::string cure = "write the OAuth 2.0 client id of your app at X, or its consumer_key alone";
  if (!section.given("client_id") || (section.fine("client_id") && client_id.empty()))
    section.missing("client_id", cure);
  else if (is_placeholder(client_id))
    still_example(section, "client_id", cure);
  else if (client_id.find_first_of(" \t\r\n") != std::string::npos)
    section.reject("client_id", "must not have a blank in it", "copy the OAuth 2.0 client id once more");
}

bool has_consumer_key(Section& section, const XConfig& x) {
  return section.given("consumer_key") && !(section.fine("consumer_key") && x.consumer_key.empty());
}

void check_consumer(Section& section, const XConfig& x) {
  const bool has_key = has_consumer_key(section, x);
  const std::string cure = "write the consumer key (API key) of your app at X";
  if (x.by_pin && !has_key)
    section.missing("consumer_key", cure + ", with which people link by PIN");
  else if (is_placeholder(x.consumer_key))
    still_example(section, "consumer_key", cure);
  else if (x.consumer_key.find_first_of(" \t\r\n") != std::string::npos)
    section.reject("consumer_key", "must not have a blank in it",
                   "copy the consumer key (API key) once more");
  if ((x.by_pin || has_key) && x.consumer_secret_file.empty() && section.fine("consumer_secret_file"))
    section.missing("consumer_secret_file",
                    "write the path of a file with the consumer secret (API key secret)");
  else if (!x.consumer_secret_file.empty() && !has_key)
    section.missing("consumer_key", cure + ", which the secret belongs to");
}

void read_x(Section& section, XConfig& x) {
  section.string("client_id", x.client_id);
  section.path("client_secret_file", x.client_secret_file);
  section.string("consumer_key", x.consumer_key);
  section.path("consumer_secret_file", x.consumer_secret_file);
  section.string("authorize_url", x.authorize_url);
  section.string("api_url", x.api_url);
  std::string pairing = "link";
  section.string("pairing", pairing);
  x.by_pin = pairing == "pin";
  if (!x.by_pin && pairing != "link")
    section.reject("pairing", "must be \"link\" or \"pin\"",
                   "write pairing = \"pin\" where no browser can reach this box, else \"link\"");
  const bool is_signed = x.by_pin || has_consumer_key(section, x);  // OAuth 1.0a, which knows no client id
  if (!is_signed || section.given("client_id")) check_client_id(section, x.client_id);
  check_consumer(section, x);
  check_url(section, "authorize_url", x.authorize_url, UrlUse::endpoint);
  check_url(section, "api_url", x.api_url, UrlUse::endpoint);
  if (x.api_url.ends_with("/2"))
    section.reject("api_url", "must not end in /2", "leave the version out: it is added to every call");
}

// What is deleted sooner than it could come again would be posted again.
void check_keep(Section& section, StoreConfig& store, milliseconds oldest) {
  constexpr milliseconds kDay = std::chrono::hours(24);
  const milliseconds least = std::max(kDay, oldest);
  if (!section.given("keep"))
    store.keep = std::max(store.keep, least);
  else if (section.fine("keep") && store.keep < least)
    section.reject("keep", "must not be shorter than gateway.oldest, and a day at least",
                   "write \"" + to_text(least) + "\" or more");
}

void read_store(Section& section, StoreConfig& store, milliseconds oldest) {
  std::string url = "sqlite:" + store.path;
  section.string("url", url);
  section.path("key_file", store.key_file);
  section.duration("keep", store.keep);
  check_keep(section, store, oldest);
  if (url.starts_with("sqlite:/") && !url.ends_with('/'))
    store.path = url.substr(7);
  else
    section.reject("url", "must be sqlite:<path>",
                   "write \"sqlite:\" and a file's path from the root: \"sqlite:/var/lib/carrier-pigeon/"
                   "pigeon.db\"");
  if (section.fine("key_file") && store.key_file.empty())
    section.reject("key_file", "must not be empty", "leave the line out for the default");
}

void read_web(Section& section, WebConfig& web, bool by_pin) {
  if (by_pin) web.listen.clear();  // nobody comes, unless it is asked for
  section.string("listen", web.listen);
  section.boolean("behind_proxy", web.behind_proxy);
}

void read_pairing(Section& section, PairingConfig& pairing) {
  section.boolean("text_back", pairing.text_back);
  section.duration("expires", pairing.expires);
}

void read_limits(Section& section, LimitsConfig& limits) {
  section.count("unlinked_per_hour", limits.unlinked_per_hour, 0);
  section.count("linked_per_hour", limits.linked_per_hour, 0);
  section.count("linked_per_day", limits.linked_per_day, 0);
  section.count("box_per_hour", limits.box_per_hour, 0);
  section.count("same_words_per_hour", limits.same_words_per_hour,
                1);  // with 0 the others would mean nothing
}

void read_log(Section& section, LogConfig& log) {
  section.boolean("personal_info", log.personal_info);
  section.boolean("verbose", log.verbose);
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string header_of(const std::string& section) {
  return section == "modem" ? "[[modem]]" : "[" + section + "]";
}

// The whole file; everything else at the top than the sections of the contract is a mistake.
class Contract {
 public:
  Contract(const TomlText& text, ConfigFile& file) : text_(text), file_(file) {}

  void read() {
    Config& config = file_.config;
    Section& gateway = section("gateway");
    read_gateway(gateway, config.gateway);
    read_modems(config.modems);
    read_x(section("x"), config.x);
    check_public_url(gateway, config.gateway, config.x.by_pin);
    read_pairing(section("pairing"), config.pairing);
    read_store(section("store"), config.store, config.gateway.oldest);
    read_web(section("web"), config.web, config.x.by_pin);
    read_limits(section("limits"), config.limits);
    read_log(section("log"), config.log);
    section("posts");  // all its keys are meant for later
    for (const auto& [name, read] : sections_) tell_unknown(name, read);
    tell_unknown_at_top();
  }

 private:
  Section& section(const std::string& name) {
    names_.push_back(name);
    const toml::node* node = text_.root.get(name);
    if (node != nullptr && !node->is_table())
      complain(*node, name, "'" + name + "' must be a section", "write [" + name + "] on a line of its own");
    return sections_
        .emplace_back(name, Section(file_, text_, name, name, node == nullptr ? nullptr : node->as_table()))
        .second;
  }

  void read_modems(std::vector<ModemConfig>& modems) {
    names_.emplace_back("modem");
    const toml::node* node = text_.root.get("modem");
    if (node == nullptr) {
      modems.emplace_back();
      return;
    }
    const toml::array* tables = node->as_array();
    if (tables == nullptr || !tables->is_array_of_tables()) {
      complain(*node, "modem", "'modem' must be written as [[modem]]", "double the brackets");
      return;
    }
    for (const toml::node& table : *tables) {
      ModemConfig modem;
      const std::string place = "modem[" + std::to_string(modems.size()) + "]";
      Section& one =
          sections_.emplace_back("modem", Section(file_, text_, "modem", place, table.as_table())).second;
      read_modem(one, modem);
      for (const ModemConfig& other : modems) {
        if (other.name == modem.name)
          one.reject("name", "is the name of two modems: two modems are named '" + modem.name + "'",
                     "give each its own name");
      }
      modems.push_back(std::move(modem));
    }
  }

  void tell_unknown(const std::string& name, const Section& section) {
    for (const std::string& key : section.unknown()) {
      std::string path = name;
      path.append(".").append(key);
      if (const auto purpose = meant_for(path))
        complain(section.line_of(key), path, path + " is not used by this version",
                 "remove the line; it is meant for " + std::string(*purpose));
      else
        complain(section.line_of(key), path, "unknown key '" + path + "'", cure_of_key(key, section));
      // A misspelt key is one mistake, not also one that is missing.
      if (const auto meant = nearest(key, section.asked())) forget_missing(name + "." + *meant);
    }
  }

  void forget_missing(const std::string& path) {
    std::erase_if(file_.mistakes, [&path](const Mistake& mistake) {
      return mistake.key == path && mistake.what == path + " is missing";
    });
  }

  std::string cure_of_key(const std::string& key, const Section& section) const {
    for (const auto& [other, its] : sections_) {
      const auto& asked = its.asked();
      if (&its != &section && std::find(asked.begin(), asked.end(), key) != asked.end())
        return "it belongs in " + header_of(other);
    }
    if (const auto meant = nearest(key, section.asked())) return "did you mean '" + *meant + "'?";
    if (section.asked().empty()) return "remove the line";
    return "the keys of this section are " + listed(section.asked());
  }

  void tell_unknown_at_top() {
    for (const auto& [key, node] : text_.root) {
      const std::string name(key.str());
      if (name == kAgain || std::find(names_.begin(), names_.end(), name) != names_.end()) continue;
      if (const auto purpose = meant_for(name))
        complain(node, name, "[" + name + "] is not used by this version",
                 "remove the section; it is meant for " + std::string(*purpose));
      else if (node.is_table() || node.is_array())
        complain(node, name, "unknown section [" + name + "]", cure_of_section(name));
      else
        complain(node, name, "unknown key '" + name + "' outside of any section", cure_at_top(name));
    }
  }

  std::string cure_of_section(const std::string& name) const {
    if (const auto meant = nearest(name, names_)) return "did you mean " + header_of(*meant) + "?";
    return "the sections are " + listed(names_);
  }

  std::string cure_at_top(const std::string& key) const {
    for (const auto& [section, its] : sections_) {
      if (const auto meant = nearest(key, its.asked()); meant && edit_distance(key, *meant) <= 1)
        return "write '" + *meant + "' below " + header_of(section);
    }
    return "write it below the header of its section";
  }

  void complain(const toml::node& node, std::string key, std::string what, std::string cure) {
    complain(static_cast<int>(node.source().begin.line), std::move(key), std::move(what), std::move(cure));
  }
  void complain(int line, std::string key, std::string what, std::string cure) {
    file_.mistakes.push_back(
        {.line = line, .key = std::move(key), .what = std::move(what), .cure = std::move(cure)});
  }

  const TomlText& text_;
  ConfigFile& file_;
  std::vector<std::string> names_;
  std::list<std::pair<std::string, Section>> sections_;
};

}  // namespace

void read_contract(const TomlText& text, ConfigFile& file) {
  Contract(text, file).read();
}

}  // namespace pigeon
