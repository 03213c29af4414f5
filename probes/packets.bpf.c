/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Packets of containers' sockets. The second judge of where they go: what never asked to connect (ICMP, raw sockets, sockets
 * that were open before) comes by here. And the first bytes of each conversation, for those who look for attacks in them. */
#include "packets.bpf.h"

/* A stream's first bytes: greetings and requests are no longer. */
#define TOLD_BYTES 8192
#define TOLD_PACKETS 32
#define DNS_PORT 53
/* Of one container in a second. */
#define MOST_REQUESTS 2000

static __always_inline bool find_owner(struct __sk_buff *context, struct subject *subject)
{
	if (settings.controller != CONTROLLER_NONE)
		return false;
	subject->cgroup = bpf_skb_cgroup_id(context);
	return subject->cgroup && find_policy(subject);
}

/* The task that runs now may be another one: packets also go out when an answer comes in. */
static __always_inline bool is_own_task(struct subject *subject)
{
	return cgroup_of(bpf_get_current_task_btf()) == subject->cgroup;
}

/* 127.0.0.11: the engine's own resolver, which is asked by a port that its rules change. */
static __always_inline bool is_engine_resolver(u32 *address)
{
	return address[2] == __builtin_bswap32(0xffff) && address[3] == __builtin_bswap32(0x7f00000b);
}

static __always_inline bool is_dns(struct packet *packet)
{
	if (packet->protocol != IP_UDP)
		return false;
	return packet->peer_port == DNS_PORT || packet->local_port == DNS_PORT || is_engine_resolver(packet->peer);
}

static __always_inline int tell_refused(struct subject *subject, struct packet *packet, u32 kind, bool is_block, u32 type)
{
	bool is_out = kind == KIND_SEND;
	u32 *address = is_out ? packet->peer : packet->local;
	u32 port = is_out ? packet->peer_port : packet->local_port;
	if (was_told(subject->cgroup, address, port))
		return !is_block;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return !is_block;
	}
	fill(event, kind, subject->cgroup);
	if (!is_own_task(subject)) {
		event->pid = event->thread = event->parent = event->container_pid = 0;
		event->started = 0;
		__builtin_memset(event->name, 0, sizeof(event->name));
	}
	event->family = AF_INET6;
	event->port = port;
	__builtin_memcpy(event->address, address, 16);
	event->a = type;
	event->b = packet->protocol;
	event->protection = PROTECT_NETWORK;
	event->verdict = is_block ? DENIED : SEEN;
	send(event);
	return !is_block;
}

/* Neighbours of IPv6 are found by messages that the kernel sends by itself. */
static __always_inline bool is_kernels_own(struct packet *packet)
{
	u32 first = __builtin_bswap32(packet->peer[0]);
	return packet->protocol == IP_ICMPV6 && (first >> 24 == 0xff || first >> 22 == 0xfe80 >> 6);
}

