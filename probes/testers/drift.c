// Code that was not in the image: new files, files in memory, libraries.
#include "tester.h"
#include <sys/mman.h>
#include <sys/syscall.h>

static char *const ran_words[] = {"dropped", "ran", NULL};
static char *const no_environment[] = {NULL};

static void drop_and_run(struct report *report, const char *path) {
  if (!copy_file("/proc/self/exe", path, 0755)) return failed(report, path);
  ran(report, run(path, ran_words, no_environment), path);
  unlink(path);
}

ACTION(drop_exec, "drop-exec") { drop_and_run(report, argument(arguments, 0, "/dropped")); }

ACTION(tmpfs_exec, "tmpfs-exec") { drop_and_run(report, argument(arguments, 0, "/dev/shm/dropped")); }

// A program of the image is overwritten, and executed again.
ACTION(changed_exec, "changed-exec") {
  const char *path = argument(arguments, 0, "/testers/changed");
  int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0 || write(file, "changed", 7) != 7) return failed(report, path);
  close(file);
  ran(report, run(path, ran_words, no_environment), path);
}

// The same with as many bytes as before, and the time of writing set back: only the bytes themselves tell.
ACTION(forged_exec, "forged-exec") {
  const char *path = argument(arguments, 0, "/testers/changed");
  struct stat before;
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &before) < 0 || pwrite(file, "c", 1, before.st_size - 1) != 1) return failed(report, path);
  struct timespec back[2] = {before.st_atim, before.st_mtim};
  if (futimens(file, back) < 0) return failed(report, "the time of writing");
  close(file);
  ran(report, run(path, ran_words, no_environment), path);
}

// Opened to be written, and not written: somebody has to look at the bytes before it may run again.
ACTION(reopened_exec, "reopened-exec") {
  const char *path = argument(arguments, 0, "/testers/changed");
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return failed(report, path);
  close(file);
  usleep(1000000);
  ran(report, run(path, ran_words, no_environment), path);
}

// Copied up with the bytes that it had: no change at all. Its mode is set as it was.
ACTION(touched_exec, "touched-exec") {
  const char *path = argument(arguments, 0, "/testers/changed");
  if (chmod(path, 0755) < 0) return failed(report, path);
  ran(report, run(path, ran_words, no_environment), path);
}

ACTION(memfd_exec, "memfd-exec") {
  int source = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  int memory = memfd_create("nothing", MFD_CLOEXEC);
  static char bytes[65536];
  for (ssize_t count; (count = read(source, bytes, sizeof bytes)) > 0;)
    if (write(memory, bytes, (size_t)count) != count) return failed(report, "memfd");
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  ran(report, run(path, ran_words, no_environment), "memfd");
}

// A file that has no name any more.
ACTION(unlinked_exec, "unlinked-exec") {
  if (!copy_file("/proc/self/exe", "/gone", 0755)) return failed(report, "/gone");
  int file = open("/gone", O_RDONLY | O_CLOEXEC);
  unlink("/gone");
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  ran(report, run(path, ran_words, no_environment), "a deleted file");
}

// The loader of the image is asked to run a new file: the exec itself is of the image.
ACTION(script_exec, "script-exec") {
  if (!write_file("/dropped.sh", O_CREAT | O_TRUNC, 0755, "#!/bin/sh\nexit 42\n")) return failed(report, "/dropped.sh");
  char *words[] = {"/dropped.sh", NULL};
  ran(report, run("/dropped.sh", words, no_environment), "/dropped.sh");
  unlink("/dropped.sh");
}

ACTION(map_dropped, "map-dropped-library") {
  if (!copy_file("/proc/self/exe", "/dropped.so", 0644)) return failed(report, "/dropped.so");
  int file = open("/dropped.so", O_RDONLY | O_CLOEXEC);
  void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  took(report, code == MAP_FAILED ? -1 : 0, "mmap of /dropped.so");
  unlink("/dropped.so");
}

// Mapped as data, and made executable afterwards.
ACTION(protect_dropped, "mprotect-dropped-library") {
  if (!copy_file("/proc/self/exe", "/later.so", 0644)) return failed(report, "/later.so");
  int file = open("/later.so", O_RDONLY | O_CLOEXEC);
  void *code = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
  if (code == MAP_FAILED) return failed(report, "mmap");
  took(report, mprotect(code, 4096, PROT_READ | PROT_EXEC), "mprotect of /later.so");
  unlink("/later.so");
}
