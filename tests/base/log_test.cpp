// The log: what a stranger who is shown it must not learn, and what a stranger's text must not do to it.
#include "base/log.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/base/logged.h"

using namespace pigeon;
using test::logged;

namespace {

// The log as main configures it, and as it was when the test ends.
struct Configured {
  explicit Configured(const log::Options& options) { log::configure(options); }
  ~Configured() { log::configure({}); }
  Configured(const Configured&) = delete;
  Configured& operator=(const Configured&) = delete;
};

}  // namespace

TEST_CASE("log: by default a text is its length and a number its ends") {
  const Configured with_defaults{log::Options{}};
  CHECK(log::quoted("meet me at nine") == "(15 bytes)");
  CHECK(log::quoted("") == "(0 bytes)");
  CHECK(log::masked("+4915123456789") == "+4915…789");
  CHECK(log::masked("12345") == "…");
}

TEST_CASE("log: every step in the log does not mean texts in the log") {
  const Configured verbose{{.level = log::Level::debug}};
  CHECK(log::quoted("meet me at nine") == "(15 bytes)");
  CHECK(log::masked("+4915123456789") == "+4915…789");
}

TEST_CASE("log: with --log-personal-info both are there in clear") {
  const Configured open{{.personal_info = true}};
  CHECK(log::quoted("meet me at nine") == "\"meet me at nine\"");
  CHECK(log::masked("+4915123456789") == "+4915123456789");
}

TEST_CASE("log: a stranger's control characters make neither lines nor escape sequences") {
  const Configured open{{.personal_info = true}};
  const std::string line = logged([] {
    log::info("intake/main", log::quoted("hi\n<3>pigeond: error: forged\r\x1b[2J\x07\x7f and \xc2\x9b"
                                         "2J"));
  });
  CHECK(line == "intake/main: \"hi\\n<3>pigeond: error: forged\\r\\x1b[2J\\x07\\x7f and \\x9b2J\"\n");
  for (const auto& write : {log::error, log::warning, log::notice, log::info}) {
    CHECK(logged([&write] { write("web", "a\nb\x1b"); }).find("a\\nb\\x1b\n") != std::string::npos);
  }
}

TEST_CASE("log: what is less important than the level is dropped, the journal gets its priorities") {
  {
    const Configured with_defaults{log::Options{}};
    CHECK(logged([] { log::debug("web", "a detail"); }).empty());
  }
  const Configured for_journal{{.level = log::Level::debug, .journald_prefix = true}};
  CHECK(logged([] { log::debug("web", "a detail"); }) == "<7>web: a detail\n");
  CHECK(logged([] { log::error("web", "a fault"); }) == "<3>web: error: a fault\n");
}

TEST_CASE("log: a warning that comes again and again is written three times, then counted") {
  const std::string lines = logged([] {
    for (int i = 0; i < 100; ++i) log::warning("disk", "no room at all");
    log::warning("disk", "no room for this either");
    for (int i = 0; i < 100; ++i) log::info("disk", "a step of many");
  });
  const auto count = [&lines](const std::string& piece) {
    int found = 0;
    for (std::size_t at = lines.find(piece); at != std::string::npos; at = lines.find(piece, at + 1)) ++found;
    return found;
  };
  CHECK(count("no room at all\n") == 3);
  CHECK(count("no room for this either\n") == 1);
  CHECK(count("a step of many\n") == 100);
}
