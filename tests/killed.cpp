// Counting the calls that make things durable; see killed.h.
#include "tests/killed.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace {

int steps_left = 0;  // 0: nobody is to be killed

void step() {
  if (steps_left > 0 && --steps_left == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace

// The program's own definitions come before the C library's.
extern "C" int fsync(int fd) {
  step();
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int fdatasync(int fd) {
  step();
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int renameat2(int old_folder, const char* old_name, int new_folder, const char* new_name,
                         unsigned int flags) noexcept {
  step();
  return static_cast<int>(::syscall(SYS_renameat2, old_folder, old_name, new_folder, new_name, flags));
}

namespace pigeon::test {

bool killed_before(int step, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no child process");
  if (child == 0) {
    steps_left = step;
    work();
    ::_exit(0);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("the child process is gone");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return false;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return true;
  throw std::runtime_error("the child process failed");
}

}  // namespace pigeon::test
