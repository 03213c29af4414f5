// Which capabilities to keep. Where the kernel told what it was asked for, just these. Elsewhere those that one of the system calls could have
// needed: more than necessary rather than a container that breaks. Source: capabilities(7).

import type { Behaviour } from "../../model/behaviour.ts";
import { defaultCapabilities } from "../capabilities.ts";

/** What each capability of the default set is asked for by; several more are only root's way with files. */
const askedBy: Readonly<Record<string, readonly string[]>> = {
  CAP_AUDIT_WRITE: ["sendto", "sendmsg"],
  CAP_CHOWN: ["chown", "fchown", "lchown", "fchownat"],
  CAP_KILL: ["kill", "tkill", "tgkill", "pidfd_send_signal"],
  CAP_MKNOD: ["mknod", "mknodat"],
  CAP_SETFCAP: ["setxattr", "fsetxattr", "lsetxattr"],
  CAP_SETGID: ["setgid", "setregid", "setresgid", "setgroups", "setfsgid"],
  CAP_SETPCAP: ["capset"],
  CAP_SETUID: ["setuid", "setreuid", "setresuid", "setfsuid"],
  CAP_SYS_CHROOT: ["chroot"],
  CAP_FSETID: ["chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat"],
  CAP_FOWNER: ["chmod", "fchmod", "fchmodat", "utimensat", "unlink", "unlinkat", "rename", "renameat", "renameat2"],
};

export function neededCapabilities(behaviour: Behaviour): {
  readonly names: readonly string[];
  readonly isObserved: boolean;
} {
  const { capabilities, systemCalls } = behaviour;
  if (capabilities !== undefined) return { names: [...new Set(capabilities)].sort(), isObserved: true };
  const called = systemCalls === undefined ? undefined : new Set(systemCalls);
  const runsAsRoot = behaviour.users.includes(0);
  const names = defaultCapabilities.filter((name) => {
    if (name === "CAP_NET_BIND_SERVICE") return behaviour.ports.some((port) => port < 1024);
    if (name === "CAP_NET_RAW") return behaviour.opensRawSockets;
    // Who is not root has no capabilities to use, unless a setuid file gives them.
    if (!runsAsRoot && !behaviour.gainsByFiles) return false;
    if (name === "CAP_DAC_OVERRIDE") return true;
    return called === undefined || (askedBy[name] ?? []).some((call) => called.has(call));
  });
  return { names, isObserved: false };
}
