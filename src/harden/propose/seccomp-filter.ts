// A seccomp filter of the system calls that were seen. Everything else fails with EPERM, as in the engine's own filter.
// Source: opencontainers/runtime-spec, config-linux.md (seccomp); moby profiles/seccomp.

import type { JsonObject } from "../../model/json.ts";

/**
 * What runtimes call between loading the filter and starting the program, and what a program calls only on its worst day:
 * a container must not break because nobody saw it crash while it was learnt.
 */
const always: readonly string[] = [
  ...["access", "arch_prctl", "brk", "capget", "capset", "chdir", "close", "close_range", "dup", "dup2", "dup3"],
  ...[
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_wait",
    "eventfd2",
    "execve",
    "exit",
    "exit_group",
    "faccessat",
    "faccessat2",
  ],
  ...[
    "fchdir",
    "fcntl",
    "fstat",
    "fstatfs",
    "futex",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getpgrp",
    "getpid",
  ],
  ...[
    "getppid",
    "getrandom",
    "getrlimit",
    "gettid",
    "gettimeofday",
    "getuid",
    "clock_gettime",
    "clock_nanosleep",
    "ioctl",
    "lseek",
  ],
  ...[
    "lstat",
    "madvise",
    "membarrier",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "nanosleep",
    "newfstatat",
    "openat",
    "openat2",
    "open",
  ],
  ...[
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "prctl",
    "pread64",
    "prlimit64",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "restart_syscall",
  ],
  ...[
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "sched_getaffinity",
  ],
  ...[
    "sched_yield",
    "select",
    "set_robust_list",
    "set_tid_address",
    "setgid",
    "setgroups",
    "setpgid",
    "setsid",
    "setuid",
    "sigaltstack",
  ],
  ...[
    "stat",
    "statfs",
    "statx",
    "tgkill",
    "time",
    "umask",
    "uname",
    "unlinkat",
    "vfork",
    "wait4",
    "waitid",
    "write",
    "writev",
  ],
];

const architectures = [
  { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
  { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
];

/** Bits of clone(2) that make namespaces. clone3 hides them behind a pointer, where no filter can look. */
const namespaceFlags = 0x7e020000;

/** What the engine's own filter keeps from containers without more capabilities: no profile may be weaker than no profile. */
const neverLearnt: ReadonlySet<string> = new Set([
  ...[
    "acct",
    "add_key",
    "bpf",
    "clock_adjtime",
    "clock_settime",
    "create_module",
    "delete_module",
    "fanotify_init",
    "finit_module",
  ],
  ...[
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "get_kernel_syms",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
  ],
  ...[
    "io_uring_setup",
    "ioperm",
    "iopl",
    "kcmp",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "mount",
    "mount_setattr",
  ],
  ...[
    "move_mount",
    "move_pages",
    "nfsservctl",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pivot_root",
    "process_madvise",
  ],
  ...[
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "query_module",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
  ],
  ...[
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "swapoff",
    "swapon",
    "syslog",
    "umount",
    "umount2",
    "unshare",
  ],
  ...["uselib", "userfaultfd", "ustat", "vhangup", "vm86", "vm86old"],
]);

export type SeccompProposal = {
  readonly filter: JsonObject;
  /** Called while it was learnt, and not allowed all the same. */
  readonly leftOut: readonly string[];
};

export function seccompFilter(systemCalls: readonly string[]): SeccompProposal {
  const names = new Set([...always, ...systemCalls].filter((name) => !neverLearnt.has(name)));
  names.delete("clone");
  names.delete("clone3");
  const filter = {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    archMap: architectures,
    syscalls: [
      { names: [...names].sort(), action: "SCMP_ACT_ALLOW" },
      {
        names: ["clone"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
      },
      // "No such call" (ENOSYS) makes C libraries use clone.
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
    ],
  };
  return { filter, leftOut: [...new Set(systemCalls)].filter((name) => neverLearnt.has(name)).sort() };
}
