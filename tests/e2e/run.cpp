// fork, exec and temporary files; see run.h.
#include "tests/e2e/run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/e2e/box.h"

namespace pigeon::e2e {
namespace {

// An unnamed file: what the child wrote is read back from it.
class Capture {
 public:
  Capture() : fd_(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::string content() const {
    std::string text(static_cast<std::size_t>(::lseek(fd_.get(), 0, SEEK_END)), '\0');
    text.resize(static_cast<std::size_t>(::pread(fd_.get(), text.data(), text.size(), 0)));
    return text;
  }

 private:
  Fd fd_;
};

}  // namespace

Ran run(const std::vector<std::string>& command, const std::string& input) {
  Capture in, out, err;
  if (::write(in.fd(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) return {};
  ::lseek(in.fd(), 0, SEEK_SET);
  std::vector<char*> arguments;
  std::vector<std::string> copies = command;
  for (std::string& argument : copies) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in.fd(), STDIN_FILENO);
    ::dup2(out.fd(), STDOUT_FILENO);
    ::dup2(err.fd(), STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  Ran ran;
  if (!eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; })) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
  }
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.out = out.content();
  ran.err = err.content();
  return ran;
}

}  // namespace pigeon::e2e
