/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Where a container may connect to, and which own addresses it may take. */
#pragma once
#include "subject.bpf.h"

#define MOST_PORTS 15
#define ANY_PORT 0xffff

/* The longest prefix decides. */
struct permit_key {
	u32 prefix_length; /* in bits, slot and direction included */
	u32 place;         /* slot * 2 + direction */
	u8 address[16];
};
struct permit {
	u16 count; /* ANY_PORT: every port */
	u16 ports[MOST_PORTS];
};
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct permit_key);
	__type(value, struct permit);
} permits SEC(".maps");

/* The same is told once a second. */
struct sent_key {
	u64 cgroup;
	u8 address[16];
	u32 port;
	u32 unused;
};
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 8192);
	__type(key, struct sent_key);
	__type(value, u64);
} sent SEC(".maps");

/* When a container with names in its list asked for a name last, by slot: what the name stands for may be known in a moment. */
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, u64);
} asked SEC(".maps");
#define ASKED_FOR 3000000000ULL

enum direction { OUT, IN };

static __always_inline bool is_permitted(struct subject *subject, enum direction direction, u32 *address, u32 port)
{
	u32 list = direction == OUT ? LIST_CONNECT : LIST_BIND;
	if (!(subject->policy->lists & list))
		return true;
	struct permit_key key = { .prefix_length = 160, .place = subject->slot * 2 + direction };
	__builtin_memcpy(key.address, address, 16);
	struct permit *permit = bpf_map_lookup_elem(&permits, &key);
	if (!permit)
		return false;
	if (permit->count == ANY_PORT)
		return true;
	for (int i = 0; i < MOST_PORTS; i++)
		if (i < permit->count && permit->ports[i] == port)
			return true;
	return false;
}

static __always_inline bool was_told(u64 cgroup, u32 *address, u32 port)
{
	struct sent_key key = { .cgroup = cgroup, .port = port };
	__builtin_memcpy(key.address, address, 16);
	u64 now = bpf_ktime_get_ns();
	u64 *last = bpf_map_lookup_elem(&sent, &key);
	if (last && now - *last < 1000000000)
		return true;
	bpf_map_update_elem(&sent, &key, &now, BPF_ANY);
	return false;
}

/* @param address as IPv6; IPv4 inside it */
static __always_inline bool is_loopback(u32 *address)
{
	if (address[0] || address[1])
		return false;
	if (address[2] == __builtin_bswap32(0xffff))
		return (address[3] & 0xff) == 127;
	return !address[2] && address[3] == __builtin_bswap32(1);
}

static __always_inline bool has_just_asked(struct subject *subject)
{
	u32 slot = subject->slot;
	u64 *last = (subject->policy->lists & LIST_NAMES) ? bpf_map_lookup_elem(&asked, &slot) : 0;
	return last && bpf_ktime_get_ns() - *last < ASKED_FOR;
}
