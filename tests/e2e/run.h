// Running a program to its end, with what it printed.
#pragma once

#include <string>
#include <vector>

namespace pigeon::e2e {

struct Ran {
  int status = -1;  // exit status, 128 + n for signal n
  std::string out, err;
};

// At most 30 s; `input` goes to its standard input.
[[nodiscard]] Ran run(const std::vector<std::string>& command, const std::string& input = "");

}  // namespace pigeon::e2e
