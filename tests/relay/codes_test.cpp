// What looks like a code, and what does not.
#include "relay/codes.h"

#include <doctest/doctest.h>

using pigeon::relay::code_in;

TEST_CASE("codes: six to eight digits with nothing else but LINK or PIN and signs, in any script") {
  struct Row {
    const char* text;
    const char* code;
  };
  const Row rows[] = {
      {"482193", "482193"},
      {"4821934", "4821934"},
      {"48219345", "48219345"},
      {"LINK 482193", "482193"},
      {"link:482193.", "482193"},
      {"Link482193", "482193"},
      {"482193 LINK", "482193"},
      {"PIN 4821-934", "4821934"},
      {"Code: 482 193!", "482193"},
      {" \"482 193\" ", "482193"},
      {"4-8-2-1-9-3", "482193"},
      {"482\n193", "482193"},
      {"\u201c482\u2013193\u201d", "482193"},
      {"482\u00a0193", "482193"},
      {"\u200e482193\u200f", "482193"},
      {"\u0664\u0668\u0662\u0661\u0669\u0663", "482193"},            // Arabic-Indic
      {"\u0967\u0968\u0969\u096a\u096b\u096c", "123456"},            // Devanagari
      {"\uff2c\uff29\uff2e\uff2b \uff14\uff18\uff12193", "482193"},  // full width
      {"\U0001d7d2\U0001d7d62193", "482193"},                        // mathematical
      {"4\ufe0f\u20e38\ufe0f\u20e32\ufe0f\u20e3193", "482193"},      // keycaps
      {"482193 \U0001f44d", "482193"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(code_in(row.text).value_or("none") == row.code);
  }
}

TEST_CASE("codes: what people write is none") {
  for (const char* text : {"", "2026", "48219", "482193456", "LINK", "PIN", "482193 people", "room 482193",
                           "I have 100000 reasons", "\u20ac482193", "$1,000,000", "482193a", "linking 482193",
                           "\u043f\u0438\u043d 482193"}) {
    CAPTURE(text);
    CHECK_FALSE(code_in(text).has_value());
  }
}
