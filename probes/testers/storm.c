// For each name on standard input: a control group of that name, one process in it that runs a program with that name as
// its argument, and the group is gone again. Ends with 0 when every program ran.
#include "storm.h"
#include "tester.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

// A runtime puts the process in, gives it mounts of its own, and only then is it the container's.
static int be_container(const char *folder, char *name) {
  char path[512], pid[16];
  snprintf(path, sizeof path, "%s/cgroup.procs", folder);
  snprintf(pid, sizeof pid, "%d", getpid());
  if (!write_file(path, 0, 0, pid) || unshare(CLONE_NEWNS) < 0) return 1;
  char *words[] = {"short-lived", "ran", name, NULL}, *environment[] = {NULL};
  execve("/proc/self/exe", words, environment);
  return 1;
}

static bool one(const char *root, char *name) {
  char folder[400];
  snprintf(folder, sizeof folder, "%s/%s", root, name);
  if (mkdir(folder, 0755) < 0) return false;
  pid_t pid = fork();
  if (pid == 0) _exit(be_container(folder, name));
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return false;
  // The kernel may need a moment to let the process go.
  for (int tries = 0; rmdir(folder) < 0 && tries < 1000; tries++) usleep(100);
  return WIFEXITED(status) && WEXITSTATUS(status) == RAN;
}

int storm(const char *root) {
  char name[256];
  int wrong = 0;
  while (fgets(name, sizeof name, stdin)) {
    name[strcspn(name, "\n")] = 0;
    if (!one(root, name)) wrong++;
  }
  return wrong == 0 ? 0 : 1;
}
