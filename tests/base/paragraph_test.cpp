// Breaking sentences into lines.
#include "base/paragraph.h"

#include <doctest/doctest.h>

using namespace pigeon;

TEST_CASE("paragraph: breaks at blanks, and indents what follows") {
  CHECK(paragraph("", "one two three", 9) == "one two\nthree\n");
  CHECK(paragraph("  a ", "one two three", 11) == "  a one two\n    three\n");
  CHECK(paragraph("", "just fits", 9) == "just fits\n");
  CHECK(paragraph("", " many   blanks ", 80) == "many blanks\n");
  CHECK(paragraph("> ", "", 80) == "> \n");
}

TEST_CASE("paragraph: a word that is too long is cut, between code points") {
  CHECK(paragraph("", "a 123456789 b", 4) == "a\n1234\n5678\n9 b\n");
  CHECK(paragraph("", "12345678 b", 4) == "1234\n5678\nb\n");
  CHECK(paragraph("→ ", "äöüäöü", 5) == "→ äöü\n  äöü\n");
}

TEST_CASE("paragraph: columns are code points") {
  CHECK(columns("") == 0);
  CHECK(columns("→ ä") == 3);
}
