/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* A process takes another user's name. */
#include "syscalls.bpf.h"

__noinline int act_on_user(u64 registers, u32 action, u32 phase)
{
	struct call call;
	struct subject subject = {};
	if (!begin(registers, action, phase, &call, &subject))
		return 0;
	if (action == ACTION_TRIAL)
		return tell(&subject, KIND_FORK, 0, STAND_OFF, &call, 0, 0);
	/* setreuid and setresuid name the effective user second. */
	return tell(&subject, KIND_SET_USER, 0, STAND_OFF, &call, (u32)argument(&call, action == ACTION_SETUID ? 0 : 1), 0);
}
