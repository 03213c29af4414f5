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
	u32 tgid = task->tgid;
	u8 one = 1;
	bool is_script = program->interp != program->filename;
	if (is_script)
		bpf_map_update_elem(&scripts, &tgid, &one, BPF_ANY);
	struct file *file = program->file;
	u32 origin = origin_of(file->f_inode);
	enum stand stand = is_drift(origin) ? stand_to(&subject, PROTECT_DRIFT) : STAND_OFF;
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
	event->head.b = is_script;
	event->head.c = program->argc;
	judge(&event->head, PROTECT_DRIFT, stand);
	write_file_path((struct path_event *)event, file);
	write_argv(event, task);
	send(&event->head);
	return 0;
}
