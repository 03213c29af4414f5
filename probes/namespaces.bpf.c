/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Mounts and namespaces: the ways out of a container that the kernel offers on purpose. */
#include "syscalls.bpf.h"

/* CLONE_NEWTIME NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET; of clone(2) the first is part of the signal's number. */
#define NEW_NAMESPACES 0x7e020080
#define CLONE_NEWTIME 0x80

/* LSM programs refuse these with an error, and tell it. */
static __always_inline bool is_of_lsm(u32 action)
{
	return lsm_decides(PROTECT_ESCAPE) && (action == ACTION_MOUNT || action == ACTION_MOVE_MOUNT || action == ACTION_UMOUNT || action == ACTION_PIVOT_ROOT);
}

/* Where the path stands: mount(source, target, ...), open_tree(folder, path, ...) */
static __always_inline int place_of_path(u32 action)
{
	return action == ACTION_MOUNT || action == ACTION_MOVE_MOUNT || action == ACTION_OPEN_TREE || action == ACTION_FSPICK || action == ACTION_MOUNT_SETATTR;
}

/* The signal comes when the call begins, the event when it ends: its words are sure to be in memory then. */
__noinline int act_on_mounts(u64 registers, long result, u32 action, u32 phase)
{
	struct call call;
	struct subject subject = {};
	if (!begin(registers, action, phase, &call, &subject))
		return 0;
	enum stand stand = stand_to(&subject, PROTECT_ESCAPE);
	if (stand == STAND_BLOCK && is_of_lsm(action))
		return 0;
	if (!(phase & PHASE_END)) {
		if (stand == STAND_BLOCK)
			bpf_send_signal(9);
		return 0;
	}
	if (stand == STAND_OFF && !tells(&subject, KIND_MOUNT))
		return 0;
	struct exec_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_MOUNT);
		return 0;
	}
	fill(&event->head, KIND_MOUNT, subject.cgroup);
	event->head.call = action;
	event->head.flags = call.is_compat ? FLAG_COMPAT : 0;
	event->head.port = error_of(result, phase);
	long length = -1;
	if (action != ACTION_FSMOUNT)
		length = bpf_probe_read_user_str(event->path, PATH_ROOM, (void *)argument(&call, place_of_path(action)));
	event->head.path_length = length > 0 ? length : 0;
	if (action == ACTION_MOUNT) {
		event->head.a = argument(&call, 3);
		length = bpf_probe_read_user_str(event->argv, 256, (void *)argument(&call, 2));
		event->head.argv_length = length > 1 ? length : 0;
	}
	judge(&event->head, PROTECT_ESCAPE, stand);
	send(&event->head);
	return 0;
}

__noinline int act_on_namespaces(u64 registers, u32 action, u32 phase)
{
	struct call call = call_of(registers, action, phase);
	struct subject subject = {};
	u64 flags = argument(&call, action == ACTION_SETNS ? 1 : 0);
	if (action == ACTION_CLONE3 && bpf_probe_read_user(&flags, sizeof(flags), (void *)argument(&call, 0)) != 0)
		return 0;
	if (action == ACTION_CLONE)
		flags &= ~(u64)CLONE_NEWTIME;
	if (action != ACTION_SETNS && !(flags & NEW_NAMESPACES))
		return 0;
	if (!find_subject(&subject))
		return 0;
	u32 kind = action == ACTION_SETNS ? KIND_SETNS : KIND_UNSHARE;
	return tell(&subject, kind, PROTECT_ESCAPE, stand_to(&subject, PROTECT_ESCAPE), &call, flags, action == ACTION_SETNS ? argument(&call, 0) : 0);
}
