/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Where a file is and where its bytes come from, read from the kernel's own objects: nothing that the caller can change
 * between our look and the kernel's. */
#pragma once
#include "event.bpf.h"

#define OVERLAY_MAGIC 0x794c7630
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define RAMFS_MAGIC 0x858458f6
#define PROC_MAGIC 0x9fa0
#define PIDFS_MAGIC 0x50494446

#define MODE_TYPE 0170000
#define MODE_REGULAR 0100000
#define MODE_BLOCK 0060000
#define MODE_CHARACTER 0020000

enum origin {
	ORIGIN_OVERLAY = 1,
	ORIGIN_UPPER = 2,
	ORIGIN_LOWER = 4,
	ORIGIN_UNLINKED = 8,
	ORIGIN_MEMORY = 16,
};

static __always_inline u32 origin_of(struct inode *inode)
{
	u32 origin = 0;
	u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);
	if (BPF_CORE_READ(inode, i_nlink) == 0)
		origin |= ORIGIN_UNLINKED;
	if (magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC || magic == RAMFS_MAGIC)
		origin |= ORIGIN_MEMORY;
	if (magic != OVERLAY_MAGIC || !bpf_core_type_exists(struct ovl_inode))
		return origin;
	origin |= ORIGIN_OVERLAY;
	struct ovl_inode *overlay = (void *)inode - bpf_core_field_offset(struct ovl_inode, vfs_inode);
	if (BPF_CORE_READ(overlay, __upperdentry))
		origin |= ORIGIN_UPPER;
	if (bpf_core_field_exists(overlay->oe)) {
		struct ovl_entry *entry = BPF_CORE_READ(overlay, oe);
		if (entry && BPF_CORE_READ(entry, __numlower))
			origin |= ORIGIN_LOWER;
	} else if (BPF_CORE_READ((struct ovl_inode___old *)overlay, lowerpath.dentry)) {
		origin |= ORIGIN_LOWER;
	}
	return origin;
}

/* Bytes that were not in the image: made in the container, in memory, or without a name. */
static __always_inline bool is_drift(u32 origin)
{
	if (origin & (ORIGIN_MEMORY | ORIGIN_UNLINKED))
		return true;
	return (origin & ORIGIN_UPPER) && !(origin & ORIGIN_LOWER);
}

static __always_inline struct mount *mount_of(struct vfsmount *mount)
{
	return (void *)mount - bpf_core_field_offset(struct mount, mnt);
}

struct path_room {
	char text[PATH_ROOM + NAME_ROOM];
};

/* Names from the last to the first: the reader turns them round. A function of its own, so that the verifier looks at it
 * once. @returns length in the lower half, enum event_flag in the upper */
__noinline u32 write_path(struct path_room *room, u64 mount_address, u64 dentry_address)
{
	if (!room)
		return 0;
	struct dentry *dentry = (struct dentry *)dentry_address;
	struct mount *mount = mount_of((struct vfsmount *)mount_address);
	struct dentry *root = BPF_CORE_READ(mount, mnt.mnt_root);
	u32 used = 0;
	for (int i = 0; i < 48; i++) {
		if (dentry == root) {
			struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
			if (parent == mount)
				return used | FLAG_REVERSED << 16;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = parent;
			root = BPF_CORE_READ(mount, mnt.mnt_root);
			continue;
		}
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		if (used >= PATH_ROOM)
			break;
		long length = bpf_probe_read_kernel_str(room->text + used, NAME_ROOM, BPF_CORE_READ(dentry, d_name.name));
		if (length <= 0)
			break;
		used += length & (2 * NAME_ROOM - 1);
		if (parent == dentry)
			return used | (FLAG_REVERSED | FLAG_DETACHED) << 16;
		dentry = parent;
	}
	return used | (FLAG_REVERSED | FLAG_PATH_CUT) << 16;
}

/* FMODE_BACKING is the one or the other, by version: what stands behind the file tells. */
#define FMODE_MAYBE_BACKING (3u << 24)

/* What a process mapped from an overlay is the file beneath: the one on top is what it opened. */
static __always_inline struct path *path_of(struct file *file)
{
	if (bpf_core_field_exists(struct backing_file, user_path) && (BPF_CORE_READ(file, f_mode) & FMODE_MAYBE_BACKING)) {
		struct path *path = (void *)file + bpf_core_field_offset(struct backing_file, user_path);
		if (BPF_CORE_READ(path, dentry, d_inode, i_sb, s_magic) == OVERLAY_MAGIC)
			return path;
	}
	return (void *)file + bpf_core_field_offset(struct file, f_path);
}

/* The path of an event's file. */
static __always_inline void write_file_path(struct path_event *event, struct file *file)
{
	struct path *path = path_of(file);
	u32 written = write_path((struct path_room *)event->path, (u64)BPF_CORE_READ(path, mnt), (u64)BPF_CORE_READ(path, dentry));
	event->head.path_length = written;
	event->head.flags |= written >> 16;
}
