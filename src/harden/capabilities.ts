// Capabilities as Docker names and counts them. Source: capabilities(7); moby, oci/caps/defaults.go, oci/caps/utils.go (TweakCapabilities).

/** What a container has when nobody says anything. */
export const defaultCapabilities: readonly string[] = [
  ...["CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD"],
  ...[
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
  ],
];

/** In the kernel's order: the number of a capability is its place. */
export const knownCapabilities: readonly string[] = [
  ...["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"],
  ...["LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER"],
  ...["SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE"],
  ...["SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP"],
  ...["MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF"],
  "CHECKPOINT_RESTORE",
].map((name) => `CAP_${name}`);

/** `net_raw` -> `CAP_NET_RAW`; `ALL` stays. */
export function canonicalCapability(name: string): string {
  const upper = name.toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

/** What the engine would give for a pair of lists. An addition wins over the same name dropped, but for `--cap-drop X` beside `--cap-add ALL`. */
export function grantedCapabilities(add: readonly string[], drop: readonly string[]): readonly string[] {
  const adds = new Set(add.map(canonicalCapability));
  const drops = new Set(drop.map(canonicalCapability));
  if (adds.has("ALL")) return knownCapabilities.filter((name) => !drops.has(name)).sort();
  const base = drops.has("ALL") ? [] : defaultCapabilities.filter((name) => !drops.has(name));
  return [...new Set([...base, ...adds])].sort();
}
