// Names that are meant to harm who reads them: newlines, terminal sequences, bytes that are no text, and as long as can be.
#include "tester.h"
#include <sys/prctl.h>

static const char hostile[] = "evil\n\x1b[2J\x1b]0;title\a{\"rule\":\"none\"}\xff\xfe\r";

// A program below so many folders that its path is longer than any path may be.
ACTION(hostile_names, "hostile-names") {
  char name[201] = "";
  while (strlen(name) + sizeof hostile < sizeof name) strcat(name, hostile);
  if (chdir("/tmp") < 0) return failed(report, "chdir");
  for (int depth = 0; depth < 24; depth++)
    if ((mkdir(name, 0755) < 0 && errno != EEXIST) || chdir(name) < 0) return failed(report, "a folder");
  if (!copy_file("/proc/self/exe", name, 0755)) return failed(report, "a program");
  prctl(PR_SET_NAME, hostile);
  char *words[] = {(char *)hostile, "ran", name, NULL}, *environment[] = {NULL};
  ran(report, run(name, words, environment), "a program with a hostile name");
}
