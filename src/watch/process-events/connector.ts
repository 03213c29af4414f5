// The kernel's process connector: it tells of every process of the host, and needs neither eBPF nor types, only CAP_NET_ADMIN.
// What finds no room in the socket is lost: the kernel counts it, and the numbers of the messages show it.
// Source: Linux Documentation/driver-api/connector.rst, drivers/connector/cn_proc.c; netlink(7).

import { PlimsollError } from "../../base/errors.ts";
import { openSharedLibrary, type SharedLibrary } from "../../base/native/shared-library.ts";
import { errnoName } from "../kernel/errno-name.ts";
import { decodeMessage, type ProcessMessage } from "./decode-message.ts";
import { createLostCount } from "./lost-count.ts";

export interface Connector {
  /** Messages that were lost, as far as is known. */
  lost(): number;
  close(): void;
}

export type ConnectorOptions = {
  readonly onMessage: (message: ProcessMessage) => void;
  /** Some were lost just now: what was known may not be true any more. */
  readonly onLoss: () => void;
  /** Room for messages that nobody has read yet. Default: 16 MiB, some 20,000 of them. */
  readonly roomBytes?: number;
};

const AF_NETLINK = 16;
/** SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK */
const socketType = 2 | 0o2000000 | 0o4000;
const NETLINK_CONNECTOR = 11;
const CN_IDX_PROC = 1;
const PROC_CN_MCAST_LISTEN = 1;
const PROC_CN_MCAST_IGNORE = 2;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;
const SO_MEMINFO = 55;
/** Of nine numbers that SO_MEMINFO gives, the last. */
const SK_MEMINFO_DROPS = 8;
const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;
const EINTR = 4;
const addressBytes = 12;
const maxMessageBytes = 1024;
/** Then others have their turn; the rest is read at once after that. */
const mostAtOnce = 2048;
const answerPatienceMs = 1_000;

/** @throws PlimsollError NEED_MISSING, PERMISSION_NEEDED with the kernel's reason */
export async function openConnector(options: ConnectorOptions): Promise<Connector> {
  const libc = openSharedLibrary(null, "install the optional dependencies of koffi for this platform");
  const calls = declare(libc);
  const fd = openSocket(calls, libc, options.roomBytes ?? 16 << 20);
  const answered = Promise.withResolvers<void>();
  const count = createLostCount();
  const take = (bytes: Buffer): void => {
    const message = decodeMessage(bytes);
    // The first answer is to our own question: it says whether we are told.
    answered.resolve();
    if (message === "malformed") count.malformed();
    if (message === undefined || message === "malformed") return;
    if (count.see(message)) options.onLoss();
    options.onMessage(message);
  };
  const poll = libc.whenReadable(fd, () => readAll(calls, libc, fd, take));
  const close = (): void => {
    poll.close();
    // Before Linux 6.6 it is the kernel's count of listeners that ends with this, not the socket.
    calls.send(fd, order(PROC_CN_MCAST_IGNORE), order(PROC_CN_MCAST_IGNORE).length, MSG_DONTWAIT);
    calls.close(fd);
  };
  try {
    const listen = order(PROC_CN_MCAST_LISTEN);
    if (Number(calls.send(fd, listen, listen.length, 0)) !== listen.length) throw refused("listening", libc.errno());
    await inTime(answered.promise);
    return { lost: () => count.lost(readDrops(calls, fd)), close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

type Calls = ReturnType<typeof declare>;

function declare(libc: SharedLibrary) {
  return {
    socket: libc.declare("int socket(int, int, int)"),
    setOption: libc.declare("int setsockopt(int, int, int, const void *, uint32_t)"),
    getOption: libc.declare("int getsockopt(int, int, int, _Out_ void *, _Inout_ uint32_t *)"),
    bind: libc.declare("int bind(int, const void *, uint32_t)"),
    send: libc.declare("long send(int, const void *, size_t, int)"),
    receive: libc.declare("long recvfrom(int, void *, size_t, int, _Out_ void *, _Inout_ uint32_t *)"),
    close: libc.declare("int close(int)"),
  } as const;
}

function openSocket(calls: Calls, libc: SharedLibrary, roomBytes: number): number {
  const fd = Number(calls.socket(AF_NETLINK, socketType, NETLINK_CONNECTOR));
  if (fd < 0) throw refused("a socket", libc.errno());
  const room = Buffer.alloc(4);
  room.writeInt32LE(roomBytes);
  const address = Buffer.alloc(addressBytes);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(1 << (CN_IDX_PROC - 1), 8);
  const on = Buffer.from([1, 0, 0, 0]);
  const isOpen =
    calls.setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, room, room.length) === 0 &&
    // An error would end the waiting for more; the number of what was lost does not.
    calls.setOption(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, on, on.length) === 0 &&
    calls.bind(fd, address, address.length) === 0;
  if (isOpen) return fd;
  const error = refused("the group of process events", libc.errno());
  calls.close(fd);
  throw error;
}

function readAll(calls: Calls, libc: SharedLibrary, fd: number, take: (bytes: Buffer) => void): void {
  const buffer = Buffer.alloc(maxMessageBytes);
  const from = Buffer.alloc(addressBytes);
  for (let count = 0; count < mostAtOnce; count++) {
    const length = Number(calls.receive(fd, buffer, buffer.length, MSG_DONTWAIT, from, [addressBytes]));
    if (length < 0 && libc.errno() !== EINTR) return;
    if (length < 0) continue;
    // Anybody may write to a socket of netlink: only the kernel has the number 0.
    if (from.readUInt32LE(4) === 0) take(Buffer.from(buffer.subarray(0, length)));
  }
}

/** What the kernel itself had no room for, since the beginning. */
function readDrops(calls: Calls, fd: number): number {
  const numbers = Buffer.alloc(4 * (SK_MEMINFO_DROPS + 1));
  const isRead = calls.getOption(fd, SOL_SOCKET, SO_MEMINFO, numbers, [numbers.length]) === 0;
  return isRead ? numbers.readUInt32LE(4 * SK_MEMINFO_DROPS) : 0;
}

/** nlmsghdr, cn_msg, and the order itself. */
function order(operation: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(3, 4);
  bytes.writeUInt32LE(CN_IDX_PROC, 16);
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt32LE(operation, 36);
  return bytes;
}

/** A kernel that does not tell us of processes does not answer either: it takes every order. */
async function inTime(answer: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const hint = "run the watch on the host itself, in its first namespaces of processes and networks, as root";
    late.reject(new PlimsollError("NEED_MISSING", "the process connector says nothing", { hint }));
  }, answerPatienceMs);
  try {
    await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function refused(what: string, errno: number): PlimsollError {
  const isForbidden = errno === 1 || errno === 13;
  return new PlimsollError(
    isForbidden ? "PERMISSION_NEEDED" : "NEED_MISSING",
    `the process connector refused ${what}: ${errnoName(errno)}`,
    { hint: isForbidden ? "run the watch as root" : "use a kernel with CONFIG_PROC_EVENTS" },
  );
}
