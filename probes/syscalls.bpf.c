/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Every system call of the host passes here: one look into a table, and most are done. 32-bit calls pass as well, which the
 * tracepoints of single calls never see. */
#include "syscalls.bpf.h"

static __always_inline u32 find_actions(u64 number, u32 *phase)
{
	/* Calls of the x32 kind are those of 64 bits with this bit. */
	u32 key = (u32)number & ~0x40000000u;
	u64 *both = bpf_map_lookup_elem(&actions, &key);
	if (!both || !*both)
		return 0;
	if (!is_compat_task(bpf_get_current_task_btf()))
		return (u32)*both;
	*phase |= PHASE_COMPAT;
	return *both >> 32;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *typed, long number)
{
	u32 phase = 0;
	u32 action = find_actions(number, &phase) & 0xff;
	if (action == ACTION_NONE)
		return 0;
	u64 registers = address_of(typed);
	if (action <= ACTION_IPC)
		return act_on_memory(registers, action, phase);
	if (action <= ACTION_MOUNT_SETATTR)
		return act_on_mounts(registers, 0, action, phase);
	if (action <= ACTION_SETNS)
		return act_on_namespaces(registers, action, phase);
	if (action <= ACTION_USERFAULTFD)
		return act_on_kernel(registers, action, phase);
	if (action <= ACTION_SOCKETCALL)
		return act_on_socket(registers, action, phase);
	if (action <= ACTION_MEMFD_CREATE)
		return act_on_code(registers, action, phase);
	return act_on_user(registers, action, phase);
}

static __always_inline long number_of_call(struct pt_regs *registers)
{
#if defined(__TARGET_ARCH_x86)
	return registers->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
	return registers->syscallno;
#endif
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *typed, long result)
{
	u32 phase = PHASE_END;
	u32 action = find_actions(number_of_call(typed), &phase) >> 8 & 0xff;
	if (action == ACTION_NONE)
		return 0;
	u64 registers = address_of(typed);
	if (action <= ACTION_MOUNT_SETATTR)
		return act_on_mounts(registers, result, action, phase);
	if (action <= ACTION_MKNODAT)
		return act_on_names(registers, result, action, phase);
	if (action == ACTION_CONNECT)
		return act_on_connected(registers, result, action, phase);
	return act_on_open(registers, result, action, phase);
}
