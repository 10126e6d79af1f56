// Running a program, with what it prints.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"

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
  [[nodiscard]] Ran wait();               // for its end, at most 30 s; then it is killed

 private:
  Fd in_, out_, err_;
  pid_t pid_ = -1;  // -1: waited for
};

// To its end, at most 30 s; `input` goes to its standard input.
[[nodiscard]] Ran run(const std::vector<std::string>& command, const std::string& input = "");

}  // namespace pigeon::e2e
