// What containers do all day, as fast as it goes, with the time that each costs: load ACTION COUNT [PATH]. One JSON line.
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void open_one(const char *path) { close(open(path, O_RDWR | O_CREAT, 0644)); }

static void read_one(const char *path) { close(open(path, O_RDONLY)); }

static void connect_one(void) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int file = socket(AF_INET, SOCK_DGRAM, 0);
  connect(file, (struct sockaddr *)&peer, sizeof peer);
  close(file);
}

static void run_one(char *path) {
  pid_t pid = vfork();
  if (pid == 0) {
    char *words[] = {path, "none", NULL}, *environment[] = {NULL};
    execve(path, words, environment);
    _exit(1);
  }
  int status;
  waitpid(pid, &status, 0);
}

int main(int count, char **words) {
  if (count < 3 || strcmp(words[1], "none") == 0) return 0;
  long times = atol(words[2]);
  double start = now_ns();
  for (long i = 0; i < times; i++) {
    switch (words[1][0]) {
    case 'o': open_one(words[3]); break;
    case 'r': read_one(words[3]); break;
    case 'c': connect_one(); break;
    case 'e': run_one(words[0]); break;
    case 'g': syscall(SYS_getppid); break;
    }
  }
  printf("{\"action\":\"%s\",\"times\":%ld,\"ns\":%.1f}\n", words[1], times, (now_ns() - start) / (double)times);
  return 0;
}
