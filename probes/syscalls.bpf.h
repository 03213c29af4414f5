/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* System calls that are looked at. Which number is which call differs by architecture and for 32-bit programs: user space
 * fills the table `actions`, src/watch/kernel/system-calls.ts. */
#pragma once
#include "path.bpf.h"
#include "subject.bpf.h"

/* In the order of `actions` in src/watch/kernel/system-calls.ts. */
enum action {
	ACTION_NONE,
	/* memory */
	ACTION_PTRACE, ACTION_VM_READ, ACTION_VM_WRITE, ACTION_PIDFD_GETFD, ACTION_SHMAT, ACTION_IPC,
	/* mounts and namespaces */
	ACTION_MOUNT, ACTION_UMOUNT, ACTION_PIVOT_ROOT, ACTION_MOVE_MOUNT, ACTION_FSOPEN, ACTION_FSMOUNT, ACTION_FSPICK,
	ACTION_OPEN_TREE, ACTION_MOUNT_SETATTR, ACTION_UNSHARE, ACTION_CLONE, ACTION_CLONE3, ACTION_SETNS,
	/* doors into the kernel */
	ACTION_BPF, ACTION_PERF_EVENT_OPEN, ACTION_INIT_MODULE, ACTION_FINIT_MODULE, ACTION_DELETE_MODULE, ACTION_KEXEC_LOAD,
	ACTION_KEXEC_FILE_LOAD, ACTION_IO_URING_SETUP, ACTION_KEYCTL, ACTION_ADD_KEY, ACTION_REQUEST_KEY, ACTION_USERFAULTFD,
	/* sockets */
	ACTION_SOCKET, ACTION_LISTEN, ACTION_SOCKETCALL,
	/* code */
	ACTION_MMAP, ACTION_MPROTECT, ACTION_MEMFD_CREATE,
	/* files by name: path, folder of it, mode or second path */
	ACTION_CHMOD, ACTION_FCHMODAT, ACTION_FCHMOD, ACTION_RENAME, ACTION_RENAMEAT, ACTION_LINK, ACTION_LINKAT, ACTION_SYMLINK,
	ACTION_SYMLINKAT, ACTION_UNLINK, ACTION_UNLINKAT, ACTION_MKDIR, ACTION_MKDIRAT, ACTION_MKNOD, ACTION_MKNODAT,
	/* users */
	ACTION_SETUID, ACTION_SETREUID, ACTION_SETRESUID,
	/* for measuring only: the cheapest call there is, as an event */
	ACTION_TRIAL,
	/* looked at when they return */
	ACTION_OPEN, ACTION_OPENAT, ACTION_CREAT, ACTION_OPENAT2, ACTION_OPEN_BY_HANDLE, ACTION_CONNECT,
	/* never looked at: what they do to a file is seen by the file */
	ACTION_TRUNCATE, ACTION_CHOWN, ACTION_SETXATTR, ACTION_REMOVEXATTR, ACTION_UTIMES, ACTION_WRITE, ACTION_FALLOCATE,
	ACTION_COPY_FILE_RANGE, ACTION_SENDFILE, ACTION_SPLICE,
};

/* Index: number of the call. The lower half is what native programs do by it, the upper half 32-bit ones. Of each the first
 * byte says what to do when it starts, the second when it returns, the third only what it is called. */
#define MOST_CALLS 512
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MOST_CALLS);
	__type(key, u32);
	__type(value, u64);
} actions SEC(".maps");

/* Of an act: whether a 32-bit program calls, and whether the call has returned. What the caller's memory says can be read
 * for sure only then: the kernel itself has looked at it. */
enum phase { PHASE_COMPAT = 1, PHASE_END = 2 };

struct call {
	struct pt_regs *registers;
	u32 action;
	bool is_compat;
};

/* A function of its own, so that the verifier looks at it once. */
__noinline u64 read_argument(u64 registers, u32 place, u32 is_compat)
{
	struct pt_regs *r = (struct pt_regs *)registers;
#if defined(__TARGET_ARCH_x86)
	if (is_compat) {
		switch (place) {
		case 0: return (u32)BPF_CORE_READ(r, bx);
		case 1: return (u32)BPF_CORE_READ(r, cx);
		case 2: return (u32)BPF_CORE_READ(r, dx);
		case 3: return (u32)BPF_CORE_READ(r, si);
		default: return (u32)BPF_CORE_READ(r, di);
		}
	}
	switch (place) {
	case 0: return BPF_CORE_READ(r, di);
	case 1: return BPF_CORE_READ(r, si);
	case 2: return BPF_CORE_READ(r, dx);
	case 3: return BPF_CORE_READ(r, r10);
	default: return BPF_CORE_READ(r, r8);
	}
#elif defined(__TARGET_ARCH_arm64)
	u64 value = BPF_CORE_READ(r, orig_x0);
	if (place > 0)
		bpf_probe_read_kernel(&value, sizeof(value), (void *)r + bpf_core_field_offset(struct pt_regs, regs) + 8 * (place & 7));
	return is_compat ? (u32)value : value;
#endif
}

static __always_inline u64 argument(struct call *call, int place)
{
	return read_argument((u64)call->registers, place, call->is_compat);
}

static __always_inline bool is_compat_task(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread_info.status & 2; /* TS_COMPAT */
#elif defined(__TARGET_ARCH_arm64)
	return task->thread_info.flags >> 22 & 1; /* TIF_32BIT */
#endif
}

/* The file behind a number of the calling process; 0 when there is none. */
static __always_inline struct file *file_of(struct task_struct *task, u32 fd)
{
	struct file *file = 0;
	struct fdtable *table = task->files->fdt;
	if (fd < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), (void *)table->fd + 8 * (u64)fd);
	return file;
}

/* An event without a path, for what is all in numbers. */
static __always_inline int tell(struct subject *subject, u32 kind, u32 protection, enum stand stand, struct call *call, u64 a, u64 b)
{
	if (stand == STAND_OFF && !tells(subject, kind))
		return 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(kind, stand);
		return 0;
	}
	fill(event, kind, subject->cgroup);
	event->call = call->action;
	event->flags = call->is_compat ? FLAG_COMPAT : 0;
	event->a = a;
	event->b = b;
	judge(event, protection, stand);
	send(event);
	return 0;
}

/* Each in its own file; the verifier looks at each alone. */
int act_on_memory(u64 registers, u32 action, u32 phase);
int act_on_mounts(u64 registers, long result, u32 action, u32 phase);
int act_on_namespaces(u64 registers, u32 action, u32 phase);
int act_on_kernel(u64 registers, u32 action, u32 phase);
int act_on_socket(u64 registers, u32 action, u32 phase);
int act_on_code(u64 registers, u32 action, u32 phase);
int act_on_names(u64 registers, long result, u32 action, u32 phase);
int act_on_user(u64 registers, u32 action, u32 phase);
int act_on_open(u64 registers, long result, u32 action, u32 phase);
int act_on_connected(u64 registers, long result, u32 action, u32 phase);

static __always_inline struct call call_of(u64 registers, u32 action, u32 phase)
{
	return (struct call){ .registers = (struct pt_regs *)registers, .action = action, .is_compat = phase & PHASE_COMPAT };
}

/* What most acts begin with. */
static __always_inline bool begin(u64 registers, u32 action, u32 phase, struct call *call, struct subject *subject)
{
	*call = call_of(registers, action, phase);
	return find_subject(subject);
}

/* What the call came to: 0, or the number of the error. */
static __always_inline u16 error_of(long result, u32 phase)
{
	return (phase & PHASE_END) && result < 0 ? -result : 0;
}
