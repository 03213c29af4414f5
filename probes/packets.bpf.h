/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* A packet of a socket: its headers, and what is told of it. src/watch/network/packet-ring.ts has the same numbers. */
#pragma once
#include "permits.bpf.h"

#define IP_ICMP 1
#define IP_TCP 6
#define IP_UDP 17
#define IP_ICMPV6 58
#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16

struct packet {
	u32 local[4], peer[4]; /* IPv4 inside IPv6 */
	u32 protocol;
	u32 has_ports;
	u32 local_port, peer_port;
	u32 flags, sequence;
	u32 payload_at, payload;
};

static __always_inline void read_addresses_4(struct __sk_buff *context, struct packet *packet, bool is_out)
{
	u32 both[2] = {};
	bpf_skb_load_bytes(context, 12, both, 8);
	packet->local[2] = packet->peer[2] = __builtin_bswap32(0xffff);
	packet->local[3] = is_out ? both[0] : both[1];
	packet->peer[3] = is_out ? both[1] : both[0];
}

static __always_inline void read_addresses_6(struct __sk_buff *context, struct packet *packet, bool is_out)
{
	bpf_skb_load_bytes(context, is_out ? 8 : 24, packet->local, 16);
	bpf_skb_load_bytes(context, is_out ? 24 : 8, packet->peer, 16);
}

/* Where the transport's header begins; 0 when there is none to be read. */
static __always_inline u32 skip_headers_4(struct __sk_buff *context, struct packet *packet, u32 first)
{
	u8 protocol = 0;
	u16 fragment = 0;
	bpf_skb_load_bytes(context, 9, &protocol, 1);
	bpf_skb_load_bytes(context, 6, &fragment, 2);
	packet->protocol = protocol;
	return __builtin_bswap16(fragment) & 0x1fff ? 0 : (first & 15) * 4;
}

static __always_inline u32 skip_headers_6(struct __sk_buff *context, struct packet *packet)
{
	u32 at = 40;
	u8 next = 0;
	bpf_skb_load_bytes(context, 6, &next, 1);
	for (int headers = 0; headers < 4; headers++) {
		u8 head[4] = {};
		if (next != 0 && next != 43 && next != 44 && next != 60)
			break;
		if (bpf_skb_load_bytes(context, at, head, 4) < 0)
			return 0;
		/* A later fragment has no ports. */
		if (next == 44 && (head[2] || (head[3] & 0xf8))) {
			packet->protocol = head[0];
			return 0;
		}
		at += next == 44 ? 8 : 8 + 8 * (u32)head[1];
		next = head[0];
	}
	packet->protocol = next;
	return at;
}

static __always_inline bool read_packet(struct __sk_buff *context, struct packet *packet, bool is_out)
{
	u8 first = 0;
	u32 at;
	if (bpf_skb_load_bytes(context, 0, &first, 1) < 0)
		return false;
	if (first >> 4 == 4) {
		read_addresses_4(context, packet, is_out);
		at = skip_headers_4(context, packet, first);
	} else if (first >> 4 == 6) {
		read_addresses_6(context, packet, is_out);
		at = skip_headers_6(context, packet);
	} else {
		return false;
	}
	u16 ports[2] = {};
	if (!at || (packet->protocol != IP_TCP && packet->protocol != IP_UDP) || bpf_skb_load_bytes(context, at, ports, 4) < 0)
		return true;
	packet->has_ports = 1;
	packet->local_port = __builtin_bswap16(is_out ? ports[0] : ports[1]);
	packet->peer_port = __builtin_bswap16(is_out ? ports[1] : ports[0]);
	packet->payload_at = at + 8;
	if (packet->protocol == IP_TCP) {
		u32 sequence = 0;
		u8 more[2] = {};
		bpf_skb_load_bytes(context, at + 4, &sequence, 4);
		bpf_skb_load_bytes(context, at + 12, more, 2);
		packet->sequence = __builtin_bswap32(sequence);
		packet->flags = more[1];
		packet->payload_at = at + (more[0] >> 4) * 4;
	}
	packet->payload = context->len > packet->payload_at ? context->len - packet->payload_at : 0;
	return true;
}

/* A conversation, as one of its ends sees it. */
struct flow_key {
	u64 cgroup;
	u32 local[4], peer[4];
	u16 local_port, peer_port;
	u32 protocol;
};
struct flow_count {
	u64 bytes[2]; /* out, in; with headers */
	u32 packets[2];
	u32 first[2]; /* sequence number of the first byte */
	u32 kept[2];  /* packets that were told */
	u32 ends;     /* bits: FIN out, FIN in, told */
	u32 began;    /* 1 out, 2 in, 0 was not seen */
};
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 16384);
	__type(key, struct flow_key);
	__type(value, struct flow_count);
} flows SEC(".maps");

enum packet_kind { PACKET_DATA = 1, PACKET_END };
struct packet_event {
	u64 time, cgroup, started;
	u32 pid, thread;
	u32 sequence, length;
	u16 local_port, peer_port, kept;
	u8 protocol, is_out, kind, began;
	u8 unused[6];
	u32 local[4], peer[4];
	u64 bytes[2];
	u32 packets[2];
	char name[16];
};
_Static_assert(sizeof(struct packet_event) == 128, "src/watch/network/packet-ring.ts");
#define SMALL_PAYLOAD 512
#define LARGE_PAYLOAD 4096
struct small_packet {
	struct packet_event head;
	u8 payload[SMALL_PAYLOAD];
};
struct large_packet {
	struct packet_event head;
	u8 payload[LARGE_PAYLOAD];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} packets SEC(".maps");
/* Packets that found no room in it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} packet_drops SEC(".maps");
struct request_count {
	u64 second, count;
};
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct request_count);
} requests SEC(".maps");
/* As `reader` for events. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, u64);
} packet_reader SEC(".maps");
