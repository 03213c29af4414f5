// An AppArmor profile of what was seen: programs that ran may run, files that were written may be written, the rest may be read.
// Source: apparmor.d(5); moby, profiles/apparmor/template.go (what every container is kept from).

import type { Behaviour } from "../../model/behaviour.ts";

export type AppArmorWish = {
  readonly name: string;
  readonly executables: readonly string[];
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly capabilities: readonly string[];
  readonly opensRawSockets: boolean;
};

export function appArmorWish(
  name: string,
  behaviour: Behaviour,
  folders: { readonly folders: readonly string[]; readonly inRoot: readonly string[] },
  capabilities: readonly string[],
): AppArmorWish {
  return {
    name,
    executables: behaviour.executables,
    folders: folders.folders,
    files: folders.inRoot,
    capabilities,
    opensRawSockets: behaviour.opensRawSockets,
  };
}

/** Of no use to a program in a container, of much use to an attacker. */
const denied: readonly string[] = [
  "deny mount,",
  "deny umount,",
  "deny pivot_root,",
  "deny @{PROC}/sys/** wklx,",
  "deny @{PROC}/sysrq-trigger rwklx,",
  "deny @{PROC}/{kcore,kmem,mem} rwklx,",
  "deny @{PROC}/*/mem rwklx,",
  "deny /sys/[^f]*/** wklx,",
  "deny /sys/f[^s]*/** wklx,",
  "deny /sys/fs/[^c]*/** wklx,",
  "deny /sys/fs/cgroup/** wklx,",
  "deny /sys/firmware/** rwklx,",
  "deny /sys/kernel/security/** rwklx,",
];

export function appArmorProfile(wish: AppArmorWish): string {
  const { name } = wish;
  const lines = [
    ...wish.capabilities.map((capability) => `capability ${capability.slice("CAP_".length).toLowerCase()},`),
    "",
    "network inet,",
    "network inet6,",
    "network unix,",
    "network netlink raw,",
    ...(wish.opensRawSockets ? ["network packet,"] : ["deny network packet,"]),
    "",
    "/** r,",
    ...wish.executables.flatMap((path) => rule(path, "", "ixm")),
    "/{,usr/}lib{,32,64}/** rm,",
    ...wish.folders.flatMap((path) => rule(path, "/**", "rwkl")),
    ...wish.files.flatMap((path) => rule(path, "", "rwk")),
    "/dev/{null,zero,full,random,urandom,tty,console,ptmx} rw,",
    "/dev/pts/* rw,",
    "/dev/shm/** rwkl,",
    "@{PROC}/@{pid}/{fd,attr}/** rw,",
    "@{PROC}/@{pid}/{comm,oom_score_adj} rw,",
    "",
    ...denied,
    "",
    `signal (send, receive) peer=${name},`,
    "signal (receive) peer=unconfined,",
    // Two containers of one image are under one name: not even they may read one another.
    "deny ptrace,",
    "unix,",
  ];
  const body = lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
  return `abi <abi/3.0>,\n#include <tunables/global>\n\nprofile ${name} flags=(attach_disconnected,mediate_deleted) {\n${body}\n}\n`;
}

/**
 * A path as AppArmor reads it: nothing in it means anything but itself. Control characters have no place in a rule.
 * @param below what of it is meant, `/**` for everything below
 */
function rule(path: string, below: string, modes: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!path.startsWith("/") || /[\u0000-\u001f\u007f]/.test(path)) return [];
  const escaped = path.replace(/[\\*?[\]{}^"#@]/g, (character) => `\\${character}`) + below;
  return [`${/\s/.test(escaped) ? `"${escaped}"` : escaped} ${modes},`];
}
