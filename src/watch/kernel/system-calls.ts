// System calls that the probes look at, by architecture: the numbers of native programs, and of 32-bit ones on the same
// kernel. The place in this list is the number that the probes know (`enum action` in probes/syscalls.bpf.h).
// Source: Linux arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, scripts/syscall.tbl (arm64), arch/arm/tools/syscall.tbl.

type Action = {
  /** As details.systemCall says it. */
  readonly name: string;
  /** Looked at when it returns, at both times, or never: then only its name is of use. Default: when it starts. */
  readonly when?: "end" | "both" | "never";
  /** Only when somebody measures. */
  readonly isTrial?: boolean;
  readonly x64?: readonly number[];
  /** 32-bit programs on x64. */
  readonly i386?: readonly number[];
  readonly arm64?: readonly number[];
  /** 32-bit programs on arm64. */
  readonly arm?: readonly number[];
};

/** Calls that came after the numbers became the same everywhere (424 and up). */
function everywhere(name: string, number: number, when: "start" | "end" | "both" = "start"): Action {
  const numbers = [number];
  return { name, ...(when === "start" ? {} : { when }), x64: numbers, i386: numbers, arm64: numbers, arm: numbers };
}

export const actions: readonly Action[] = [
  { name: "" },
  { name: "ptrace", x64: [101], i386: [26], arm64: [117], arm: [26] },
  { name: "process_vm_readv", x64: [310], i386: [347], arm64: [270], arm: [376] },
  { name: "process_vm_writev", x64: [311], i386: [348], arm64: [271], arm: [377] },
  everywhere("pidfd_getfd", 438),
  { name: "shmat", x64: [30], i386: [397], arm64: [196], arm: [305] },
  { name: "ipc", i386: [117] },
  { name: "mount", when: "both", x64: [165], i386: [21], arm64: [40], arm: [21] },
  { name: "umount2", when: "both", x64: [166], i386: [52], arm64: [39], arm: [52] },
  { name: "pivot_root", when: "both", x64: [155], i386: [217], arm64: [41], arm: [218] },
  everywhere("move_mount", 429, "both"),
  everywhere("fsopen", 430, "both"),
  everywhere("fsmount", 432, "both"),
  everywhere("fspick", 433, "both"),
  everywhere("open_tree", 428, "both"),
  everywhere("mount_setattr", 442, "both"),
  { name: "unshare", x64: [272], i386: [310], arm64: [97], arm: [337] },
  { name: "clone", x64: [56], i386: [120], arm64: [220], arm: [120] },
  everywhere("clone3", 435),
  { name: "setns", x64: [308], i386: [346], arm64: [268], arm: [375] },
  { name: "bpf", x64: [321], i386: [357], arm64: [280], arm: [386] },
  { name: "perf_event_open", x64: [298], i386: [336], arm64: [241], arm: [364] },
  { name: "init_module", x64: [175], i386: [128], arm64: [105], arm: [128] },
  { name: "finit_module", x64: [313], i386: [350], arm64: [273], arm: [379] },
  { name: "delete_module", x64: [176], i386: [129], arm64: [106], arm: [129] },
  { name: "kexec_load", x64: [246], i386: [283], arm64: [104], arm: [347] },
  { name: "kexec_file_load", x64: [320], arm64: [294], arm: [401] },
  everywhere("io_uring_setup", 425),
  { name: "keyctl", x64: [250], i386: [288], arm64: [219], arm: [311] },
  { name: "add_key", x64: [248], i386: [286], arm64: [217], arm: [309] },
  { name: "request_key", x64: [249], i386: [287], arm64: [218], arm: [310] },
  { name: "userfaultfd", x64: [323], i386: [374], arm64: [282], arm: [388] },
  { name: "socket", x64: [41], i386: [359], arm64: [198], arm: [281] },
  { name: "listen", x64: [50], i386: [363], arm64: [201], arm: [284] },
  { name: "socketcall", i386: [102] },
  { name: "mmap", x64: [9], i386: [192], arm64: [222], arm: [192] },
  { name: "mprotect", x64: [10, 329], i386: [125, 380], arm64: [226, 288], arm: [125, 394] },
  { name: "memfd_create", x64: [319], i386: [356], arm64: [279], arm: [385] },
  { name: "chmod", when: "end", x64: [90], i386: [15], arm: [15] },
  { name: "fchmodat", when: "end", x64: [268, 452], i386: [306, 452], arm64: [53, 452], arm: [333, 452] },
  { name: "fchmod", when: "end", x64: [91], i386: [94], arm64: [52], arm: [94] },
  { name: "rename", when: "end", x64: [82], i386: [38], arm: [38] },
  { name: "renameat", when: "end", x64: [264, 316], i386: [302, 353], arm64: [38, 276], arm: [329, 382] },
  { name: "link", when: "end", x64: [86], i386: [9], arm: [9] },
  { name: "linkat", when: "end", x64: [265], i386: [303], arm64: [37], arm: [330] },
  { name: "symlink", when: "end", x64: [88], i386: [83], arm: [83] },
  { name: "symlinkat", when: "end", x64: [266], i386: [304], arm64: [36], arm: [331] },
  { name: "unlink", when: "end", x64: [84, 87], i386: [10, 40], arm: [10, 40] },
  { name: "unlinkat", when: "end", x64: [263], i386: [301], arm64: [35], arm: [328] },
  { name: "mkdir", when: "end", x64: [83], i386: [39], arm: [39] },
  { name: "mkdirat", when: "end", x64: [258], i386: [296], arm64: [34], arm: [323] },
  { name: "mknod", when: "end", x64: [133], i386: [14], arm: [14] },
  { name: "mknodat", when: "end", x64: [259], i386: [297], arm64: [33], arm: [324] },
  { name: "setuid", x64: [105], i386: [23, 213], arm64: [146], arm: [23, 213] },
  { name: "setreuid", x64: [113], i386: [70, 203], arm64: [145], arm: [70, 203] },
  { name: "setresuid", x64: [117], i386: [164, 208], arm64: [147], arm: [164, 208] },
  { name: "getppid", isTrial: true, x64: [110], i386: [64], arm64: [173], arm: [64] },
  { name: "open", when: "end", x64: [2], i386: [5], arm: [5] },
  { name: "openat", when: "end", x64: [257], i386: [295], arm64: [56], arm: [322] },
  { name: "creat", when: "end", x64: [85], i386: [8], arm: [8] },
  everywhere("openat2", 437, "end"),
  { name: "open_by_handle_at", when: "end", x64: [304], i386: [342], arm64: [265], arm: [371] },
  { name: "connect", when: "end", x64: [42], i386: [362], arm64: [203], arm: [283] },
  changing("truncate", [76, 77], [92, 93, 193, 194], [45, 46], [92, 93, 193, 194]),
  changing("chown", [92, 93, 94, 260], [16, 95, 182, 198, 207, 212, 298], [54, 55], [16, 95, 182, 198, 207, 212, 325]),
  changing("setxattr", [188, 189, 190, 463], [226, 227, 228, 463], [5, 6, 7, 463], [226, 227, 228, 463]),
  changing("removexattr", [197, 198, 199, 466], [235, 236, 237, 466], [14, 15, 16, 466], [235, 236, 237, 466]),
  changing("utimes", [132, 235, 261, 280], [30, 271, 299, 320, 412], [88], [30, 269, 326, 348, 412]),
  changing("write", [1, 18, 20, 296, 328], [4, 146, 181, 334, 379], [64, 66, 68, 70, 287], [4, 146, 181, 362, 393]),
  changing("fallocate", [285], [324], [47], [352]),
  changing("copy_file_range", [326], [377], [285], [391]),
  changing("sendfile", [40], [187, 239], [71], [187, 239]),
  changing("splice", [275], [313], [76], [340]),
];

