// Running a program, with what it prints.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/e2e/box.h"

namespace pigeon::e2e {

struct Ran {
  int status = -1;  // exit status, 128 + n for signal n
  std::string out, err;
};

// A program that runs beside the test until it is interrupted; killed with the object.
class Program {
 public:
  explicit Program(const std::vector<std::string>& command, const std::string& input = "");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] std::string out() const;  // until now
  void interrupt() const;                 // SIGINT, as by Ctrl-C
  // For its end; when `patience` is at an end, it is killed.
  [[nodiscard]] Ran wait(milliseconds patience = kPatience);

 private:
  Fd in_, out_, err_;
  pid_t pid_ = -1;  // -1: waited for
};

// To its end, or until `patience` is; `input` goes to its standard input.
[[nodiscard]] Ran run(const std::vector<std::string>& command, const std::string& input = "",
                      milliseconds patience = kPatience);

}  // namespace pigeon::e2e
