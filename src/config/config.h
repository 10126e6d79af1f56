// The configuration file of pigeond, /etc/carrier-pigeon/pigeon.toml (TOML 1.0). The keys are a contract with
// operators (docs/design.md, "Outside contract"). An unknown key, a wrong type or a value that cannot work is
// a mistake with its line and its cure; all of them are named at once. Secrets are only ever paths.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/mistakes.h"

namespace pigeon {

struct GatewayConfig {
  std::string number;      // the SIM's own number, E.164; shown on pages and never answered
  std::string public_url;  // "https://pigeon.example", no slash at the end; http only for loopback hosts.
                           // Empty with x.pairing = "pin"
  milliseconds oldest = std::chrono::hours(3 * 24);  // texts sent longer ago are neither posted nor answered
  std::string country;  // ISO 3166-1 alpha-2, completes national senders; empty: only +… senders
};

struct ModemConfig {
  std::string name = "main";
  std::string url =
      "serial:auto";     // serial:auto | serial:imei=… | serial:/dev/…?baud=115200 | pty:/dev/pts/3
  std::string pin_file;  // the SIM's PIN; empty: the SIM asks for none
  std::string smsc;      // overrides the SIM's service centre, E.164; empty: the SIM's
};

struct XConfig {
  std::string client_id;           // of OAuth 2.0; empty: people link by OAuth 1.0a
  std::string client_secret_file;  // empty: a public client
  bool by_pin = false;             // pairing = "pin": OAuth 1.0a, no public_url and no web listener
  std::string consumer_key;        // of OAuth 1.0a
  std::string consumer_secret_file;
  std::string authorize_url = "https://x.com/i/oauth2/authorize";
  std::string api_url = "https://api.x.com";
};

struct PairingConfig {
  bool text_back = true;
  milliseconds expires = std::chrono::minutes(15);
};

struct StoreConfig {
  std::string path = "/var/lib/carrier-pigeon/pigeon.db";  // from url = "sqlite:<path>"
  std::string key_file =
      "/var/lib/carrier-pigeon/key";                // 32 octets as hex; created with mode 0600 if missing
  milliseconds keep = std::chrono::hours(30 * 24);  // what is over is deleted then; gateway.oldest at least
};

struct WebConfig {
  // A loopback "address:port" or "unix:<path>"; empty: no listener (x.pairing = "pin").
  std::string listen = "unix:/run/carrier-pigeon-web/web.sock";
  bool behind_proxy = false;  // a front on this machine says who asks (X-Forwarded-For)
};

// Answers by SMS at most (docs/design.md, "Abuse"); 0 is none at all.
struct LimitsConfig {
  int unlinked_per_hour = 3;    // to one number without an account
  int linked_per_hour = 60;     // to one number with an account
  int linked_per_day = 200;     // the same
  int box_per_hour = 300;       // to everybody together
  int same_words_per_hour = 2;  // to one number that texts the same words; 1 at least
};

// What the options --log-personal-info and --verbose switch on too.
struct LogConfig {
  bool personal_info = false;  // phone numbers and texts in clear
  bool verbose = false;        // every step
};

struct Config {
  GatewayConfig gateway;
  std::vector<ModemConfig> modems;
  XConfig x;
  PairingConfig pairing;
  StoreConfig store;
  WebConfig web;
  LimitsConfig limits;
  LogConfig log;
};

// A file that was read: what it says, where it says it, and all that is wrong with it.
struct ConfigFile {
  std::string source;  // its path, for the words
  Config config;       // of use only without mistakes; defaults stand where something is wrong
  // Of the sections and keys that it gives: "x" → 5, "x.client_id" → 6; "modem[0].pin_file" for the first
  // modem.
  std::map<std::string, int, std::less<>> lines;
  std::vector<Mistake> mistakes;  // sorted by line

  // Of "x.client_id"; where the file does not give it, of its section, or 1.
  [[nodiscard]] int line_of(std::string_view place) const;
  [[nodiscard]] bool is_wrong(std::string_view key) const;  // a mistake about "x.client_id" is noted
};

// Pure: looks at the text alone. `source` names it in words.
[[nodiscard]] ConfigFile read_config(std::string_view toml, const std::string& source);
// A file that cannot be read is a mistake of line 0.
[[nodiscard]] ConfigFile read_config_file(const std::string& path);

// For who needs the values only. Errc::bad_input: all mistakes, a line each:
// "pigeon.toml:12: unknown key 'x.clientid'; did you mean 'client_id'?".
[[nodiscard]] Result<Config> parse_config(std::string_view toml, const std::string& source);
// The same with `path` as the source, also when the file cannot be read.
[[nodiscard]] Result<Config> load_config(const std::string& path);

// "500ms", "90s", "15m", "2h", "3d".
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text);
// The way back, in the largest unit that has no rest.
[[nodiscard]] std::string to_text(milliseconds duration);

inline constexpr const char* kDefaultConfigPath = "/etc/carrier-pigeon/pigeon.toml";

}  // namespace pigeon
