// Maps and attached programs that outlive this process: files in the file system of BPF hold them.
// Source: Linux Documentation/bpf/ (bpf_object pinning), bpf(2) BPF_OBJ_PIN; statfs(2), BPF_FS_MAGIC.

import { mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { Attached } from "./bpf-object.ts";
import { errnoName } from "./errno-name.ts";
import type { Libbpf } from "./libbpf.ts";
import { ownFolder, sweepLeftovers } from "./pin-owner.ts";

const bpfMagic = 0xcafe4a11;
/** What enforcement and counting need; the rest is made anew. */
const pinnedMaps = [
  "members",
  "policies",
  "announced",
  "runtimes",
  "marks",
  "strays",
  "stray_count",
  "compared_files",
  "permits",
  "protected_files",
  "events",
  "drops",
] as const;

export interface Pins {
  /** For the loader, name of the map -> file. */
  readonly maps: ReadonlyMap<string, string>;
  /** An earlier sensor's maps are there. */
  readonly areOld: boolean;
  /** Holds the programs; those of an earlier sensor go when ours are there. */
  hold(attached: readonly Attached[]): void;
  remove(): void;
  /** They stay, or are gone: from here on they are nobody's. */
  letGo(): void;
}

/** @param folder below a mount point for the file system of BPF, `/sys/fs/bpf/plimsoll` @throws PlimsollError PERMISSION_NEEDED */
export function openPins(libbpf: Libbpf, folder: string): Pins {
  mountBpf(libbpf, dirname(folder));
  sweepLeftovers(libbpf, folder, Date.now());
  const owned = ownFolder(folder);
  const areOld = countFiles(join(folder, "maps")) > 0;
  mkdirSync(join(folder, "maps"), { recursive: true, mode: 0o700 });
  const links = join(folder, "links");
  return {
    maps: new Map(pinnedMaps.map((name) => [name, join(folder, "maps", name)])),
    areOld,
    hold(attached) {
      const fresh = `${links}-${process.pid}`;
      mkdirSync(fresh, { recursive: true, mode: 0o700 });
      for (const { program, link } of attached) pinLink(libbpf, link, join(fresh, program));
      rmSync(links, { recursive: true, force: true });
      renameSync(fresh, links);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
    letGo: owned.close,
  };
}

function pinLink(libbpf: Libbpf, link: unknown, path: string): void {
  const result = Number(libbpf.pinLink(link, path));
  if (result === 0) return;
  throw new PlimsollError("PERMISSION_NEEDED", `${path}: a program could not be held: ${errnoName(result)}`, {
    hint: "run the watch as root, with the file system of BPF at /sys/fs/bpf",
  });
}

function mountBpf(libbpf: Libbpf, place: string): void {
  try {
    mkdirSync(place, { recursive: true });
    if (statfsSync(place).type === bpfMagic) return;
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${place}: ${errorText(cause)}`, {
      hint: "run the watch as root",
      cause,
    });
  }
  if (Number(libbpf.mount("bpf", place, "bpf", 0, null)) === 0) return;
  throw new PlimsollError("PERMISSION_NEEDED", `${place}: not mounted: ${errnoName(libbpf.errno())}`, {
    hint: `mount it: mount -t bpf bpf ${place}`,
  });
}

function countFiles(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0; // not there yet
  }
}
