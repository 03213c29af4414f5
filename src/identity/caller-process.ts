// What /proc says of the process at the other end of a unix socket, read while a pidfd proves that it is still that one.
// Source: proc(5); Linux kernel/cgroup/cgroup.c, proc_cgroup_show: an exiting process shows "/" in version 1 hierarchies.

import { readFileSync, readlinkSync, statSync } from "node:fs";
import { PlimsollError } from "../base/errors.ts";
import type { PeerCredentials } from "../base/native/peer-credentials.ts";
import type { CallerProcess } from "../model/principal.ts";
import { isTrustedPlace, parseCgroups } from "./cgroup.ts";

/** include/linux/sched.h */
const PF_EXITING = 0x4;

/**
 * Reads what identity depends on, then checks that the process lives and is the one that connected: in this order, a
 * process that ends or is replaced meanwhile is refused instead of misread.
 * @throws PlimsollError NOT_AUTHENTICATED when it cannot be told where the caller lives
 */
export function readCallerProcess(peer: PeerCredentials): CallerProcess {
  if (peer.pid <= 0) throw unknownCaller(peer, "it lives in a process namespace that cannot be seen from here");
  const container = readContainer(peer);
  if (container === undefined) requireOwnNamespaces(peer);
  const executable = readExecutable(peer.pid);
  requireAlive(peer);
  return {
    pid: peer.pid,
    uid: peer.uid,
    gid: peer.gid,
    ...(executable === undefined ? {} : { executable }),
    ...(container === undefined ? {} : { container }),
  };
}

function readContainer(peer: PeerCredentials): string | undefined {
  const membership = parseCgroups(readProc(peer, "cgroup"));
  if (membership.kind === "unclear") throw unknownCaller(peer, membership.why);
  if (membership.kind === "host") return undefined;
  const ownUid = process.geteuid?.() ?? 0;
  if (membership.places.every((place) => isTrustedPlace(place, ownUid))) return membership.id;
  throw unknownCaller(peer, "its control group claims a container, in a place where others than root may claim it");
}

/** A sandbox that no container engine explains is not the host, whatever number its user has there. */
function requireOwnNamespaces(peer: PeerCredentials): void {
  const pids = /^NSpid:\t(.*)$/m.exec(readProc(peer, "status"))?.[1]?.split("\t");
  if (pids?.length !== 1)
    throw unknownCaller(peer, "it lives in another process namespace, and in no container that is known");
  if (peer.uid === 0 && !isInOwnUserNamespace(peer))
    throw unknownCaller(peer, "it is root of another user namespace only");
}

function isInOwnUserNamespace(peer: PeerCredentials): boolean {
  try {
    return readlinkSync(`/proc/${peer.pid}/ns/user`) === readlinkSync("/proc/self/ns/user");
  } catch {
    // Another user's link is not readable without root, but the numbers that its namespace maps are.
    return readProc(peer, "uid_map") === readFileSync("/proc/self/uid_map", "utf8");
  }
}

/** The path only when it is that file for us too: in its own mount namespace a caller can put anything at any path. */
function readExecutable(pid: number): string | undefined {
  try {
    const path = readlinkSync(`/proc/${pid}/exe`);
    const running = statSync(`/proc/${pid}/exe`);
    const named = statSync(path);
    return running.dev === named.dev && running.ino === named.ino ? path : undefined;
  } catch {
    return undefined;
  }
}

function requireAlive(peer: PeerCredentials): void {
  // The program's name may hold anything, ")" included: fields count from the last one.
  const fields = readProc(peer, "stat").split(") ").at(-1)?.split(" ");
  const flags = Number(fields?.[6] ?? Number.NaN);
  if (Number.isNaN(flags) || (flags & PF_EXITING) !== 0) throw unknownCaller(peer, "it has ended");
  if (peer.pidfd === undefined) return;
  const held = /^Pid:\t(-?\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${peer.pidfd}`, "utf8"))?.[1];
  if (held !== String(peer.pid)) throw unknownCaller(peer, "it has ended");
}

function readProc(peer: PeerCredentials, name: string): string {
  try {
    return readFileSync(`/proc/${peer.pid}/${name}`, "utf8");
  } catch (cause) {
    throw unknownCaller(peer, `/proc/${peer.pid}/${name} cannot be read`, cause);
  }
}

function unknownCaller(peer: PeerCredentials, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError("NOT_AUTHENTICATED", `caller with uid ${peer.uid} and pid ${peer.pid}: ${why}`, {
    hint: "connect from a process that lives until it is answered, on the host or in a container of this engine",
    cause,
  });
}
