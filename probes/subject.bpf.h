/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Who acts: which container the task is in, what it may do, and whether it is still the runtime that prepares it. */
#pragma once
#include "event.bpf.h"

/* A control group of a container. Groups inside it point to the same top: the outermost container counts. */
struct member {
	u64 top;
	u32 slot;
	u32 unused;
};
struct policy {
	u64 kinds;  /* bit KIND_x: told */
	u32 detect; /* bit PROTECT_x */
	u32 block;  /* bit PROTECT_x */
	u32 lists;
	u32 generation;
};
enum list_bit { LIST_CONNECT = 1, LIST_BIND = 2, LIST_HOST_PATHS = 4, LIST_ALL_READS = 8, LIST_FLOWS = 16, LIST_NAMES = 32 };
/* A process that came into the container's group from outside, and the mount namespace that it came from. */
struct runtime {
	u32 mount_namespace;
	u32 unused;
};
struct container_name {
	char text[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct member);
} members SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct policy);
} policies SEC(".maps");
/* Containers that were announced: their slot is given to the group the moment it is made. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct container_name);
	__type(value, u32);
} announced SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct runtime);
} runtimes SEC(".maps");
/* Processes that run a program of a container, and what comes of them, with its outermost group: theirs for life, whatever
 * group they get into. Made whole at once: every fork takes an entry. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u64);
} marks SEC(".maps");
/* Those of them that are in another group than their container's. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u64);
} strays SEC(".maps");
/* How many there were so far: nobody is looked for among them while it is none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} stray_count SEC(".maps");

struct settings {
	u64 host_mount_namespace;
	u32 hierarchy;   /* the control group hierarchy that names containers: 0 is version 2 */
	u32 controller;  /* of a version 1 hierarchy: enum controller */
	u32 lsm;         /* bit PROTECT_x: the LSM programs decide */
	u32 network;     /* the control group programs see connections */
};
/* In the order of `V1Controller` in src/watch/containers/hierarchy.ts. */
enum controller { CONTROLLER_NONE, CONTROLLER_PIDS, CONTROLLER_MEMORY, CONTROLLER_CPU, CONTROLLER_DEVICES };
/* In a section of its own: the compiler adds to the usual one as it likes. */
const volatile struct settings settings SEC(".rodata.settings") = {};

struct subject {
	struct task_struct *task;
	u64 cgroup;
	u64 top;
	u32 slot;
	struct policy *policy;
};

/* The place of the controller in this kernel's list. */
static __always_inline u32 subsystem_index(void)
{
	switch (settings.controller) {
	case CONTROLLER_PIDS:
		return bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	case CONTROLLER_MEMORY:
		return bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	case CONTROLLER_CPU:
		return bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
	default:
		return bpf_core_enum_value(enum cgroup_subsys_id, devices_cgrp_id);
	}
}

static __always_inline u64 cgroup_of(struct task_struct *task)
{
	if (settings.controller == CONTROLLER_NONE)
		return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = 0;
	void *states = (void *)set + bpf_core_field_offset(struct css_set, subsys);
	bpf_probe_read_kernel(&state, sizeof(state), states + 8 * (subsystem_index() & 31));
	return BPF_CORE_READ(state, cgroup, kn, id);
}

/* The container of a control group; 0 when it is of none. */
static __always_inline u64 container_of_cgroup(u64 cgroup)
{
	struct member *member = bpf_map_lookup_elem(&members, &cgroup);
	return member ? member->top : 0;
}

/* Of a task of which the verifier knows the type: no call is needed for a look at it. */
static __always_inline u64 cgroup_of_known(struct task_struct *task)
{
	return settings.controller == CONTROLLER_NONE ? task->cgroups->dfl_cgrp->kn->id : cgroup_of(task);
}

/* The outermost group of the container that a process has left; 0 when it has left none. */
static __always_inline u64 find_stray(u32 tgid)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&stray_count, &zero);
	u64 *top = count && *count ? bpf_map_lookup_elem(&strays, &tgid) : 0;
	return top ? *top : 0;
}

static __always_inline void add_stray(u32 tgid, u64 top)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&stray_count, &zero);
	if (bpf_map_update_elem(&strays, &tgid, &top, BPF_ANY) != 0)
		note_drop(0);
	if (count)
		__sync_fetch_and_add(count, 1);
}

static __always_inline bool find_policy_of(struct subject *subject, u64 left)
{
	struct member *member = bpf_map_lookup_elem(&members, &subject->cgroup);
	if (!member && !left)
		return false;
	subject->top = member ? member->top : left;
	u32 slot = subject->slot = member ? member->slot : 0;
	subject->policy = bpf_map_lookup_elem(&policies, &slot);
	return subject->policy != 0;
}

/* By the control group alone. */
static __always_inline bool find_policy(struct subject *subject)
{
	return find_policy_of(subject, 0);
}

/* Who has left its container's group counts as in it, even when the group is gone. */
static __always_inline bool find_policy_of_task(struct subject *subject, u32 tgid)
{
	u64 left = find_stray(tgid);
	if (left)
		subject->cgroup = left;
	return find_policy_of(subject, left);
}

