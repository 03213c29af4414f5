// One BPF object: its programs are chosen, loaded and attached, its maps found. What cannot be attached is named with the
// kernel's reason, and the rest goes on.
// Source: libbpf 1.x, src/libbpf.h; errno(3) for the reasons.

import { PlimsollError } from "../../base/errors.ts";
import { BpfMap } from "./bpf-map.ts";
import { errnoName } from "./errno-name.ts";
import type { Libbpf } from "./libbpf.ts";

export type Attached = { readonly program: string; readonly link: unknown };
export type NotAttached = { readonly program: string; readonly reason: string };

export type ObjectOptions = {
  readonly bytes: Buffer;
  /** Which programs are loaded, by name and section (`tp_btf/sched_process_exec`). */
  readonly wants: (program: string, section: string) => boolean;
  /** Contents of the object's constants, in the order of their C type. */
  readonly constants: Buffer;
  /** Maps of these names are shared with earlier loads through the file system of BPF. */
  readonly pins: ReadonlyMap<string, string>;
};

/** Before Linux 6.4 a log that is too long is an error of its own, which hides the real one. */
const logBytes = 16 << 20;

export class BpfObject {
  readonly #libbpf: Libbpf;
  readonly #object: unknown;
  readonly #wanted: readonly { readonly program: unknown; readonly name: string; readonly section: string }[];
  /** The library keeps reading it. */
  readonly #bytes: Buffer;

  /** @throws PlimsollError NEED_MISSING, PERMISSION_NEEDED with the kernel's reason */
  constructor(libbpf: Libbpf, options: ObjectOptions) {
    this.#libbpf = libbpf;
    this.#bytes = options.bytes;
    const object = libbpf.openMemory(this.#bytes, this.#bytes.length, null);
    this.#object = object;
    if (object === null) throw refused("the object of probes was not understood", libbpf.errno(), "");
    const log = Buffer.alloc(logBytes);
    const wanted = [];
    for (const program of each(object, libbpf.nextProgram)) {
      const name = String(libbpf.programName(program));
      const section = String(libbpf.programSection(program));
      const isWanted = options.wants(name, section);
      libbpf.setAutoload(program, isWanted);
      libbpf.setLogBuffer(program, log, log.length);
      if (isWanted) wanted.push({ program, name, section });
    }
    this.#wanted = wanted;
    this.#prepareMaps(options);
    const result = Number(libbpf.load(object));
    if (result < 0) {
      libbpf.closeObject(object);
      throw refused("the probes were not loaded", -result, lastWords(log));
    }
  }

  map(name: string, keyBytes: number, valueBytes: number): BpfMap {
    return new BpfMap(this.#libbpf, this.mapFd(name), keyBytes, valueBytes);
  }

  mapFd(name: string): number {
    for (const map of each(this.#object, this.#libbpf.nextMap)) {
      if (this.#libbpf.mapName(map) === name) return Number(this.#libbpf.mapFd(map));
    }
    throw new Error(`the object of probes has no map ${name}`);
  }

  /** @param cgroup file descriptor of the group that programs of control groups act on; without it they stay off */
  attach(cgroup: number | undefined): {
    readonly attached: readonly Attached[];
    readonly failed: readonly NotAttached[];
  } {
    const attached: Attached[] = [];
    const failed: NotAttached[] = [];
    for (const { program, name, section } of this.#wanted) {
      const isOfCgroup = /^cgroup(?:_skb)?\//.test(section);
      if (isOfCgroup && cgroup === undefined) continue;
      const link = isOfCgroup ? this.#libbpf.attachCgroup(program, cgroup) : this.#libbpf.attach(program);
      if (link === null) failed.push({ program: name, reason: errnoName(this.#libbpf.errno()) });
      else attached.push({ program: name, link });
    }
    return { attached, failed };
  }

  close(): void {
    this.#libbpf.closeObject(this.#object);
  }

  #prepareMaps(options: ObjectOptions): void {
    for (const map of each(this.#object, this.#libbpf.nextMap)) {
      const name = String(this.#libbpf.mapName(map));
      if (name === ".rodata.settings") {
        const result = Number(this.#libbpf.setInitialValue(map, options.constants, options.constants.length));
        if (result < 0) throw refused("the probes have other settings than this program", -result, "");
      }
      const pin = options.pins.get(name);
      if (pin !== undefined) this.#libbpf.setPinPath(map, pin);
    }
  }
}

function* each(object: unknown, next: (object: unknown, last: unknown) => unknown): Iterable<unknown> {
  for (let item = next(object, null); item !== null; item = next(object, item)) yield item;
}

const EPERM = 1;
const EACCES = 13;

function refused(what: string, errno: number, words: string): PlimsollError {
  const text = `${what}: ${errnoName(errno)}${words === "" ? "" : `: ${words}`}`;
  return errno === EPERM || errno === EACCES
    ? new PlimsollError("PERMISSION_NEEDED", text, {
        hint: "run the watch as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN",
      })
    : new PlimsollError("NEED_MISSING", text, {
        hint: "use a kernel of version 5.15 or later with CONFIG_DEBUG_INFO_BTF",
      });
}

/** The verifier's last lines say why. */
function lastWords(log: Buffer): string {
  const end = log.indexOf(0);
  const lines = log
    .toString("utf8", 0, end === -1 ? log.length : end)
    .trim()
    .split("\n");
  return lines.slice(-4).join(" | ").slice(0, 800);
}
