// One datagram to a unix socket, which Node cannot send. Source: unix(7), "Address format".

import { lazily } from "../lazily.ts";
import { openLibc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_DONTWAIT = 0x40;
/** sun_path of sockaddr_un. */
const maxPathBytes = 108;

/**
 * Never waits: who does not read in time does not get it.
 * @param path a leading `@` means the abstract namespace
 * @returns false when nobody listens or has room, which is no error
 */
export function sendDatagram(path: string, bytes: Buffer): boolean {
  const address = unixAddress(path);
  if (address === undefined) return false;
  const libc = datagrams();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (typeof fd !== "number" || fd < 0) return false;
  try {
    return Number(libc.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, address, address.length)) === bytes.length;
  } finally {
    libc.close(fd);
  }
}

/** struct sockaddr_un. */
function unixAddress(path: string): Buffer | undefined {
  if (!/^[/@]./.test(path)) return undefined;
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : path);
  if (name.length > maxPathBytes) return undefined;
  return Buffer.concat([Buffer.from([AF_UNIX, 0]), name]);
}

const datagrams = lazily(() => {
  const libc = openLibc();
  return {
    socket: libc.declare("int socket(int domain, int type, int protocol)"),
    sendto: libc.declare("long sendto(int fd, void *bytes, size_t length, int flags, void *address, uint32_t size)"),
    close: libc.declare("int close(int fd)"),
  };
});
