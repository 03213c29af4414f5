// Whether the kernel really asks LSM programs: one is loaded that refuses this process one harmless call, and the call is
// made. Neither the list in /sys/kernel/security/lsm nor the kernel's configuration is proof: a kernel may have all of it
// and still refuse every such program.
// Source: bpf(2); libbpf src/bpf.h, struct bpf_prog_load_opts; Linux include/uapi/linux/bpf.h for the numbers.

import { errnoName } from "../kernel/errno-name.ts";
import type { KernelTypes } from "../kernel/kernel-types.ts";
import type { Libbpf } from "../kernel/libbpf.ts";

export type Trial = { readonly works: true } | { readonly works: false; readonly reason: string };

const PROG_TYPE_LSM = 29;
const ATTACH_LSM_MAC = 27;
const CALL_PID = 14;
const EPERM = 1;
const hook = "task_getpgid";

export function tryLsm(libbpf: Libbpf, types: KernelTypes): Trial {
  const hookId = types.lsmHook(hook);
  if (hookId === undefined)
    return { works: false, reason: "this kernel has no hooks for LSM programs (CONFIG_BPF_LSM)" };
  const program = Number(load(libbpf, hookId));
  if (program < 0) return { works: false, reason: `an LSM program was not loaded: ${errnoName(program)}` };
  const link = Number(libbpf.openTracepoint(null, program));
  const linkError = libbpf.errno();
  try {
    if (link < 0) return { works: false, reason: `an LSM program was not attached: ${errnoName(linkError)}` };
    // Of oneself by number: for 0 the kernel asks nobody.
    const isAsked = Number(libbpf.processGroup(process.pid)) === -1 && libbpf.errno() === EPERM;
    if (isAsked) return { works: true };
    return { works: false, reason: "LSM programs load but are not asked: bpf is not in the kernel's lsm= list" };
  } finally {
    if (link >= 0) libbpf.close(link);
    libbpf.close(program);
  }
}

/** `return pid == ours ? -EPERM : 0` */
function load(libbpf: Libbpf, hookId: number): unknown {
  const code = [
    instruction(0x85, 0, CALL_PID), // r0 = bpf_get_current_pid_tgid()
    instruction(0x77, 0, 32), // r0 >>= 32
    instruction(0x55, 2, process.pid), // if r0 != pid, skip two
    instruction(0xb7, 0, -EPERM), // r0 = -EPERM
    instruction(0x95, 0, 0), // exit
    instruction(0xb7, 0, 0), // r0 = 0
    instruction(0x95, 0, 0), // exit
  ];
  const options = Buffer.alloc(40);
  options.writeBigUInt64LE(BigInt(options.length), 0);
  options.writeUInt32LE(ATTACH_LSM_MAC, 12);
  options.writeUInt32LE(hookId, 32);
  return libbpf.loadProgram(PROG_TYPE_LSM, "plimsoll_trial", "GPL", Buffer.concat(code), code.length, options);
}

/** All of them work on register 0. */
function instruction(operation: number, jump: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(operation, 0);
  bytes.writeInt16LE(jump, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}
