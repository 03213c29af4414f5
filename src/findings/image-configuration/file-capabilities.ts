// The capabilities that a file gives to whoever runs it.
// Source: linux/capability.h (vfs_cap_data, versions 1 to 3), capabilities(7).

const names =
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore".split(
    " ",
  );

/** Any one of these is as good as root, inside the container or beyond. */
const powerful = new Set(
  "chown dac_override dac_read_search fowner setgid setuid setpcap linux_immutable net_admin sys_module sys_rawio sys_ptrace sys_admin sys_boot mknod setfcap mac_override mac_admin perfmon bpf checkpoint_restore".split(
    " ",
  ),
);

export type FileCapabilities = { readonly names: readonly string[]; readonly isPowerful: boolean };

/** @param value the attribute as latin1 text @returns undefined when it is no such structure */
export function readFileCapabilities(value: string): FileCapabilities | undefined {
  const bytes = Buffer.from(value, "latin1");
  if (bytes.length < 4) return undefined;
  const version = bytes.readUInt32LE(0) >>> 24;
  const size = [0, 12, 20, 24][version];
  if (size === undefined || size === 0 || bytes.length !== size) return undefined;
  // Permitted and inheritable, 32 bits at a time.
  const words = version === 1 ? [4, 8] : [4, 8, 12, 16];
  const found = new Set<string>();
  for (const [at, offset] of words.entries()) {
    const bits = bytes.readUInt32LE(offset);
    const base = at < 2 ? 0 : 32;
    for (let bit = 0; bit < 32; bit += 1)
      if ((bits & (1 << bit)) !== 0) found.add(names[base + bit] ?? `capability ${base + bit}`);
  }
  return { names: [...found], isPowerful: [...found].some((name) => powerful.has(name) || !names.includes(name)) };
}
