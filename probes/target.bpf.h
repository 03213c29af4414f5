/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Whom it is done to: numbers that the caller gave, looked up in the kernel's own tables as the kernel will. */
#pragma once
#include "subject.bpf.h"

/* An entry of a table of numbers (struct idr): a tree with 64 branches at each level. */
static __always_inline void *find_number(struct idr *table, u32 number)
{
	u32 index = number - BPF_CORE_READ(table, idr_base);
	u64 entry = (u64)BPF_CORE_READ(table, idr_rt.xa_head);
	bool is_root = true;
	for (int depth = 0; depth < 6; depth++) {
		/* Inner nodes are marked in the last two bits. */
		if ((entry & 3) != 2 || entry < 4096)
			break;
		struct xa_node *node = (struct xa_node *)(entry - 2);
		u32 shift = BPF_CORE_READ(node, shift) & 31;
		u32 branch = index >> shift;
		if (is_root && branch > 63)
			return 0;
		is_root = false;
		void *branches = (void *)node + bpf_core_field_offset(struct xa_node, slots);
		if (bpf_probe_read_kernel(&entry, sizeof(entry), branches + 8 * (branch & 63)) != 0)
			return 0;
	}
	return entry & 3 ? 0 : (void *)entry;
}

static __always_inline struct task_struct *task_of_pid(struct pid *pid)
{
	if (!pid)
		return 0;
	struct hlist_node *first = 0;
	/* By PIDTYPE_TGID, then by PIDTYPE_PID: the latter finds threads too. */
	bpf_probe_read_kernel(&first, sizeof(first), (void *)pid + bpf_core_field_offset(struct pid, tasks));
	if (!first)
		return 0;
	return (void *)first - bpf_core_field_offset(struct task_struct, pid_links);
}

/* A task by its number in the name space of the one that runs now; its address, or 0. */
__noinline u64 find_task_address(u32 number)
{
	struct task_struct *caller = bpf_get_current_task_btf();
	struct pid *own = BPF_CORE_READ(caller, thread_pid);
	u32 level = BPF_CORE_READ(own, level);
	struct pid_namespace *space = 0;
	void *numbers = (void *)own + bpf_core_field_offset(struct pid, numbers);
	bpf_probe_read_kernel(&space, sizeof(space), numbers + 16 * (u64)(level & 31) + 8);
	if (!space)
		return 0;
	return (u64)task_of_pid(find_number((void *)space + bpf_core_field_offset(struct pid_namespace, idr), number));
}

struct target {
	u32 pid;
	u64 cgroup;
	u64 top;
};

static __always_inline bool fill_target(struct target *target, struct task_struct *task)
{
	if (!task)
		return false;
	target->pid = BPF_CORE_READ(task, tgid);
	u64 left = find_stray(target->pid);
	target->cgroup = left ? left : cgroup_of(task);
	target->top = left ? left : container_of_cgroup(target->cgroup);
	return true;
}

/* To another container or to the host: what the caller's policy says, or the victim's when that is stricter. */
static __always_inline enum stand stand_to_target(struct subject *subject, struct target *target)
{
	if (target->top == subject->top)
		return STAND_OFF;
	enum stand stand = stand_to(subject, PROTECT_MEMORY);
	struct subject victim = { .cgroup = target->cgroup };
	if (!target->top || !find_policy_of_task(&victim, target->pid))
		return stand;
	enum stand of_victim = stand_of(victim.policy, PROTECT_MEMORY);
	if (of_victim <= stand || is_runtime(subject->task))
		return stand;
	return of_victim;
}
