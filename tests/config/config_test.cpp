// The configuration file: its contract, and mistakes that name their line.
#include "config/config.h"

#include <doctest/doctest.h>

using namespace pigeon;

namespace {

constexpr const char* kSmallest = R"(
[gateway]
number = "+12025550100"
public_url = "https://pigeon.test/"
[x]
client_id = "id"
)";

std::string error_of(const std::string& text) {
  const auto config = parse_config(text, "pigeon.toml");
  return config ? "" : config.error().message;
}

}  // namespace

TEST_CASE("config: the smallest file gets the documented defaults") {
  const auto config = parse_config(kSmallest, "pigeon.toml");
  REQUIRE_MESSAGE(config.has_value(), error_of(kSmallest));
  CHECK(config->gateway.public_url == "https://pigeon.test");
  CHECK(config->gateway.oldest == std::chrono::hours(72));
  CHECK(config->store.keep == std::chrono::hours(30 * 24));
  REQUIRE(config->modems.size() == 1);
  CHECK(config->modems[0].name == "main");
  CHECK(config->modems[0].url == "serial:auto");
  CHECK(config->x.authorize_url == "https://x.com/i/oauth2/authorize");
  CHECK(config->x.api_url == "https://api.x.com");
  CHECK(config->pairing.text_back);
  CHECK(config->pairing.expires == std::chrono::minutes(15));
  CHECK(config->store.path == "/var/lib/carrier-pigeon/pigeon.db");
  CHECK(config->web.listen == "unix:/run/carrier-pigeon-web/web.sock");
  CHECK_FALSE(config->web.behind_proxy);
  CHECK(config->limits.unlinked_per_hour == 3);
  CHECK(config->limits.linked_per_hour == 60);
  CHECK(config->limits.linked_per_day == 200);
  CHECK(config->limits.box_per_hour == 300);
  CHECK(config->limits.same_words_per_hour == 2);
}

TEST_CASE("config: what is kept is kept as long as a text could come again, whatever the default is") {
  const auto config = parse_config(
      "[gateway]\nnumber = \"+4915123456789\"\npublic_url = \"https://p.test\"\noldest = \"90d\"\n"
      "[x]\nclient_id = \"id\"\n",
      "pigeon.toml");
  REQUIRE_MESSAGE(config, config.error().message);
  CHECK(config->store.keep == std::chrono::hours(90 * 24));
}

TEST_CASE("config: every key of the contract is read") {
  const auto config = parse_config(R"(
gateway = { number = "+4915123456789", public_url = "http://127.0.0.1:8080", country = "DE", oldest = "7d" }
[[modem]]
name = "a"
url = "serial:/dev/ttyUSB2?baud=115200"
pin_file = "/etc/pin"
smsc = "+491710760000"
[[modem]]
name = "b"
url = "pty:/dev/pts/3"
[x]
client_id = "id"
client_secret_file = "/etc/secret"
pairing = "link"
authorize_url = "http://127.0.0.1:1/authorize"
api_url = "http://localhost:1"
[pairing]
text_back = false
expires = "90s"
[store]
url = "sqlite:/tmp/x.db"
key_file = "/tmp/key"
[web]
listen = "unix:/run/web.sock"
behind_proxy = true
[log]
personal_info = true
verbose = true
[limits]
unlinked_per_hour = 0
linked_per_hour = 1
linked_per_day = 1000000
box_per_hour = 4
same_words_per_hour = 5
)",
                                   "pigeon.toml");
  REQUIRE(config.has_value());
  CHECK(config->gateway.oldest == std::chrono::hours(168));
  CHECK(config->modems.size() == 2);
  CHECK(config->modems[1].url == "pty:/dev/pts/3");
  CHECK_FALSE(config->pairing.text_back);
  CHECK(config->pairing.expires == seconds(90));
  CHECK(config->store.path == "/tmp/x.db");
  CHECK(config->log.personal_info);
  CHECK(config->log.verbose);
  CHECK(config->web.behind_proxy);
  CHECK(config->limits.unlinked_per_hour == 0);
  CHECK(config->limits.linked_per_hour == 1);
  CHECK(config->limits.linked_per_day == 1'000'000);
  CHECK(config->limits.box_per_hour == 4);
  CHECK(config->limits.same_words_per_hour == 5);
}

