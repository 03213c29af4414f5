/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Devices and settings of the host: refused with EPERM before anything of them is touched. */
#include "subject.bpf.h"

#define DEVICE_BLOCK 1
#define DEVICE_CHARACTER 2

static __always_inline int refuse_device(struct subject *subject, u32 kind, u64 a, u64 b)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return 0;
	}
	fill(event, kind, subject->cgroup);
	event->a = a;
	event->b = b;
	event->flags = FLAG_DEVICE;
	event->protection = PROTECT_ESCAPE;
	event->verdict = DENIED;
	send(event);
	return 0;
}

/* Disks, and the memory and ports of the machine. */
SEC("cgroup/dev")
int on_device(struct bpf_cgroup_dev_ctx *context)
{
	u32 type = context->access_type & 0xffff;
	bool is_memory = type == DEVICE_CHARACTER && is_machine_memory(context->major, context->minor);
	if (type != DEVICE_BLOCK && !is_memory)
		return 1;
	struct subject subject = {};
	if (!find_subject_by_task(&subject) || stand_to(&subject, PROTECT_ESCAPE) != STAND_BLOCK)
		return 1;
	return refuse_device(&subject, KIND_OPEN, (u64)context->major << 32 | context->minor, type);
}

/* /proc/sys, for writing. */
SEC("cgroup/sysctl")
int on_setting(struct bpf_sysctl *context)
{
	if (!context->write)
		return 1;
	struct subject subject = {};
	if (!find_subject_by_task(&subject) || stand_to(&subject, PROTECT_ESCAPE) != STAND_BLOCK)
		return 1;
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_OPEN);
		return 0;
	}
	fill(&event->head, KIND_OPEN, subject.cgroup);
	__builtin_memcpy(event->path, "/proc/sys/", 10);
	long length = bpf_sysctl_get_name(context, event->path + 10, 128, 0);
	event->head.path_length = length > 0 ? (10 + length + 1) & 255 : 0;
	event->head.protection = PROTECT_ESCAPE;
	event->head.verdict = DENIED;
	send(&event->head);
	return 0;
}
