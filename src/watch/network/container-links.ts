// The host's ends of a container's network interfaces. Only the network namespace is entered, with the host's own `ip`: nothing of
// the container's files is looked at or executed. Source: setns(2), veth(4), ip-link(8).

import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { printable } from "../../base/printable.ts";
import { integerAt, listAt, textAt } from "../../base/reading.ts";

export type ContainerLink = {
  /** In the container, `eth0`. */
  readonly name: string;
  /** On the host, `veth1a2b3c`. */
  readonly hostName: string;
  readonly hostIndex: number;
};

export type ContainerNetwork =
  | { readonly kind: "own"; readonly links: readonly ContainerLink[] }
  /** It shares the host's network: its packets are not to be told from the host's. */
  | { readonly kind: "host" };

const maxLinks = 64;

/** @param pid of a process in the container @throws Error when it has ended */
export function findContainerNetwork(pid: number): ContainerNetwork {
  if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync("/proc/self/ns/net")) return { kind: "host" };
  const ends = readLinks(["nsenter", `--net=/proc/${pid}/ns/net`]);
  const links = readLinks([]).flatMap((host) => {
    // Both ends have to name each other: an index alone may be that of a third network's interface.
    const end = ends.find(({ index, peer }) => peer === host.index && index === host.peer);
    return end === undefined ? [] : [{ name: end.name, hostName: host.name, hostIndex: host.index }];
  });
  return { kind: "own", links: links.slice(0, maxLinks).sort((left, right) => (left.name < right.name ? -1 : 1)) };
}

type Link = { readonly name: string; readonly index: number; readonly peer: number };

/** Asked of the kernel, not of files: below the container's /sys may be anything. */
function readLinks(enter: readonly string[]): readonly Link[] {
  const [program = "", ...args] = [...enter, "ip", "-json", "link", "show"];
  const text = execFileSync(program, args, { encoding: "utf8", timeout: 5000, maxBuffer: 4 * 2 ** 20 });
  const links: unknown = JSON.parse(text);
  return listAt({ links }, "links").flatMap((link) => {
    const found = {
      name: printable(textAt(link, "ifname"), 32),
      index: integerAt(link, "ifindex"),
      peer: integerAt(link, "link_index"),
    };
    return found.peer > 0 && found.index > 0 ? [found] : [];
  });
}
