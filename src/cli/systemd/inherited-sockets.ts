// Sockets that systemd opened for us. Source: sd_listen_fds(3): descriptors from 3 on, named by LISTEN_FDNAMES.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { openLibc } from "../../base/native/libc.ts";

type Environment = Record<string, string | undefined>;

const firstFd = 3;
const maxFds = 64;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Takes them over: the variables vanish and no child inherits the sockets.
 * @returns name -> descriptor; empty when they were meant for another process
 * @throws PlimsollError CONFIG_INVALID for variables that contradict each other
 */
export function takeInheritedSockets(environment: Environment, pid: number = process.pid): ReadonlyMap<string, number> {
  const { LISTEN_PID: forPid, LISTEN_FDS: fds, LISTEN_FDNAMES: fdNames } = environment;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete environment[name];
  if (fds === undefined || forPid !== String(pid)) return new Map();
  const count = /^\d{1,3}$/.test(fds) ? Number(fds) : Number.NaN;
  if (!(count <= maxFds)) throw broken(`LISTEN_FDS is "${fds}", expected a number up to ${maxFds}`);
  const names = fdNames === undefined ? [] : fdNames.split(":");
  const sockets = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const name = names[index] ?? (count === 1 ? "docker" : "unknown");
    if (sockets.has(name)) throw broken(`two sockets have the name "${name}"`);
    sockets.set(name, firstFd + index);
  }
  if (count > 0) keepFromChildren([...sockets.values()]);
  return sockets;
}

/** Before READY=1 the engine may be started: it must not hold our sockets open. */
function keepFromChildren(fds: readonly number[]): void {
  const fcntl = openLibc().declare("int fcntl(int fd, int command, int value)");
  for (const fd of fds) {
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) !== 0) throw broken(`descriptor ${fd} is not open`);
  }
}

function broken(message: string): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `socket activation: ${errorText(message)}`, {
    hint: "give each socket unit a FileDescriptorName that is the name of a listener",
  });
}