/* @returns 1 to go on, 0 to drop it: the sender of a datagram gets EPERM, a connection waits */
static __always_inline int judge_out(struct __sk_buff *context, struct subject *subject, struct packet *packet)
{
	if (!(subject->policy->lists & LIST_CONNECT) || is_loopback(packet->peer))
		return 1;
	struct bpf_sock *sock = context->sk ? bpf_sk_fullsock(context->sk) : 0;
	u32 type = sock ? sock->type : SOCK_RAW;
	/* A stream is judged when it begins. */
	if (packet->protocol == IP_TCP && sock && type != SOCK_RAW && (packet->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return 1;
	if (is_permitted(subject, OUT, packet->peer, packet->peer_port) || is_kernels_own(packet))
		return 1;
	enum stand stand = stand_of(subject->policy, PROTECT_NETWORK);
	if (stand == STAND_OFF)
		return 1;
	/* It waits for a name: sent again after a second, and told when that time is over. */
	if (stand == STAND_BLOCK && packet->protocol == IP_TCP && type == SOCK_STREAM && has_just_asked(subject))
		return 0;
	return tell_refused(subject, packet, KIND_SEND, stand == STAND_BLOCK, type);
}

/* A connection to a port that must not be open, however it came to be. */
static __always_inline int judge_in(struct __sk_buff *context, struct subject *subject, struct packet *packet)
{
	if (!(subject->policy->lists & LIST_BIND) || packet->protocol != IP_TCP || (packet->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return 1;
	struct bpf_sock *sock = context->sk ? bpf_sk_fullsock(context->sk) : 0;
	if (!sock)
		return 1;
	/* The address that was bound, as the list has it. Each word by itself: of this pointer no other one may be made. */
	volatile struct bpf_sock *bound = sock;
	u32 own[4] = { 0, 0, __builtin_bswap32(0xffff), bound->src_ip4 };
	if (bound->family == AF_INET6) {
		own[0] = bound->src_ip6[0];
		own[1] = bound->src_ip6[1];
		own[2] = bound->src_ip6[2];
		own[3] = bound->src_ip6[3];
	}
	if (is_permitted(subject, IN, own, bound->src_port))
		return 1;
	enum stand stand = stand_of(subject->policy, PROTECT_NETWORK);
	return stand == STAND_OFF ? 1 : tell_refused(subject, packet, KIND_BIND, stand == STAND_BLOCK, SOCK_STREAM);
}

static __always_inline void submit(struct packet_event *event, bool is_urgent)
{
	u32 zero = 0;
	u64 *is_awake = bpf_map_lookup_elem(&packet_reader, &zero);
	bool rings = is_urgent || !is_awake || !*(volatile u64 *)is_awake;
	bpf_ringbuf_submit(event, rings ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

struct telling {
	struct __sk_buff *context;
	struct subject *subject;
	struct packet *packet;
	struct flow_count *count;
	u32 kind;
	u32 is_out;
	u32 sequence;
};

static __always_inline void fill_packet(struct packet_event *event, struct telling *telling, u32 kept)
{
	struct packet *packet = telling->packet;
	struct flow_count *count = telling->count;
	__builtin_memset(event, 0, sizeof(*event));
	event->time = bpf_ktime_get_ns();
	event->cgroup = telling->subject->cgroup;
	struct task_struct *task = bpf_get_current_task_btf();
	if (telling->is_out && is_own_task(telling->subject)) {
		event->pid = task->tgid;
		event->thread = task->pid;
		event->started = task->group_leader->start_boottime;
		bpf_probe_read_kernel(event->name, sizeof(event->name), task->comm);
	}
	event->sequence = telling->sequence;
	event->length = packet->payload;
	event->local_port = packet->local_port;
	event->peer_port = packet->peer_port;
	event->kept = kept;
	event->protocol = packet->protocol;
	event->is_out = telling->is_out;
	event->kind = telling->kind;
	event->began = count->began;
	__builtin_memcpy(event->local, packet->local, 16);
	__builtin_memcpy(event->peer, packet->peer, 16);
	event->bytes[0] = count->bytes[0];
	event->bytes[1] = count->bytes[1];
	event->packets[0] = count->packets[0];
	event->packets[1] = count->packets[1];
}

static __always_inline void note_packet_drop(void)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&packet_drops, &zero);
	if (count)
		(*count)++;
}

/* A length that the verifier believes: 1 to `most`, a power of two. */
#define BOUNDED(length, most)                                          \
	({                                                             \
		u32 bounded = (length) > (most) ? (most) : (length);   \
		bounded -= 1;                                          \
		asm volatile("%0 &= %1" : "+r"(bounded) : "i"((most)-1)); \
		bounded + 1;                                           \
	})

static __always_inline void tell_packet(struct telling *telling, bool is_urgent)
{
	u32 payload = telling->kind == PACKET_END ? 0 : telling->packet->payload;
	if (payload <= SMALL_PAYLOAD) {
		struct small_packet *small = bpf_ringbuf_reserve(&packets, sizeof(*small), 0);
		if (!small)
			return note_packet_drop();
		fill_packet(&small->head, telling, payload);
		if (payload > 0)
			bpf_skb_load_bytes(telling->context, telling->packet->payload_at, small->payload, BOUNDED(payload, SMALL_PAYLOAD));
		return submit(&small->head, is_urgent);
	}
	struct large_packet *large = bpf_ringbuf_reserve(&packets, sizeof(*large), 0);
	if (!large)
		return note_packet_drop();
	u32 kept = payload > LARGE_PAYLOAD ? LARGE_PAYLOAD : payload;
	fill_packet(&large->head, telling, kept);
	bpf_skb_load_bytes(telling->context, telling->packet->payload_at, large->payload, BOUNDED(kept, LARGE_PAYLOAD));
	submit(&large->head, is_urgent);
}

static __always_inline struct flow_count *count_packet(struct __sk_buff *context, struct subject *subject, struct packet *packet, u32 side)
{
	struct flow_key key = { .cgroup = subject->cgroup, .local_port = packet->local_port, .peer_port = packet->peer_port, .protocol = packet->protocol };
	__builtin_memcpy(key.local, packet->local, 16);
	__builtin_memcpy(key.peer, packet->peer, 16);
	struct flow_count *count = bpf_map_lookup_elem(&flows, &key);
	bool begins = packet->protocol == IP_TCP && (packet->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	/* The same two ports may begin anew. */
	if (!count || (begins && count->ends)) {
		struct flow_count fresh = {};
		if (begins || packet->protocol == IP_UDP)
			fresh.began = side + 1;
		bpf_map_update_elem(&flows, &key, &fresh, BPF_ANY);
		count = bpf_map_lookup_elem(&flows, &key);
		if (!count)
			return 0;
	}
	if (packet->protocol == IP_TCP && !count->first[side] && (packet->payload || (packet->flags & TCP_SYN)))
		count->first[side] = packet->sequence + (packet->flags & TCP_SYN ? 1 : 0);
	__sync_fetch_and_add(&count->bytes[side], context->len);
	__sync_fetch_and_add(&count->packets[side], 1);
	return count;
}

/* GET, POST, PUT, HEAD, PATCH, DELETE, OPTIONS, CONNECT, TRACE; others only among the first bytes. */
static __always_inline bool begins_request(struct __sk_buff *context, struct packet *packet)
{
	u32 word = 0;
	if (packet->payload < 14 || bpf_skb_load_bytes(context, packet->payload_at, &word, 4) < 0)
		return false;
	switch (__builtin_bswap32(word)) {
	case 0x47455420: case 0x504f5354: case 0x50555420: case 0x48454144: case 0x50415443:
	case 0x44454c45: case 0x4f505449: case 0x434f4e4e: case 0x54524143:
		return true;
	default:
		return false;
	}
}

/* A busy server's requests do not take all of the reader's time: beyond this they are counted as not looked into. */
static __always_inline bool has_room(struct subject *subject)
{
	u32 slot = subject->slot;
	u64 second = bpf_ktime_get_ns() / 1000000000;
	struct request_count *count = bpf_map_lookup_elem(&requests, &slot);
	if (!count || count->second != second) {
		struct request_count fresh = { .second = second, .count = 1 };
		bpf_map_update_elem(&requests, &slot, &fresh, BPF_ANY);
		return true;
	}
	if (__sync_fetch_and_add(&count->count, 1) < MOST_REQUESTS)
		return true;
	note_packet_drop();
	return false;
}

static __always_inline void watch_flow(struct __sk_buff *context, struct subject *subject, struct packet *packet, bool is_out)
{
	u32 side = is_out ? 0 : 1;
	bool has_names = is_dns(packet);
	if (!packet->has_ports || (is_loopback(packet->peer) && !has_names))
		return;
	struct flow_count *count = count_packet(context, subject, packet, side);
	if (!count)
		return;
	struct telling telling = { .context = context, .subject = subject, .packet = packet, .count = count, .kind = PACKET_DATA, .is_out = is_out };
	if (packet->protocol == IP_TCP)
		telling.sequence = packet->sequence - count->first[side];
	/* Later requests of one connection begin a packet of their own. */
	bool is_request = packet->protocol == IP_TCP && begins_request(context, packet) && has_room(subject);
	bool is_early = packet->protocol == IP_TCP ? telling.sequence < TOLD_BYTES : count->kept[side] < 2;
	if (packet->payload && (has_names || is_request || (is_early && count->kept[side] < TOLD_PACKETS))) {
		count->kept[side]++;
		tell_packet(&telling, has_names);
	}
	if (packet->protocol != IP_TCP)
		return;
	if (packet->flags & TCP_FIN)
		count->ends |= 1 << side;
	bool is_over = (packet->flags & TCP_RST) || (count->ends & 3) == 3;
	if (!is_over || (count->ends & 4))
		return;
	count->ends |= 4;
	telling.kind = PACKET_END;
	tell_packet(&telling, false);
}

#define BPF_EXIST 2

/* Of a question, and of its answer: the watch may learn something new from either, and says when it has. An answer alone does
 * not count: connections wait only where on_packet_out is there to hold what they send. */
static __always_inline void note_asked(struct subject *subject, struct packet *packet, bool is_out)
{
	bool is_name = packet->peer_port == DNS_PORT || (packet->protocol == IP_UDP && is_engine_resolver(packet->peer));
	if (!is_name || !(subject->policy->lists & LIST_NAMES))
		return;
	u32 slot = subject->slot;
	u64 now = bpf_ktime_get_ns();
	bpf_map_update_elem(&asked, &slot, &now, is_out ? BPF_ANY : BPF_EXIST);
}

SEC("cgroup_skb/egress")
int on_packet_out(struct __sk_buff *context)
{
	struct subject subject = {};
	struct packet packet = {};
	if (!find_owner(context, &subject) || !(subject.policy->lists & (LIST_CONNECT | LIST_FLOWS)))
		return 1;
	if (!read_packet(context, &packet, true))
		return 1;
	note_asked(&subject, &packet, true);
	if (!judge_out(context, &subject, &packet))
		return 0;
	if (subject.policy->lists & LIST_FLOWS)
		watch_flow(context, &subject, &packet, true);
	return 1;
}

SEC("cgroup_skb/ingress")
int on_packet_in(struct __sk_buff *context)
{
	struct subject subject = {};
	struct packet packet = {};
	if (!find_owner(context, &subject) || !(subject.policy->lists & (LIST_BIND | LIST_FLOWS)))
		return 1;
	if (!read_packet(context, &packet, false))
		return 1;
	note_asked(&subject, &packet, false);
	if (!judge_in(context, &subject, &packet))
		return 0;
	if (subject.policy->lists & LIST_FLOWS)
		watch_flow(context, &subject, &packet, false);
	return 1;
}