TEST_CASE("config: linking by PIN needs no address, and opens none that nobody asked for") {
  const std::string pin =
      "[gateway]\nnumber = \"+4915123456789\"\n"
      "[x]\npairing = \"pin\"\nconsumer_key = \"key\"\nconsumer_secret_file = \"/etc/consumer\"\n";
  const auto config = parse_config(pin, "pigeon.toml");
  REQUIRE_MESSAGE(config, config.error().message);
  CHECK(config->x.by_pin);
  CHECK(config->x.consumer_key == "key");
  CHECK(config->x.consumer_secret_file == "/etc/consumer");
  CHECK(config->web.listen.empty());
  const auto open = parse_config(pin + "[web]\nlisten = \"127.0.0.1:8081\"\n", "pigeon.toml");
  REQUIRE_MESSAGE(open, open.error().message);
  CHECK(open->web.listen == "127.0.0.1:8081");
}

TEST_CASE("config: consumer keys alone are enough for texted links") {
  const std::string keys =
      "[gateway]\nnumber = \"+4915123456789\"\npublic_url = \"https://pigeon.test\"\n"
      "[x]\nconsumer_key = \"key\"\nconsumer_secret_file = \"/etc/consumer\"\n";
  const auto config = parse_config(keys, "pigeon.toml");
  REQUIRE_MESSAGE(config, config.error().message);
  CHECK_FALSE(config->x.by_pin);
  CHECK(config->x.client_id.empty());
  CHECK_FALSE(config->web.listen.empty());
}

