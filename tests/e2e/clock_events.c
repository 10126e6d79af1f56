/* Preloaded into pigeond by the clock test: the kernel's word that the wall clock was set (a timer that is
 * cancelled, timerfd_create(2)) comes from a FIFO, since only the test's pigeond has another clock. Eight
 * octets are one word; PIGEON_CLOCK_EVENTS names the FIFO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>

static atomic_int fifo = -1;

#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) *(void**)(&real) = dlsym(RTLD_NEXT, #name)

int timerfd_create(int clock, int flags) {
  REAL(timerfd_create);
  const char* path = getenv("PIGEON_CLOCK_EVENTS");
  if (clock != CLOCK_REALTIME || path == NULL) return real(clock, flags);
  fifo = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* never without a writer: no POLLHUP */
  return fifo;
}

int timerfd_settime(int fd, int flags, const struct itimerspec* value, struct itimerspec* former) {
  REAL(timerfd_settime);
  return fd == fifo ? 0 : real(fd, flags, value, former);
}
