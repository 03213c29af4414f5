/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* A program starts. The signal of a refused one is there before its first instruction. */
#include "files.bpf.h"
#include "subject.bpf.h"

/* The runtime hands over to the container's code when it runs a program in another mount namespace than it came from. */
static __always_inline void end_runtime(struct task_struct *task)
{
	u32 tgid = task->tgid;
	struct runtime *runtime = bpf_map_lookup_elem(&runtimes, &tgid);
	if (runtime && runtime->mount_namespace != task->nsproxy->mnt_ns->ns.inum)
		bpf_map_delete_elem(&runtimes, &tgid);
}

/* A process that runs a program of the container is the container's for life. */
static __always_inline void mark(struct subject *subject)
{
	struct task_struct *task = subject->task;
	u32 tgid = task->tgid;
	u64 top = subject->top;
	if (bpf_map_lookup_elem(&marks, &tgid) || bpf_map_lookup_elem(&runtimes, &tgid))
		return;
	/* Before the kernel has told that it was put here: it stays the runtime when it gets mounts of its own. */
	if (is_just_put(task)) {
		struct runtime runtime = { .mount_namespace = task->nsproxy->mnt_ns->ns.inum };
		bpf_map_update_elem(&runtimes, &tgid, &runtime, BPF_ANY);
		return;
	}
	if (is_runtime(task))
		return;
	if (bpf_map_update_elem(&marks, &tgid, &top, BPF_ANY) != 0)
		note_drop(0);
}

/* In the order of `descriptors` in src/watch/kernel/details.ts. */
enum descriptor { DESCRIPTOR_NONE, DESCRIPTOR_SOCKET, DESCRIPTOR_PIPE, DESCRIPTOR_TERMINAL, DESCRIPTOR_FILE };

static __always_inline void write_peer(struct event *event, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sock = BPF_CORE_READ(socket, sk);
	u32 family = BPF_CORE_READ(sock, __sk_common.skc_family);
	if (event->family || (family != AF_INET && family != AF_INET6))
		return;
	event->family = family;
	event->port = __builtin_bswap16(BPF_CORE_READ(sock, __sk_common.skc_dport));
	if (family == AF_INET)
		bpf_core_read(event->address, 4, &sock->__sk_common.skc_daddr);
	else
		bpf_core_read(event->address, 16, &sock->__sk_common.skc_v6_daddr);
}

static __always_inline u32 describe(struct event *event, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	u32 type = BPF_CORE_READ(inode, i_mode) & MODE_TYPE;
	if (type == MODE_SOCKET) {
		write_peer(event, file);
		return DESCRIPTOR_SOCKET;
	}
	if (type == MODE_PIPE)
		return DESCRIPTOR_PIPE;
	if (type != MODE_CHARACTER)
		return DESCRIPTOR_FILE;
	u32 major = BPF_CORE_READ(inode, i_rdev) >> 20;
	return major == 4 || major == 5 || (major >= 136 && major <= 143) ? DESCRIPTOR_TERMINAL : DESCRIPTOR_FILE;
}

/* What its input, output and errors are. @returns four bits each */
static __always_inline u32 describe_streams(struct event *event, struct task_struct *task)
{
	struct file *files[3] = {};
	u32 found = 0;
	bpf_probe_read_kernel(files, sizeof(files), (void *)task->files->fdt->fd);
	for (int i = 0; i < 3; i++)
		if (files[i])
			found |= describe(event, files[i]) << 4 * i;
	return found;
}

static __always_inline void write_argv(struct exec_event *event, struct task_struct *task)
{
	u64 start = task->mm->arg_start, end = task->mm->arg_end;
	u64 length = end - start;
	if (length > ARGV_ROOM) {
		length = ARGV_ROOM;
		event->head.flags |= FLAG_CUT;
	}
	if (length && bpf_probe_read_user(event->argv, length, (void *)start) == 0)
		event->head.argv_length = length;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	struct subject subject = {};
	if (!find_subject(&subject))
		return 0;
	end_runtime(task);
	mark(&subject);
	u32 tgid = task->tgid;
	u8 one = 1;
	bool is_script = program->interp != program->filename;
	if (is_script)
		bpf_map_update_elem(&scripts, &tgid, &one, BPF_ANY);
	struct file *file = program->file;
	u32 origin = origin_of(file->f_inode);
	enum stand stand = is_drift(origin) ? stand_to(&subject, PROTECT_DRIFT) : STAND_OFF;
	u32 protection = PROTECT_DRIFT;
	/* Born outside of the container's group while its maker was stopped for that. */
	if (find_stray(tgid) && stand_to(&subject, PROTECT_ESCAPE) == STAND_BLOCK) {
		stand = STAND_BLOCK;
		protection = PROTECT_ESCAPE;
	}
	if (stand == STAND_OFF && !tells(&subject, KIND_EXEC))
		return 0;
	struct exec_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_EXEC, stand);
		return 0;
	}
	fill(&event->head, KIND_EXEC, subject.cgroup);
	event->head.origin = origin;
	event->head.a = file->f_inode->i_ino;
	event->head.b = is_script | describe_streams(&event->head, task) << 8;
	write_copied(&event->head, file->f_inode);
	judge(&event->head, protection, stand);
	write_file_path((struct path_event *)event, file);
	write_argv(event, task);
	send(&event->head);
	return 0;
}
