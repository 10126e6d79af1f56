// Addresses and the one header that may name them; see client_of.h.
#include "web/client_of.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "base/text.h"

namespace pigeon::web {
namespace {

constexpr const char* kForwarded = "X-Forwarded-For";
constexpr std::size_t kNetwork = 8;  // octets of a /64

}  // namespace

std::string client_of_address(std::string_view address) {
  const std::string text(address);
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return {reinterpret_cast<const char*>(&v4), sizeof v4};
  in6_addr v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return {};
  const auto* const octets = reinterpret_cast<const char*>(&v6);
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return {octets + sizeof v6 - sizeof v4, sizeof v4};
  return {octets, kNetwork};
}

std::string client_of(const httplib::Request& request, bool behind_front) {
  if (!behind_front) return client_of_address(request.remote_addr);
  if (request.get_header_value_count(kForwarded) != 1) return {};
  const std::string hops = request.get_header_value(kForwarded);
  const std::size_t comma = hops.rfind(',');
  return client_of_address(trim(std::string_view(hops).substr(comma == std::string::npos ? 0 : comma + 1)));
}

}  // namespace pigeon::web
