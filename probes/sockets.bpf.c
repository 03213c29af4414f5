/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Sockets that read what is not for them, and ports that are opened. */
#include "files.bpf.h"
#include "permits.bpf.h"
#include "syscalls.bpf.h"

#define SOCKETCALL_SOCKET 1
#define SOCKETCALL_LISTEN 4

static __always_inline int tell_socket(struct subject *subject, struct call *call, u32 family, u32 type, u32 protocol)
{
	if (!is_escape_socket(family, type))
		return 0;
	enum stand stand = stand_to(subject, PROTECT_ESCAPE);
	/* Programs that come later in this call refuse it with an error, and tell it. */
	bool is_refused = lsm_decides(PROTECT_ESCAPE) || (settings.network && (family == AF_INET || family == AF_INET6));
	if (stand == STAND_BLOCK && is_refused)
		return 0;
	u32 protection = PROTECT_ESCAPE;
	/* What such a socket sends nobody else judges: a list of where to go would mean nothing. */
	if (family == AF_PACKET && stand != STAND_BLOCK && (subject->policy->lists & LIST_CONNECT) && stand_to(subject, PROTECT_NETWORK) > stand) {
		stand = stand_to(subject, PROTECT_NETWORK);
		protection = PROTECT_NETWORK;
	}
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_SOCKET, stand);
		return 0;
	}
	fill(event, KIND_SOCKET, subject->cgroup);
	event->call = call->action;
	event->flags = call->is_compat ? FLAG_COMPAT : 0;
	event->family = family;
	event->a = type & 15;
	event->b = protocol;
	judge(event, protection, stand);
	send(event);
	return 0;
}

static __always_inline int tell_listen(struct subject *subject, struct call *call, u32 fd)
{
	if (!tells(subject, KIND_LISTEN))
		return 0;
	struct file *file = file_of(subject->task, fd);
	struct socket *socket = file ? BPF_CORE_READ(file, private_data) : 0;
	struct sock *sock = BPF_CORE_READ(socket, sk);
	u32 family = BPF_CORE_READ(sock, __sk_common.skc_family);
	if (family != AF_INET && family != AF_INET6)
		return 0;
	u32 own[4] = { 0, 0, __builtin_bswap32(0xffff), 0 };
	if (family == AF_INET)
		bpf_core_read(&own[3], 4, &sock->__sk_common.skc_rcv_saddr);
	else
		bpf_core_read(own, 16, &sock->__sk_common.skc_v6_rcv_saddr);
	/* A port that nobody bound, or port 0, is the kernel's choice: only here it shows that it waits for connections. */
	enum stand stand = STAND_OFF;
	if (!is_permitted(subject, IN, own, BPF_CORE_READ(sock, __sk_common.skc_num)))
		stand = stand_to(subject, PROTECT_NETWORK);
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_LISTEN);
		return 0;
	}
	fill(event, KIND_LISTEN, subject->cgroup);
	event->call = call->action;
	event->port = BPF_CORE_READ(sock, __sk_common.skc_num);
	event->family = family;
	if (family == AF_INET)
		__builtin_memcpy(event->address, &own[3], 4);
	else
		__builtin_memcpy(event->address, own, 16);
	/* Where packets are judged, nobody gets through to it; elsewhere its caller ends. */
	if (stand == STAND_BLOCK && settings.controller == CONTROLLER_NONE && settings.network)
		stand = STAND_DETECT;
	judge(event, PROTECT_NETWORK, stand);
	send(event);
	return 0;
}

__noinline int act_on_socket(u64 registers, u32 action, u32 phase)
{
	struct call call = call_of(registers, action, phase);
	struct subject subject = {};
	u64 first = argument(&call, 0);
	u32 words[3] = {};
	/* Nearly all sockets are of the usual kind: they are let go before anything is looked up. */
	if (action == ACTION_SOCKET && !is_escape_socket(first, argument(&call, 1)))
		return 0;
	if (!find_subject(&subject))
		return 0;
	if (action == ACTION_SOCKET)
		return tell_socket(&subject, &call, first, argument(&call, 1), argument(&call, 2));
	if (action == ACTION_LISTEN)
		return tell_listen(&subject, &call, first);
	/* 32-bit programs may name the call by a number, with its arguments in memory. */
	bpf_probe_read_user(words, sizeof(words), (void *)argument(&call, 1));
	if (first == SOCKETCALL_SOCKET)
		return tell_socket(&subject, &call, words[0], words[1], words[2]);
	if (first == SOCKETCALL_LISTEN)
		return tell_listen(&subject, &call, words[0]);
	return 0;
}

/* Which socket of the file system it was: the engine's own gives the whole host. */
__noinline int act_on_connected(u64 registers, long result, u32 action, u32 phase)
{
	struct call call = call_of(registers, action, phase);
	struct subject subject = {};
	if (result != 0)
		return 0;
	struct file *file = file_of(bpf_get_current_task_btf(), argument(&call, 0));
	if (!file)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct unix_sock *own = (struct unix_sock *)BPF_CORE_READ(socket, sk);
	if (BPF_CORE_READ((struct sock *)own, __sk_common.skc_family) != 1 || !find_subject(&subject) || !tells(&subject, KIND_CONNECT))
		return 0;
	struct unix_sock *peer = (struct unix_sock *)BPF_CORE_READ(own, peer);
	struct unix_address *address = BPF_CORE_READ(peer, addr);
	if (!address)
		return 0;
	enum stand stand = STAND_OFF;
	struct dentry *dentry = BPF_CORE_READ(peer, path.dentry);
	struct inode *inode = dentry ? BPF_CORE_READ(dentry, d_inode) : 0;
	if (inode && (subject.policy->lists & LIST_HOST_PATHS) && is_protected(&subject, dentry, inode))
		stand = stand_to(&subject, PROTECT_HOST_PATHS);
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_CONNECT, stand);
		return 0;
	}
	fill(&event->head, KIND_CONNECT, subject.cgroup);
	judge(&event->head, PROTECT_HOST_PATHS, stand);
	event->head.call = action;
	event->head.family = 1;
	/* The family's two bytes come first; a name in the abstract space starts with NUL, shown as @. */
	char *name = (char *)address + bpf_core_field_offset(struct unix_address, name) + 2;
	long length = bpf_probe_read_kernel_str(event->path, 108, name);
	if (length == 1) {
		event->path[0] = '@';
		length = 1 + bpf_probe_read_kernel_str(event->path + 1, 107, name + 1);
	}
	event->head.path_length = length > 0 ? length & 127 : 0;
	send(&event->head);
	return 0;
}
