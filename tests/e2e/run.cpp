// fork, exec and temporary files; see run.h.
#include "tests/e2e/run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace pigeon::e2e {
namespace {

// An unnamed file: what the child wrote is read back from it.
Fd unnamed_file() {
  return Fd(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

// Without moving the place at which the child writes: the open file is the same.
std::string content(const Fd& fd) {
  std::string text;
  char block[4096];
  for (ssize_t n = 0; (n = ::pread(fd.get(), block, sizeof block, static_cast<off_t>(text.size()))) > 0;)
    text.append(block, static_cast<std::size_t>(n));
  return text;
}

}  // namespace

Program::Program(const std::vector<std::string>& command, const std::string& input)
    : in_(unnamed_file()), out_(unnamed_file()), err_(unnamed_file()) {
  if (::write(in_.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) return;
  ::lseek(in_.get(), 0, SEEK_SET);
  std::vector<char*> arguments;
  std::vector<std::string> copies = command;
  for (std::string& argument : copies) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in_.get(), STDIN_FILENO);
    ::dup2(out_.get(), STDOUT_FILENO);
    ::dup2(err_.get(), STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
}

Program::~Program() {
  if (pid_ == -1) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string Program::out() const {
  return content(out_);
}

void Program::interrupt() const {
  if (pid_ != -1) ::kill(pid_, SIGINT);
}

Ran Program::wait(milliseconds patience) {
  if (pid_ == -1) return {};
  // Asleep until it ends: a hundred that look every few milliseconds leave a small machine to nobody else.
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd ended{process.get(), POLLIN, 0};
  const SteadyTime deadline = steady_now() + patience;
  int ready = 0;
  while ((ready = ::poll(&ended, 1, poll_timeout(deadline))) < 0 && errno == EINTR) {
  }
  if (ready <= 0) ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(out_), content(err_)};
}

Ran run(const std::vector<std::string>& command, const std::string& input, milliseconds patience) {
  return Program(command, input).wait(patience);
}

}  // namespace pigeon::e2e
