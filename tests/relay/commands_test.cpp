// What counts as a command and what is a post.
#include "relay/commands.h"

#include <doctest/doctest.h>

using namespace pigeon::relay;

TEST_CASE("commands: only the whole trimmed text, in any case, with or without one prefix") {
  struct Row {
    const char* text;
    CommandKind kind;
    const char* post;  // what would be posted
  };
  const Row rows[] = {
      {"STOP", CommandKind::stop, ""},
      {"  stop \r\n", CommandKind::stop, ""},
      {"\\stop", CommandKind::stop, ""},
      {"/Stop", CommandKind::stop, ""},
      {".STOP", CommandKind::stop, ""},
      {"opt out", CommandKind::stop, ""},
      {"OPT OUT", CommandKind::stop, ""},
      {"unsubscribe", CommandKind::stop, ""},
      {"Stop the war", CommandKind::post, "Stop the war"},
      {"stop.", CommandKind::stop, ""},
      {"Stop!!", CommandKind::stop, ""},
      {"\"STOP\"", CommandKind::stop, ""},
      {"\u201cStop\u201d", CommandKind::stop, ""},
      {"\u00abstop\u00bb", CommandKind::stop, ""},
      {"'stop' ", CommandKind::stop, ""},
      {"(stop)", CommandKind::stop, ""},
      {"stop\u2026", CommandKind::stop, ""},
      {"\uff33\uff34\uff2f\uff30", CommandKind::stop, ""},  // full width
      {"STOPALL", CommandKind::stop, ""},
      {"stop all", CommandKind::stop, ""},
      {"End.", CommandKind::stop, ""},
      {"Cancel", CommandKind::stop, ""},
      {"quit!", CommandKind::stop, ""},
      {"Revoke", CommandKind::stop, ""},
      {"OPT-OUT", CommandKind::stop, ""},
      {"Opt-out.", CommandKind::stop, ""},
      {"opt  out", CommandKind::stop, ""},
      {"optout", CommandKind::stop, ""},
      {"\\stop.", CommandKind::stop, ""},
      {"\\\\stop", CommandKind::post, "\\stop"},
      {"\"Stop the war.\"", CommandKind::post, "\"Stop the war.\""},
      {"stop stop", CommandKind::post, "stop stop"},
      {"The end.", CommandKind::post, "The end."},
      {"stop \U0001f44d", CommandKind::post, "stop \U0001f44d"},
      {"Help!", CommandKind::post, "Help!"},  // only the wish to stop is so forgiving
      {"\"start\"", CommandKind::post, "\"start\""},
      {"Help", CommandKind::help, ""},
      {"info", CommandKind::help, ""},
      {"START", CommandKind::start, ""},
      {"unstop", CommandKind::start, ""},
      {"undo", CommandKind::unknown, ""},
      {"\\frobnicate", CommandKind::unknown, ""},
      {"\\", CommandKind::unknown, ""},
      {"\\\\o/ hello", CommandKind::post, "\\o/ hello"},
      {"/s", CommandKind::post, "/s"},
      {"...and then", CommandKind::post, "...and then"},
      {" hello  world ", CommandKind::post, "hello  world"},
      {"", CommandKind::post, ""},
      {"482193", CommandKind::code, "482193"},
      {"/482193", CommandKind::code, "482193"},
      {"\\482193", CommandKind::code, "482193"},
      {"\\\\482193", CommandKind::post, "\\482193"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Command command = parse_command(row.text);
    CHECK(command.kind == row.kind);
    CHECK(command.text == row.post);
  }
}
