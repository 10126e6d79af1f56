// Who counts as one client: addresses as they are written, and whose word about them is taken.
#include "web/client_of.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using pigeon::web::client_of;
using pigeon::web::client_of_address;

namespace {

std::string behind_front(const std::vector<std::string>& forwarded) {
  httplib::Request request;
  request.remote_addr = "127.0.0.1";
  for (const std::string& value : forwarded) request.headers.emplace("X-Forwarded-For", value);
  return client_of(request, true);
}

}  // namespace

TEST_CASE("client of: one address is one client, of IPv6 one /64") {
  struct Row {
    const char* one;
    const char* other;
    bool same;
  };
  const std::vector<Row> rows{{"192.0.2.1", "192.0.2.1", true},
                              {"192.0.2.1", "192.0.2.2", false},
                              {"192.0.2.1", "::ffff:192.0.2.1", true},
                              {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
                              {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
                              {"2001:db8:1:2::1", "2001:0db8:0001:0002:0000:0000:0000:0001", true},
                              {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
                              {"192.0.2.1", "2001:db8:1:2::1", false}};
  for (const Row& row : rows) {
    CAPTURE(row.one);
    CAPTURE(row.other);
    CHECK_FALSE(client_of_address(row.one).empty());
    CHECK((client_of_address(row.one) == client_of_address(row.other)) == row.same);
  }
  for (const char* none : {"", "unknown", "192.0.2", "192.0.2.1:80", "pigeon.example", "_hidden"})
    CHECK(client_of_address(none).empty());
}

TEST_CASE("client of: without a front the peer's address counts, whatever the headers say") {
  httplib::Request request;
  request.remote_addr = "192.0.2.1";
  request.headers.emplace("X-Forwarded-For", "192.0.2.9");
  request.headers.emplace("REMOTE_ADDR", "192.0.2.9");
  CHECK(client_of(request, false) == client_of_address("192.0.2.1"));
}

TEST_CASE(
    "client of: behind a front its own word counts, the last hop, and nothing that a stranger put before") {
  CHECK(behind_front({"192.0.2.1"}) == client_of_address("192.0.2.1"));
  CHECK(behind_front({"10.0.0.1, 192.0.2.1"}) == client_of_address("192.0.2.1"));
  CHECK(behind_front({"10.0.0.1,192.0.2.1 "}) == client_of_address("192.0.2.1"));
  CHECK(behind_front({"2001:db8:1:2::1"}) == client_of_address("2001:db8:1:2::7"));
  CHECK(behind_front({}).empty());
  CHECK(behind_front({"10.0.0.1", "192.0.2.1"}).empty());
  CHECK(behind_front({"192.0.2.1, somebody"}).empty());
}
