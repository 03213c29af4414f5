// What the containers of one image do -> a model of it. An attacker who knows that somebody learns teaches nothing: programs
// that are not of the image, files below the kernel's own folders and names that no rule could hold are left out, and told.

import { printable } from "../../base/printable.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { KernelEvent } from "../../model/watch.ts";
import { openFlags } from "../rules/open-flags.ts";
import type { RecordedCalls } from "./call-recorder.ts";

export type LearntEvent = {
  readonly event: KernelEvent;
  /** What the process runs, and what its parent runs; "" when nobody knows. */
  readonly program: string;
  readonly parent: string;
  readonly containerId: string;
};

export type LearnerSummary = {
  readonly imageId: string;
  readonly image: string;
  readonly from: string;
  readonly to: string;
  readonly lost: number;
  readonly mostMemory: number;
  readonly calls: RecordedCalls | undefined;
  /** Users are told in the container's numbers: this one is its root. */
  readonly rootUid: number;
};

/** Bounds of what is held: a container that writes a million files writes them into few folders. */
const maxPaths = 20_000;
const maxLeftOut = 20;
/** Ports that the kernel hands out are nobody's choice. Source: ip_local_port_range. */
const firstEphemeralPort = 32_768;
const AF_PACKET = 17;
const SOCK_RAW = 3;

export class Learner {
  readonly #containers = new Map<string, Set<number>>();
  readonly #cgroups = new Set<number>();
  readonly #executables = new Set<string>();
  readonly #children = new Set<string>();
  readonly #written = new Set<string>();
  readonly #ports = new Set<number>();
  readonly #peers = new Map<string, { readonly to: string; readonly port: number }>();
  readonly #users = new Set<number>();
  readonly #leftOut = new Set<string>();
  readonly #uidOf = new Map<number, { readonly uid: number; readonly hasAsked: boolean }>();
  #gainsByFiles = false;
  #opensRawSockets = false;
  #mostProcesses = 0;

  see(learnt: LearntEvent): void {
    const { event, containerId } = learnt;
    const { pid, uid } = event.process;
    this.#cgroups.add(event.cgroupId);
    const alive = this.#containers.get(containerId) ?? new Set();
    this.#containers.set(containerId, alive);
    if (event.kind === "exit") {
      alive.delete(pid);
      this.#uidOf.delete(pid);
      return;
    }
    alive.add(pid);
    this.#mostProcesses = Math.max(this.#mostProcesses, alive.size);
    this.#users.add(uid);
    this.#noteUser(event);
    this.#learn(learnt);
  }

  /** Numbers of the control groups that events came from. */
  cgroups(): readonly number[] {
    return [...this.#cgroups];
  }

  /** For a line of progress. */
  counts(): { readonly containers: number; readonly programs: number; readonly files: number; readonly peers: number } {
    return {
      containers: this.#containers.size,
      programs: this.#executables.size,
      files: this.#written.size,
      peers: this.#peers.size,
    };
  }

  behaviour(summary: LearnerSummary): Behaviour {
    const { calls, rootUid } = summary;
    const note = calls?.has32BitCalls === true ? ["32-bit programs ran, whose system calls were not counted"] : [];
    return {
      imageId: summary.imageId,
      image: summary.image,
      from: summary.from,
      to: summary.to,
      containers: this.#containers.size,
      executables: [...this.#executables].sort(),
      children: [...this.#children].sort().map((pair) => {
        const [parent = "", child = ""] = pair.split("\0");
        return { parent, child };
      }),
      written: [...this.#written].sort(),
      ports: [...this.#ports].sort((left, right) => left - right),
      peers: [...this.#peers.values()].sort((left, right) =>
        left.to < right.to ? -1 : left.to > right.to ? 1 : left.port - right.port,
      ),
      systemCalls: calls?.systemCalls,
      capabilities: calls?.capabilities,
      users: [...this.#users].map((uid) => uid - rootUid).filter((uid) => uid >= 0),
      gainsByFiles: this.#gainsByFiles,
      opensRawSockets: this.#opensRawSockets,
      mostProcesses: this.#mostProcesses,
      mostMemory: summary.mostMemory,
      leftOut: [...note, ...this.#leftOut],
      lost: summary.lost,
    };
  }

  /** Another user without having asked for one: a setuid file gave it. */
  #noteUser(event: KernelEvent): void {
    const { pid, uid } = event.process;
    const before = this.#uidOf.get(pid);
    if (before !== undefined && before.uid !== uid && !before.hasAsked) this.#gainsByFiles = true;
    this.#uidOf.set(pid, {
      uid,
      hasAsked: event.kind === "set-user" || (before?.hasAsked === true && before.uid === uid),
    });
  }

  #learn({ event, program, parent }: LearntEvent): void {
    switch (event.kind) {
      case "exec":
        this.#learnProgram(event, parent);
        break;
      case "open":
      case "create":
        if (openFlags(event).isWrite) this.#learnPath(event.path);
        break;
      case "chmod":
      case "link":
      case "unlink":
        this.#learnPath(event.path);
        break;
      case "rename":
        this.#learnPath(String(event.details["from"] ?? ""));
        this.#learnPath(event.path);
        break;
      case "bind":
        if (event.port > 0 && event.port < firstEphemeralPort) this.#ports.add(event.port);
        break;
      case "connect":
        this.#learnPeer(event);
        break;
      case "socket":
        if (event.details["family"] === AF_PACKET || (Number(event.details["type"]) & 15) === SOCK_RAW)
          this.#opensRawSockets = true;
        break;
      case "memory":
      case "mount":
      case "bpf":
      case "module":
        this.#leaveOut(`${event.kind} by ${printable(program || event.process.name, 100)}`);
        break;
      default:
    }
  }

  #learnProgram(event: KernelEvent, parent: string): void {
    const { origin, path } = event;
    const isForeign = origin?.isNew === true || origin?.isMemory === true || origin?.isUnlinked === true;
    if (isForeign) this.#leaveOut(`${printable(path, 200)} is not of the image, and ran`);
    if (isForeign || !path.startsWith("/") || this.#executables.size >= maxPaths) return;
    this.#executables.add(path);
    if (this.#executables.has(parent) && this.#children.size < maxPaths) this.#children.add(`${parent}\0${path}`);
  }

  #learnPath(path: string): void {
    if (!path.startsWith("/")) return;
    // Names that somebody chose to break a rule with: the folder is what counts.
    const isPlain = printable(path) === path && path.length <= 1024;
    if (!isPlain) this.#leaveOut(`${printable(path, 200)} was written`);
    else if (this.#written.size < maxPaths) this.#written.add(path);
    else this.#leaveOut(`more than ${maxPaths} files were written`);
  }

  #learnPeer({ address, port }: KernelEvent): void {
    if (address === "" || port === 0 || /^(?:127\.|::1$|0\.0\.0\.0$|::$)/.test(address)) return;
    if (this.#peers.size < maxPaths) this.#peers.set(`${address} ${port}`, { to: address, port });
  }

  #leaveOut(what: string): void {
    if (this.#leftOut.size < maxLeftOut) this.#leftOut.add(what);
  }
}