TEST_CASE("config: mistakes are named with their line") {
  struct Row {
    const char* name;
    std::string text;
    const char* expected;
  };
  const std::string base = kSmallest;
  const Row rows[] = {
      {"unknown key", base + "clientid = \"x\"\n", "pigeon.toml:7: unknown key 'x.clientid'"},
      {"unknown table", base + "[webb]\nlisten = \"x\"\n",
       "pigeon.toml:7: unknown section [webb]; did you mean [web]?"},
      {"unknown modem key", base + "[[modem]]\nport = 1\n", "pigeon.toml:8: unknown key 'modem.port'"},
      {"wrong type", base + "[web]\nlisten = 8080\n", "pigeon.toml:8: web.listen must be a string"},
      {"bad duration", base + "[pairing]\nexpires = \"soon\"\n",
       "pigeon.toml:8: pairing.expires must be a duration"},
      {"no age at all",
       "[gateway]\nnumber = \"+12025550100\"\npublic_url = \"https://p.test\"\noldest = \"0d\"\n[x]\n"
       "client_id = \"i\"\n",
       "pigeon.toml:4: gateway.oldest must be a duration"},
      {"two modems, one name", base + "[[modem]]\n[[modem]]\n", "two modems are named 'main'"},
      {"modem as a table", base + "[modem]\n", "'modem' must be written as [[modem]]"},
      {"not TOML", base + "= 3\n", "pigeon.toml:7:"},
      {"plain http in public",
       "[gateway]\nnumber = \"+12025550100\"\npublic_url = \"http://pigeon.test\"\n[x]\nclient_id = \"i\"\n",
       "pigeon.toml:3: gateway.public_url must be an https:// URL"},
      {"credentials in a URL", base + "api_url = \"https://x@evil.test\"\n",
       "x.api_url must be a URL without a user"},
      {"pin pairing without a consumer key", base + "pairing = \"pin\"\nconsumer_secret_file = \"/k\"\n",
       "x.consumer_key is missing"},
      {"pin pairing without its secret", base + "pairing = \"pin\"\nconsumer_key = \"k\"\n",
       "x.consumer_secret_file is missing"},
      {"no client, and a consumer key that is empty",
       "[gateway]\nnumber = \"+12025550100\"\npublic_url = \"https://p.test\"\n[x]\nconsumer_key = \"\"\n",
       "x.client_id is missing"},
      {"a pairing nobody knows", base + "pairing = \"qr\"\n", "x.pairing must be \"link\" or \"pin\""},
      {"confirm", base + "[posts]\nconfirm = true\n", "posts.confirm is not used by this version"},
      {"no number", "[gateway]\npublic_url = \"https://p.test\"\n[x]\nclient_id = \"i\"\n",
       "gateway.number is missing"},
      {"no client", "[gateway]\nnumber = \"+12025550100\"\npublic_url = \"https://p.test\"\n",
       "x.client_id is missing"},
      {"bad country",
       "[gateway]\nnumber = \"+12025550100\"\npublic_url = \"https://p.test\"\ncountry = \"Germany\"\n",
       "pigeon.toml:4: gateway.country"},
      {"a limit below 0", base + "[limits]\nbox_per_hour = -1\n",
       "pigeon.toml:8: limits.box_per_hour must be a number from 0 to 1000000"},
      {"a limit beyond counting", base + "[limits]\nlinked_per_day = 5000000000\n",
       "pigeon.toml:8: limits.linked_per_day must be a number from 0 to 1000000"},
      {"a limit that would silence the box", base + "[limits]\nsame_words_per_hour = 0\n",
       "pigeon.toml:8: limits.same_words_per_hour must be a number from 1 to"},
      {"a limit that is no number", base + "[limits]\nbox_per_hour = \"none\"\n",
       "pigeon.toml:8: limits.box_per_hour must be a whole number"},
      {"an unknown limit", base + "[limits]\nbox_per_day = 1\n",
       "pigeon.toml:8: unknown key 'limits.box_per_day'"},
      {"bad store", base + "[store]\nurl = \"mysql:x\"\n", "store.url must be sqlite:"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string error = error_of(row.text);
    CHECK_MESSAGE(error.find(row.expected) != std::string::npos, error);
  }
  CHECK(load_config("/nonexistent/pigeon.toml").error().message.find("/nonexistent/pigeon.toml") !=
        std::string::npos);
}

TEST_CASE("config: all mistakes are named at once, one for each cause") {
  const ConfigFile file = read_config(
      "[gateway]\nnumber = 1\npublic_url = https\n[x]\nclientid = \"i\"\n[web]\nlisten = \"a\"\n[web]\n"
      "lisen = 1\n[[modem]\nnam = \"a\"\n",
      "f");
  std::string lines;
  for (const Mistake& mistake : file.mistakes) {
    lines += std::to_string(mistake.line) + " ";
    CHECK_FALSE(mistake.cure.empty());
  }
  CHECK_MESSAGE(lines == "2 3 5 8 10 11 ", in_lines(file.mistakes, "f"));
  CHECK(file.is_wrong("gateway.public_url"));
  CHECK_FALSE(file.is_wrong("x.client_id"));
}

TEST_CASE("config: a list or a string that never ends is a mistake too") {
  for (const char* text : {"[x]\na = [1,\n2", "a = \"\"\"\nb\n", "a = '''"}) {
    INFO(text);
    CHECK_FALSE(read_config(text, "f").mistakes.empty());
  }
}

TEST_CASE("config: a byte order mark hides no mistake of the first line") {
  const ConfigFile file = read_config("\xEF\xBB\xBF[gateway\r\nnumber = 1\r\n", "f");
  REQUIRE(file.mistakes.size() >= 2);
  CHECK(file.mistakes[0].cure == "write [gateway] on a line of its own");
  CHECK(file.is_wrong("gateway.number"));
}

TEST_CASE("config: a file in UTF-16 is told so") {
  const ConfigFile file = read_config(std::string_view("\xFF\xFE[\0x\0]\0\n\0", 10), "f");
  CHECK_MESSAGE(in_lines(file.mistakes, "f").find("save the file as UTF-8") != std::string::npos,
                in_lines(file.mistakes, "f"));
}

TEST_CASE("config: where each key stands") {
  const ConfigFile file = read_config(kSmallest, "f");
  CHECK(file.line_of("x.client_id") == 6);
  CHECK(file.line_of("x.api_url") == 5);
  CHECK(file.line_of("store.url") == 1);
  const ConfigFile modems = read_config("[[modem]]\n[[modem]]\nurl = \"serial:auto\"\n", "f");
  CHECK(modems.line_of("modem[1].url") == 3);
  CHECK(modems.line_of("modem[1].name") == 2);
}

TEST_CASE("config: durations") {
  CHECK(parse_duration("15m") == std::chrono::minutes(15));
  CHECK(parse_duration("500ms") == milliseconds(500));
  CHECK(parse_duration("2h") == std::chrono::hours(2));
  CHECK(parse_duration("3d") == std::chrono::hours(72));
  for (const char* text : {"3d", "25h", "15m", "90s", "1500ms"})
    CHECK(to_text(*parse_duration(text)) == text);
  CHECK(to_text(*parse_duration("60m")) == "1h");
  for (const char* bad : {"", "15", "m", "-1s", "1 m", "1w", "99999999999s"})
    CHECK_FALSE(parse_duration(bad));
}
