// One container reads the memory of another: five ways, and the ways to write.
#include "tester.h"
#include "victim.h"
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

static pid_t victim_or_fail(struct report *report) {
  pid_t pid = find_victim();
  errno = ESRCH;
  if (pid == 0) failed(report, "no victim in sight");
  return pid;
}

static void compare(struct report *report, const char *bytes, const char *how) {
  report->ok = memcmp(bytes, victim_text, sizeof victim_text) == 0;
  snprintf(report->detail, DETAIL_BYTES, "%s: %s", how, report->ok ? "the secret was read" : "read something else");
}

ACTION(read_by_ptrace, "memory-ptrace") {
  pid_t pid = victim_or_fail(report);
  if (pid == 0) return;
  if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0) return failed(report, "ptrace attach");
  waitpid(pid, NULL, __WALL);
  char bytes[64] = "";
  for (size_t at = 0; at < sizeof victim_text; at += sizeof(long)) {
    long word = ptrace(PTRACE_PEEKDATA, pid, victim_secret + at, 0);
    memcpy(bytes + at, &word, sizeof word);
  }
  ptrace(PTRACE_DETACH, pid, 0, 0);
  compare(report, bytes, "ptrace");
}

ACTION(read_by_vm_readv, "memory-process-vm-readv") {
  pid_t pid = victim_or_fail(report);
  char bytes[64] = "";
  struct iovec here = {bytes, sizeof bytes}, there = {victim_secret, sizeof bytes};
  if (pid == 0) return;
  if (process_vm_readv(pid, &here, 1, &there, 1, 0) < 0) return failed(report, "process_vm_readv");
  compare(report, bytes, "process_vm_readv");
}

ACTION(read_by_proc_mem, "memory-proc-mem") {
  pid_t pid = victim_or_fail(report);
  char path[64], bytes[64] = "";
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  if (pid == 0) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(report, path);
  if (pread(file, bytes, sizeof bytes, (off_t)victim_secret) < 0) return failed(report, "pread");
  compare(report, bytes, path);
}

ACTION(read_by_pidfd, "memory-pidfd-getfd") {
  pid_t pid = victim_or_fail(report);
  if (pid == 0) return;
  int process = (int)syscall(SYS_pidfd_open, pid, 0);
  if (process < 0) return failed(report, "pidfd_open");
  int file = (int)syscall(SYS_pidfd_getfd, process, 9, 0);
  if (file < 0) return failed(report, "pidfd_getfd");
  char bytes[64] = "";
  if (pread(file, bytes, sizeof bytes, 0) < 0) return failed(report, "pread");
  compare(report, bytes, "pidfd_getfd");
}

ACTION(read_by_segment, "memory-shared-segment") {
  int segment = shmget(VICTIM_KEY, 4096, 0);
  if (segment < 0) return failed(report, "shmget");
  char *shared = shmat(segment, NULL, SHM_RDONLY);
  if (shared == (char *)-1) return failed(report, "shmat");
  compare(report, shared, "shared memory");
}

ACTION(write_by_vm_writev, "memory-process-vm-writev") {
  pid_t pid = victim_or_fail(report);
  char bytes[sizeof victim_text];
  memcpy(bytes, victim_text, sizeof bytes); // what is there already
  struct iovec here = {bytes, sizeof bytes}, there = {victim_secret, sizeof bytes};
  if (pid > 0) took(report, process_vm_writev(pid, &here, 1, &there, 1, 0), "process_vm_writev");
}

ACTION(write_by_proc_mem, "memory-proc-mem-write") {
  pid_t pid = victim_or_fail(report);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  if (pid == 0) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return failed(report, path);
  took(report, pwrite(file, victim_text, sizeof victim_text, (off_t)victim_secret), path);
}

// Attached without stopping it.
ACTION(seize, "memory-ptrace-seize") {
  pid_t pid = victim_or_fail(report);
  if (pid > 0 && took(report, ptrace(PTRACE_SEIZE, pid, 0, 0), "ptrace seize")) ptrace(PTRACE_DETACH, pid, 0, 0);
}

// Its own child: a debugger's daily work, which is nobody else's business.
ACTION(own_child, "memory-own-child") {
  pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  if (took(report, ptrace(PTRACE_ATTACH, child, 0, 0), "ptrace attach of a child")) waitpid(child, NULL, __WALL);
  kill(child, SIGKILL);
  waitpid(child, NULL, __WALL);
}
