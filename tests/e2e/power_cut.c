/* Preloaded into pigeond by the power-cut test. Keeps beside the database, in the folder that PIGEON_DISK
 * names, what a card would hold: of each file of the database what it was when it was last synced. Ends the
 * process with SIGKILL just before its N-th act (PIGEON_CUT_AT), where an act is a sync, or octets for the
 * modem, for X or for a browser: between two acts the card and the world stay as they are. Or refuses one
 * sync of the database's log, the N-th (PIGEON_REFUSE_AT), as a card does that goes bad. Or ends the process
 * at the first sync of the database file itself, which only a checkpoint makes, just before or behind it
 * (PIGEON_CUT_CHECKPOINT=before or =after). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) *(void**)(&real) = dlsym(RTLD_NEXT, #name)

static atomic_long acts, log_syncs;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void act(void) {
  const char* limit = getenv("PIGEON_CUT_AT");
  if (limit != NULL && atomic_fetch_add(&acts, 1) + 1 >= atol(limit)) kill(getpid(), SIGKILL);
}

static int path_of(int fd, char* path, size_t limit) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, limit - 1);
  path[size > 0 ? size : 0] = 0;
  return size > 0;
}

static int refused(int fd) {
  const char* at = getenv("PIGEON_REFUSE_AT");
  char path[4096];
  if (at == NULL || !path_of(fd, path, sizeof path) || strstr(path, ".db-wal") == NULL) return 0;
  if (atomic_fetch_add(&log_syncs, 1) + 1 != atol(at)) return 0;
  errno = EIO;
  return 1;
}

/* `when`: "before" or "after" this sync. */
static void cut_checkpoint(int fd, const char* when) {
  const char* asked = getenv("PIGEON_CUT_CHECKPOINT");
  char path[4096];
  if (asked == NULL || strcmp(asked, when) != 0 || !path_of(fd, path, sizeof path)) return;
  const size_t length = strlen(path);
  if (length > 3 && strcmp(path + length - 3, ".db") == 0) kill(getpid(), SIGKILL);
}

/* What stands in `fd` now is on the card. */
static void keep(int fd) {
  const char* disk = getenv("PIGEON_DISK");
  char path[4096], copy[8192], whole[8192];
  if (disk == NULL || !path_of(fd, path, sizeof path)) return;
  const char* name = strrchr(path, '/');
  if (name == NULL || strstr(name, ".db") == NULL) return;
  snprintf(copy, sizeof copy, "%s/next", disk);
  snprintf(whole, sizeof whole, "%s%s", disk, name);
  pthread_mutex_lock(&one_at_a_time);
  const int from = open(path, O_RDONLY | O_CLOEXEC);
  const int to = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  struct stat status;
  if (from >= 0 && to >= 0 && fstat(from, &status) == 0) {
    off_t done = 0;
    while (done < status.st_size && sendfile(to, from, &done, (size_t)(status.st_size - done)) > 0) {
    }
  }
  if (from >= 0) close(from);
  if (to >= 0) close(to);
  rename(copy, whole); /* the process may be killed in the middle of the copy */
  pthread_mutex_unlock(&one_at_a_time);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  act();
  cut_checkpoint(fd, "before");
  if (refused(fd)) return -1;
  const int result = real(fd);
  if (result == 0) keep(fd);
  cut_checkpoint(fd, "after");
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  act();
  cut_checkpoint(fd, "before");
  const int result = real(fd);
  if (result == 0) keep(fd);
  cut_checkpoint(fd, "after");
  return result;
}

ssize_t write(int fd, const void* data, size_t size) {
  REAL(write);
  struct stat status;
  if (fd > STDERR_FILENO && fstat(fd, &status) == 0 && S_ISCHR(status.st_mode)) act();
  return real(fd, data, size);
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  REAL(send);
  act();
  return real(fd, data, size, flags);
}
