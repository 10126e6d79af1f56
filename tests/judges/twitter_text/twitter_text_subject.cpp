// Our side of the comparison with npm's twitter-text: a JSON string a line in, "<weighted length> <0|1
// valid>" a line out.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/x/weight/valid_post.h"

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto text = nlohmann::json::parse(line).get<std::string>();
    std::cout << pigeon::x::weighted_length(text) << ' ' << pigeon::x::is_valid_post(text) << '\n';
  }
  return 0;
}
