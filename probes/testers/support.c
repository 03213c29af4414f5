// What actions have in common.
#include "tester.h"
#include <sys/wait.h>

bool took(struct report *report, long result, const char *what) {
  report->ok = result >= 0;
  report->error = result < 0 ? errno : 0;
  snprintf(report->detail, DETAIL_BYTES, "%s%s%s", what, result < 0 ? ": " : "", result < 0 ? strerror(errno) : "");
  return report->ok;
}

void failed(struct report *report, const char *what) {
  report->ok = false;
  report->error = errno;
  snprintf(report->detail, DETAIL_BYTES, "%s: %s", what, errno ? strerror(errno) : "no effect");
}

const char *argument(struct arguments arguments, int index, const char *otherwise) {
  return index < arguments.count ? arguments.values[index] : otherwise;
}

bool copy_file(const char *from, const char *to, mode_t mode) {
  unlink(to);
  int source = open(from, O_RDONLY | O_CLOEXEC);
  int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  static char bytes[65536];
  ssize_t count = source < 0 || target < 0 ? -1 : 0;
  while (count >= 0 && (count = read(source, bytes, sizeof bytes)) > 0)
    if (write(target, bytes, (size_t)count) != count) count = -1;
  int error = errno;
  if (target >= 0) fchmod(target, mode);
  if (source >= 0) close(source);
  if (target >= 0) close(target);
  errno = error;
  return count == 0;
}

bool write_file(const char *path, int flags, mode_t mode, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC | flags, mode);
  if (file < 0) return false;
  ssize_t count = write(file, text, strlen(text));
  int error = errno;
  close(file);
  errno = error;
  return count == (ssize_t)strlen(text);
}

bool read_some(const char *path, char *bytes, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t count = read(file, bytes, size - 1);
  int error = errno;
  close(file);
  errno = error;
  if (count >= 0) bytes[count] = 0;
  return count > 0;
}

struct ending run(const char *path, char *const argv[], char *const environment[]) {
  struct ending ending = {0, 0};
  int told[2];
  if (pipe2(told, O_CLOEXEC) < 0) return (struct ending){0, errno};
  pid_t pid = fork();
  if (pid == 0) {
    execve(path, argv, environment);
    int error = errno;
    _exit(write(told[1], &error, sizeof error) > 0 ? 127 : 126);
  }
  close(told[1]);
  // Nothing is read when the exec took place: the pipe closes with it.
  if (read(told[0], &ending.error, sizeof ending.error) < 0) ending.error = errno;
  close(told[0]);
  if (pid < 0 || waitpid(pid, &ending.status, 0) != pid) ending.error = errno;
  return ending;
}

bool ran(struct report *report, struct ending ending, const char *what) {
  report->ok = ending.error == 0 && WIFEXITED(ending.status) && WEXITSTATUS(ending.status) == RAN;
  report->error = ending.error;
  if (report->ok) snprintf(report->detail, DETAIL_BYTES, "%s ran", what);
  else if (ending.error) snprintf(report->detail, DETAIL_BYTES, "%s: %s", what, strerror(ending.error));
  else if (WIFSIGNALED(ending.status))
    snprintf(report->detail, DETAIL_BYTES, "%s: killed by signal %d", what, WTERMSIG(ending.status));
  else snprintf(report->detail, DETAIL_BYTES, "%s: ended with %d", what, WEXITSTATUS(ending.status));
  // One of our own that did not get its way ends with the errno.
  int end = WIFEXITED(ending.status) ? WEXITSTATUS(ending.status) : 0;
  if (!report->ok && ending.error == 0 && end < RAN - 1) report->error = end;
  return report->ok;
}

void run_as(struct report *report, const char *name, char *const words[]) {
  char path[128];
  snprintf(path, sizeof path, name[0] == '/' ? "%s" : "/testers/%s", name);
  char *environment[] = {"PATH=/bin", "QUIET=1", NULL};
  ran(report, run(path, words, environment), name);
}
