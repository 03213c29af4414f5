/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Processes begin and end. */
#include "subject.bpf.h"

/* A process made in another group than its maker's container has left it (CLONE_INTO_CGROUP). */
static __always_inline void tell_leaving(struct subject *subject, struct task_struct *child, u64 cgroup)
{
	enum stand stand = stand_to(subject, PROTECT_ESCAPE);
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_CGROUP_LEFT, stand);
		return;
	}
	fill(event, KIND_CGROUP_LEFT, subject->cgroup);
	event->target_pid = child->tgid;
	event->target_cgroup = cgroup;
	judge(event, PROTECT_ESCAPE, stand);
	send(event);
}

/* What is born of a container's process is the container's. */
static __always_inline void mark_child(struct subject *subject, struct task_struct *child, u64 cgroup, u64 top)
{
	u32 tgid = child->tgid;
	u64 own = subject->top;
	if (bpf_map_update_elem(&marks, &tgid, &own, BPF_ANY) != 0)
		note_drop(0);
	if (top == own)
		return;
	add_stray(tgid, own);
	u32 parent = subject->task->tgid;
	if (!find_stray(parent))
		tell_leaving(subject, child, cgroup);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (child->pid != child->tgid)
		return 0;
	struct subject subject = {};
	bool is_inside = find_subject(&subject);
	u64 cgroup = cgroup_of_known(child);
	u64 top = container_of_cgroup(cgroup);
	if (!is_inside && !top)
		return 0;
	u32 parent_tgid = parent->tgid, tgid = child->tgid;
	struct runtime *of_parent = bpf_map_lookup_elem(&runtimes, &parent_tgid);
	struct runtime runtime = { .mount_namespace = parent->nsproxy->mnt_ns->ns.inum };
	if (of_parent)
		runtime = *of_parent;
	/* Born into the group from outside (CLONE_INTO_CGROUP), or child of what came from there. */
	if (!is_inside || of_parent)
		bpf_map_update_elem(&runtimes, &tgid, &runtime, BPF_ANY);
	if (!is_inside || is_runtime(subject.task))
		return 0;
	mark_child(&subject, child, cgroup, top);
	if (!(subject.policy->kinds >> KIND_FORK & 1))
		return 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_FORK);
		return 0;
	}
	fill(event, KIND_FORK, subject.cgroup);
	event->target_pid = tgid;
	event->target_cgroup = top == subject.top ? cgroup : subject.top;
	event->a = child->start_boottime;
	event->c = number_in_container(child);
	send(event);
	return 0;
}

/* With the last of its threads, whichever that is. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	if (task->signal->live.counter != 0)
		return 0;
	struct subject subject = {};
	u32 tgid = task->tgid;
	bool is_inside = find_subject(&subject);
	/* Wherever it is by now: its number will be another's. */
	bool was_runtime = bpf_map_delete_elem(&runtimes, &tgid) == 0;
	bool is_told = is_inside && !was_runtime && tells(&subject, KIND_EXIT);
	if (bpf_map_delete_elem(&marks, &tgid) == 0 && find_stray(tgid))
		bpf_map_delete_elem(&strays, &tgid);
	if (!is_told)
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
