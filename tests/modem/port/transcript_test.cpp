// Recordings: no byte is lost on the way into the file and back.
#include "modem/port/transcript.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/file.h"

using namespace pigeon::modem;
using Kind = TranscriptEntry::Kind;

TEST_CASE("transcript: the written form") {
  CHECK(format_entry({std::chrono::microseconds(0), Kind::to_modem, "AT+CSQ\r"}) == "0.000000 > AT+CSQ\\r");
  CHECK(format_entry({std::chrono::microseconds(61'003'120), Kind::from_modem, "\r\nOK\r\n"}) ==
        "61.003120 < \\r\\nOK\\r\\n");
  CHECK(format_entry({std::chrono::microseconds(7), Kind::to_modem, "\x1b\x1a\\\xff"}) ==
        "0.000007 > \\x1b\\x1a\\\\\\xff");
  CHECK(format_entry({std::chrono::microseconds(0), Kind::to_modem, "AT\r", 2}) == "0.000000 2> AT\\r");
}

TEST_CASE("transcript: every byte there and back") {
  TranscriptEntry entry{std::chrono::microseconds(1'234'567), Kind::from_modem, {}};
  for (int byte = 0; byte < 256; ++byte) entry.bytes += static_cast<char>(byte);
  const auto again = parse_entry(format_entry(entry));
  REQUIRE(again);
  CHECK(*again == entry);
  entry.port = 2;
  CHECK(parse_entry(format_entry(entry)) == entry);
}

TEST_CASE("transcript: a file with comments; a broken line is named") {
  const auto entries =
      parse_transcript("# carrier-pigeon transcript 1\n\n0.000000 > AT\\r\n0.001000 < \\r\\nOK\\r\\n");
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK(entries->at(0).bytes == "AT\r");
  CHECK(entries->at(1).kind == Kind::from_modem);
  for (const char* broken : {"0.0 > AT", "0.000000 ? AT", "0.000000 3> AT", "0.000000 2", "0.000000 2 > AT",
                             "0.000000 > \\q", "0.000000 > \\x1", "0.000000", "x > y", "-1.000000 > AT"}) {
    CAPTURE(broken);
    const auto refused = parse_transcript(std::string("# fine\n") + broken + "\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.starts_with("line 2: "));
  }
}

TEST_CASE("transcript: a recording is private and continues") {
  const auto path = (std::filesystem::temp_directory_path() / "pigeon-transcript-test.txt").string();
  std::filesystem::remove(path);
  for (int run = 0; run < 2; ++run) {
    auto writer = TranscriptWriter::open(path);
    REQUIRE(writer);
    writer->record(Kind::to_modem, "AT\r", 1);
    writer->record(Kind::from_modem, "\r\nOK\r\n", 2);
  }
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto content = pigeon::read_file(path);
  REQUIRE(content);
  const auto entries = parse_transcript(*content);
  REQUIRE(entries);
  CHECK(entries->size() == 4);
  std::filesystem::remove(path);
}

TEST_CASE("transcript: a file that cannot be made is an error") {
  CHECK_FALSE(TranscriptWriter::open("/nonexistent/folder/file"));
}
