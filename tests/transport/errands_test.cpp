// An operator's command between two of the modem's thread's own.
#include "transport/errands.h"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <string>

#include "tests/transport/modem_desk.h"

using namespace pigeon;
using sim::Intervention;
using test::eventually;
using Desk = test::ModemDesk;

namespace {

const std::string kAda = "+12025550123";

// What the modem's thread says to one command; nothing when it never does.
std::optional<Result<modem::RawAnswer>> ask(Desk& desk, const std::string& command, bool may_harm = false,
                                            milliseconds timeout = seconds(10)) {
  auto said = std::make_shared<Result<modem::RawAnswer>>(fail(Errc::io, "nothing"));
  auto done = std::make_shared<std::atomic<bool>>(false);
  const bool taken =
      desk.transport->ask(transport::Errand{command, timeout, may_harm, [said, done](const auto& answer) {
                                              *said = answer;
                                              *done = true;
                                            }});
  if (!taken || !eventually([&] { return done->load(); })) return std::nullopt;
  return *said;
}

bool is_ready(Desk& desk) {
  const auto modems = desk.store->modems.list();
  return modems.size() == 1 && modems.front().ready;
}

}  // namespace

TEST_CASE("errands: each is answered with all the modem's lines, and a refusal is an answer") {
  Desk desk;
  desk.transport->start();
  REQUIRE(eventually([&] { return is_ready(desk); }));
  const auto quality = ask(desk, "AT+CSQ");
  REQUIRE((quality && quality->has_value()));
  CHECK((*quality)->ok);
  CHECK((*quality)->lines.size() == 1);
  const auto profile = ask(desk, "AT&V");
  REQUIRE((profile && profile->has_value()));
  CHECK((*profile)->lines.size() > 1);
  const auto all = ask(desk, "AT+CLAC");
  REQUIRE((all && all->has_value()));
  CHECK((*all)->lines.size() > 40);
  const auto refused = ask(desk, "AT+NOSUCH");
  REQUIRE((refused && refused->has_value()));
  CHECK_FALSE((*refused)->ok);
  CHECK((*refused)->result.find("ERROR") != std::string::npos);
}

TEST_CASE("errands: many at once are done one after the other, and texts come through between them") {
  Desk desk;
  desk.transport->start();
  REQUIRE(eventually([&] { return is_ready(desk); }));
  std::atomic<int> done = 0;
  int taken = 0;
  for (int i = 0; i < 100; ++i)
    taken +=
        desk.transport->ask(transport::Errand{"AT+CSQ", seconds(10), false, [&done](const auto&) { ++done; }})
            ? 1
            : 0;
  CHECK(taken >= 16);
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
  CHECK(eventually([&] { return done == taken; }));
}

TEST_CASE("errands: after one that silenced the modem the driver has it announce texts again") {
  Desk desk;  // it would be listed in five minutes
  desk.transport->start();
  REQUIRE(eventually([&] { return is_ready(desk); }));
  const auto silenced = ask(desk, "AT+CNMI=0,0,0,0,0", true);
  REQUIRE((silenced && silenced->has_value()));
  CHECK((*silenced)->ok);
  const auto settings = ask(desk, "AT+CNMI?");
  REQUIRE((settings && settings->has_value()));
  CHECK((*settings)->lines.front().find(": 2,1") != std::string::npos);
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
}

TEST_CASE("errands: a modem that says nothing is told, and goes on") {
  Desk desk;
  desk.transport->start();
  REQUIRE(eventually([&] { return is_ready(desk); }));
  desk.sim.before_command([](std::string_view line) {
    if (line == "AT+CCLK?") return Intervention{Intervention::Kind::silence, {}};
    return Intervention{};
  });
  const auto silent = ask(desk, "AT+CCLK?", false, milliseconds(100));
  REQUIRE(silent.has_value());
  REQUIRE_FALSE(silent->has_value());
  CHECK(silent->error().message.find("no answer") != std::string::npos);
  REQUIRE(desk.carrier.text(kAda, "hello").has_value());
  CHECK(desk.received(1));
}

TEST_CASE("errands: without a modem it is said at once") {
  Desk desk;
  desk.sim.unplug();
  desk.transport->start();
  const auto refused = ask(desk, "AT+CSQ");
  REQUIRE(refused.has_value());
  REQUIRE_FALSE(refused->has_value());
  CHECK(refused->error().message.find("not ready") != std::string::npos);
}
