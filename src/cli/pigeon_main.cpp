// pigeon: the operator's command line. Without a command it prints the box's state.
// Exit status: 0 all is well, 1 something is wrong, 2 usage or configuration.
#include <sys/stat.h>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/console.h"

int main(int argc, char** argv) {
  using namespace pigeon;
  ::umask(S_IRWXG | S_IRWXO);  // SQLite makes files beside the database
  try {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return cli::run(cli::commands(), words, std::cin, std::cout, std::cerr);
  } catch (const std::exception& error) {
    return cli::complain(std::cerr, error.what(), "", cli::kWrong);
  }
}
