/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Processes begin and end. */
#include "subject.bpf.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (child->pid != child->tgid)
		return 0;
	u64 cgroup = cgroup_of(child);
	u64 top = container_of_cgroup(cgroup);
	if (!top)
		return 0;
	struct subject subject = {};
	bool is_inside = find_subject(&subject);
	u32 parent_tgid = parent->tgid, tgid = child->tgid;
	struct runtime *of_parent = bpf_map_lookup_elem(&runtimes, &parent_tgid);
	struct runtime runtime = { .mount_namespace = parent->nsproxy->mnt_ns->ns.inum };
	if (of_parent)
		runtime = *of_parent;
	/* Born into the group from outside (CLONE_INTO_CGROUP), or child of what came from there. */
	if (!is_inside || of_parent)
		bpf_map_update_elem(&runtimes, &tgid, &runtime, BPF_ANY);
	if (!is_inside || !tells(&subject, KIND_FORK))
		return 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_FORK);
		return 0;
	}
	fill(event, KIND_FORK, subject.cgroup);
	event->target_pid = tgid;
	event->target_cgroup = cgroup;
	event->a = child->start_boottime;
	event->c = number_in_container(child);
	send(event);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	u64 id = bpf_get_current_pid_tgid();
	if (id >> 32 != (u32)id)
		return 0;
	struct subject subject = {};
	u32 tgid = id >> 32;
	/* Wherever it is by now: its number will be another's. */
	bool was_runtime = bpf_map_delete_elem(&runtimes, &tgid) == 0;
	if (!find_subject(&subject) || was_runtime)
		return 0;
	if (!tells(&subject, KIND_EXIT))
		return 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_EXIT);
		return 0;
	}
	fill(event, KIND_EXIT, subject.cgroup);
	event->a = task->exit_code;
	send(event);
	return 0;
}
