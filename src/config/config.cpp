// Reading and checking the configuration; see config.h. toml++ parses, this file holds the contract.
#include "config/config.h"

#include <toml++/toml.h>
#include <charconv>
#include <initializer_list>

#include "base/file.h"
#include "base/phone_number.h"
#include "base/text.h"

namespace pigeon {
namespace {

constexpr int kMostAnswers = 1'000'000;  // as good as no limit: a modem sends some 1,800 SMS an hour

// One table of the file while it is read: remembers the first error and which keys were asked for.
class Section {
 public:
  Section(std::string_view source, std::string name, const toml::table* table, std::optional<Error>& error)
      : source_(source), name_(std::move(name)), table_(table), error_(error) {}

  void string(std::string_view key, std::string& value) { read(key, value, "a string"); }
  void boolean(std::string_view key, bool& value) { read(key, value, "true or false"); }
  // `least` to kMostAnswers.
  void count(std::string_view key, int& value, int least) {
    std::int64_t number = value;
    read(key, number, "a whole number");
    if (number < least || number > kMostAnswers)
      reject(key, "must be a number from " + std::to_string(least) + " to " + std::to_string(kMostAnswers));
    else
      value = static_cast<int>(number);
  }
  void duration(std::string_view key, milliseconds& value) {
    std::string text;
    string(key, text);
    if (text.empty()) return;
    const auto parsed = parse_duration(text);
    if (parsed && parsed->count() > 0)
      value = *parsed;
    else
      reject(key, "must be a duration like \"15m\", \"90s\" or \"3d\"");
  }

  // After the last known key: whatever is left is a mistake.
  void finish() {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      bool known = false;
      for (const std::string& asked : asked_) known = known || asked == key.str();
      if (!known) complain(node.source().begin.line, "unknown key '" + path(key.str()) + "'");
    }
  }
  void reject(std::string_view key, const std::string& why) {
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
    complain(node == nullptr ? line() : node->source().begin.line, path(key) + " " + why);
  }

 private:
  template <typename T>
  void read(std::string_view key, T& value, const char* expected) {
    asked_.emplace_back(key);
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
    if (node == nullptr) return;
    if (const auto found = node->value_exact<T>())
      value = *found;
    else
      reject(key, std::string("must be ") + expected);
  }
  [[nodiscard]] toml::source_index line() const {
    return table_ == nullptr ? 1 : table_->source().begin.line;
  }
  [[nodiscard]] std::string path(std::string_view key) const { return name_ + "." + std::string(key); }
  void complain(toml::source_index at, const std::string& what) {
    if (!error_)
      error_ = Error{Errc::bad_input, std::string(source_) + ":" + std::to_string(at) + ": " + what};
  }

  std::string_view source_;
  std::string name_;
  const toml::table* table_;
  std::optional<Error>& error_;
  std::vector<std::string> asked_;
};

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

// The host of an http(s) URL without path, or nothing.
std::optional<std::string_view> origin_host(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  const std::string_view authority = url.substr(0, url.find('/'));
  if (authority.empty() || authority.find_first_of("@?# ") != std::string_view::npos) return std::nullopt;
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return authority.substr(0, colon);
}

// Tokens must not travel in clear: plain http only to this machine.
bool is_safe_url(std::string_view url) {
  if (origin_host(url, "https://")) return true;
  const auto host = origin_host(url, "http://");
  return host && is_loopback_host(*host);
}

void check_url(Section& section, std::string_view key, std::string& url) {
  while (url.ends_with('/')) url.pop_back();
  if (!is_safe_url(url))
    section.reject(key, "must be an https:// URL (http:// only for this machine itself)");
}

void read_gateway(Section section, GatewayConfig& gateway) {
  section.string("number", gateway.number);
  section.string("public_url", gateway.public_url);
  section.string("country", gateway.country);
  section.duration("oldest", gateway.oldest);
  if (!PhoneNumber::parse(gateway.number))
    section.reject("number", "must be the SIM's number, like \"+15550100\"");
  if (gateway.public_url.empty())
    section.reject("public_url", "is missing: the address under which texters reach this box");
  else
    check_url(section, "public_url", gateway.public_url);
  if (!gateway.country.empty() && !is_known_country(gateway.country)) {
    section.reject("country", "must be a two-letter country code like \"DE\"");
  }
  section.finish();
}

void read_modem(Section section, ModemConfig& modem) {
  section.string("name", modem.name);
  section.string("url", modem.url);
  section.string("pin_file", modem.pin_file);
  section.string("smsc", modem.smsc);
  if (modem.name.empty()) section.reject("name", "must not be empty");
  if (!modem.url.starts_with("serial:") && !modem.url.starts_with("pty:")) {
    section.reject("url", "must be serial:auto, serial:/dev/… or pty:/dev/pts/…");
  }
  if (!modem.smsc.empty() && !PhoneNumber::parse(modem.smsc))
    section.reject("smsc", "must be a number like \"+491710760000\"");
  section.finish();
}

void read_x(Section section, XConfig& x) {
  section.string("client_id", x.client_id);
  section.string("client_secret_file", x.client_secret_file);
  section.string("consumer_key", x.consumer_key);
  section.string("consumer_secret_file", x.consumer_secret_file);
  section.string("authorize_url", x.authorize_url);
  section.string("api_url", x.api_url);
  section.string("upload_url", x.upload_url);
  std::string pairing = "link";
  section.string("pairing", pairing);
  if (pairing == "pin")
    section.reject("pairing", "= \"pin\" is not available in this version; use \"link\"");
  else if (pairing != "link")
    section.reject("pairing", "must be \"link\" or \"pin\"");
  if (x.client_id.empty())
    section.reject("client_id", "is missing: the OAuth 2.0 client id of your app at X");
  check_url(section, "authorize_url", x.authorize_url);
  check_url(section, "api_url", x.api_url);
  check_url(section, "upload_url", x.upload_url);
  section.finish();
}

void read_store(Section section, StoreConfig& store) {
  std::string url = "sqlite:" + store.path;
  section.string("url", url);
  section.string("key_file", store.key_file);
  if (url.starts_with("sqlite:") && url.size() > 7)
    store.path = url.substr(7);
  else
    section.reject("url", "must be sqlite:<path>");
  section.finish();
}

void read_web(Section section, WebConfig& web) {
  section.string("listen", web.listen);
  section.finish();
}

void read_pairing(Section section, PairingConfig& pairing) {
  section.boolean("text_back", pairing.text_back);
  section.duration("expires", pairing.expires);
  section.finish();
}

void read_posts(Section section, PostsConfig& posts) {
  section.boolean("threads", posts.threads);
  section.boolean("confirm", posts.confirm);
  if (posts.confirm) section.reject("confirm", "= true is not available in this version");
  section.finish();
}

void read_limits(Section section, LimitsConfig& limits) {
  section.count("unlinked_per_hour", limits.unlinked_per_hour, 0);
  section.count("linked_per_hour", limits.linked_per_hour, 0);
  section.count("linked_per_day", limits.linked_per_day, 0);
  section.count("box_per_hour", limits.box_per_hour, 0);
  section.count("same_words_per_hour", limits.same_words_per_hour,
                1);  // with 0 the others would mean nothing
  section.finish();
}

// Tables of the contract; everything else at the top is a mistake.
class File {
 public:
  File(const toml::table& root, const std::string& source) : root_(root), source_(source) {}

