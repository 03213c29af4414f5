/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Containers begin and end with their control group: the policy is there before the first process is. */
#include "subject.bpf.h"

#define LONGEST_NAME 160

/* `libpod-conmon-ID.scope`, `crio-conmon-ID.scope`: the engine's own process that looks after the container. */
static __always_inline bool is_monitor(char *name, u32 start)
{
	const char *monitor = "conmon-";
	if (start < 7)
		return false;
	for (u32 i = 0; i < 7; i++)
		if (name[(start - 7 + i) & 127] != monitor[i])
			return false;
	return true;
}

/* Where the 64 digits of an id start in `docker-ID.scope`, `libpod-ID` or `ID`; -1 when there are none. */
static __always_inline int find_id(char *name, u32 length)
{
	if (length > 6 && length < LONGEST_NAME && name[(length - 6) & 127] == '.' && name[(length - 1) & 127] == 'e')
		length -= 6;
	if (length < 64 || length >= 127)
		return -1;
	u32 start = length - 64;
	if (start > 0 && (name[(start - 1) & 127] != '-' || is_monitor(name, start)))
		return -1;
	for (u32 i = 0; i < 64; i++) {
		char c = name[(start + i) & 127];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return -1;
	}
	return start;
}

static __always_inline bool starts_with(const char *text, const char *start, int length)
{
	for (int i = 0; i < length; i++)
		if (text[i] != start[i])
			return false;
	return true;
}

/* The slot of a group that is a container's; -1 when it is not. Slot 0 is of containers that nobody announced. */
static __always_inline int find_slot(struct cgroup *group, const char *kernel_name)
{
	char name[128] = {};
	struct container_name id = {};
	long length = bpf_probe_read_kernel_str(name, sizeof(name), kernel_name) - 1;
	if (length <= 0)
		return -1;
	int start = find_id(name, length);
	if (start >= 0)
		bpf_probe_read_kernel(id.text, 64, kernel_name + start);
	else if (starts_with(name, "lxc.payload.", 12) && length - 12 <= 64)
		bpf_probe_read_kernel_str(id.text, 64, kernel_name + 12);
	else
		return -1;
	/* Whoever was given a part of the tree may name groups in it as he likes: only root's are believed. */
	if ((u32)bpf_get_current_uid_gid() != 0)
		return 0;
	u32 *slot = bpf_map_lookup_elem(&announced, &id);
	return slot ? *slot : 0;
}

static __always_inline void tell_group(u32 kind, u64 cgroup, u64 top, const char *path)
{
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		note_drop(kind);
		return;
	}
	struct subject subject = { .task = bpf_get_current_task_btf(), .cgroup = cgroup };
	fill(&event->head, kind, subject.cgroup);
	event->head.target_cgroup = top;
	long length = bpf_probe_read_kernel_str(event->path, PATH_ROOM, path);
	event->head.path_length = length > 0 ? length : 0;
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_made, struct cgroup *group, const char *path)
{
	/* On version 1 every hierarchy makes one: only that counts which tasks are asked for. */
	if (group->root->hierarchy_id != settings.hierarchy)
		return 0;
	u64 id = group->kn->id, parent = group->self.parent->cgroup->kn->id;
	struct member member = { .top = id };
	struct member *outer = bpf_map_lookup_elem(&members, &parent);
	if (outer) {
		member = *outer;
	} else {
		int slot = find_slot(group, group->kn->name);
		if (slot < 0)
			return 0;
		member.slot = slot;
	}
	if (bpf_map_update_elem(&members, &id, &member, BPF_ANY) != 0)
		note_drop(0);
	tell_group(KIND_CGROUP_MADE, id, member.top, path);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_gone, struct cgroup *group, const char *path)
{
	if (group->root->hierarchy_id != settings.hierarchy)
		return 0;
	u64 id = group->kn->id;
	struct member *member = bpf_map_lookup_elem(&members, &id);
	if (!member)
		return 0;
	u64 top = member->top;
	bpf_map_delete_elem(&members, &id);
	tell_group(KIND_CGROUP_GONE, id, top, path);
	return 0;
}

#define PF_FORKNOEXEC 0x40

/* A process of a container gets into a group that is not its container's: it is still the container's. Told, and stopped,
 * when one of a container did it; what the host does with its containers is its own affair. */
static __always_inline void follow(struct task_struct *task, u64 own, struct cgroup *group, const char *path)
{
	u32 tgid = task->tgid;
	u64 id = group->kn->id;
	u64 top = container_of_cgroup(id);
	u64 left = find_stray(tgid);
	if (top == own) {
		if (left)
			bpf_map_delete_elem(&strays, &tgid);
		return;
	}
	if (left)
		return;
	add_stray(tgid, own);
	struct subject mover = {};
	if (!find_subject(&mover) || is_runtime(mover.task))
		return;
	enum stand stand = stand_to(&mover, PROTECT_ESCAPE);
	struct path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		judge_untold(KIND_CGROUP_LEFT, stand);
		return;
	}
	fill(&event->head, KIND_CGROUP_LEFT, mover.cgroup);
	event->head.target_pid = tgid;
	event->head.target_cgroup = id;
	long length = bpf_probe_read_kernel_str(event->path, PATH_ROOM, path);
	event->head.path_length = length > 0 ? length : 0;
	judge(&event->head, PROTECT_ESCAPE, stand);
	send(&event->head);
}

/* A process that a process outside puts into the container is the runtime until it runs a program of the container. One that
 * did so already and is only moved about has mounts of its own. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_cgroup_attach, struct cgroup *group, const char *path, struct task_struct *task, bool is_group)
{
	if (group->root->hierarchy_id != settings.hierarchy)
		return 0;
	u32 tgid = task->tgid;
	u64 *own = bpf_map_lookup_elem(&marks, &tgid);
	if (own) {
		follow(task, *own, group, path);
		return 0;
	}
	if (!container_of_cgroup(group->kn->id))
		return 0;
	struct subject mover = {};
	if (find_subject(&mover))
		return 0;
	u32 mounts = task->nsproxy->mnt_ns->ns.inum;
	struct runtime runtime = { .mount_namespace = mover.task->nsproxy->mnt_ns->ns.inum };
	/* systemd moves it for its maker, and an engine that is a service may have other mounts than systemd. */
	if (is_just_put(task))
		runtime.mount_namespace = mounts;
	else if (mounts != runtime.mount_namespace && !(task->flags & PF_FORKNOEXEC))
		return 0;
	bpf_map_update_elem(&runtimes, &tgid, &runtime, BPF_ANY);
	return 0;
}
