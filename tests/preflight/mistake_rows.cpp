// The table of mistakes; see mistake_rows.h.
#include "tests/preflight/mistake_rows.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/fd.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "tests/free_port.h"

namespace pigeon::test {
namespace {

constexpr int kNumber = 2, kPublicUrl = 3, kCountry = 4, kModem = 5, kModemUrl = 6, kX = 7, kClientId = 8,
              kSecret = 9, kStoreUrl = 11, kKeyFile = 12, kListen = 14, kLimit = 16, kAppended = 0,
              kAfter = 17;  // where what is appended begins

auto secret_of(const std::string& content, unsigned mode = 0600) {
  return [content, mode](const std::string& folder) { write_file(folder + "/secret", content, mode); };
}

std::vector<MistakeRow> rows_of_text() {
  return {
      {"a value without quotes", kPublicUrl, "public_url = https://sms.pigeon.test", 3, "gateway.public_url",
       "not TOML", "put the value in quotes: public_url"},
      {"quotes that do not end", kPublicUrl, "public_url = \"https://sms.pigeon.test", 3,
       "gateway.public_url", "not TOML", "close the quotes"},
      {"no equals sign", kClientId, "client_id \"id\"", 8, "x.client_id", "not TOML", "write key = "},
      {"a header that does not end", 1, "[gateway", 1, "gateway", "not TOML",
       "write [gateway] on a line of its own"},
      {"a key twice", kNumber, "number = \"+12025550100\"\nnumber = \"+12025550101\"", 3, "gateway.number",
       "'number' is given twice", "keep one of the two lines"},
      {"a section twice", kAppended, "[web]\nlisten = \"127.0.0.1:1\"", kAfter, "web", "[web] is given twice",
       "bring both parts together"},
      {"not in UTF-8", kClientId, "client_id = \"\xE9\"", 8, "x.client_id", "not TOML",
       "save the file as UTF-8"},
      {"True", kAppended, "[pairing]\ntext_back = True", kAfter + 1, "pairing.text_back", "not TOML",
       "true or false in small letters"},
  };
}

std::vector<MistakeRow> rows_of_keys() {
  return {
      {"a misspelt key", kClientId, "clientid = \"id\"", 8, "x.clientid", "unknown key 'x.clientid'",
       "did you mean 'client_id'?"},
      {"a key with a hyphen", kClientId, "client-id = \"id\"", 8, "x.client-id", "unknown key 'x.client-id'",
       "did you mean 'client_id'?"},
      {"a misspelt section", kAppended, "[pairng]\ntext_back = true", kAfter, "pairng",
       "unknown section [pairng]", "did you mean [pairing]?"},
      {"an unheard-of section", kAppended, "[telegraph]", kAfter, "telegraph", "unknown section [telegraph]",
       "the sections are gateway, modem, x"},
      {"a key of another section", kClientId, "client_id = \"id\"\npublic_url = \"https://a.test\"", 9,
       "x.public_url", "unknown key 'x.public_url'", "it belongs in [gateway]"},
      {"an unheard-of key", kCountry, "colour = \"red\"", 4, "gateway.colour", "unknown key 'gateway.colour'",
       "the keys of this section are number, public_url"},
      {"a key above all sections", 1, "oldest = \"3d\"\n[gateway]", 1, "oldest",
       "unknown key 'oldest' outside", "write 'oldest' below [gateway]"},
      {"a consumer key without its secret", kClientId, "client_id = \"id\"\nconsumer_key = \"k\"", 7,
       "x.consumer_secret_file", "x.consumer_secret_file is missing", "consumer secret (API key secret)"},
      {"a consumer secret without its key", kClientId,
       "client_id = \"id\"\nconsumer_secret_file = \"@/secret\"", 7, "x.consumer_key",
       "x.consumer_key is missing", "which the secret belongs to"},
      {"the address for pictures", kClientId, "client_id = \"id\"\nupload_url = \"https://u.test\"", 9,
       "x.upload_url", "is not used by this version", "pictures"},
      {"threads", kAppended, "[posts]\nthreads = true", kAfter + 1, "posts.threads",
       "is not used by this version", "several posts"},
      {"a section that nothing uses yet", kAppended, "[mms]\napn = \"x\"", kAfter, "mms",
       "[mms] is not used by this version", "remove the section"},
      {"another way to link", kClientId, "client_id = \"id\"\npairing = \"qr\"", 9, "x.pairing",
       "must be \"link\" or \"pin\"", "where no browser can reach this box"},
  };
}

std::vector<MistakeRow> rows_of_values() {
  return {
      {"a number for a string", kListen, "listen = 8080", 14, "web.listen", "web.listen must be a string",
       "put it in quotes: listen = \"8080\""},
      {"a list for a string", kListen, "listen = [\"a\"]", 14, "web.listen", "web.listen must be a string",
       "write one value in quotes"},
      {"the number as a number", kNumber, "number = +12025550100", 2, "gateway.number", "must be a string",
       "number = \"+12025550100\""},
      {"a string for a truth", kAppended, "[pairing]\ntext_back = \"yes\"", kAfter + 1, "pairing.text_back",
       "must be true or false", "without quotes"},
      {"a duration in words", kCountry, "oldest = \"3 days\"", 4, "gateway.oldest", "must be a duration",
       "ms, s, m, h or d"},
      {"a duration of nothing", kCountry, "oldest = \"0d\"", 4, "gateway.oldest", "must be a duration",
       "above 0"},
      {"a duration without a unit", kAppended, "[pairing]\nexpires = 15", kAfter + 1, "pairing.expires",
       "must be a string", "put it in quotes"},
      {"no number", kNumber, "", 1, "gateway.number", "gateway.number is missing", "write the SIM's number"},
      {"a number without +", kNumber, "number = \"2025550100\"", 2, "gateway.number",
       "must be the SIM's number", "write + and"},
      {"the example's number", kNumber, "number = \"put the SIM's number here\"", 2, "gateway.number",
       "is still what the example says", "write the SIM's number"},
      {"the example's address", kPublicUrl, "public_url = \"https://pigeon.example\"", 3,
       "gateway.public_url", "is still what the example says", "write the address"},
      {"the example's client", kClientId, "client_id = \"put your app's OAuth 2.0 client id here\"", 8,
       "x.client_id", "is still what the example says", "client id of your app"},
      {"no client", kClientId, "", 7, "x.client_id", "x.client_id is missing", "client id of your app"},
      {"a client with a blank", kClientId, "client_id = \"a b\"", 8, "x.client_id", "must not have a blank",
       "copy the OAuth 2.0 client id"},
      {"a country's name", kCountry, "country = \"Germany\"", 4, "gateway.country",
       "must be a two-letter country code", "in capitals"},
      {"a country that is none", kCountry, "country = \"XX\"", 4, "gateway.country",
       "must be a two-letter country code", "ISO 3166"},
      {"a limit below 0", kLimit, "box_per_hour = -1", 16, "limits.box_per_hour",
       "must be a number from 0 to 1000000", "write 0 or more"},
      {"a limit beyond counting", kLimit, "linked_per_day = 5000000000", 16, "limits.linked_per_day",
       "must be a number from 0 to 1000000", "write 1000000"},
      {"a limit that would silence the box", kLimit, "same_words_per_hour = 0", 16,
       "limits.same_words_per_hour", "must be a number from 1 to", "write 1 or more"},
      {"a limit in words", kLimit, "box_per_hour = \"none\"", 16, "limits.box_per_hour",
       "must be a whole number", "without quotes"},
      {"a limit with a fraction", kLimit, "box_per_hour = 1.5", 16, "limits.box_per_hour",
       "must be a whole number", "without a point"},
  };
}

std::vector<MistakeRow> rows_of_addresses() {
  return {
      {"plain http in public", kPublicUrl, "public_url = \"http://sms.pigeon.test\"", 3, "gateway.public_url",
       "must be an https:// URL", "TLS front"},
      {"plain http to what looks like this machine", kPublicUrl, "public_url = \"http://127.pigeon.test\"", 3,
       "gateway.public_url", "must be an https:// URL", "TLS front"},
      {"no scheme", kPublicUrl, "public_url = \"sms.pigeon.test\"", 3, "gateway.public_url",
       "must be an https:// URL", "\"https://sms.pigeon.test\""},
      {"a path behind the address", kPublicUrl, "public_url = \"https://sms.pigeon.test/pigeon\"", 3,
       "gateway.public_url", "must be a URL without a path", "write \"https://sms.pigeon.test\""},
      {"a query behind the address", kPublicUrl, "public_url = \"https://sms.pigeon.test?a=b\"", 3,
       "gateway.public_url", "without blanks, ? and #", "leave out"},
      {"credentials in a URL", kClientId, "client_id = \"id\"\napi_url = \"https://x@pigeon.test\"", 9,
       "x.api_url", "without a user", "before the @"},
      {"a port that is none", kPublicUrl, "public_url = \"https://sms.pigeon.test:99999\"", 3,
       "gateway.public_url", "has a port that is none", "1 to 65535"},
      {"a host that is none", kPublicUrl, "public_url = \"https://sms pigeon\"", 3, "gateway.public_url",
       "has a host that no browser would find", "letters, digits"},
      {"X's version in its address", kClientId, "client_id = \"id\"\napi_url = \"https://api.x.test/2\"", 9,
       "x.api_url", "must not end in /2", "leave the version out"},
      {"port 0", kListen, "listen = \"127.0.0.1:0\"", 14, "web.listen", "port 0", "127.0.0.1:8080"},
      {"port 70000", kListen, "listen = \"127.0.0.1:70000\"", 14, "web.listen", "127.0.0.1:<port>",
       "127.0.0.1:8080"},
      {"an address that the network reaches", kListen, "listen = \"0.0.0.0:8080\"", 14, "web.listen",
       "only loopback addresses", "TLS front"},
      {"a socket without a folder", kListen, "listen = \"unix:@/gone/web.sock\"", 14, "web.listen",
       "/gone is missing", "mkdir -p"},
      {"a socket that is a file", kListen, "listen = \"unix:@/secret\"", 14, "web.listen", "and no socket",
       "another path"},
      {"a modem in single brackets", kModem, "[modem]", 5, "modem", "must be written as [[modem]]",
       "double the brackets"},
      {"two modems of one name", kAppended, "[[modem]]\nname = \"main\"", kAfter + 1, "modem.name",
       "two modems are named 'main'", "its own name"},
      {"a modem by a path", kModemUrl, "url = \"/dev/ttyUSB2\"", 6, "modem.url", "must be serial:auto",
       "write \"serial:/dev/ttyUSB2\""},
      {"a modem by a scheme that is none", kModemUrl, "url = \"usb:1\"", 6, "modem.url",
       "must be serial:auto", "serial:auto"},
      {"a modem with a rate that is none", kModemUrl, "url = \"serial:/dev/ttyUSB2?baud=fast\"", 6,
       "modem.url", "names no port", "?baud=115200"},
      {"a service centre that is none", kModemUrl, "smsc = \"12\"", 6, "modem.smsc", "must be a number like",
       "leave the line out"},
  };
}

std::vector<MistakeRow> rows_of_secrets() {
  const auto pin = [](const std::string& folder) { write_file(folder + "/pin", "12ab\n"); };
  return {
      {"no secret", kSecret, "client_secret_file = \"@/gone\"", 9, "x.client_secret_file",
       "/gone: No such file or directory", "install "},
      {"a secret by half a path", kSecret, "client_secret_file = \"secret\"", 9, "x.client_secret_file",
       "must be a path from the root", "begin it with /"},
      {"a folder for a secret", kSecret, "client_secret_file = \"@\"", 9, "x.client_secret_file", "directory",
       "name a file"},
      {"an empty secret", kAppended, "", 9, "x.client_secret_file", "the file is empty",
       "write the app's client secret into it", secret_of("")},
      {"a secret of a newline", kAppended, "", 9, "x.client_secret_file", "the file is empty",
       "write the app's client secret into it", secret_of("\r\n")},
      {"a secret of a byte order mark", kAppended, "", 9, "x.client_secret_file", "the file is empty",
       "write the app's client secret into it", secret_of("\xEF\xBB\xBF\n")},
      {"a secret in UTF-16", kAppended, "", 9, "x.client_secret_file", "this is UTF-16", "on one line",
       secret_of(std::string("\xFF\xFEs\0", 4))},
      {"a secret of two lines", kAppended, "", 9, "x.client_secret_file", "holds more than one line",
       "nothing in it but", secret_of("id\nsecret\n")},
      {"a secret for everybody", kAppended, "", 9, "x.client_secret_file", "every user can read this secret",
       "chmod 6", secret_of("secret", 0644)},
      {"a PIN that is none", kModemUrl, "pin_file = \"@/pin\"", 6, "modem.pin_file", "/pin holds no PIN",
       "4 to 8 digits", pin},
  };
}

// The first page of a table, counted from 1.
std::int64_t root_page(const std::string& folder, const std::string& table) {
  store::Database db(folder + "/pigeon.db");
  store::Statement find(db, "SELECT rootpage FROM sqlite_schema WHERE name = ?1");
  store::Query query = find.bind(table);
  return query.next() ? query.integer(0) : 0;
}

std::vector<MistakeRow> rows_of_storage() {
  const auto file_at = [](const char* name, const char* content, unsigned mode = 0600) {
    return [=](const std::string& folder) { write_file(folder + name, content, mode); };
  };
  return {
      {"another database", kStoreUrl, "url = \"mysql:x\"", 11, "store.url", "must be sqlite:<path>",
       "write \"sqlite:\""},
      {"a database by half a path", kStoreUrl, "url = \"sqlite:pigeon.db\"", 11, "store.url",
       "must be sqlite:<path>", "from the root"},
      {"no data folder", kStoreUrl, "url = \"sqlite:@/gone/pigeon.db\"", 11, "store.url", "/gone is missing",
       "mkdir -p -m 700"},
      {"a file for a data folder", kStoreUrl, "url = \"sqlite:@/secret/pigeon.db\"", 11, "store.url",
       "/secret is no folder", "correct the path"},
      {"a folder for a database", kStoreUrl, "url = \"sqlite:@/folder\"", 11, "store.url",
       "/folder is no file", "the path of a file",
       [](const std::string& folder) { std::filesystem::create_directory(folder + "/folder"); }},
      {"texts that are forgotten too soon", kKeyFile, "key_file = \"@/key\"\nkeep = \"2d\"", 13, "store.keep",
       "must not be shorter than gateway.oldest", "write \"3d\" or more"},
      {"a database that is none", kAppended, "", 11, "store.url",
       "is damaged, or no database: ", "name another file",
       file_at("/pigeon.db",
               "Dear diary, this is no database but a text of a hundred octets and some more, so that "
               "its header is read.")},
      {"a database that has lost a page", kAppended, "", 11, "store.url", "/pigeon.db is damaged",
       "'A damaged database' in docs/operating.md",
       [](const std::string& folder) {
         make_store(folder);
         store::Database(folder + "/pigeon.db").execute("PRAGMA wal_checkpoint(TRUNCATE)");
         std::fstream file(folder + "/pigeon.db", std::ios::binary | std::ios::in | std::ios::out);
         file.seekp((root_page(folder, "revocations") - 1) * 1024);  // which a start does not look into
         file << std::string(1024, '\0');
       }},
      {"a database for everybody", kAppended, "", 11, "store.url", "every user can read the texts", "chmod 6",
       [](const std::string& folder) {
         make_store(folder);
         ::chmod(folder.c_str(), 0755);
         ::chmod((folder + "/pigeon.db").c_str(), 0644);
       }},
      {"a database of a newer program", kAppended, "", 11, "store.url", "schema version 999",
       "install the newer program",
       [](const std::string& folder) {
         make_store(folder);
         store::Database(folder + "/pigeon.db").execute("PRAGMA user_version = 999");
       }},
      {"no folder for the key", kKeyFile, "key_file = \"@/gone/key\"", 12, "store.key_file",
       "/gone is missing", "mkdir -p -m 700"},
      {"half a key", kAppended, "", 12, "store.key_file", "64 hexadecimal digits", "backup",
       file_at("/key", "0123456789abcdef\n")},
      {"a key for everybody", kAppended, "", 12, "store.key_file", "every user can read this secret",
       "chmod 6",
       [](const std::string& folder) {
         make_store(folder);
         ::chmod((folder + "/key").c_str(), 0604);
       }},
      {"a key that is gone", kAppended, "", 12, "store.key_file", "/key is missing", "from the backup",
       [](const std::string& folder) {
         make_store(folder);
         std::filesystem::remove(folder + "/key");
       }},
      {"another database's key", kAppended, "", 12, "store.key_file", "not the key that the database",
       "put that key back",
       [](const std::string& folder) {
         make_store(folder);
         write_file(folder + "/key", std::string(64, 'a'));
       }},
  };
}

}  // namespace

GoodConfig::GoodConfig(std::string folder)
    : folder_(std::move(folder)),
      port_(free_port()),
      lines_{"[gateway]",
             "number = \"+12025550100\"",
             "public_url = \"https://sms.pigeon.test\"",
             "country = \"US\"",
             "[[modem]]",
             "url = \"pty:/dev/pts/none\"",
             "[x]",
             "client_id = \"id\"",
             "client_secret_file = \"@/secret\"",
             "[store]",
             "url = \"sqlite:@/pigeon.db\"",
             "key_file = \"@/key\"",
             "[web]",
             "listen = \"127.0.0.1:" + std::to_string(port_) + "\"",
             "[limits]",
             "box_per_hour = 10"} {
  write_file(folder_ + "/secret", "secret\n");
}

void GoodConfig::replace(int number, std::string text) {
  if (number == 0)
    lines_.push_back(std::move(text));
  else
    lines_.at(static_cast<std::size_t>(number) - 1) = std::move(text);
}

std::string GoodConfig::write() const {
  std::string text;
  for (const std::string& line : lines_) {
    for (const char c : line + "\n") {
      if (c == '@' && line.find("://x@") == std::string::npos)
        text += folder_;
      else
        text += c;
    }
  }
  const std::string path = folder_ + "/pigeon.toml";
  write_file(path, text, 0644);
  return path;
}

std::vector<MistakeRow> mistake_rows() {
  std::vector<MistakeRow> all;
  for (auto rows : {rows_of_text(), rows_of_keys(), rows_of_values(), rows_of_addresses(), rows_of_secrets(),
                    rows_of_storage()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

void make_store(const std::string& folder) {
  const auto store = store::Store::open(folder + "/pigeon.db", folder + "/key");
  if (!store) throw std::runtime_error(store.error().message);
}

void write_file(const std::string& path, const std::string& content, unsigned mode) {
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), mode);
}

}  // namespace pigeon::test
