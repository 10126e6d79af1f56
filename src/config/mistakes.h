// What is wrong with a configuration, as data: where, what and how to cure it. All of it at once, because
// nobody wants to correct a file one error at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pigeon {

struct Mistake {
  int line = 0;        // from 1; 0: the file as a whole
  std::string key{};   // "x.client_id", "webb"; empty where no key can be told
  std::string what{};  // one sentence without a full stop, names the key
  std::string cure{};  // the same; what to write or to do
  // It may be over by itself: `ends`, a start fails for now (a port that another program holds: exit status
  // 1, not 2); `waits`, a start waits for it (a full disk).
  enum class Passing { no, ends, waits };
  Passing passing = Passing::no;
};

// "pigeon.toml:7: unknown key 'x.clientid'; did you mean 'client_id'?", control characters escaped.
[[nodiscard]] std::string in_one_line(const Mistake& mistake, std::string_view source);
// All of them in one line each.
[[nodiscard]] std::string in_lines(const std::vector<Mistake>& mistakes, std::string_view source);

// By line, and in the order in which they were found on one line.
void sort_by_line(std::vector<Mistake>& mistakes);

}  // namespace pigeon
