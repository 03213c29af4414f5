/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* The best rung: the kernel asks us before it acts, and an error is the caller's answer. Only what is refused is told here;
 * the other probes tell what happens. Loaded only where a trial has shown that such programs are asked at all. */
#include "files.bpf.h"
#include "syscalls.bpf.h"
#include "target.bpf.h"

#define EPERM 1
#define PROT_EXEC 4
#define PTRACE_MODE_ATTACH 2

static __always_inline bool refuses(struct subject *subject, u32 protection)
{
	return find_subject(subject) && stand_to(subject, protection) == STAND_BLOCK;
}

static __always_inline int refuse(struct subject *subject, u32 kind, u32 protection, u32 action, struct target *target, u64 a)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return -EPERM;
	}
	fill(event, kind, subject->cgroup);
	event->call = action;
	event->a = a;
	event->protection = protection;
	event->verdict = DENIED;
	if (target) {
		event->target_pid = target->pid;
		event->target_cgroup = target->cgroup;
	}
	send(event);
	return -EPERM;
}

static __always_inline int refuse_file(struct subject *subject, u32 kind, u32 protection, u32 action, struct vfsmount *mount, struct dentry *dentry, struct inode *inode)
{
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return -EPERM;
	}
	fill(&event->head, kind, subject->cgroup);
	event->head.call = action;
	event->head.protection = protection;
	event->head.verdict = DENIED;
	if (inode)
		event->head.origin = origin_of(inode);
	u32 written = write_path((struct path_room *)event->path, (u64)mount, (u64)dentry);
	event->head.path_length = written;
	event->head.flags |= written >> 16;
	send(&event->head);
	return -EPERM;
}

static __always_inline int refuse_code(struct file *file, u32 kind, u32 action)
{
	struct subject subject = {};
	struct path *path = path_of(file);
	struct inode *inode = BPF_CORE_READ(path, dentry, d_inode);
	if (!is_drift(origin_of(inode)) || !refuses(&subject, PROTECT_DRIFT))
		return 0;
	return refuse_file(&subject, kind, PROTECT_DRIFT, action, BPF_CORE_READ(path, mnt), BPF_CORE_READ(path, dentry), inode);
}

SEC("?lsm/bprm_check_security")
int BPF_PROG(lsm_exec, struct linux_binprm *program)
{
	/* The runtime becomes the container's code here: what it runs first is asked as well. */
	struct task_struct *task = bpf_get_current_task_btf();
	u32 tgid = task->tgid;
	struct runtime *runtime = bpf_map_lookup_elem(&runtimes, &tgid);
	struct file *file = program->file;
	if (runtime && runtime->mount_namespace == task->nsproxy->mnt_ns->ns.inum)
		return 0;
	struct subject subject = {};
	struct inode *inode = file->f_inode;
	if (!is_drift(origin_of(inode)) || !find_subject(&subject) || stand_of(subject.policy, PROTECT_DRIFT) != STAND_BLOCK)
		return 0;
	if (!runtime && is_runtime(task))
		return 0;
	return refuse_file(&subject, KIND_EXEC, PROTECT_DRIFT, 0, BPF_CORE_READ(file, f_path.mnt), BPF_CORE_READ(file, f_path.dentry), inode);
}

SEC("?lsm/mmap_file")
int BPF_PROG(lsm_map, struct file *file, unsigned long asked, unsigned long protection, unsigned long flags)
{
	return file && (protection & PROT_EXEC) ? refuse_code(file, KIND_MAP_EXECUTABLE, ACTION_MMAP) : 0;
}

SEC("?lsm/file_mprotect")
int BPF_PROG(lsm_change_mapping, struct vm_area_struct *area, unsigned long asked, unsigned long protection)
{
	struct file *file = area->vm_file;
	return file && (protection & PROT_EXEC) ? refuse_code(file, KIND_MAP_EXECUTABLE, ACTION_MPROTECT) : 0;
}

SEC("?lsm/file_open")
int BPF_PROG(lsm_open, struct file *file)
{
	struct subject subject = {};
	struct judged judged = {};
	if (!find_subject(&subject) || !subject.policy->block || !judge_open(&judged, &subject, file) || judged.stand != STAND_BLOCK)
		return 0;
	if (judged.kind == KIND_MEMORY)
		return refuse(&subject, KIND_MEMORY, PROTECT_MEMORY, ACTION_OPENAT, &judged.target, 0);
	return refuse_file(&subject, judged.kind, judged.protection, ACTION_OPENAT, BPF_CORE_READ(file, f_path.mnt), BPF_CORE_READ(file, f_path.dentry), BPF_CORE_READ(file, f_inode));
}

