/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* While somebody learns: which system calls and capabilities the processes of each control group use. Loaded by nobody else,
 * because every system call of the host pays for it. */
#include "../kernel.bpf.h"
#include "../license.bpf.c"

struct learnt {
	u64 calls[8]; /* bit N: call N */
	u64 capabilities;
	u32 flags;
	u32 unused;
};
/* A program of the container runs: what came before was the runtime's. */
#define ARMED 1
/* 32-bit calls have other numbers: they are not counted. */
#define COMPAT 2

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct learnt);
} learnt SEC(".maps");

struct settings {
	u64 host_mount_namespace;
};
const volatile struct settings settings SEC(".rodata.settings") = {};

static __always_inline bool is_on_host(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) == settings.host_mount_namespace;
}

/* `docker exec` comes in as the runtime, under this name, until it executes. */
static __always_inline bool is_runtime_name(struct task_struct *task)
{
	char name[16] = {};
	bpf_probe_read_kernel(name, sizeof(name), task->comm);
	return name[0] == 'r' && name[1] == 'u' && name[2] == 'n' && name[3] == 'c' && (name[4] == ':' || name[4] == 0);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(learn_exec, struct task_struct *task)
{
	if (is_on_host(task))
		return 0;
	u64 cgroup = bpf_get_current_cgroup_id();
	struct learnt *known = bpf_map_lookup_elem(&learnt, &cgroup);
	if (known) {
		known->flags |= ARMED;
		return 0;
	}
	struct learnt fresh = { .flags = ARMED };
	bpf_map_update_elem(&learnt, &cgroup, &fresh, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_enter")
int learn_call(struct bpf_raw_tracepoint_args *context)
{
	u64 cgroup = bpf_get_current_cgroup_id();
	struct learnt *known = bpf_map_lookup_elem(&learnt, &cgroup);
	if (!known || !(known->flags & ARMED))
		return 0;
	struct task_struct *task = bpf_get_current_task_btf();
#ifdef __TARGET_ARCH_x86
	if (task->thread_info.status & 2) { /* TS_COMPAT */
		known->flags |= COMPAT;
		return 0;
	}
#endif
	u64 call = context->args[1];
	u64 place = call >> 6;
	if (place > 7)
		return 0;
	u64 bit = 1ull << (call & 63);
	/* Most calls were seen before: no write, no contention. */
	if (known->calls[place & 7] & bit)
		return 0;
	if (is_on_host(task) || is_runtime_name(task))
		return 0;
	__sync_fetch_and_or(&known->calls[place & 7], bit);
	return 0;
}

SEC("?lsm/capable")
int BPF_PROG(learn_capability, const void *cred, void *namespace, int capability, unsigned int options, int result)
{
	u64 cgroup = bpf_get_current_cgroup_id();
	struct learnt *known = bpf_map_lookup_elem(&learnt, &cgroup);
	/* CAP_OPT_NOAUDIT: the kernel only wonders. */
	if (!known || !(known->flags & ARMED) || (options & 2) || result != 0)
		return result;
	struct task_struct *task = bpf_get_current_task_btf();
	if (!is_on_host(task) && !is_runtime_name(task))
		__sync_fetch_and_or(&known->capabilities, 1ull << (capability & 63));
	return result;
}
