/* SPDX-License-Identifier: (Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)) */
/* Some helpers of the kernel are only for programs under a licence that the GPL accepts. */
#include "kernel.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
