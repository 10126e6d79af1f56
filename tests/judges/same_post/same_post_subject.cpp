// Our side of the comparison with npm's twitter-text: {"ours": a text, "answer": X's list with one post} a
// line in, "1" (the same), "0" or "unreadable" a line out.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "x/own_posts.h"
#include "x/same_post.h"

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto question = nlohmann::json::parse(line);
    const auto own = pigeon::x::read_own_posts(question.at("answer").dump());
    if (own && own->posts.size() == 1) {
      std::cout << pigeon::x::same_post(question.at("ours").get<std::string>(), own->posts.front()) << '\n';
    } else {
      std::cout << "unreadable\n";
    }
  }
  return 0;
}