static __always_inline int refuse_memory(struct task_struct *victim, u32 action, u64 a)
{
	struct subject subject = {};
	struct target target = {};
	if (!find_subject(&subject) || !fill_target(&target, victim) || stand_to_target(&subject, &target) != STAND_BLOCK)
		return 0;
	return refuse(&subject, KIND_MEMORY, PROTECT_MEMORY, action, &target, a);
}

/* ptrace, process_vm_readv and writev, /proc/PID/mem and pidfd_getfd all ask here. */
SEC("?lsm/ptrace_access_check")
int BPF_PROG(lsm_ptrace, struct task_struct *victim, unsigned int mode)
{
	return mode & PTRACE_MODE_ATTACH ? refuse_memory(victim, 0, mode) : 0;
}

SEC("?lsm/shm_shmat")
int BPF_PROG(lsm_attach_segment, struct kern_ipc_perm *permission)
{
	struct shmid_kernel *segment = (void *)permission - bpf_core_field_offset(struct shmid_kernel, shm_perm);
	struct task_struct *maker = task_of_pid(BPF_CORE_READ(segment, shm_cprid));
	return maker ? refuse_memory(maker, ACTION_SHMAT, 0) : 0;
}

static __always_inline int refuse_escape(u32 kind, u32 action, u64 a)
{
	struct subject subject = {};
	return refuses(&subject, PROTECT_ESCAPE) ? refuse(&subject, kind, PROTECT_ESCAPE, action, 0, a) : 0;
}

static __always_inline int refuse_mount(u32 action, struct path *path)
{
	struct subject subject = {};
	if (!refuses(&subject, PROTECT_ESCAPE))
		return 0;
	return refuse_file(&subject, KIND_MOUNT, PROTECT_ESCAPE, action, BPF_CORE_READ(path, mnt), BPF_CORE_READ(path, dentry), 0);
}

SEC("?lsm/sb_mount")
int BPF_PROG(lsm_mount, const char *device, struct path *path)
{
	return refuse_mount(ACTION_MOUNT, path);
}

SEC("?lsm/move_mount")
int BPF_PROG(lsm_move_mount, struct path *from, struct path *to)
{
	return refuse_mount(ACTION_MOVE_MOUNT, to);
}

SEC("?lsm/sb_pivotroot")
int BPF_PROG(lsm_pivot_root, struct path *old, struct path *new)
{
	return refuse_mount(ACTION_PIVOT_ROOT, new);
}

SEC("?lsm/sb_umount")
int BPF_PROG(lsm_umount, struct vfsmount *mount, int flags)
{
	return refuse_escape(KIND_MOUNT, ACTION_UMOUNT, flags);
}

SEC("?lsm/bpf")
int BPF_PROG(lsm_bpf, int command)
{
	return refuse_escape(KIND_BPF, ACTION_BPF, command);
}

SEC("?lsm/kernel_read_file")
int BPF_PROG(lsm_read_for_kernel, struct file *file, int id)
{
	return refuse_escape(KIND_MODULE, ACTION_FINIT_MODULE, id);
}

SEC("?lsm/kernel_load_data")
int BPF_PROG(lsm_load_for_kernel, int id)
{
	return refuse_escape(KIND_MODULE, ACTION_INIT_MODULE, id);
}

SEC("?lsm/socket_create")
int BPF_PROG(lsm_socket, int family, int type, int protocol, int is_kernel)
{
	if (is_kernel || !is_escape_socket(family, type))
		return 0;
	struct subject subject = {};
	if (!refuses(&subject, PROTECT_ESCAPE))
		return 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(KIND_SOCKET);
		return -EPERM;
	}
	fill(event, KIND_SOCKET, subject.cgroup);
	event->call = ACTION_SOCKET;
	event->family = family;
	event->a = type & 15;
	event->b = protocol;
	event->protection = PROTECT_ESCAPE;
	event->verdict = DENIED;
	send(event);
	return -EPERM;
}

