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
#define MODE_PIPE 0010000
#define MODE_SOCKET 0140000

enum origin {
	ORIGIN_OVERLAY = 1,
	ORIGIN_UPPER = 2,
	ORIGIN_LOWER = 4,
	ORIGIN_UNLINKED = 8,
	ORIGIN_MEMORY = 16,
	ORIGIN_CHANGED = 32, /* of the image, with other bytes */
};

/* A pointer that the verifier knows the type of, as the number that functions of their own take. */
static __always_inline u64 address_of(void *pointer)
{
	u64 address = 0;
	bpf_probe_read_kernel(&address, sizeof(address), &pointer);
	return address;
}

/* Files of the image that were copied up: whether they were opened to be written, and as user space found them when it
 * compared their bytes. */
enum copy_flag { COPY_CHANGED = 1, COPY_WRITTEN = 2 };
struct copied_file {
	u32 device;
	u32 generation; /* numbers of inodes are used again */
	u64 inode;
};
struct compared {
	s64 seconds; /* of the last change of its inode, which nobody can set */
	u32 nanoseconds;
	u32 flags;
};
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 8192);
	__type(key, struct copied_file);
	__type(value, struct compared);
} compared_files SEC(".maps");

struct stamp {
	s64 seconds;
	u64 nanoseconds;
};

/* The highest bit says that somebody has asked for it (since Linux 6.13). */
#define NANOSECONDS 0x3fffffff

static __always_inline struct stamp changed_at(struct inode *inode)
{
	struct inode___stamped *stamped = (void *)inode;
	struct inode___old *old = (void *)inode;
	if (bpf_core_field_exists(inode->i_ctime_sec))
		return (struct stamp){ BPF_CORE_READ(inode, i_ctime_sec), BPF_CORE_READ(inode, i_ctime_nsec) & NANOSECONDS };
	if (bpf_core_field_exists(stamped->__i_ctime))
		return (struct stamp){ BPF_CORE_READ(stamped, __i_ctime.tv_sec), BPF_CORE_READ(stamped, __i_ctime.tv_nsec) };
	return (struct stamp){ BPF_CORE_READ(old, i_ctime.tv_sec), BPF_CORE_READ(old, i_ctime.tv_nsec) };
}

static __always_inline struct stamp written_at(struct inode *inode)
{
	struct inode___stamped *stamped = (void *)inode;
	struct inode___old *old = (void *)inode;
	if (bpf_core_field_exists(inode->i_mtime_sec))
		return (struct stamp){ BPF_CORE_READ(inode, i_mtime_sec), BPF_CORE_READ(inode, i_mtime_nsec) };
	if (bpf_core_field_exists(stamped->__i_mtime))
		return (struct stamp){ BPF_CORE_READ(stamped, __i_mtime.tv_sec), BPF_CORE_READ(stamped, __i_mtime.tv_nsec) };
	return (struct stamp){ BPF_CORE_READ(old, i_mtime.tv_sec), BPF_CORE_READ(old, i_mtime.tv_nsec) };
}

static __always_inline struct stamp read_at(struct inode *inode)
{
	struct inode___stamped *stamped = (void *)inode;
	struct inode___old *old = (void *)inode;
	if (bpf_core_field_exists(inode->i_atime_sec))
		return (struct stamp){ BPF_CORE_READ(inode, i_atime_sec), BPF_CORE_READ(inode, i_atime_nsec) };
	if (bpf_core_field_exists(stamped->__i_atime))
		return (struct stamp){ BPF_CORE_READ(stamped, __i_atime.tv_sec), BPF_CORE_READ(stamped, __i_atime.tv_nsec) };
	return (struct stamp){ BPF_CORE_READ(old, i_atime.tv_sec), BPF_CORE_READ(old, i_atime.tv_nsec) };
}

/* The file that was copied up, in the container's own layer. */
static __always_inline struct inode *upper_of(struct inode *inode)
{
	struct ovl_inode *overlay = (void *)inode - bpf_core_field_offset(struct ovl_inode, vfs_inode);
	return BPF_CORE_READ(overlay, __upperdentry, d_inode);
}

static __always_inline struct copied_file key_of_copy(struct inode *upper)
{
	return (struct copied_file){
		.device = BPF_CORE_READ(upper, i_sb, s_dev),
		.generation = BPF_CORE_READ(upper, i_generation),
		.inode = BPF_CORE_READ(upper, i_ino),
	};
}

