/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Files that become code without being run: mapped libraries, and files that live in memory only. */
#include "syscalls.bpf.h"

#define PROT_EXEC 4
#define MAP_ANONYMOUS 0x20

static __always_inline int tell_mapping(struct subject *subject, struct call *call, struct file *file)
{
	struct path *path = path_of(file);
	struct inode *inode = BPF_CORE_READ(path, dentry, d_inode);
	u32 origin = origin_of(inode);
	/* Libraries of the image are many, and the same each time. */
	if (!is_drift(origin) && !(origin & ORIGIN_UPPER))
		return 0;
	enum stand stand = is_drift(origin) ? stand_to(subject, PROTECT_DRIFT) : STAND_OFF;
	if (stand == STAND_BLOCK && lsm_decides(PROTECT_DRIFT))
		return 0;
	if (stand == STAND_OFF && !tells(subject, KIND_MAP_EXECUTABLE))
		return 0;
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_MAP_EXECUTABLE, stand);
		return 0;
	}
	fill(&event->head, KIND_MAP_EXECUTABLE, subject->cgroup);
	event->head.call = call->action;
	event->head.flags = call->is_compat ? FLAG_COMPAT : 0;
	event->head.origin = origin;
	event->head.a = BPF_CORE_READ(inode, i_ino);
	write_copied(&event->head, inode);
	judge(&event->head, PROTECT_DRIFT, stand);
	write_file_path(event, file);
	send(&event->head);
	return 0;
}

struct mapped {
	struct file *file;
};

static long keep_file(struct task_struct *task, struct vm_area_struct *area, struct mapped *mapped)
{
	mapped->file = area->vm_file;
	return 0;
}

__noinline int act_on_code(u64 registers, u32 action, u32 phase)
{
	struct call call = call_of(registers, action, phase);
	struct subject subject = {};
	if (action != ACTION_MEMFD_CREATE && !(argument(&call, 2) & PROT_EXEC))
		return 0;
	if (!find_subject(&subject))
		return 0;
	if (action == ACTION_MEMFD_CREATE)
		return tell(&subject, KIND_CREATE, 0, STAND_OFF, &call, argument(&call, 1), 0);
	if (action == ACTION_MMAP) {
		if (argument(&call, 3) & MAP_ANONYMOUS)
			return 0;
		struct file *file = file_of(subject.task, argument(&call, 4));
		return file ? tell_mapping(&subject, &call, file) : 0;
	}
	/* What was mapped to be read becomes code. */
	struct mapped mapped = {};
	if (bpf_find_vma(subject.task, argument(&call, 0), keep_file, &mapped, 0) != 0 || !mapped.file)
		return 0;
	return tell_mapping(&subject, &call, mapped.file);
}
