// The same deeds by roads that a sensor may not watch: 32-bit system calls, threads, other calls with the same effect, links.
#include "tester.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char *const ran_words[] = {"dropped", "ran", NULL};
static char *const no_environment[] = {NULL};

ACTION(execveat_exec, "execveat-memfd") {
  int source = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  int memory = (int)syscall(SYS_memfd_create, "", 0);
  static char bytes[65536];
  for (ssize_t count; (count = read(source, bytes, sizeof bytes)) > 0;)
    if (write(memory, bytes, (size_t)count) != count) return failed(report, "memfd");
  pid_t pid = fork();
  if (pid == 0) {
    syscall(SYS_execveat, memory, "", ran_words, no_environment, 0x1000 /* AT_EMPTY_PATH */);
    _exit(errno);
  }
  struct ending ending = {0, 0};
  waitpid(pid, &ending.status, 0);
  ran(report, ending, "execveat");
}

static void *exec_dropped(void *path) {
  execve(path, ran_words, no_environment);
  _exit(errno);
}

// By a thread that is not the first of its process.
ACTION(thread_exec, "thread-exec") {
  if (!copy_file("/proc/self/exe", "/dropped-thread", 0755)) return failed(report, "/dropped-thread");
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, exec_dropped, "/dropped-thread");
    for (;;) pause();
  }
  struct ending ending = {0, 0};
  waitpid(pid, &ending.status, 0);
  ran(report, ending, "exec by a thread");
  unlink("/dropped-thread");
}

// Nothing is executed but the shell of the image, which reads a file.
ACTION(read_script, "script-read-by-shell") {
  if (!write_file("/tmp/new-script", O_CREAT | O_TRUNC, 0644, "exit 42\n")) return failed(report, "/tmp/new-script");
  char *words[] = {"sh", "/tmp/new-script", NULL};
  ran(report, run("/bin/sh", words, no_environment), "sh with a new script");
}

// Out of the container's control group, where nobody counts it as the container any more. With the host's view of groups.
// leave-cgroup FOLDER: where the tree of groups is mounted.
ACTION(leave_group, "leave-cgroup") {
  if (!copy_file("/proc/self/exe", "/dropped-outside", 0755)) return failed(report, "/dropped-outside");
  pid_t pid = fork();
  if (pid == 0) {
    char path[128];
    snprintf(path, sizeof path, "%s/cgroup.procs", argument(arguments, 0, "/sys/fs/cgroup"));
    if (!write_file(path, 0, 0, "0")) _exit(errno);
    exec_dropped("/dropped-outside");
  }
  struct ending ending = {0, 0};
  waitpid(pid, &ending.status, 0);
  ran(report, ending, "a program outside of the group");
}

// The same without a moment inside of the other group: born there. Only the folder's number is needed, not a file to write.
ACTION(born_outside, "clone-into-cgroup") {
  if (!copy_file("/proc/self/exe", "/dropped-born", 0755)) return failed(report, "/dropped-born");
  struct clone_args {
    unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
  } arguments_of_clone = {.flags = 0x200000000ULL, .exit_signal = SIGCHLD};
  int folder = open(argument(arguments, 0, "/sys/fs/cgroup"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  arguments_of_clone.cgroup = (unsigned long long)folder;
  pid_t pid = (pid_t)syscall(435 /* clone3 */, &arguments_of_clone, sizeof arguments_of_clone);
  if (pid == 0) exec_dropped("/dropped-born");
  if (pid < 0) return failed(report, "clone3 into a group");
  struct ending ending = {0, 0};
  waitpid(pid, &ending.status, 0);
  ran(report, ending, "a program outside of the group");
}

ACTION(hard_link, "host-path-hardlink") {
  unlink("/host/alias");
  if (link("/host/protected/file", "/host/alias") < 0) return failed(report, "a second name");
  took(report, write_file("/host/alias", O_TRUNC, 0, "changed") ? 0 : -1, "a protected file by another name");
}

ACTION(truncated, "host-path-truncate") { took(report, truncate("/host/protected/file", 0), "truncate"); }

ACTION(mode_changed, "host-path-chmod") { took(report, chmod("/host/protected/file", 0777), "chmod"); }

ACTION(owner_changed, "host-path-chown") { took(report, chown("/host/protected/file", 4242, 4242), "chown"); }

ACTION(moved_folder, "host-path-move-folder") {
  if (!took(report, rename("/host/protected", "/host/moved"), "rename of the folder itself")) return;
  rename("/host/moved", "/host/protected");
}

ACTION(by_proc_fd, "host-path-reopen") {
  int file = open("/host/protected/file", O_RDONLY | O_CLOEXEC);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  took(report, write_file(path, O_TRUNC, 0, "changed") ? 0 : -1, "a protected file that was open for reading");
}

#ifdef __x86_64__
// The 32-bit gate of a 64-bit process: other numbers, addresses below 4 GiB, where this program's data is.
static long call_32(long number, long a, long b, long c, long d, long e) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "r8", "r9", "r10", "r11");
  errno = (int)result < 0 ? -(int)result : 0;
  return (int)result < 0 ? -1 : result;
}
#define LOW(pointer) ((long)(pointer))