  Result<Config> read() {
    Config config;
    read_gateway(section("gateway"), config.gateway);
    read_modems(config.modems);
    read_x(section("x"), config.x);
    read_pairing(section("pairing"), config.pairing);
    read_store(section("store"), config.store);
    read_web(section("web"), config.web);
    read_posts(section("posts"), config.posts);
    read_limits(section("limits"), config.limits);
    check_top();
    if (error_) return tl::unexpected(*error_);
    return config;
  }

 private:
  Section section(const char* name) {
    asked_.emplace_back(name);
    const toml::node* node = root_.get(name);
    if (node != nullptr && !node->is_table()) complain(*node, std::string("'") + name + "' must be a table");
    return {source_, name, node == nullptr ? nullptr : node->as_table(), error_};
  }
  void read_modems(std::vector<ModemConfig>& modems) {
    asked_.emplace_back("modem");
    const toml::node* node = root_.get("modem");
    if (node == nullptr) {
      modems.emplace_back();
      return;
    }
    const toml::array* tables = node->as_array();
    if (tables == nullptr || !tables->is_array_of_tables()) {
      complain(*node, "'modem' must be written as [[modem]]");
      return;
    }
    for (const toml::node& table : *tables) {
      ModemConfig modem;
      read_modem(Section(source_, "modem", table.as_table(), error_), modem);
      for (const ModemConfig& other : modems) {
        if (other.name == modem.name) complain(table, "two modems are named '" + modem.name + "'");
      }
      modems.push_back(std::move(modem));
    }
  }
  void check_top() {
    for (const auto& [key, node] : root_) {
      bool known = false;
      for (const std::string& asked : asked_) known = known || asked == key.str();
      if (!known) complain(node, "unknown key '" + std::string(key.str()) + "'");
    }
  }
  void complain(const toml::node& node, const std::string& what) {
    if (error_) return;
    error_ = Error{Errc::bad_input, source_ + ":" + std::to_string(node.source().begin.line) + ": " + what};
  }

  const toml::table& root_;
  const std::string& source_;
  std::optional<Error> error_;
  std::vector<std::string> asked_;
};

}  // namespace

Result<Config> parse_config(std::string_view toml_text, const std::string& source) {
  try {
    const toml::table root = toml::parse(toml_text, source);
    return File(root, source).read();
  } catch (const toml::parse_error& error) {
    return fail(Errc::bad_input, source + ":" + std::to_string(error.source().begin.line) + ": " +
                                     std::string(error.description()));
  }
}

Result<Config> load_config(const std::string& path) {
  auto text = read_file(path);
  if (!text) return fail("configuration", text.error());
  return parse_config(*text, path);
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || count > 1'000'000'000) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit == "ms") return milliseconds(count);
  if (unit == "s") return seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "h") return std::chrono::hours(count);
  if (unit == "d") return std::chrono::hours(24 * count);
  return std::nullopt;
}

}  // namespace pigeon
