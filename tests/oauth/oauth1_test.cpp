// OAuth 1.0a signatures against the vectors of X's documentation and of RFC 5849.
#include "oauth/oauth1.h"

#include <doctest/doctest.h>

#include "net/http_client.h"
#include "tests/net/raw_server.h"

namespace pigeon::oauth {
namespace {

// What comes of asking a server for a request token that answers with this form.
OAuth1Result<OAuth1Token> asked_of(const std::string& form) {
  testing::RawServer server([form](testing::RawConnection& connection) {
    while (connection.read_request()) connection.write(testing::http_answer(200, form));
  });
  OAuth1Client client;
  client.consumer_key = "key";
  client.consumer_secret.set("secret");
  client.request_token_url = server.url("");
  net::HttpClient http;
  return request_token(http, client, kOutOfBand, UtcTime(std::chrono::seconds(1318622958)));
}

struct Vector {
  std::string name;
  std::string method;
  std::string url;
  Consumer consumer;
  OAuth1Token token;
  Parameters parameters;  // all but the signature
  std::string expected;
};

Parameters own(const Consumer& consumer, const std::string& token, const std::string& timestamp,
               const std::string& nonce) {
  Parameters out = {{"oauth_consumer_key", consumer.key},
                    {"oauth_signature_method", "HMAC-SHA1"},
                    {"oauth_timestamp", timestamp},
                    {"oauth_nonce", nonce}};
  if (!token.empty()) out.emplace_back("oauth_token", token);
  return out;
}

Parameters with(Parameters first, const Parameters& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

const Consumer kX{"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"};
const OAuth1Token kXToken{"370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                          "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"};
const Consumer kPrinter{"dpf43f3p2l4k3l03", "kd94hf93k423kf44"};
const Consumer kExample{"9djdj82h48djs9d2", "j49sk3j29djd"};

std::vector<Vector> vectors() {
  const Parameters tweet =
      with(own(kX, kXToken.token, "1318622958", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
           {{"oauth_version", "1.0"}, {"status", "Hello Ladies + Gentlemen, a signed OAuth request!"}});
  return {
      {"X, api.x.com", "POST", "https://api.x.com/1.1/statuses/update.json?include_entities=true", kX,
       kXToken, tweet, "Ls93hJiZbQ3akF3HF3x1Bz8/zU4="},
      {"X, api.twitter.com", "POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
       kX, kXToken, tweet, "hCtSmYh+iHYCEqBWrE7C7hYmtUk="},
      {"RFC 5849 §1.2, initiate",
       "POST",
       "https://photos.example.net/initiate",
       kPrinter,
       {},
       with(own(kPrinter, "", "137131200", "wIjqoS"),
            {{"oauth_callback", "http://printer.example.com/ready"}}),
       "74KNZJeDHnMBp0EMJ9ZHt/XKycU="},
      {"RFC 5849 §1.2, token",
       "POST",
       "https://photos.example.net/token",
       kPrinter,
       {"hh5s93j4hdidpola", "hdhd0244k9j7ao03"},
       with(own(kPrinter, "hh5s93j4hdidpola", "137131201", "walatlh"),
            {{"oauth_verifier", "hfdp7dh39dks9884"}}),
       "gKgrFCywp7rO0OXSjdot/IHF7IU="},
      {"RFC 5849 §1.2, photos",
       "GET",
       "http://photos.example.net/photos?file=vacation.jpg&size=original",
       kPrinter,
       {"nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"},
       own(kPrinter, "nnch734d00sl2jdk", "137131202", "chapoH"),
       "MdpQcU8iPSUjWoN/UDMsK2sui9I="},
      {"RFC 5849 §3.4.1",
       "POST",
       "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
       kExample,
       {"kkk9d7dh3k39sjv7", "dh893hdasih9"},
       with(own(kExample, "kkk9d7dh3k39sjv7", "137131201", "7d8f3e4a"), {{"c2", ""}, {"a3", "2 q"}}),
       "r6/TJjbCOr97/+UU0NsvSne7s5g="},
  };
}

}  // namespace

TEST_CASE("oauth1: signatures that others have published") {
  for (const Vector& vector : vectors()) {
    CAPTURE(vector.name);
    const std::string base = base_string(vector.method, vector.url, vector.parameters);
    CHECK(signature(base, vector.consumer.secret, vector.token.secret) == vector.expected);
  }
}

TEST_CASE("oauth1: the base string of RFC 5849 §3.4.1.1") {
  const Parameters parameters =
      with(own(kExample, "kkk9d7dh3k39sjv7", "137131201", "7d8f3e4a"), {{"c2", ""}, {"a3", "2 q"}});
  CHECK(base_string("POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", parameters) ==
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D"
        "%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26"
        "oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7");
}

TEST_CASE("oauth1: the address that is signed has no port of its scheme, query or fragment") {
  struct Row {
    std::string url, base;
  };
  for (const Row& row : {Row{"HTTPS://API.X.com:443/2/Tweets", "https%3A%2F%2Fapi.x.com%2F2%2FTweets"},
                         Row{"http://127.0.0.1:8080/a#b", "http%3A%2F%2F127.0.0.1%3A8080%2Fa"},
                         Row{"https://x.com:80", "https%3A%2F%2Fx.com%3A80%2F"}}) {
    CAPTURE(row.url);
    CHECK(base_string("GET", row.url, {}) == "GET&" + row.base + "&");
  }
}

TEST_CASE("oauth1: the header holds what was signed, and nothing of a form") {
  const std::string header =
      authorization(kX, kXToken, "POST", "https://api.x.com/1.1/statuses/update.json?include_entities=true",
                    {"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1318622958}, {},
                    {{"status", "Hello Ladies + Gentlemen, a signed OAuth request!"}});
  CHECK(header.starts_with("Authorization: OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", "));
  CHECK(header.ends_with("oauth_signature=\"Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D\""));
  CHECK(header.find("status") == std::string::npos);
  CHECK(header.find(kX.secret) == std::string::npos);
}

TEST_CASE("oauth1: no two stamps have one nonce") {
  const Stamp one = make_stamp(UtcTime(std::chrono::milliseconds(1318622958999)));
  CHECK(one.timestamp == 1318622958);
  CHECK(one.nonce.size() == 24);
  CHECK(one.nonce.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos);
  CHECK(make_stamp(UtcTime{}).nonce != one.nonce);
}

TEST_CASE("oauth1: a form is read as it comes") {
  const Parameters form = read_form("a=1&b=%41+c&&d&e=%zz&a=2");
  CHECK(value_of(form, "a") == "1");
  CHECK(value_of(form, "b") == "A c");
  CHECK(value_of(form, "d").empty());
  CHECK(value_of(form, "e") == "%zz");
  CHECK(value_of(form, "f").empty());
  CHECK(form.size() == 5);
}

TEST_CASE("oauth1: a request token counts when the server confirms the callback, and has both its halves") {
  const auto good = asked_of("oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true");
  REQUIRE(good);
  CHECK(good->token == "t");
  CHECK(good->secret == "s");
  for (const char* form :
       {"oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=false",
        "oauth_token=t&oauth_token_secret=s", "oauth_token=t&oauth_callback_confirmed=true",
        "oauth_token_secret=s&oauth_callback_confirmed=true", ""}) {
    INFO(form);
    const auto bad = asked_of(form);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().failure == OAuth1Failure::malformed);
  }
}

}  // namespace pigeon::oauth