/* Files of the host below protected paths: nothing is made, changed or taken away there, and nothing gets a second name. */
static __always_inline int refuse_change(u32 kind, u32 action, struct inode *folder, struct dentry *dentry)
{
	struct subject subject = {};
	if (!find_subject(&subject) || !(subject.policy->lists & LIST_HOST_PATHS))
		return 0;
	enum stand stand = stand_to(&subject, PROTECT_HOST_PATHS);
	if (stand == STAND_OFF || !is_protected(&subject, dentry, folder))
		return 0;
	int answer = stand == STAND_BLOCK ? -EPERM : 0;
	if (answer == 0 && was_change_told(&subject, kind, BPF_CORE_READ(dentry, d_inode, i_ino)))
		return 0;
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return answer;
	}
	fill(&event->head, kind, subject.cgroup);
	event->head.call = action;
	event->head.protection = PROTECT_HOST_PATHS;
	event->head.verdict = answer ? DENIED : SEEN;
	event->head.path_length = write_names((struct path_room *)event->path, address_of(dentry));
	event->head.flags = FLAG_REVERSED;
	send(&event->head);
	return answer;
}

SEC("?lsm/inode_create")
int BPF_PROG(lsm_create, struct inode *folder, struct dentry *dentry)
{
	return refuse_change(KIND_CREATE, ACTION_OPENAT, folder, dentry);
}

SEC("?lsm/inode_mkdir")
int BPF_PROG(lsm_mkdir, struct inode *folder, struct dentry *dentry)
{
	return refuse_change(KIND_CREATE, ACTION_MKDIRAT, folder, dentry);
}

SEC("?lsm/inode_mknod")
int BPF_PROG(lsm_mknod, struct inode *folder, struct dentry *dentry)
{
	return refuse_change(KIND_CREATE, ACTION_MKNODAT, folder, dentry);
}

SEC("?lsm/inode_symlink")
int BPF_PROG(lsm_symlink, struct inode *folder, struct dentry *dentry)
{
	return refuse_change(KIND_LINK, ACTION_SYMLINKAT, folder, dentry);
}

SEC("?lsm/inode_link")
int BPF_PROG(lsm_link, struct dentry *old, struct inode *folder, struct dentry *dentry)
{
	int answer = refuse_change(KIND_LINK, ACTION_LINKAT, old->d_inode, old);
	return answer ? answer : refuse_change(KIND_LINK, ACTION_LINKAT, folder, dentry);
}

SEC("?lsm/inode_unlink")
int BPF_PROG(lsm_unlink, struct inode *folder, struct dentry *dentry)
{
	return refuse_change(KIND_UNLINK, ACTION_UNLINKAT, folder, dentry);
}

SEC("?lsm/inode_rmdir")
int BPF_PROG(lsm_rmdir, struct inode *folder, struct dentry *dentry)
{
	return refuse_change(KIND_UNLINK, ACTION_UNLINKAT, folder, dentry);
}

SEC("?lsm/inode_rename")
int BPF_PROG(lsm_rename, struct inode *old_folder, struct dentry *old, struct inode *new_folder, struct dentry *new)
{
	int answer = refuse_change(KIND_RENAME, ACTION_RENAMEAT, old_folder, old);
	return answer ? answer : refuse_change(KIND_RENAME, ACTION_RENAMEAT, new_folder, new);
}

SEC("?lsm/path_truncate")
int BPF_PROG(lsm_truncate, struct path *path)
{
	return refuse_change(KIND_OPEN, ACTION_TRUNCATE, path->dentry->d_inode, path->dentry);
}

SEC("?lsm/path_chmod")
int BPF_PROG(lsm_chmod, struct path *path)
{
	return refuse_change(KIND_CHMOD, ACTION_FCHMODAT, path->dentry->d_inode, path->dentry);
}

SEC("?lsm/path_chown")
int BPF_PROG(lsm_chown, struct path *path)
{
	return refuse_change(KIND_CHMOD, ACTION_CHOWN, path->dentry->d_inode, path->dentry);
}

SEC("?lsm/inode_setxattr")
int BPF_PROG(lsm_attribute, void *mapping, struct dentry *dentry)
{
	return refuse_change(KIND_CHMOD, ACTION_SETXATTR, dentry->d_inode, dentry);
}

SEC("?lsm/inode_removexattr")
int BPF_PROG(lsm_attribute_gone, void *mapping, struct dentry *dentry)
{
	return refuse_change(KIND_CHMOD, ACTION_REMOVEXATTR, dentry->d_inode, dentry);
}

/* A socket of the host that is protected, the engine's own first of all. */
SEC("?lsm/unix_stream_connect")
int BPF_PROG(lsm_connect_local, struct sock *own, struct sock *other)
{
	struct unix_sock *peer = (struct unix_sock *)other;
	struct dentry *dentry = BPF_CORE_READ(peer, path.dentry);
	struct inode *inode = dentry ? BPF_CORE_READ(dentry, d_inode) : 0;
	return inode ? refuse_change(KIND_CONNECT, ACTION_CONNECT, inode, dentry) : 0;
}