static __always_inline struct inode *lower_of(struct ovl_inode *overlay)
{
	if (!bpf_core_field_exists(overlay->oe))
		return BPF_CORE_READ((struct ovl_inode___old *)overlay, lowerpath.dentry, d_inode);
	struct dentry *dentry = 0;
	void *first = (void *)BPF_CORE_READ(overlay, oe) + bpf_core_field_offset(struct ovl_entry, __lowerstack);
	bpf_probe_read_kernel(&dentry, sizeof(dentry), first + bpf_core_field_offset(struct ovl_path, dentry));
	return BPF_CORE_READ(dentry, d_inode);
}

/* A copy that somebody could have written to is taken as changed until user space has compared its bytes, and so is one
 * with another size or time of writing. A function of its own, so that the verifier looks at it once. */
__noinline u32 is_copy_changed(u64 overlay_address)
{
	struct ovl_inode *overlay = (struct ovl_inode *)overlay_address;
	struct inode *upper = BPF_CORE_READ(overlay, __upperdentry, d_inode);
	struct copied_file key = key_of_copy(upper);
	struct compared *compared = bpf_map_lookup_elem(&compared_files, &key);
	struct stamp changed = changed_at(upper);
	if (compared && compared->seconds == changed.seconds && compared->nanoseconds == changed.nanoseconds)
		return compared->flags & COPY_CHANGED;
	if (compared && compared->flags)
		return 1;
	struct inode *lower = lower_of(overlay);
	if (BPF_CORE_READ(upper, i_size) != BPF_CORE_READ(lower, i_size))
		return 1;
	struct stamp now = written_at(upper), then = written_at(lower);
	return now.seconds != then.seconds || now.nanoseconds != then.nanoseconds;
}

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
	u32 copied = ORIGIN_UPPER | ORIGIN_LOWER;
	if ((origin & copied) == copied && (BPF_CORE_READ(inode, i_mode) & MODE_TYPE) == MODE_REGULAR && is_copy_changed(address_of(overlay)))
		origin |= ORIGIN_CHANGED;
	return origin;
}

/* A copy was opened to be written. */
static __always_inline void note_writer(struct inode *inode)
{
	struct inode *upper = upper_of(inode);
	struct copied_file key = key_of_copy(upper);
	struct compared *known = bpf_map_lookup_elem(&compared_files, &key);
	struct compared fresh = { .flags = COPY_WRITTEN };
	if (known)
		known->flags |= COPY_WRITTEN;
	else
		bpf_map_update_elem(&compared_files, &key, &fresh, BPF_ANY);
}

static __always_inline bool is_copy(u32 origin)
{
	u32 copied = ORIGIN_UPPER | ORIGIN_LOWER;
	return (origin & copied) == copied;
}

/* Which file user space has to compare with the image's. Where there is an address, c has room; elsewhere it has none. */
static __always_inline void write_copied(struct event *event, struct inode *inode)
{
	if (!is_copy(event->origin))
		return;
	struct copied_file key = key_of_copy(upper_of(inode));
	event->target_pid = key.device;
	event->target_cgroup = key.inode;
	if (event->kind == KIND_EXEC || event->kind == KIND_MAP_EXECUTABLE)
		event->c = key.generation;
	else
		__builtin_memcpy(event->address + 12, &key.generation, 4);
}

/* Bytes that were not in the image: made or changed in the container, in memory, or without a name. */
static __always_inline bool is_drift(u32 origin)
{
	if (origin & (ORIGIN_MEMORY | ORIGIN_UNLINKED | ORIGIN_CHANGED))
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

/* There is no mount here: the file system's own root ends the path. A function of its own, as write_path is.
 * @returns its length */
__noinline u32 write_names(struct path_room *room, u64 dentry_address)
{
	if (!room)
		return 0;
	struct dentry *dentry = (struct dentry *)dentry_address;
	u32 used = 0;
	for (int i = 0; i < 24; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry)
			break;
		if (used >= PATH_ROOM)
			break;
		long length = bpf_probe_read_kernel_str(room->text + used, NAME_ROOM, BPF_CORE_READ(dentry, d_name.name));
		if (length <= 0)
			break;
		used += length & (2 * NAME_ROOM - 1);
		dentry = parent;
	}
	return used;
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
