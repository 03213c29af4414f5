/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* What a probe tells: one record of a fixed shape in one ring. src/watch/kernel/layout.ts has the same numbers. */
#pragma once
#include "kernel.bpf.h"

/* In the order of KernelEventKind in src/model/watch.ts. */
enum kind {
	KIND_EXEC = 1, KIND_FORK, KIND_EXIT, KIND_OPEN, KIND_CREATE, KIND_CHMOD, KIND_RENAME, KIND_LINK, KIND_UNLINK,
	KIND_MAP_EXECUTABLE, KIND_MEMORY, KIND_MOUNT, KIND_UNSHARE, KIND_SETNS, KIND_SET_USER, KIND_BPF, KIND_MODULE,
	KIND_IO_URING, KIND_KEYCTL, KIND_USERFAULTFD, KIND_SOCKET, KIND_CONNECT, KIND_BIND, KIND_LISTEN, KIND_SEND,
	KIND_CGROUP_MADE, KIND_CGROUP_GONE, KIND_CGROUP_LEFT, KIND_COUNT
};
/* In the order of Protection there; 0 is none. */
enum protection { PROTECT_DRIFT = 1, PROTECT_MEMORY, PROTECT_ESCAPE, PROTECT_HOST_PATHS, PROTECT_NETWORK };
enum verdict { SEEN, DENIED, KILLED };
enum event_flag {
	FLAG_CUT = 1,       /* argv had more */
	FLAG_REVERSED = 2,  /* the path is its names from the last to the first, each ended by NUL */
	FLAG_DETACHED = 4,  /* the path hangs on no mount: memfd:name */
	FLAG_COMPAT = 8,    /* by a 32-bit system call */
	FLAG_PATH_CUT = 16, /* the path had more at its start */
	FLAG_BASE = 32,     /* argv is the folder, reversed, that the path starts from */
	FLAG_DEVICE = 64,   /* a is the number of a device, not flags */
	FLAG_CHANGED = 128, /* told by the file that was changed: there are no arguments */
};

#define PATH_ROOM 512
#define NAME_ROOM 256
#define ARGV_ROOM 4096

struct event {
	u8 kind, verdict, protection, flags;
	u32 pid;
	u64 time, cgroup, started;
	u32 thread, parent, container_pid, uid, mount_namespace, target_pid;
	u64 target_cgroup, a, b;
	u32 origin, c;
	u16 port, path_length, argv_length;
	u8 family, call;
	u8 address[16];
	char name[16];
};
_Static_assert(sizeof(struct event) == 128, "src/watch/kernel/layout.ts");
/* One more name than fits is read before the end is noticed: the room behind is never sent as part of the path. */
struct path_event {
	struct event head;
	char path[PATH_ROOM + NAME_ROOM];
};
struct exec_event {
	struct event head;
	char path[PATH_ROOM + NAME_ROOM];
	char argv[ARGV_ROOM];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

/* How many events of each kind found no room; a drop is never told as none. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} drops SEC(".maps");

static __always_inline void note_drop(u32 kind)
{
	u64 *count = bpf_map_lookup_elem(&drops, &kind);
	if (count)
		(*count)++;
}

/* Shared with the reader's memory: not 0 while it looks again and again by itself. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, u64);
} reader SEC(".maps");

/* An alarm wakes the reader at once. Everything else does only when it sleeps: a bell for each event would cost more than
 * all the rest. */
static __always_inline void send(struct event *event)
{
	u32 zero = 0;
	u64 *is_awake = bpf_map_lookup_elem(&reader, &zero);
	bool rings = event->verdict != SEEN || event->protection || !is_awake || !*(volatile u64 *)is_awake;
	bpf_ringbuf_submit(event, rings ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}
