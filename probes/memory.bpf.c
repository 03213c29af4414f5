/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Reading or changing another process's memory. The signal is there before the kernel copies the first byte: it looks for
 * one before it takes the victim's pages (Linux mm/gup.c), and before it attaches (kernel/ptrace.c). */
#include "syscalls.bpf.h"
#include "target.bpf.h"

#define PTRACE_TRACEME 0
#define PTRACE_ATTACH 16
#define PTRACE_SEIZE 0x4206
#define IPC_SHMAT 21
#define IPC_SHM_IDS 2

static __always_inline int tell_memory(struct subject *subject, struct call *call, struct task_struct *task, u64 a, u64 b)
{
	struct target target = {};
	if (!fill_target(&target, task) || target.pid == (u32)subject->task->tgid)
		return 0;
	enum stand stand = stand_to_target(subject, &target);
	if (stand == STAND_BLOCK && lsm_decides(PROTECT_MEMORY) && call->action != ACTION_SHMAT)
		return 0;
	if (stand == STAND_OFF && !tells(subject, KIND_MEMORY))
		return 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_MEMORY, stand);
		return 0;
	}
	fill(event, KIND_MEMORY, subject->cgroup);
	event->call = call->action;
	event->flags = call->is_compat ? FLAG_COMPAT : 0;
	event->target_pid = target.pid;
	event->target_cgroup = target.cgroup;
	event->a = a;
	event->b = b;
	judge(event, PROTECT_MEMORY, stand);
	send(event);
	return 0;
}

/* The process that a pidfd names: its inode carries it (since 6.9), or the file does. */
static __always_inline struct task_struct *task_of_pidfd(struct task_struct *caller, u32 fd)
{
	struct file *file = file_of(caller, fd);
	if (!file)
		return 0;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	bool is_pidfs = BPF_CORE_READ(inode, i_sb, s_magic) == PIDFS_MAGIC;
	return task_of_pid(is_pidfs ? BPF_CORE_READ(inode, i_private) : BPF_CORE_READ(file, private_data));
}

/* Who made a segment of shared memory. */
static __always_inline struct task_struct *maker_of_segment(struct task_struct *caller, u32 id)
{
	struct ipc_namespace *space = BPF_CORE_READ(caller, nsproxy, ipc_ns);
	struct ipc_ids *ids = (void *)space + bpf_core_field_offset(struct ipc_namespace, ids) + IPC_SHM_IDS * bpf_core_type_size(struct ipc_ids);
	/* The upper part of an id counts how often the lower was used. */
	struct shmid_kernel *segment = find_number((void *)ids + bpf_core_field_offset(struct ipc_ids, ipcs_idr), id & 0x7fff);
	struct task_struct *maker = segment ? task_of_pid(BPF_CORE_READ(segment, shm_cprid)) : 0;
	/* Who made it may be gone: then who used it last. */
	return maker || !segment ? maker : task_of_pid(BPF_CORE_READ(segment, shm_lprid));
}

__noinline int act_on_memory(u64 registers, u32 action, u32 phase)
{
	struct call call;
	struct subject subject = {};
	if (!begin(registers, action, phase, &call, &subject))
		return 0;
	u64 first = argument(&call, 0);
	switch (action) {
	case ACTION_PTRACE:
		if (first == PTRACE_TRACEME)
			return tell(&subject, KIND_MEMORY, 0, STAND_OFF, &call, first, 0);
		if (first != PTRACE_ATTACH && first != PTRACE_SEIZE)
			return 0;
		return tell_memory(&subject, &call, (struct task_struct *)find_task_address(argument(&call, 1)), first, 0);
	case ACTION_VM_READ:
	case ACTION_VM_WRITE:
		return tell_memory(&subject, &call, (struct task_struct *)find_task_address(first), 0, 0);
	case ACTION_PIDFD_GETFD:
		return tell_memory(&subject, &call, task_of_pidfd(subject.task, first), argument(&call, 1), 0);
	case ACTION_IPC:
		if ((first & 0xffff) != IPC_SHMAT)
			return 0;
		call.action = ACTION_SHMAT;
		return tell_memory(&subject, &call, maker_of_segment(subject.task, argument(&call, 1)), argument(&call, 1), 0);
	default:
		return tell_memory(&subject, &call, maker_of_segment(subject.task, first), first, 0);
	}
}
