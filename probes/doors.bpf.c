/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Doors into the kernel: programs and modules for it, rings past the system calls, its keys, its page faults. */
#include "syscalls.bpf.h"

#define KEYCTL_JOIN_SESSION_KEYRING 1
#define KEYCTL_READ 11
#define KEYCTL_SEARCH 10
#define KEYCTL_DESCRIBE 6
#define KEYCTL_LINK 8

static __always_inline u32 kind_of(u32 action)
{
	switch (action) {
	case ACTION_BPF:
	case ACTION_PERF_EVENT_OPEN:
		return KIND_BPF;
	case ACTION_IO_URING_SETUP:
		return KIND_IO_URING;
	case ACTION_KEYCTL:
	case ACTION_ADD_KEY:
	case ACTION_REQUEST_KEY:
		return KIND_KEYCTL;
	case ACTION_USERFAULTFD:
		return KIND_USERFAULTFD;
	default:
		return KIND_MODULE;
	}
}

/* Keys are shared by all containers of a user. Logging in makes and links own rings, which harms nobody. */
static __always_inline bool is_harmless_key_call(u32 action, u64 command)
{
	return action == ACTION_KEYCTL && command != KEYCTL_READ && command != KEYCTL_SEARCH && command != KEYCTL_DESCRIBE;
}

__noinline int act_on_kernel(u64 registers, u32 action, u32 phase)
{
	struct call call;
	struct subject subject = {};
	if (!begin(registers, action, phase, &call, &subject))
		return 0;
	u64 first = argument(&call, 0);
	enum stand stand = stand_to(&subject, PROTECT_ESCAPE);
	/* Many programs make a ring to wait with (libuv does): what goes through it is judged, entry by entry. */
	if (is_harmless_key_call(action, first) || action == ACTION_IO_URING_SETUP)
		stand = STAND_OFF;
	bool is_of_lsm = action == ACTION_BPF || action == ACTION_INIT_MODULE || action == ACTION_FINIT_MODULE;
	if (stand == STAND_BLOCK && is_of_lsm && lsm_decides(PROTECT_ESCAPE))
		return 0;
	return tell(&subject, kind_of(action), PROTECT_ESCAPE, stand, &call, first, argument(&call, 1));
}

static __always_inline int tell_ring_entry(struct io_kiocb *request)
{
	struct subject subject = {};
	if (!find_subject(&subject) || !tells(&subject, KIND_IO_URING))
		return 0;
	u32 operation = BPF_CORE_READ(request, opcode);
	struct call call = { .action = ACTION_NONE };
	/* Reads, writes and waits are no actions: what they work on was opened. */
	u32 openat = bpf_core_enum_value(enum io_uring_op, IORING_OP_OPENAT);
	u32 openat2 = bpf_core_enum_value(enum io_uring_op, IORING_OP_OPENAT2);
	u32 connect = bpf_core_enum_value(enum io_uring_op, IORING_OP_CONNECT);
	u32 accept = bpf_core_enum_value(enum io_uring_op, IORING_OP_ACCEPT);
	u32 rename = bpf_core_enum_value(enum io_uring_op, IORING_OP_RENAMEAT);
	u32 unlink = bpf_core_enum_value(enum io_uring_op, IORING_OP_UNLINKAT);
	u32 link = bpf_core_enum_value(enum io_uring_op, IORING_OP_LINKAT);
	u32 symlink = bpf_core_enum_value(enum io_uring_op, IORING_OP_SYMLINKAT);
	if (operation != openat && operation != openat2 && operation != connect && operation != accept && operation != rename && operation != unlink && operation != link && operation != symlink && operation <= symlink + 4)
		return 0;
	/* With BPF LSM the hooks see what the entry does, as they see any call. */
	enum stand stand = lsm_decides(PROTECT_ESCAPE) ? STAND_OFF : stand_to(&subject, PROTECT_ESCAPE);
	return tell(&subject, KIND_IO_URING, PROTECT_ESCAPE, stand, &call, operation, 1);
}

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(on_ring_entry, struct io_kiocb *request)
{
	return tell_ring_entry(request);
}

/* Its name before Linux 6.4. */
SEC("?tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_ring_entry_old, struct io_kiocb *request)
{
	return tell_ring_entry(request);
}
