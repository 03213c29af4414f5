/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* What opening a file means: for its own sake, for whose memory it is, for where on the host it lies. */
#pragma once
#include "path.bpf.h"
#include "target.bpf.h"

#define FMODE_WRITE 2
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000
#define SYSFS_MAGIC 0x62656572
#define DEBUGFS_MAGIC 0x64626720
#define TRACEFS_MAGIC 0x74726163
#define SECURITYFS_MAGIC 0x73636673
#define EFIVARFS_MAGIC 0xde5e81e4
#define BPFFS_MAGIC 0xcafe4a11
#define BINFMTFS_MAGIC 0x42494e4d
#define CGROUP_MAGIC 0x27e0eb
#define CGROUP2_MAGIC 0x63677270
#define NAME_KEY 24

/* Files that are told even when they are only read: last part of the name, cut to 23 bytes. */
struct file_name {
	char text[NAME_KEY];
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct file_name);
	__type(value, u8);
} named_files SEC(".maps");

/* Folders and files of the host that a container must not write below although they are mounted into it. */
struct protected_file {
	u32 slot;
	u32 device;
	u64 inode;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct protected_file);
	__type(value, u8);
} protected_files SEC(".maps");

static __always_inline bool is_protected(struct subject *subject, struct dentry *dentry, struct inode *inode)
{
	struct protected_file key = { .slot = subject->slot, .device = BPF_CORE_READ(inode, i_sb, s_dev) };
	for (int i = 0; i < 24; i++) {
		key.inode = BPF_CORE_READ(dentry, d_inode, i_ino);
		if (bpf_map_lookup_elem(&protected_files, &key))
			return true;
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry)
			return false;
		dentry = parent;
	}
	return true;
}

/* Changes of one kind to one file are told once a second. */
struct change {
	u32 process;
	u32 kind;
	u64 inode;
};
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 8192);
	__type(key, struct change);
	__type(value, u64);
} told_changes SEC(".maps");

static __always_inline bool was_change_told(struct subject *subject, u32 kind, u64 inode)
{
	struct change key = { .process = subject->task->tgid, .kind = kind, .inode = inode };
	u64 now = bpf_ktime_get_ns();
	u64 *last = bpf_map_lookup_elem(&told_changes, &key);
	if (last && now - *last < 1000000000)
		return true;
	bpf_map_update_elem(&told_changes, &key, &now, BPF_ANY);
	return false;
}

static __always_inline bool equals(struct file_name *name, const char *text, int length)
{
	for (int i = 0; i <= length; i++)
		if (name->text[i] != text[i])
			return false;
	return true;
}

/* A process that runs a script: the interpreter is of the image, the script need not be. */
struct {
	__uint(type, 9 /* BPF_MAP_TYPE_LRU_HASH */);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, u8);
} scripts SEC(".maps");

/* The first program file that a script's interpreter opens is the script. */
static __always_inline bool is_new_script(struct task_struct *task, u32 origin, u32 mode)
{
	u32 tgid = task->tgid;
	if (!is_drift(origin) || !(mode & 0111) || !bpf_map_lookup_elem(&scripts, &tgid))
		return false;
	bpf_map_delete_elem(&scripts, &tgid);
	return true;
}

/* Files whose opening is a way out by itself. */
static __always_inline bool is_way_out(struct inode *inode, u64 magic, u32 type, bool is_write, struct file_name *name)
{
	if (type == MODE_BLOCK)
		return true;
	if (type == MODE_CHARACTER) {
		u32 device = BPF_CORE_READ(inode, i_rdev);
		return is_machine_memory(device >> 20, device & 0xfffff);
	}
	if (magic == PROC_MAGIC) {
		if (equals(name, "kcore", 5))
			return true;
		struct proc_inode *proc = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
		return is_write && (BPF_CORE_READ(proc, sysctl) || equals(name, "sysrq-trigger", 13));
	}
	if (!is_write)
		return false;
	if (magic == CGROUP_MAGIC)
		return equals(name, "release_agent", 13);
	return magic == SYSFS_MAGIC || magic == DEBUGFS_MAGIC || magic == TRACEFS_MAGIC || magic == SECURITYFS_MAGIC || magic == EFIVARFS_MAGIC || magic == BPFFS_MAGIC || magic == BINFMTFS_MAGIC;
}

/* The list of processes of a control group that is not of the caller's container: writing there moves one out of it. */
static __always_inline bool is_way_into_group(struct subject *subject, struct inode *inode, u64 magic, struct file_name *name)
{
	if (magic != (settings.controller == CONTROLLER_NONE ? CGROUP2_MAGIC : CGROUP_MAGIC))
		return false;
	if (!equals(name, "cgroup.procs", 12) && !equals(name, "cgroup.threads", 14) && !equals(name, "tasks", 5))
		return false;
	struct kernfs_node *file = BPF_CORE_READ(inode, i_private);
	struct kernfs_node___old *old = (void *)file;
	struct kernfs_node *group = bpf_core_field_exists(file->__parent) ? BPF_CORE_READ(file, __parent) : BPF_CORE_READ(old, parent);
	return container_of_cgroup(BPF_CORE_READ(group, id)) != subject->top;
}

/* The process whose memory /proc/PID/mem is. */
static __always_inline struct task_struct *task_of_memory_file(struct inode *inode, u64 magic, struct file_name *name)
{
	if (magic != PROC_MAGIC || !equals(name, "mem", 3))
		return 0;
	struct proc_inode *proc = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	return task_of_pid(BPF_CORE_READ(proc, pid));
}

struct judged {
	u32 kind;
	u32 protection;
	enum stand stand;
	struct target target;
};

static __always_inline bool judge_open(struct judged *judged, struct subject *subject, struct file *file)
{
	u32 mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_PATH)
		return false;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	u32 type = BPF_CORE_READ(inode, i_mode) & MODE_TYPE;
	u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);
	bool is_write = mode & FMODE_WRITE;
	struct file_name name = {};
	bpf_probe_read_kernel_str(name.text, NAME_KEY, BPF_CORE_READ(dentry, d_name.name));
	judged->kind = mode & FMODE_CREATED ? KIND_CREATE : KIND_OPEN;
	struct task_struct *victim = task_of_memory_file(inode, magic, &name);
	if (victim && fill_target(&judged->target, victim)) {
		judged->kind = KIND_MEMORY;
		judged->protection = PROTECT_MEMORY;
		judged->stand = stand_to_target(subject, &judged->target);
		return judged->target.pid != (u32)subject->task->tgid;
	}
	if (is_way_out(inode, magic, type, is_write, &name) || (is_write && is_way_into_group(subject, inode, magic, &name))) {
		judged->protection = PROTECT_ESCAPE;
		judged->stand = stand_to(subject, PROTECT_ESCAPE);
		return true;
	}
	if ((is_write || (mode & FMODE_CREATED)) && (subject->policy->lists & LIST_HOST_PATHS) && is_protected(subject, dentry, inode)) {
		judged->protection = PROTECT_HOST_PATHS;
		judged->stand = stand_to(subject, PROTECT_HOST_PATHS);
		return true;
	}
	if (type != MODE_REGULAR)
		return false;
	if (!is_write && is_new_script(subject->task, origin_of(inode), BPF_CORE_READ(inode, i_mode))) {
		judged->protection = PROTECT_DRIFT;
		judged->stand = stand_to(subject, PROTECT_DRIFT);
		return true;
	}
	return is_write || (mode & FMODE_CREATED) || (subject->policy->lists & LIST_ALL_READS) || bpf_map_lookup_elem(&named_files, &name) != 0;
}