type Numbers = readonly number[];

/** All calls of a family under one name: the file that they change is what counts. */
function changing(name: string, x64: Numbers, i386: Numbers, arm64: Numbers, arm: Numbers): Action {
  return { name, when: "never", x64, i386, arm64, arm };
}

/**
 * Entries of the map `actions`: number of the call, what to do at it for native programs, and for 32-bit ones. The first byte
 * counts when it starts, the second when it returns, the third is its name.
 */
export function actionTable(
  architecture: string,
  isTrial: boolean,
): ReadonlyMap<number, { readonly native: number; readonly compat: number }> {
  const table = new Map<number, { native: number; compat: number }>();
  const enter = (number: number, which: "native" | "compat", value: number): void => {
    table.set(number, { native: 0, compat: 0, ...table.get(number), [which]: value });
  };
  for (const [place, action] of actions.entries()) {
    if (action.isTrial === true && !isTrial) continue;
    const { when } = action;
    const start = when === undefined || when === "both" ? place : 0;
    const end = when === "end" || when === "both" ? place : 0;
    const value = start | (end << 8) | (place << 16);
    const native = architecture === "arm64" ? action.arm64 : action.x64;
    const old = architecture === "arm64" ? action.arm : action.i386;
    for (const number of native ?? []) enter(number, "native", value);
    for (const number of old ?? []) enter(number, "compat", value);
  }
  return table;
}
