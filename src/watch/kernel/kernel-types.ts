// What this kernel has: names of its own types and functions, looked up in its type information.
// Source: libbpf src/btf.h; Linux Documentation/bpf/btf.rst for the kinds.

import type { Libbpf } from "./libbpf.ts";

const KIND_TYPEDEF = 8;
const KIND_FUNCTION = 12;

export interface KernelTypes {
  hasTracepoint(name: string): boolean;
  /** The number of the function that LSM programs of this hook attach to; undefined when there is no such hook. */
  lsmHook(name: string): number | undefined;
  close(): void;
}

/** undefined: the kernel has no type information. */
export function openKernelTypes(libbpf: Libbpf): KernelTypes | undefined {
  const types = libbpf.loadVmlinuxTypes();
  if (types === null) return undefined;
  return {
    hasTracepoint: (name) => Number(libbpf.findType(types, `btf_trace_${name}`, KIND_TYPEDEF)) > 0,
    lsmHook(name) {
      const found = Number(libbpf.findType(types, `bpf_lsm_${name}`, KIND_FUNCTION));
      return found > 0 ? found : undefined;
    },
    close: () => libbpf.freeTypes(types),
  };
}
