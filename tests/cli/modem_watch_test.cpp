// `pigeon modem watch`: what was said, a line each, in 80 columns.
#include "cli/modem_watch.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

using namespace pigeon;
using modem::TranscriptEntry;

TEST_CASE("modem watch: each line by itself, and none too wide") {
  const TranscriptEntry entry{std::chrono::milliseconds(1204), TranscriptEntry::Kind::from_modem,
                              "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"};
  CHECK(cli::watched(entry, false) == "    1.204 < +CSQ: 20,99\n    1.204 < OK\n");
  CHECK(cli::watched({{}, TranscriptEntry::Kind::to_modem, "AT\r"}, false) == "    0.000 > AT\n");
  CHECK(cli::watched({{}, TranscriptEntry::Kind::to_modem, "\x1b\r"}, false) == "    0.000 > \\x1b\n");
  const std::string wide =
      cli::watched({{}, TranscriptEntry::Kind::from_modem, std::string(300, 'F') + "\r\n"}, false);
  CHECK(wide.size() <= 80);
}

TEST_CASE("modem watch: an object a line for a machine, with the whole of it") {
  const TranscriptEntry entry{std::chrono::milliseconds(1500), TranscriptEntry::Kind::to_modem,
                              std::string(300, 'F') + "\x1a"};
  const auto json = nlohmann::json::parse(cli::watched(entry, true));
  CHECK(json["at"] == 1.5);
  CHECK(json["to"] == "modem");
  CHECK(json["line"].get<std::string>().starts_with(std::string(300, 'F')));
}
