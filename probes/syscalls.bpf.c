/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Every system call of the host passes here: one look into a table, and most are done. 32-bit calls pass as well, which the
 * tracepoints of single calls never see. */
#include "syscalls.bpf.h"

static __always_inline u32 find_action(u32 number, u32 *phase)
{
	/* Calls of the x32 kind are those of 64 bits with this bit. */
	number &= ~0x40000000u;
	if (number >= COMPAT)
		return 0;
	u32 key = number;
	u16 *native = bpf_map_lookup_elem(&actions, &key);
	key = COMPAT + number;
	u16 *compat = bpf_map_lookup_elem(&actions, &key);
	if (!native || !compat || !(*native | *compat))
		return 0;
	bool is_compat = is_compat_task(bpf_get_current_task_btf());
	*phase |= is_compat ? PHASE_COMPAT : 0;
	return is_compat ? *compat : *native;
}

SEC("raw_tp/sys_enter")
int on_sys_enter(struct bpf_raw_tracepoint_args *context)
{
	u32 phase = 0;
	u32 action = find_action(context->args[1], &phase) & 0xff;
	if (action == ACTION_NONE)
		return 0;
	if (action <= ACTION_IPC)
		return act_on_memory(context, action, phase);
	if (action <= ACTION_MOUNT_SETATTR)
		return act_on_mounts(context, action, phase);
	if (action <= ACTION_SETNS)
		return act_on_namespaces(context, action, phase);
	if (action <= ACTION_USERFAULTFD)
		return act_on_kernel(context, action, phase);
	if (action <= ACTION_SOCKETCALL)
		return act_on_socket(context, action, phase);
	if (action <= ACTION_MEMFD_CREATE)
		return act_on_code(context, action, phase);
	return act_on_user(context, action, phase);
}

SEC("raw_tp/sys_exit")
int on_sys_exit(struct bpf_raw_tracepoint_args *context)
{
	u32 phase = PHASE_END;
	u32 action = find_action(number_of_call((struct pt_regs *)context->args[0]), &phase) >> 8;
	if (action == ACTION_NONE)
		return 0;
	if (action <= ACTION_MOUNT_SETATTR)
		return act_on_mounts(context, action, phase);
	if (action <= ACTION_MKNODAT)
		return act_on_names(context, action, phase);
	if (action == ACTION_CONNECT)
		return act_on_connected(context, action, phase);
	return act_on_open(context, action, phase);
}
