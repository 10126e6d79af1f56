// The configuration file of pigeond, /etc/carrier-pigeon/pigeon.toml (TOML 1.0). The keys are a contract with
// operators (docs/design.md, "Outside contract"). An unknown key, a wrong type or a value that cannot work is
// an error with the line number; secrets are only ever paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace pigeon {

struct GatewayConfig {
  std::string number;      // the SIM's own number, E.164; shown on pages and never answered
  std::string public_url;  // "https://pigeon.example", no slash at the end; http only for loopback hosts
  milliseconds oldest = std::chrono::hours(3 * 24);  // texts sent longer ago are neither posted nor answered
  std::string country;  // ISO 3166-1 alpha-2, completes national senders; empty: only +… senders
};

struct ModemConfig {
  std::string name = "main";
  std::string url = "serial:auto";  // serial:auto | serial:/dev/…?baud=115200 | pty:/dev/pts/3
  std::string pin_file;             // the SIM's PIN; empty: the SIM asks for none
  std::string smsc;                 // overrides the SIM's service centre, E.164; empty: the SIM's
};

enum class PairingMode { link, pin };

struct XConfig {
  std::string client_id;
  std::string client_secret_file;  // empty: a public client
  std::string consumer_key;
  std::string consumer_secret_file;
  PairingMode pairing = PairingMode::link;
  std::string authorize_url = "https://x.com/i/oauth2/authorize";
  std::string api_url = "https://api.x.com";
  std::string upload_url = "https://upload.twitter.com";
};

struct PairingConfig {
  bool text_back = true;
  milliseconds expires = std::chrono::minutes(15);
};

struct StoreConfig {
  std::string path = "/var/lib/carrier-pigeon/pigeon.db";  // from url = "sqlite:<path>"
  std::string key_file =
      "/var/lib/carrier-pigeon/key";  // 32 octets as hex; created with mode 0600 if missing
};

struct WebConfig {
  std::string listen = "127.0.0.1:8080";  // a loopback "address:port" or "unix:<path>"
};

struct PostsConfig {
  bool threads = true;
  bool confirm = false;
};

// Answers by SMS at most (docs/design.md, "Abuse"); 0 is none at all.
struct LimitsConfig {
  int unlinked_per_hour = 3;    // to one number without an account
  int linked_per_hour = 60;     // to one number with an account
  int linked_per_day = 200;     // the same
  int box_per_hour = 300;       // to everybody together
  int same_words_per_hour = 2;  // to one number that texts the same words; 1 at least
};

struct Config {
  GatewayConfig gateway;
  std::vector<ModemConfig> modems;
  XConfig x;
  PairingConfig pairing;
  StoreConfig store;
  WebConfig web;
  PostsConfig posts;
  LimitsConfig limits;
};

// `source` names the text in errors: "pigeon.toml:12: unknown key 'x.clientid'".
[[nodiscard]] Result<Config> parse_config(std::string_view toml, const std::string& source);
// Errc::not_found, denied: the file cannot be read; the rest as parse_config(), with `path` as the source.
[[nodiscard]] Result<Config> load_config(const std::string& path);

// "3d", "2h", "15m", "90s", "500ms".
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text);

inline constexpr const char* kDefaultConfigPath = "/etc/carrier-pigeon/pigeon.toml";

}  // namespace pigeon
