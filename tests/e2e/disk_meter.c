/* Preloaded into pigeond by script/bench and by the test of slow cards: counts what goes to the database's
 * files, and takes as long for each sync as an SD card does (PIGEON_SYNC_MS). The counts stand in the file
 * that PIGEON_DISK_METER names, as disk_meter.h reads them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(name)               \
  static __typeof__(&name) real; \
  if (real == NULL) *(void**)(&real) = dlsym(RTLD_NEXT, #name)

struct counts {
  atomic_ulong log_syncs, log_octets, file_syncs, file_octets;
};

static struct counts* counts;
static long sync_ms;

__attribute__((constructor)) static void begin(void) {
  const char* milliseconds = getenv("PIGEON_SYNC_MS");
  if (milliseconds != NULL) sync_ms = atol(milliseconds);
  const char* path = getenv("PIGEON_DISK_METER");
  const int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd < 0) return;
  void* place = MAP_FAILED;
  if (ftruncate(fd, sizeof *counts) == 0)
    place = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (place != MAP_FAILED) counts = place;
  close(fd);
}

enum file { OTHER, DATABASE, LOG };

static enum file file_of(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  path[size > 0 ? size : 0] = 0;
  const char* end = strrchr(path, '.');
  if (end == NULL) return OTHER;
  return strcmp(end, ".db-wal") == 0 ? LOG : strcmp(end, ".db") == 0 ? DATABASE : OTHER;
}

static void before_sync(int fd) {
  const enum file file = file_of(fd);
  if (counts != NULL && file == LOG) ++counts->log_syncs;
  if (counts != NULL && file == DATABASE) ++counts->file_syncs;
  const struct timespec pause = {sync_ms / 1000, sync_ms % 1000 * 1000000};
  if (sync_ms > 0) nanosleep(&pause, NULL);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  before_sync(fd);
  return real(fd);
}

int fsync(int fd) {
  REAL(fsync);
  before_sync(fd);
  return real(fd);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  REAL(pwrite64);
  if (counts != NULL) {
    const enum file file = file_of(fd);
    if (file == LOG) counts->log_octets += size;
    if (file == DATABASE) counts->file_octets += size;
  }
  return real(fd, data, size, offset);
}