static struct { unsigned base, length; } here_32, there_32;
static char read_32[64];

ACTION(vm_readv_32, "32-bit-process-vm-readv") {
  pid_t pid = find_victim();
  here_32.base = (unsigned)LOW(read_32), here_32.length = sizeof read_32;
  there_32.base = (unsigned)LOW(victim_secret), there_32.length = sizeof read_32;
  long result;
  // The sixth word goes into ebp.
  __asm__ volatile("push %%rbp; xor %%ebp, %%ebp; int $0x80; pop %%rbp"
                   : "=a"(result) : "a"(347), "b"((long)pid), "c"(LOW(&here_32)), "d"(1L), "S"(LOW(&there_32)), "D"(1L) : "memory", "r8", "r9", "r10", "r11");
  errno = (int)result < 0 ? -(int)result : 0;
  if ((int)result < 0) return failed(report, "process_vm_readv by the 32-bit gate");
  report->ok = memcmp(read_32, victim_text, sizeof victim_text) == 0;
  snprintf(report->detail, DETAIL_BYTES, "process_vm_readv by the 32-bit gate");
}

ACTION(ptrace_32, "32-bit-ptrace") {
  pid_t pid = find_victim();
  if (took(report, call_32(26, 16 /* PTRACE_ATTACH */, pid, 0, 0, 0), "ptrace by the 32-bit gate")) {
    waitpid(pid, NULL, __WALL);
    call_32(26, 17 /* PTRACE_DETACH */, pid, 0, 0, 0);
  }
}

static const char none_text[] = "none", mnt_text[] = "/mnt", tmpfs_text[] = "tmpfs";
ACTION(mount_32, "32-bit-mount") {
  if (took(report, call_32(21, LOW(none_text), LOW(mnt_text), LOW(tmpfs_text), 0, 0), "mount by the 32-bit gate")) umount("/mnt");
}

ACTION(unshare_32, "32-bit-unshare") { took(report, call_32(310, CLONE_NEWUSER, 0, 0, 0, 0), "unshare by the 32-bit gate"); }

static struct sockaddr_in to_32;
static unsigned connect_words[3];
ACTION(connect_32, "32-bit-connect") {
  int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  to_32.sin_family = AF_INET, to_32.sin_port = htons(4444);
  inet_pton(AF_INET, "127.0.0.9", &to_32.sin_addr);
  connect_words[0] = (unsigned)peer, connect_words[1] = (unsigned)LOW(&to_32), connect_words[2] = sizeof to_32;
  long result = call_32(102 /* socketcall */, 3 /* SYS_CONNECT */, LOW(connect_words), 0, 0, 0);
  took(report, result < 0 && errno == ECONNREFUSED ? 0 : result, "connect by the 32-bit gate");
}

static const char hosts_text[] = "/host/protected/file";
ACTION(open_32, "32-bit-open-protected") {
  took(report, call_32(5, LOW(hosts_text), O_WRONLY, 0, 0, 0), "open by the 32-bit gate");
}
#endif
