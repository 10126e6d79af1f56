// From a request to a page: routes, budgets, cookies and the headers of every answer. Knows HTTP and the
// pages; pairing::PairingFlow knows the rest.
#pragma once

#include <httplib.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pairing/pairing_flow.h"
#include "store/store.h"
#include "web/pages.h"
#include "web/rate_limit.h"

namespace pigeon::web {

struct HandlerOptions {
  std::string gateway_number;  // E.164
  std::string public_url;
  std::string authorize_url;
  bool text_back = true;
  bool behind_front = false;  // see client_of.h
  std::size_t max_body = 4096;
  // What is wrong with the box now; asked by /healthz, from any thread.
  std::function<std::vector<store::Condition>()> conditions;
};

// Any thread, several at once.
class Handlers {
 public:
  // Both are borrowed.
  Handlers(HandlerOptions options, pairing::PairingFlow& pairing, store::Store& store);

  // What every answer carries: the policies that browsers enforce for us.
  [[nodiscard]] httplib::Headers headers() const;
  // Never throws for a request's sake: failing storage becomes a page.
  void handle(const httplib::Request& request, httplib::Response& response);

 private:
  struct Route;
  using Method = void (Handlers::*)(const httplib::Request&, httplib::Response&);
  [[nodiscard]] static const Route* route_of(std::string_view path);

  void dispatch(const httplib::Request& request, httplib::Response& response);
  void home(const httplib::Request& request, httplib::Response& response);
  void how_to_link(const httplib::Request& request, httplib::Response& response);
  void offer(const httplib::Request& request, httplib::Response& response);
  void start(const httplib::Request& request, httplib::Response& response);
  void callback(const httplib::Request& request, httplib::Response& response);
  void place(const httplib::Request& request, httplib::Response& response);
  void health(const httplib::Request& request, httplib::Response& response);

  [[nodiscard]] bool is_well();
  [[nodiscard]] std::string client(const httplib::Request& request) const;
  void unknown(const httplib::Request& request, httplib::Response& response, int status, pages::Notice what);
  [[nodiscard]] std::string cookie(const httplib::Request& request) const;
  void notice(httplib::Response& response, int status, pages::Notice notice);
  void failed(httplib::Response& response, std::string_view why);
  [[nodiscard]] bool is_own_form(const httplib::Request& request) const;
  [[nodiscard]] std::string set_cookie(std::string_view value, milliseconds life) const;

  const HandlerOptions options_;
  const std::string origin_;  // of public_url
  const bool secure_;         // public_url is https
  pairing::PairingFlow& pairing_;
  store::Store& store_;
  Budgets budgets_;
};

}  // namespace pigeon::web
