/* Preloaded into pigeond by the kill tests: ends the process with SIGKILL just before its N-th step, where a
 * step is a call that the outside world or the disk can see. N comes from PIGEON_KILL_AT, or from the file
 * that PIGEON_KILL_FILE names: then steps count from when it is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long steps;

static long limit_in_file(const char* path) {
  char text[32] = "";
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  if (read(fd, text, sizeof text - 1) < 0) text[0] = '\0';
  close(fd);
  return atol(text);
}

static void step(void) {
  static atomic_long limit = -1; /* not known yet */
  if (limit < 0) {
    const char* file = getenv("PIGEON_KILL_FILE");
    const char* text = getenv("PIGEON_KILL_AT");
    limit = file != NULL ? limit_in_file(file) : text != NULL ? atol(text) : 0;
  }
  if (limit > 0 && atomic_fetch_add(&steps, 1) + 1 >= limit) kill(getpid(), SIGKILL);
}

/* Standard error is a log, not a step. */
#define VISIBLE(fd) ((fd) > STDERR_FILENO)
#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) *(void**)(&real) = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void* data, size_t size) {
  REAL(write);
  if (VISIBLE(fd)) step();
  return real(fd, data, size);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  REAL(pwrite64);
  step();
  return real(fd, data, size, offset);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  step();
  return real(fd);
}

int fsync(int fd) {
  REAL(fsync);
  step();
  return real(fd);
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  REAL(send);
  step();
  return real(fd, data, size, flags);
}

int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  step();
  return real(fd, size);
}

int unlink(const char* path) {
  REAL(unlink);
  step();
  return real(path);
}

int rename(const char* old_path, const char* new_path) {
  REAL(rename);
  step();
  return real(old_path, new_path);
}
