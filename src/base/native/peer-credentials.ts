// Who is at the other end of a unix socket, as the kernel noted it when the peer connected.
// Source: unix(7), "Socket options"; Linux include/uapi/asm-generic/socket.h for the numbers.

import { PlimsollError } from "../errors.ts";
import { lazily } from "../lazily.ts";
import { openLibc } from "./libc.ts";

export type PeerCredentials = {
  /** In our process-id namespace; 0 when the peer is not visible from here. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, as numbers. */
  readonly groups: readonly number[];
  /** Names the process for good, even after its pid is used again; the caller closes it. Absent before Linux 6.5. */
  readonly pidfd?: number;
};

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
const SO_PEERPIDFD = 77;
/** NGROUPS_MAX of Linux. */
const maxGroups = 65_536;
const firstGroups = 64;
const ERANGE = 34;
const ENOPROTOOPT = 92;

/**
 * @param fd an accepted unix socket, still open
 * @param want without a pidfd there is nothing to close, and the pid proves nothing
 * @throws PlimsollError NOT_AUTHENTICATED when the kernel does not say, NEED_MISSING without native calls
 */
export function peerCredentials(fd: number, want: { readonly pidfd: boolean } = { pidfd: true }): PeerCredentials {
  const credentials = Buffer.alloc(12);
  const { result, errno } = read(fd, SO_PEERCRED, credentials);
  if (result !== credentials.length) throw unnamed("SO_PEERCRED", errno);
  const groups = readGroups(fd);
  const pidfd = want.pidfd ? readPidfd(fd) : undefined;
  return {
    pid: credentials.readInt32LE(0),
    uid: credentials.readUInt32LE(4),
    gid: credentials.readUInt32LE(8),
    groups,
    ...(pidfd === undefined ? {} : { pidfd }),
  };
}

const socketOptions = lazily(() => {
  const libc = openLibc();
  return {
    errno: libc.errno,
    get: libc.declare("int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ uint32_t *length)"),
  };
});

/** @returns the bytes that the kernel wrote, or -1 */
function read(fd: number, option: number, into: Buffer): { result: number; errno: number } {
  const length = [into.length];
  const { get, errno } = socketOptions();
  return get(fd, SOL_SOCKET, option, into, length) === 0
    ? { result: length[0] ?? -1, errno: 0 }
    : { result: -1, errno: errno() };
}

function readGroups(fd: number): readonly number[] {
  for (const count of [firstGroups, maxGroups]) {
    const into = Buffer.alloc(4 * count);
    const { result, errno } = read(fd, SO_PEERGROUPS, into);
    if (result >= 0) return Array.from({ length: result / 4 }, (_, index) => into.readUInt32LE(4 * index));
    if (errno !== ERANGE) throw unnamed("SO_PEERGROUPS", errno);
  }
  throw unnamed("SO_PEERGROUPS", ERANGE);
}

/** Only an old kernel may stay silent: every other error means that the peer is gone, and its pid is anybody's by now. */
function readPidfd(fd: number): number | undefined {
  const into = Buffer.alloc(4);
  const { result, errno } = read(fd, SO_PEERPIDFD, into);
  if (result === into.length) return into.readInt32LE(0);
  if (errno === ENOPROTOOPT) return undefined;
  throw unnamed("SO_PEERPIDFD", errno);
}

function unnamed(option: string, errno: number): PlimsollError {
  return new PlimsollError(
    "NOT_AUTHENTICATED",
    `peer of a unix socket: the kernel refused ${option} (errno ${errno})`,
    {
      hint: "connect again; this socket does not tell who is at its other end",
    },
  );
}
