// Who asks, as far as budgets must know: the address that a request comes from. Behind a front every peer is
// the front, which writes down whom it speaks for; without one the peer is all there is, since headers can
// say anything.
#pragma once

#include <httplib.h>

#include <string>
#include <string_view>

namespace pigeon::web {

// An address as a client of budgets: IPv4 whole (also where IPv6 wraps it), of IPv6 the /64 that one customer
// has at least. Empty: not an address; all who have none are one client.
[[nodiscard]] std::string client_of_address(std::string_view address);

// The client of a request. `behind_front`: the last hop of X-Forwarded-For, which is the front's own word; a
// request with none, or with two such headers, did not come through a front that knows its trade.
[[nodiscard]] std::string client_of(const httplib::Request& request, bool behind_front);

}  // namespace pigeon::web