/* The task that runs now, when it is in a container. */
static __always_inline bool find_subject(struct subject *subject)
{
	subject->task = bpf_get_current_task_btf();
	subject->cgroup = settings.controller == CONTROLLER_NONE ? bpf_get_current_cgroup_id() : cgroup_of(subject->task);
	return find_policy_of_task(subject, subject->task->tgid);
}

/* In programs that may not ask for the group of their caller. */
static __always_inline bool find_subject_by_task(struct subject *subject)
{
	subject->task = bpf_get_current_task_btf();
	subject->cgroup = cgroup_of_known(subject->task);
	return find_policy_of_task(subject, subject->task->tgid);
}

/* Whether a process that has no mark was put into the group only now, which the kernel tells a moment later: it still has
 * the mounts of who made it, and that one is outside. */
static __always_inline bool is_just_put(struct task_struct *task)
{
	struct task_struct *maker = task->real_parent;
	u32 tgid = maker->tgid;
	if (maker->nsproxy->mnt_ns->ns.inum != task->nsproxy->mnt_ns->ns.inum)
		return false;
	return !container_of_cgroup(cgroup_of_known(maker)) && !bpf_map_lookup_elem(&marks, &tgid);
}

/* The runtime prepares the container from inside its group: mounts, namespaces, its own program. None of that is refused.
 * A process of the container that gets into the mounts of the host is none of it. */
static __always_inline bool is_runtime(struct task_struct *task)
{
	u32 tgid = task->tgid;
	if (bpf_map_lookup_elem(&runtimes, &tgid))
		return true;
	if (bpf_map_lookup_elem(&marks, &tgid))
		return false;
	return task->nsproxy->mnt_ns->ns.inum == settings.host_mount_namespace || is_just_put(task);
}

/* Nothing of the runtime's own work is told: it is no act of the container. */
static __always_inline bool tells(struct subject *subject, u32 kind)
{
	return (subject->policy->kinds >> kind & 1) && !is_runtime(subject->task);
}

/* How a policy stands to what its container does. */
enum stand { STAND_OFF, STAND_DETECT, STAND_BLOCK };
static __always_inline enum stand stand_of(struct policy *policy, u32 protection)
{
	u32 bit = 1u << protection;
	return policy->block & bit ? STAND_BLOCK : policy->detect & bit ? STAND_DETECT : STAND_OFF;
}
static __always_inline enum stand stand_to(struct subject *subject, u32 protection)
{
	enum stand stand = stand_of(subject->policy, protection);
	return stand != STAND_OFF && is_runtime(subject->task) ? STAND_OFF : stand;
}

static __always_inline u32 number_in_container(struct task_struct *leader)
{
	struct pid *pid = leader->thread_pid;
	u32 level = pid->level;
	int number = 0;
	bpf_probe_read_kernel(&number, sizeof(number), (void *)pid + bpf_core_field_offset(struct pid, numbers) + 16 * (u64)(level & 31));
	return number;
}

/* Everything is read from the task: not every kind of program may call every helper. A function of its own, so that the
 * verifier looks at it once. */
__noinline int fill(struct event *event, u32 kind, u64 cgroup)
{
	if (!event)
		return 0;
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct *leader = task->group_leader;
	__builtin_memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->pid = task->tgid;
	event->time = bpf_ktime_get_ns();
	event->cgroup = cgroup;
	event->started = leader->start_boottime;
	event->thread = task->pid;
	event->parent = task->real_parent->tgid;
	event->container_pid = number_in_container(leader);
	event->uid = task->cred->uid.val;
	event->mount_namespace = task->nsproxy->mnt_ns->ns.inum;
	bpf_probe_read_kernel(event->name, sizeof(event->name), task->comm);
	return 0;
}

static __always_inline bool lsm_decides(u32 protection)
{
	return settings.lsm >> protection & 1;
}

/* Marks the event, and stops the caller where the policy says so. */
static __always_inline void judge(struct event *event, u32 protection, enum stand stand)
{
	if (stand == STAND_OFF)
		return;
	event->protection = protection;
	if (stand == STAND_BLOCK && bpf_send_signal(9) == 0)
		event->verdict = KILLED;
}

/* What to do when there is no room to tell it: refused stays refused. */
static __always_inline void judge_untold(u32 kind, enum stand stand)
{
	note_drop(kind);
	if (stand == STAND_BLOCK)
		bpf_send_signal(9);
}

/* Character devices: mem, kmem, port and kmsg. */
static __always_inline bool is_machine_memory(u32 major, u32 minor)
{
	return major == 1 && (minor == 1 || minor == 2 || minor == 4 || minor == 11);
}

#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define AF_VSOCK 40
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3

/* Sockets that see or forge what is not the container's, or lead to the machine below. */
static __always_inline bool is_escape_socket(u32 family, u32 type)
{
	bool is_raw = (type & 15) == SOCK_RAW && (family == AF_INET || family == AF_INET6);
	return is_raw || family == AF_PACKET || family == AF_VSOCK;
}
