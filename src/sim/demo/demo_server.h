// The demo's web page and the JSON interface behind it, which scripts may use as well: the phones on one
// side, X's posts on the other, and the faults that can be put between.
//
//   GET  /              the page (with /demo.css, /demo.js, /icon.svg)
//   GET  /api/state     ?phone=+1…: {"gateway","phones":[…],"phone":{…},"posts":[…]}, all the page shows
//   POST /api/text      {"from","text"} → {"parts"}: a phone texts the gateway
//   GET  /api/phones/…  {"number","messages":[{"direction":"sent|received","text","at","parts"}]}
//   POST /api/phones    {} → {"number","name"}: one more phone, unknown to everybody
//   GET  /api/posts     [{"id","username","text","at","deleted","in_reply_to"}]
//   GET  /api/grants    [{"username","scopes":[…],"alive"}]: who agreed at X
//   GET  /api/requests  ["POST /2/tweets 201", …]: what X was asked
//   POST /api/inject    {"fault": a name of named_fault(), "match"?: "POST /2/tweets", "times"?: 1} or
//                       {"action":"expire-access-tokens|revoke-all|suspend|unsuspend|clear"} or
//                       {"action":"advance","seconds":n}; → {}
//
// Lists are oldest first, times in milliseconds since 1970. Errors: 400 or 404 with {"error": "what: why"}.
// A POST must be application/json, which no other site's page can send unasked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/network/carrier.h"
#include "sim/x/x_sandbox.h"

namespace pigeon::sim {

struct DemoPhone {
  std::string number;  // E.164
  std::string name;
};

struct DemoOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::string gateway_number = "+12025550100";
  std::vector<DemoPhone> phones = {
      {"+12025550123", "Ada"}, {"+12025550124", "Grace"}, {"+12025550125", "Alan"}};
};

// Thread-safe. Carrier and sandbox must outlive it.
class DemoServer {
 public:
  // Listens at once. Throws std::runtime_error when the address cannot be had.
  DemoServer(DemoOptions options, Carrier& carrier, XSandbox& sandbox);
  ~DemoServer();
  DemoServer(const DemoServer&) = delete;
  DemoServer& operator=(const DemoServer&) = delete;

  [[nodiscard]] std::string url() const;  // "http://127.0.0.1:<port>"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeon::sim
