/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Files that were opened: the file itself is looked at when the call returns, not the name that the caller gave. A refused
 * caller is dead before it can use what it opened. */
#include "files.bpf.h"
#include "syscalls.bpf.h"

/* The flags as the caller gave them, from a register: they say what the file no longer does (O_TRUNC). */
static __always_inline u64 flags_of(struct call *call)
{
	switch (call->action) {
	case ACTION_OPEN:
		return argument(call, 1);
	case ACTION_OPENAT:
	case ACTION_OPEN_BY_HANDLE:
		return argument(call, 2);
	default:
		return 0;
	}
}

__noinline int act_on_open(u64 registers, long result, u32 action, u32 phase)
{
	struct call call;
	struct subject subject = {};
	struct judged judged = {};
	long fd = result;
	if (fd < 0 || !begin(registers, action, phase, &call, &subject))
		return 0;
	if (!subject.policy->kinds)
		return 0;
	struct file *file = file_of(subject.task, fd);
	if (!file)
		return 0;
	if (action == ACTION_OPEN_BY_HANDLE) {
		/* By number, past every path: what the container's root hides is not hidden from this. */
		judged.kind = KIND_OPEN;
		judged.protection = PROTECT_ESCAPE;
		judged.stand = stand_to(&subject, PROTECT_ESCAPE);
	} else if (!judge_open(&judged, &subject, file)) {
		return 0;
	}
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	u32 origin = origin_of(inode);
	bool is_written_copy = is_copy(origin) && (BPF_CORE_READ(file, f_mode) & FMODE_WRITE) && !is_runtime(subject.task);
	if (is_written_copy)
		note_writer(inode);
	if (judged.stand == STAND_OFF && !tells(&subject, judged.kind))
		return 0;
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(judged.kind, judged.stand);
		return 0;
	}
	/* What is written by this descriptor at once is no news. */
	if (judged.protection == PROTECT_HOST_PATHS)
		was_change_told(&subject, KIND_OPEN, BPF_CORE_READ(inode, i_ino));
	fill(&event->head, judged.kind, subject.cgroup);
	event->head.call = action;
	event->head.flags = call.is_compat ? FLAG_COMPAT : 0;
	event->head.origin = origin;
	event->head.a = (u64)BPF_CORE_READ(file, f_flags) | (flags_of(&call) & 0x241);
	event->head.b = BPF_CORE_READ(inode, i_ino);
	event->head.c = BPF_CORE_READ(inode, i_mode);
	event->head.target_pid = judged.target.pid;
	event->head.target_cgroup = judged.target.cgroup;
	if (is_written_copy)
		write_copied(&event->head, inode);
	judge(&event->head, judged.protection, judged.stand);
	write_file_path(event, file);
	send(&event->head);
	return 0;
}
