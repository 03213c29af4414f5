/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* What is done to files by their names: mode, name, links, removal. The names are the caller's own words, good enough to
 * tell what it wanted; what is refused is refused by programs that see the file itself. */
#include "syscalls.bpf.h"

#define AT_FDCWD -100
#define OTHER_ROOM 512

/* The folder that a relative name starts from, and of two names the other. */
struct name_event {
	struct event head;
	char path[PATH_ROOM + NAME_ROOM];
	char base[PATH_ROOM + NAME_ROOM];
	char other[OTHER_ROOM];
};

struct names {
	u32 kind;
	int folder; /* place of the argument; -1: the working folder */
	int path;
	int other; /* -1: there is none */
	int mode;  /* -1 */
};

static __always_inline struct names places_of(u32 action)
{
	switch (action) {
	case ACTION_CHMOD: return (struct names){ KIND_CHMOD, -1, 0, -1, 1 };
	case ACTION_FCHMODAT: return (struct names){ KIND_CHMOD, 0, 1, -1, 2 };
	case ACTION_FCHMOD: return (struct names){ KIND_CHMOD, 0, -1, -1, 1 };
	case ACTION_RENAME: return (struct names){ KIND_RENAME, -1, 1, 0, -1 };
	case ACTION_RENAMEAT: return (struct names){ KIND_RENAME, 2, 3, 1, -1 };
	case ACTION_LINK: return (struct names){ KIND_LINK, -1, 1, 0, -1 };
	case ACTION_LINKAT: return (struct names){ KIND_LINK, 2, 3, 1, -1 };
	case ACTION_SYMLINK: return (struct names){ KIND_LINK, -1, 1, 0, -1 };
	case ACTION_SYMLINKAT: return (struct names){ KIND_LINK, 1, 2, 0, -1 };
	case ACTION_UNLINK: return (struct names){ KIND_UNLINK, -1, 0, -1, -1 };
	case ACTION_UNLINKAT: return (struct names){ KIND_UNLINK, 0, 1, -1, -1 };
	case ACTION_MKDIR: return (struct names){ KIND_CREATE, -1, 0, -1, 1 };
	case ACTION_MKDIRAT: return (struct names){ KIND_CREATE, 0, 1, -1, 2 };
	case ACTION_MKNOD: return (struct names){ KIND_CREATE, -1, 0, -1, 1 };
	default: return (struct names){ KIND_CREATE, 0, 1, -1, 2 };
	}
}

/* @returns as write_path does; 0 when there is no such folder */
static __always_inline u32 write_folder(char *room, struct subject *subject, struct call *call, int place)
{
	int fd = place < 0 ? AT_FDCWD : (int)argument(call, place);
	struct vfsmount *mount;
	struct dentry *dentry;
	if (fd == AT_FDCWD) {
		struct task_struct *task = subject->task;
		mount = BPF_CORE_READ(task, fs, pwd.mnt);
		dentry = BPF_CORE_READ(task, fs, pwd.dentry);
	} else {
		struct file *file = file_of(subject->task, fd);
		if (!file)
			return 0;
		mount = BPF_CORE_READ(file, f_path.mnt);
		dentry = BPF_CORE_READ(file, f_path.dentry);
	}
	return write_path((struct path_room *)room, (u64)mount, (u64)dentry);
}

__noinline int act_on_names(u64 registers, long result, u32 action, u32 phase)
{
	struct call call;
	struct subject subject = {};
	struct names names = places_of(action);
	/* What failed changed nothing. */
	if (error_of(result, phase) || !begin(registers, action, phase, &call, &subject))
		return 0;
	u32 mode = names.mode < 0 ? 0 : (u32)argument(&call, names.mode) & 0xffff;
	/* Of modes those matter that make programs, or programs of others. */
	if (names.kind == KIND_CHMOD && !(mode & 06111))
		return 0;
	if (!tells(&subject, names.kind))
		return 0;
	struct name_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(names.kind);
		return 0;
	}
	fill(&event->head, names.kind, subject.cgroup);
	event->head.call = action;
	u8 flags = call.is_compat ? FLAG_COMPAT : 0;
	long length = 0;
	if (names.path >= 0)
		length = bpf_probe_read_user_str(event->path, PATH_ROOM, (void *)argument(&call, names.path));
	if (length > 0)
		event->head.path_length = length;
	if (names.path < 0) {
		u32 written = write_folder(event->path, &subject, &call, names.folder);
		event->head.path_length = written;
		flags |= written >> 16;
	} else if (length > 1 && event->path[0] != '/') {
		event->head.argv_length = write_folder(event->base, &subject, &call, names.folder);
		flags |= FLAG_BASE;
	}
	if (names.other >= 0) {
		length = bpf_probe_read_user_str(event->other, OTHER_ROOM, (void *)argument(&call, names.other));
		event->head.c = length > 0 ? length : 0;
	}
	event->head.a = mode;
	event->head.flags = flags;
	send(&event->head);
	return 0;
}
