/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Connections, as the kernel is about to make them: refused here they fail with EPERM, whichever way they were asked for,
 * io_uring and 32-bit calls too. */
#include "permits.bpf.h"

static __always_inline bool may_wait(struct subject *subject, u32 *address)
{
	return settings.controller == CONTROLLER_NONE && !is_loopback(address) && has_just_asked(subject);
}

/* @param address as IPv6; IPv4 inside it @returns 1 to go on, 0 for EPERM */
static __always_inline int judge_address(struct bpf_sock_addr *context, u32 kind, enum direction direction, u32 *address)
{
	struct subject subject = {};
	if (!find_subject(&subject))
		return 1;
	u32 port = __builtin_bswap16(context->user_port);
	enum stand stand = STAND_OFF;
	/* Port 0 is the kernel's choice. */
	if ((direction == OUT || port != 0) && !is_permitted(&subject, direction, address, port))
		stand = stand_to(&subject, PROTECT_NETWORK);
	/* The name that leads there may be resolved in a moment: packets.bpf.c holds what would go out until then. */
	if (stand == STAND_BLOCK && kind == KIND_CONNECT && context->type == SOCK_STREAM && may_wait(&subject, address))
		return 1;
	int answer = stand == STAND_BLOCK ? 0 : 1;
	if (stand == STAND_OFF && (!tells(&subject, kind) || (kind == KIND_SEND && was_told(subject.cgroup, address, port))))
		return answer;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return answer;
	}
	fill(event, kind, subject.cgroup);
	event->family = AF_INET6;
	event->port = port;
	__builtin_memcpy(event->address, address, 16);
	event->a = context->type;
	event->b = context->protocol;
	if (stand != STAND_OFF)
		event->protection = PROTECT_NETWORK;
	if (stand == STAND_BLOCK)
		event->verdict = DENIED;
	send(event);
	return answer;
}

static __always_inline int judge_ipv4(struct bpf_sock_addr *context, u32 kind, enum direction direction)
{
	u32 address[4] = { 0, 0, __builtin_bswap32(0xffff), context->user_ip4 };
	return judge_address(context, kind, direction, address);
}

static __always_inline int judge_ipv6(struct bpf_sock_addr *context, u32 kind, enum direction direction)
{
	u32 address[4] = { context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3] };
	return judge_address(context, kind, direction, address);
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr *context)
{
	return judge_ipv4(context, KIND_CONNECT, OUT);
}

SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr *context)
{
	return judge_ipv6(context, KIND_CONNECT, OUT);
}

SEC("cgroup/sendmsg4")
int on_send4(struct bpf_sock_addr *context)
{
	return judge_ipv4(context, KIND_SEND, OUT);
}

SEC("cgroup/sendmsg6")
int on_send6(struct bpf_sock_addr *context)
{
	return judge_ipv6(context, KIND_SEND, OUT);
}

SEC("cgroup/bind4")
int on_bind4(struct bpf_sock_addr *context)
{
	return judge_ipv4(context, KIND_BIND, IN);
}

SEC("cgroup/bind6")
int on_bind6(struct bpf_sock_addr *context)
{
	return judge_ipv6(context, KIND_BIND, IN);
}

/* Raw sockets of both families fail with EPERM; packet sockets never pass here, sockets.bpf.c sees them. */
SEC("cgroup/sock_create")
int on_socket_made(struct bpf_sock *sock)
{
	struct subject subject = {};
	if (sock->type != SOCK_RAW || !find_subject(&subject))
		return 1;
	enum stand stand = stand_to(&subject, PROTECT_ESCAPE);
	if (stand != STAND_BLOCK)
		return 1;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_SOCKET);
		return 0;
	}
	fill(event, KIND_SOCKET, subject.cgroup);
	event->family = sock->family;
	event->a = sock->type;
	event->b = sock->protocol;
	event->protection = PROTECT_ESCAPE;
	event->verdict = DENIED;
	send(event);
	return 0;
}
