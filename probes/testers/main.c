// One program with all actions. Each runs in a child of its own, so that what is killed by the kernel is told as well.
//   tester act NAME [ARGUMENT ...] [-- NAME ...]   one line of JSON for each: action, ok, errno, detail, pid, from, to
//   QUIET=1 OTHER act NAME                         the same as another program: ends with 42, or with the errno
//   tester victim                                  holds a secret in memory, in a file and in shared memory, and waits
//   tester ran                                     ends with 42: what was executed did run
//   tester list                                    names of all actions
//   tester storm FOLDER                            short-lived control groups below FOLDER, by names from standard input
#include "storm.h"
#include "tester.h"
#include "victim.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

extern const struct action *const __start_actions[];
extern const struct action *const __stop_actions[];

enum { ACTION_SECONDS = 20, PATIENT_SECONDS = 60, PAUSE_MICROSECONDS = 40000 };

static int action_seconds(void) { return getenv("PATIENCE") ? PATIENT_SECONDS : ACTION_SECONDS; }

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static const struct action *find_action(const char *name) {
  for (const struct action *const *each = __start_actions; each < __stop_actions; each++)
    if (strcmp((*each)->name, name) == 0) return *each;
  return NULL;
}

static void print_text(const char *text) {
  putchar('"');
  for (const unsigned char *each = (const unsigned char *)text; *each; each++) {
    if (*each < 0x20 || *each >= 0x7f || *each == '"' || *each == '\\') printf("\\u%04x", *each);
    else putchar(*each);
  }
  putchar('"');
}

static void print_report(const char *name, const struct report *report, pid_t pid, double from) {
  printf("{\"action\":");
  print_text(name);
  printf(",\"ok\":%s,\"errno\":%d,\"detail\":", report->ok ? "true" : "false", report->error);
  print_text(report->detail);
  printf(",\"pid\":%d,\"from\":%.3f,\"to\":%.3f}\n", pid, from, now_ms());
  fflush(stdout);
}

// The child's status as a report, when it did not come to its end.
static void end_child(struct report *report, pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) return;
  report->ok = false;
  report->error = 0;
  int signal = WTERMSIG(status);
  snprintf(report->detail, DETAIL_BYTES, signal == SIGALRM ? "no end in %d seconds" : "killed by signal %d",
           signal == SIGALRM ? action_seconds() : signal);
}

static bool isQuiet;

// Returns RAN when it had its effect, an errno otherwise.
static int act(const char *name, struct arguments arguments) {
  const struct action *action = find_action(name);
  struct report *report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  double from = now_ms();
  if (action == NULL || report == MAP_FAILED) {
    struct report none = {false, EINVAL, "no such action"};
    print_report(name, &none, 0, from);
    return EINVAL;
  }
  // As another program it does it itself: rules look at names of parents.
  pid_t pid = isQuiet ? 0 : fork();
  if (isQuiet) action->act(report, arguments);
  else if (pid == 0) {
    alarm(action_seconds());
    action->act(report, arguments);
    _exit(0);
  }
  if (!isQuiet) end_child(report, pid);
  int end = report->ok ? RAN : report->error > 0 && report->error < RAN ? report->error : RAN - 1;
  if (!isQuiet) print_report(name, report, pid, from);
  else if (!report->ok) fprintf(stderr, "%s: %s\n", name, report->detail);
  munmap(report, sizeof *report);
  return end;
}

// A watch that does not know beforehand where a container's files are marks them when its first program runs.
static void let_others_begin(void) {
  const char *patience = getenv("PATIENCE");
  if (patience && !isQuiet) sleep((unsigned)atoi(patience) / 4);
}

static int act_all(int count, char **words) {
  int end = RAN;
  let_others_begin();
  for (int first = 0; first < count;) {
    // A pause, so that what is told of one is not taken for the next one's.
    if (!isQuiet) usleep(PAUSE_MICROSECONDS);
    int last = first;
    while (last < count && strcmp(words[last], "--") != 0) last++;
    end = act(words[first], (struct arguments){last - first - 1, words + first + 1});
    first = last + 1;
  }
  return isQuiet ? end : 0;
}

int main(int count, char **words) {
  const char *verb = count > 1 ? words[1] : "";
  isQuiet = getenv("QUIET") != NULL;
  if (strcmp(verb, "act") == 0) return act_all(count - 2, words + 2);
  if (strcmp(verb, "victim") == 0) return be_victim();
  if (strcmp(verb, "storm") == 0 && count > 2) return storm(words[2]);
  if (strcmp(verb, "list") == 0) {
    for (const struct action *const *each = __start_actions; each < __stop_actions; each++) puts((*each)->name);
    return 0;
  }
  // Under another name every word will do: `nc -e /bin/sh` and `stratum+tcp://...` are only to be seen.
  const char *slash = strrchr(words[0], '/');
  bool isRenamed = strcmp(slash ? slash + 1 : words[0], "tester") != 0;
  return strcmp(verb, "ran") == 0 || isRenamed ? RAN : 2;
}
