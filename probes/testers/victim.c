// What is to be stolen. The program is linked statically at fixed addresses: who has it knows where the secret is.
#include "victim.h"
#include "tester.h"
#include <dirent.h>
#include <sys/mman.h>
#include <sys/shm.h>

const char victim_text[28] = "SECRET-IN-MEMORY-0123456789";
char victim_secret[64];

int be_victim(void) {
  // Only who is asked to be the victim holds it: an attacker that reads itself finds nothing.
  memcpy(victim_secret, victim_text, sizeof victim_text);
  int file = memfd_create("secret", 0);
  if (file < 0 || write(file, victim_text, sizeof victim_text) < 0) return 1;
  dup2(file, 9);
  int segment = shmget(VICTIM_KEY, 4096, IPC_CREAT | 0666);
  if (segment >= 0) {
    char *shared = shmat(segment, NULL, 0);
    if (shared != (char *)-1) memcpy(shared, victim_text, sizeof victim_text);
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}

pid_t find_victim(void) {
  DIR *folder = opendir("/proc");
  pid_t found = 0;
  for (struct dirent *entry; folder && found == 0 && (entry = readdir(folder));) {
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    char path[64], words[64] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    if (pid <= 0 || !read_some(path, words, sizeof words)) continue;
    size_t first = strnlen(words, sizeof words - 1) + 1;
    if (first < sizeof words && strcmp(words + first, "victim") == 0) found = pid;
  }
  if (folder) closedir(folder);
  return found;
}
