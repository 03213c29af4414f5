/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Files of the host that are changed, by whatever road: the kernel notes each inode that is not on disk any more as it was.
 * Names, links, owners, attributes, lengths, descriptors that were opened long ago and mapped pages all come by here. */
#include "files.bpf.h"
#include "syscalls.bpf.h"

#define MOST_NAMES 8

/* The name of the inode that is protected; 0 when none is. A file can have several. */
static __always_inline struct dentry *protected_name(struct subject *subject, struct inode *inode)
{
	struct hlist_node *node = BPF_CORE_READ(inode, i_dentry.first);
	for (int i = 0; i < MOST_NAMES && node; i++) {
		struct dentry *dentry = (void *)node - bpf_core_field_offset(struct dentry, d_u.d_alias);
		if (is_protected(subject, dentry, inode))
			return dentry;
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

static __always_inline u32 current_action(struct task_struct *task, u64 *registers)
{
	struct pt_regs *typed = (struct pt_regs *)bpf_task_pt_regs(task);
#if defined(__TARGET_ARCH_x86)
	u32 number = (u32)typed->orig_ax & ~0x40000000u;
#elif defined(__TARGET_ARCH_arm64)
	u32 number = typed->syscallno;
#endif
	u64 *both = bpf_map_lookup_elem(&actions, &number);
	if (!both)
		return ACTION_NONE;
	*registers = address_of(typed);
	u32 entry = is_compat_task(task) ? *both >> 32 : (u32)*both;
	return entry >> 16 & 0xff;
}

static __always_inline u32 kind_of_change(u32 action)
{
	if (action == ACTION_RENAME || action == ACTION_RENAMEAT)
		return KIND_RENAME;
	if (action >= ACTION_LINK && action <= ACTION_SYMLINKAT)
		return KIND_LINK;
	if (action == ACTION_UNLINK || action == ACTION_UNLINKAT)
		return KIND_UNLINK;
	if (action >= ACTION_MKDIR && action <= ACTION_MKNODAT)
		return KIND_CREATE;
	if ((action >= ACTION_CHMOD && action <= ACTION_FCHMOD) || (action >= ACTION_CHOWN && action <= ACTION_UTIMES))
		return KIND_CHMOD;
	return KIND_OPEN;
}

/* What copies from one file to another reads the one and writes the other. */
static __always_inline bool is_known_change(u32 action)
{
	return (action >= ACTION_CHMOD && action <= ACTION_MKNODAT) || (action >= ACTION_TRUNCATE && action <= ACTION_FALLOCATE);
}

/* Reading notes the time in the inode, too: then the time of reading is the newer one. */
static __always_inline bool is_only_read(struct inode *inode)
{
	struct stamp changed = changed_at(inode), read = read_at(inode);
	return read.seconds > changed.seconds || (read.seconds == changed.seconds && read.nanoseconds > changed.nanoseconds);
}

#define O_WRITES 0103 /* O_WRONLY, O_RDWR, O_CREAT */

/* Files that are opened to be written are judged when the call returns. Opened to be read they can be cut, too. */
static __always_inline bool is_judged_open(u32 action, u64 registers, struct task_struct *task)
{
	if (action < ACTION_OPEN || action > ACTION_OPEN_BY_HANDLE)
		return false;
	if (action != ACTION_OPEN && action != ACTION_OPENAT)
		return true;
	return read_argument(registers, action == ACTION_OPEN ? 1 : 2, is_compat_task(task)) & O_WRITES;
}

static __always_inline int tell_change(struct inode *inode)
{
	struct subject subject = {};
	if (!find_subject(&subject) || !(subject.policy->lists & LIST_HOST_PATHS))
		return 0;
	enum stand stand = stand_to(&subject, PROTECT_HOST_PATHS);
	if (stand == STAND_OFF)
		return 0;
	u64 registers = 0;
	u32 action = current_action(subject.task, &registers);
	if (is_judged_open(action, registers, subject.task) || (!is_known_change(action) && is_only_read(inode)))
		return 0;
	struct dentry *dentry = protected_name(&subject, inode);
	u64 number = BPF_CORE_READ(inode, i_ino);
	if (!dentry)
		return 0;
	u32 kind = kind_of_change(action);
	if (kind == KIND_LINK) {
		/* Its new name may lie elsewhere. */
		struct protected_file key = { .slot = subject.slot, .device = BPF_CORE_READ(inode, i_sb, s_dev), .inode = number };
		u8 one = 1;
		if ((BPF_CORE_READ(inode, i_mode) & MODE_TYPE) == MODE_REGULAR)
			bpf_map_update_elem(&protected_files, &key, &one, BPF_ANY);
	}
	if (was_change_told(&subject, kind, number)) {
		if (stand == STAND_BLOCK)
			bpf_send_signal(9);
		return 0;
	}
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(kind, stand);
		return 0;
	}
	fill(&event->head, kind, subject.cgroup);
	event->head.call = action;
	event->head.c = BPF_CORE_READ(inode, i_mode);
	event->head.b = number;
	event->head.path_length = write_names((struct path_room *)event->path, (u64)dentry);
	event->head.flags = FLAG_REVERSED | FLAG_CHANGED;
	judge(&event->head, PROTECT_HOST_PATHS, stand);
	send(&event->head);
	return 0;
}

SEC("?tp_btf/writeback_mark_inode_dirty")
int BPF_PROG(on_inode_dirty, struct inode *inode, int flags)
{
	return tell_change(inode);
}

/* This file system notes most of it by itself. */
SEC("?tp_btf/ext4_mark_inode_dirty")
int BPF_PROG(on_ext4_dirty, struct inode *inode, unsigned long place)
{
	return tell_change(inode);
}

#define EXT4_HT_XATTR 10

/* Attributes it writes without a note. Since Linux 6.0. */
SEC("?tp_btf/ext4_journal_start_inode")
int BPF_PROG(on_ext4_attribute, struct inode *inode, int blocks, int reserved, int revoked, int type)
{
	return type == EXT4_HT_XATTR ? tell_change(inode) : 0;
}
