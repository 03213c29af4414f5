// Tells systemd how the service is: one datagram to the socket it named.
// Source: sd_notify(3), "Notes": the protocol in words.

import { lazily, openLibc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** sun_path of sockaddr_un. */
const maxPathBytes = 108;

/**
 * @param text `READY=1\nSTATUS=listening`
 * @param socketPath what systemd put into NOTIFY_SOCKET
 * @returns false when nobody listens, which is no error
 */
export function sdNotify(text: string, socketPath: string | undefined = process.env["NOTIFY_SOCKET"]): boolean {
  const address = socketPath === undefined ? undefined : unixAddress(socketPath);
  if (address === undefined) return false;
  const libc = datagrams();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (typeof fd !== "number" || fd < 0) return false;
  try {
    const bytes = Buffer.from(text);
    return Number(libc.sendto(fd, bytes, bytes.length, 0, address, address.length)) === bytes.length;
  } finally {
    libc.close(fd);
  }
}

/** struct sockaddr_un; a leading `@` means the abstract namespace. */
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
